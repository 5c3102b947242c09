import { Random } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type KeyValueEntry,
  type KeyValueOperation,
  KeyValueStore,
  type RangeAnswer,
  type RangeQuery,
} from "../src/index.ts";
import { KeyIndex } from "../src/key-value/key-index.ts";
import { NaiveStore } from "./naive-store.ts";

const key = fc.oneof(
  fc.constantFrom("a", "b", "a/b", "a/", "aa", "ab", "é", "😀", "\uffff", "__proto__"),
  fc.string({ minLength: 1, maxLength: 3 }),
);
const value = fc.constantFrom("", "x", "y");
const nullable = fc.option(value);
const change: fc.Arbitrary<KeyValueOperation> = fc.oneof(
  fc.record({ type: fc.constant("put" as const), key, value }),
  fc.record({ type: fc.constant("delete" as const), key }),
  fc.record({ type: fc.constant("cas" as const), key, expected: nullable, value: nullable }),
  fc.record({
    type: fc.constant("cas" as const),
    key,
    expectedRevision: fc.integer({ min: 1, max: 60 }),
    value: nullable,
  }),
);
const operation = fc
  .tuple(change, fc.boolean())
  .map(([one, asks]): KeyValueOperation => (asks ? { ...one, previous: true } : one));
const bound = fc.oneof(key, fc.constant(""));
const range = fc
  .record(
    { prefix: bound, from: bound, to: bound, after: bound, limit: fc.integer({ min: 1, max: 20 }) },
    { requiredKeys: [] },
  )
  .map((bounds) => ({ type: "range" as const, ...bounds }));

/** Operations with the slots that they have if as many as may share one do, up to three. */
function sharedSlots(operations: readonly KeyValueOperation[]): [slot: number, shared: KeyValueOperation[]][] {
  const slots: KeyValueOperation[][] = [];
  for (const each of operations) {
    const last = slots.at(-1);
    const mayShare = last && last.length < 3 && last.every((one) => one.key !== each.key);
    if (mayShare) last.push(each);
    else slots.push([each]);
  }
  return slots.map((shared, place) => [place + 1, shared]);
}

/** All pages of a range, one after the other. */
function allPages(store: KeyValueStore, query: RangeQuery): KeyValueEntry[] {
  const entries: KeyValueEntry[] = [];
  for (let after = query.after; ; ) {
    const page = store.read({ ...query, ...(after === undefined ? {} : { after }) }) as RangeAnswer;
    expect(page.entries.length).toBeLessThanOrEqual(query.limit ?? 1000);
    entries.push(...page.entries);
    if (page.next === null) return entries;
    after = page.next;
  }
}

describe("a key-value store, whatever happens to it", () => {
  test("gives the results, changes and ranges of a Map that is sorted at each question", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.array(range, { maxLength: 8 }), (operations, ranges) => {
        const store = new KeyValueStore();
        const naive = new NaiveStore();
        for (const [slot, shared] of sharedSlots(operations)) {
          for (const each of shared) {
            expect(store.parseOperation(each)).toEqual(each);
            expect(store.apply(slot, each)).toEqual(naive.apply(slot, each));
          }
        }
        for (const query of ranges) expect(allPages(store, query)).toEqual(naive.range(query));
        for (const { key } of operations) {
          const found = naive.entries.get(key);
          expect(store.read({ type: "get", key })).toEqual({ entry: found ? { key, ...found } : null });
        }
        expect(store.read({ type: "count" })).toEqual({ keys: naive.entries.size });
      }),
      { numRuns: 200 },
    );
  });

  test("goes on after a restoration as if there had been none", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.nat(60), (operations, cut) => {
        const one = new KeyValueStore();
        const other = new KeyValueStore();
        for (const [index, each] of operations.entries()) {
          if (index === cut) other.restore(one.snapshot());
          const applied = one.apply(index + 1, each);
          if (index >= cut) expect(other.apply(index + 1, each)).toEqual(applied);
        }
        if (cut >= operations.length) other.restore(one.snapshot());
        expect(other.snapshot()).toEqual(one.snapshot());
        expect(other.read({ type: "range" })).toEqual(one.read({ type: "range" }));
      }),
      { numRuns: 200 },
    );
  });

  test("no question makes it throw", () => {
    const store = new KeyValueStore();
    store.apply(1, { type: "put", key: "k", value: "v" });
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom("get", "range", "count", 1));
    const names = fc.constantFrom("type", "key", "prefix", "from", "to", "after", "limit", "__proto__");
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(names, member)), (query) => {
        expect(store.read(JSON.parse(JSON.stringify(query)))).toEqual(expect.any(Object));
      }),
    );
  });
});

describe("many keys", () => {
  /** Puts and takes away at random, in three ages: more come than go, more go than come, and again. */
  function livesOfKeys(seed: number, steps: number, each: (key: string, isThere: boolean) => void): Set<string> {
    const random = Random.fromSeed(seed);
    const keys = new Set<string>();
    for (let step = 0; step < steps; step++) {
      const age = Math.floor((step * 3) / steps);
      const stays = random.below(10) < (age === 1 ? 1 : 9);
      const drawn = `${random.below(4) === 0 ? "user/" : ""}${random.below(steps / 4)}`;
      each(drawn, stays);
      if (stays) keys.add(drawn);
      else keys.delete(drawn);
    }
    return keys;
  }

  test.each([1, 2, 3])("stay in order through splits and merges of blocks (seed %d)", (seed) => {
    const index = new KeyIndex();
    const there = new Set<string>();
    const keys = livesOfKeys(seed, 20_000, (key, stays) => {
      if (stays && !there.has(key)) index.insert(key);
      if (!stays) index.remove(key);
      if (stays) there.add(key);
      else there.delete(key);
    });
    const sorted = [...keys].sort((one, other) => (one < other ? -1 : 1));
    expect(sorted.length).toBeGreaterThan(2500);
    expect([...index.from("")]).toEqual(sorted);
    expect([...KeyIndex.fromAscending(sorted).from("")]).toEqual(sorted);
    for (let place = 0; place < sorted.length; place += 97) {
      const key = sorted[place] ?? "";
      expect(index.from(key).next().value).toBe(key);
      expect(index.from(`${key}\u0000`).next().value).toBe(sorted[place + 1]);
    }
    for (const key of sorted) index.remove(key);
    expect([...index.from("")]).toEqual([]);
  });

  test.each([2000, 2100, 2200, 2300, 2400, 2500])("that go block by block leave no gap (from %d)", (from) => {
    const index = new KeyIndex();
    const name = (number: number): string => `k${100_000 + number}`;
    const numbers = Array.from({ length: 6000 }, (_, number) => number);
    // Blocks of half of what they can hold first, then of more: too much for neighbours to become one.
    for (const rest of [0, 1, 2]) for (const number of numbers) if (number % 4 === rest) index.insert(name(number));
    const gone = (number: number): boolean => number >= from && number < 4500;
    for (const number of numbers) if (gone(number)) index.remove(name(number));
    for (const number of numbers) if (number % 4 === 3) index.insert(name(number));
    const there = numbers.filter((number) => number % 4 === 3 || !gone(number)).map(name);
    expect([...index.from("")]).toEqual(there);
    for (const key of there) expect(index.from(key).next().value).toBe(key);
  });

  test("take the same snapshot however they came, in pieces that are short enough for a message", () => {
    const one = new KeyValueStore();
    const keys = livesOfKeys(7, 20_000, (key, stays) => {
      one.apply(1, stays ? { type: "put", key, value: "é\n".repeat(20) } : { type: "delete", key });
    });
    const other = new KeyValueStore();
    for (const key of keys) other.apply(1, { type: "put", key, value: "é\n".repeat(20) });
    const pieces = one.snapshot();
    expect(other.snapshot()).toEqual(pieces);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThan(128 * 1024 + 2);
      expect(piece).not.toContain("\n");
    }
    const restored = new KeyValueStore();
    restored.restore(pieces);
    expect(restored.snapshot()).toEqual(pieces);
    expect(restored.size).toBe(keys.size);
  });
});
