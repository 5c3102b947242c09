import { describe, expect, test } from "vitest";
import { type Json, type KeyValueOperation, KeyValueStore, keyTouched, type RangeAnswer } from "../src/index.ts";

function storeOf(entries: Readonly<Record<string, string>>): KeyValueStore {
  const store = new KeyValueStore();
  for (const [index, [key, value]] of Object.entries(entries).entries()) {
    store.apply(index + 1, { type: "put", key, value });
  }
  return store;
}

const keysOf = (store: KeyValueStore, query: { readonly [name: string]: Json }) => {
  const { entries, next } = store.read({ type: "range", ...query }) as RangeAnswer;
  return { keys: entries.map(({ key }) => key), next };
};

describe("operations", () => {
  test("a put tells who asks what was there before, and its revision is its slot", () => {
    const store = new KeyValueStore();
    expect(store.apply(5, { type: "put", key: "k", value: "v", previous: true })).toEqual({
      result: { revision: 5, previous: null },
      changes: [{ revision: 5, key: "k", value: "v", type: "put" }],
    });
    expect(store.apply(8, { type: "put", key: "k", value: "v", previous: true })).toEqual({
      result: { revision: 8, previous: { value: "v", revision: 5 } },
      changes: [{ revision: 8, key: "k", value: "v", type: "put" }],
    });
    expect(store.read({ type: "get", key: "k" })).toEqual({ entry: { key: "k", value: "v", revision: 8 } });
  });

  test.each<[KeyValueOperation, object]>([
    [{ type: "put", key: "k", value: "w" }, { revision: 2 }],
    [{ type: "delete", key: "k" }, { deleted: true }],
    [
      { type: "cas", key: "k", expected: "v", value: "w" },
      { succeeded: true, revision: 2 },
    ],
    [
      { type: "cas", key: "k", expectedRevision: 1, value: null },
      { succeeded: true, revision: 2 },
    ],
  ])("what was there before is no part of what others are told: %j", (operation, result) => {
    expect(storeOf({ k: "v" }).apply(2, operation).result).toStrictEqual(result);
    expect(storeOf({ k: "v" }).apply(2, { ...operation, previous: true }).result).toStrictEqual({
      ...result,
      previous: { value: "v", revision: 1 },
    });
  });

  test.each<KeyValueOperation>([
    { type: "put", key: "k", value: "v" },
    { type: "delete", key: "k" },
    { type: "cas", key: "k", expected: "v", value: null },
    { type: "cas", key: "k", expectedRevision: 1, value: "w" },
  ])("touch their key, also for who knows their JSON alone: %j", (operation) => {
    expect(new KeyValueStore().touches(operation)).toBe("k");
    expect(keyTouched(JSON.parse(JSON.stringify(operation)))).toBe("k");
  });

  test.each<Json>([
    null,
    "k",
    ["k"],
    { key: "k" },
    { type: "get", key: "k" },
    { type: "put", key: "k" },
    { type: "put", key: "", value: "v" },
    { type: "put", key: "k", value: "v", more: 1 },
    { type: "cas", key: "k", value: "v" },
  ])("that the store does not understand touch nothing that is known: %j", (json) => {
    expect(new KeyValueStore().parseOperation(json)).toBeNull();
    expect(keyTouched(json)).toBeNull();
  });

  test("a delete of an absent key changes nothing", () => {
    const store = storeOf({ k: "v" });
    expect(store.apply(2, { type: "delete", key: "k", previous: true })).toEqual({
      result: { deleted: true, previous: { value: "v", revision: 1 } },
      changes: [{ revision: 2, key: "k", value: null, type: "delete" }],
    });
    expect(store.apply(3, { type: "delete", key: "k", previous: true })).toEqual({
      result: { deleted: false, previous: null },
      changes: [],
    });
    expect(store.read({ type: "get", key: "k" })).toEqual({ entry: null });
    expect(store.read({ type: "count" })).toEqual({ keys: 0 });
  });

  test.each<[string, KeyValueOperation, object]>([
    ["the value", { type: "cas", key: "k", expected: "v", value: "w" }, { succeeded: true }],
    ["another value", { type: "cas", key: "k", expected: "x", value: "w" }, { succeeded: false }],
    ["no value", { type: "cas", key: "k", expected: null, value: "w" }, { succeeded: false }],
    ["no value of an absent key", { type: "cas", key: "n", expected: null, value: "w" }, { succeeded: true }],
    ["a value of an absent key", { type: "cas", key: "n", expected: "", value: "w" }, { succeeded: false }],
    ["the revision", { type: "cas", key: "k", expectedRevision: 1, value: "w" }, { succeeded: true }],
    ["another revision", { type: "cas", key: "k", expectedRevision: 2, value: "w" }, { succeeded: false }],
    ["a revision of an absent key", { type: "cas", key: "n", expectedRevision: 1, value: "w" }, { succeeded: false }],
  ])("a comparison that expects %s", (_, operation, expected) => {
    const store = storeOf({ k: "v" });
    const before = store.snapshot();
    const { result, changes } = store.apply(9, { ...operation, previous: true });
    const previous = operation.key === "k" ? { value: "v", revision: 1 } : null;
    if ("succeeded" in expected && expected.succeeded) {
      expect(result).toEqual({ succeeded: true, revision: 9, previous });
      expect(changes).toEqual([{ revision: 9, key: operation.key, value: "w", type: "put" }]);
    } else {
      expect(result).toEqual({ succeeded: false, current: previous });
      expect(changes).toEqual([]);
      expect(store.snapshot()).toEqual(before);
    }
  });

  test("a comparison that succeeds deletes the key for a value of null", () => {
    const store = storeOf({ k: "v" });
    expect(store.apply(2, { type: "cas", key: "k", expected: "v", value: null, previous: true })).toEqual({
      result: { succeeded: true, revision: 2, previous: { value: "v", revision: 1 } },
      changes: [{ revision: 2, key: "k", value: null, type: "delete" }],
    });
    expect(store.apply(3, { type: "cas", key: "k", expected: null, value: null, previous: true })).toEqual({
      result: { succeeded: true, revision: 3, previous: null },
      changes: [],
    });
    expect(store.size).toBe(0);
  });
});

describe("what is an operation", () => {
  const store = new KeyValueStore();
  const LONGEST = { key: "k".repeat(1024), value: "v".repeat(65_536) };
  test.each<Json>([
    { type: "put", key: "k", value: "" },
    { type: "put", ...LONGEST },
    { type: "put", key: "__proto__", value: "constructor" },
    { type: "put", key: "😀", value: "\u0000\n\u2028" },
    { type: "delete", key: "k" },
    { type: "put", key: "k", value: "", previous: true },
    { type: "delete", key: "k", previous: true },
    { type: "cas", key: "k", expected: null, value: null, previous: true },
    { type: "cas", key: "k", expectedRevision: 1, value: null, previous: true },
    { type: "cas", key: "k", expected: null, value: null },
    { type: "cas", key: "k", expected: LONGEST.value, value: "" },
    { type: "cas", key: "k", expectedRevision: Number.MAX_SAFE_INTEGER, value: "" },
  ])("this is one: %.80j", (json) => {
    expect(store.parseOperation(json)).toEqual(json);
  });

  test.each<Json>([
    null,
    7,
    "put",
    [],
    {},
    { type: "get", key: "k" },
    { type: "put", key: "k" },
    { type: "put", key: "", value: "v" },
    { type: "put", key: "k", value: "v", previous: false },
    { type: "delete", key: "k", previous: null },
    { type: "cas", key: "k", expected: null, value: "v", previous: 1 },
    { type: "put", key: "k", value: "v", previous: true, more: 1 },
    { type: "put", key: "k".repeat(1025), value: "v" },
    { type: "put", key: "k", value: "v".repeat(65_537) },
    { type: "put", key: "k", value: 7 },
    { type: "put", key: "k", value: null },
    { type: "put", key: 7, value: "v" },
    { type: "put", key: "\ud800", value: "v" },
    { type: "put", key: "k", value: "\udc00\ud800" },
    { type: "put", key: "k", value: "v", more: 1 },
    { type: "delete", key: "k", value: "v" },
    { type: "cas", key: "k", value: "v" },
    { type: "cas", key: "k", expected: "v" },
    { type: "cas", key: "k", expected: "v", expectedRevision: 1, value: "v" },
    { type: "cas", key: "k", expected: 7, value: "v" },
    { type: "cas", key: "k", expected: "\ud800", value: "v" },
    { type: "cas", key: "k", expected: "v", value: "\ud800" },
    { type: "cas", key: "k", expectedRevision: 0, value: "v" },
    { type: "cas", key: "k", expectedRevision: 1.5, value: "v" },
    { type: "cas", key: "k", expectedRevision: null, value: "v" },
    JSON.parse('{"type":"put","key":"k","value":"v","__proto__":1}'),
    JSON.parse('{"__proto__":{"type":"delete","key":"k"}}'),
  ])("this is none: %.80j", (json) => {
    expect(store.parseOperation(json)).toBeNull();
  });
});

describe("ranges", () => {
  const FRUIT = { "a/1": "", "a/2": "", "a/3": "", a: "", b: "", "b/1": "", Z: "", é: "", "😀": "", "\uffff": "" };
  const store = storeOf(FRUIT);

  test("come in code-unit order, whatever a language thinks of it", () => {
    expect(keysOf(store, {}).keys).toEqual(["Z", "a", "a/1", "a/2", "a/3", "b", "b/1", "é", "😀", "\uffff"]);
  });

  test("keep within all bounds that are named", () => {
    expect(keysOf(store, { prefix: "a/" }).keys).toEqual(["a/1", "a/2", "a/3"]);
    expect(keysOf(store, { from: "a/2", to: "b" }).keys).toEqual(["a/2", "a/3"]);
    expect(keysOf(store, { prefix: "a", after: "a/1", to: "a/3" }).keys).toEqual(["a/2"]);
    expect(keysOf(store, { prefix: "a/", from: "b" }).keys).toEqual([]);
    expect(keysOf(store, { from: "b", to: "a" }).keys).toEqual([]);
    expect(keysOf(store, { prefix: "\uffff" }).keys).toEqual(["\uffff"]);
    expect(keysOf(store, { after: "\uffff" }).keys).toEqual([]);
    expect(keysOf(store, { prefix: "", from: "", limit: 1 })).toEqual({ keys: ["Z"], next: "Z" });
  });

  test("come in pages: the next one begins after `next`, and there is none after the last entry", () => {
    expect(keysOf(store, { prefix: "a", limit: 2 })).toEqual({ keys: ["a", "a/1"], next: "a/1" });
    expect(keysOf(store, { prefix: "a", limit: 2, after: "a/1" })).toEqual({ keys: ["a/2", "a/3"], next: null });
  });

  test("hold 1000 entries unless they are told otherwise, and about a mebicharacter", () => {
    const many = new KeyValueStore();
    for (let slot = 1; slot <= 1200; slot++) many.apply(slot, { type: "put", key: `k${slot}`, value: "" });
    expect(keysOf(many, {}).keys).toHaveLength(1000);
    expect(keysOf(many, { limit: 10_000 })).toMatchObject({ keys: { length: 1200 }, next: null });
    const long = new KeyValueStore();
    for (let slot = 1; slot <= 40; slot++) {
      long.apply(slot, { type: "put", key: `k${slot}`, value: "v".repeat(65_536) });
    }
    expect(keysOf(long, {}).keys).toHaveLength(15);
    expect(keysOf(long, {}).next).not.toBeNull();
  });

  test.each<[Json, string]>([
    [null, "an object"],
    [[], "an object"],
    [{ type: "put", key: "k", value: "v" }, '"get", "range" or "count"'],
    [{ type: "get" }, "has a key"],
    [{ type: "get", key: "" }, "1 to 1024"],
    [{ type: "get", key: "\ud800" }, "well-formed"],
    [{ type: "get", key: "k", more: 1 }, "nothing else"],
    [{ type: "range", prefix: 7 }, '"prefix" is a string'],
    [{ type: "range", after: null }, '"after" is a string'],
    [{ type: "range", limit: 0 }, "1..10000"],
    [{ type: "range", limit: 10_001 }, "1..10000"],
    [{ type: "range", limit: "7" }, "1..10000"],
    [{ type: "range", keys: [] }, "no members besides"],
    [{ type: "count", of: "k" }, "no members"],
  ])("%j is no question, and the answer says why", (query, reason) => {
    expect(store.read(query)).toEqual({ error: expect.stringContaining(reason) });
  });
});

describe("a snapshot of a store", () => {
  test.each<[string, readonly string[]]>([
    ["no JSON", ["["]],
    ["a row too short", ['[["k","v"]]']],
    ["a row too long", ['[["k","v",1,2]]']],
    ["an empty key", ['[["","v",1]]']],
    ["a revision of 0", ['[["k","v",0]]']],
    ["a value that is none", ['[["k",null,1]]']],
    ["a key twice", ['[["k","v",1]]', '[["k","v",1]]']],
    ["keys out of order", ['[["l","v",1]]', '[["k","v",1]]']],
  ])("with %s is refused, and leaves everything as it was", (_, pieces) => {
    const store = storeOf({ k: "v" });
    const before = store.snapshot();
    expect(() => store.restore(['[["a","b",1]]', ...pieces])).toThrow(/snapshot/);
    expect(store.snapshot()).toEqual(before);
  });

  test("takes the place of all that was there", () => {
    const store = storeOf({ k: "v" });
    store.restore(storeOf({ a: "b" }).snapshot());
    expect(keysOf(store, {}).keys).toEqual(["a"]);
    expect(store.read({ type: "get", key: "k" })).toEqual({ entry: null });
    store.restore([]);
    expect(store.size).toBe(0);
  });
});
