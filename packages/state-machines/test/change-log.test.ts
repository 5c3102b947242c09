import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChangeLog, type ChangeLogLimits, charactersOfKeyValueChange, type KeyValueChange } from "../src/index.ts";

const change = (revision: number, key = "k", value = "v"): KeyValueChange => ({ revision, key, value, type: "put" });
const logOf = (limits: Partial<ChangeLogLimits> = {}, through = 0) =>
  new ChangeLog<KeyValueChange>(charactersOfKeyValueChange, limits, through);
const revisionsSince = (log: ChangeLog<KeyValueChange>, revision: number) =>
  log.since(revision).changes.map((one) => one.revision);

describe("the log of changes", () => {
  test("gives what is above a revision, and says when some of it is gone", () => {
    const log = logOf({ changes: 3 });
    for (const revision of [2, 5, 7, 8]) log.push(revision, [change(revision)]);
    expect(log.compactedThrough).toBe(2);
    expect(log.since(2)).toEqual({ changes: [change(5), change(7), change(8)], compactedThrough: null });
    expect(log.since(6)).toEqual({ changes: [change(7), change(8)], compactedThrough: null });
    expect(log.since(8)).toEqual({ changes: [], compactedThrough: null });
    expect(log.since(99)).toEqual({ changes: [], compactedThrough: null });
    expect(log.since(1)).toEqual({ changes: [change(5), change(7), change(8)], compactedThrough: 2 });
  });

  test("knows nothing of what was before the state it began with", () => {
    const log = logOf({}, 10);
    expect(log.since(9)).toEqual({ changes: [], compactedThrough: 10 });
    expect(log.since(10)).toEqual({ changes: [], compactedThrough: null });
    log.push(11, [change(11)]);
    log.restart(20);
    expect(log.since(11)).toEqual({ changes: [], compactedThrough: 20 });
    expect(log.length).toBe(0);
    log.push(21, [change(21)]);
    expect(revisionsSince(log, 20)).toEqual([21]);
  });

  test("holds so many characters, and one longer change rather than none", () => {
    const log = logOf({ characters: 10 });
    log.push(1, [change(1, "k", "123")]);
    log.push(2, [change(2, "k", "12345")]);
    expect(revisionsSince(log, 0)).toEqual([1, 2]);
    log.push(3, [change(3, "k", "1")]);
    expect(revisionsSince(log, 1)).toEqual([2, 3]);
    expect(log.compactedThrough).toBe(1);
    log.push(4, [change(4, "k", "1".repeat(100))]);
    expect(log.since(3)).toMatchObject({ changes: [{ revision: 4 }], compactedThrough: null });
    log.push(5, [{ revision: 5, key: "k", value: null, type: "delete" }]);
    expect(log.compactedThrough).toBe(4);
  });

  test("never drops one half of what happened in a slot", () => {
    const log = logOf({ changes: 3 });
    log.push(1, [change(1, "a"), change(1, "b")]);
    log.push(2, [change(2, "a"), change(2, "b")]);
    expect(log.since(0)).toMatchObject({ changes: [{ revision: 2 }, { revision: 2 }], compactedThrough: 1 });
    log.push(
      3,
      [1, 2, 3, 4, 5].map((key) => change(3, `${key}`)),
    );
    expect(log.since(2).changes).toHaveLength(5);
    log.push(4, []);
    expect(log.length).toBe(5);
  });

  test("gives all that happened in a slot as one, for those who tell it as one", () => {
    const log = logOf({ changes: 4 });
    log.push(1, [change(1, "a")]);
    log.push(2, [change(2, "a"), change(2, "b")]);
    log.push(4, [change(4, "a"), change(4, "b")]);
    const [second, fourth] = [2, 4].map((slot) => ({ slot, changes: [change(slot, "a"), change(slot, "b")] }));
    expect(log.slotsSince(0)).toMatchObject({ slots: [second, fourth], compactedThrough: 1 });
    expect(log.slotsSince(2)).toMatchObject({ slots: [fourth], compactedThrough: null });
    expect(log.slotsSince(4)).toEqual({ slots: [], compactedThrough: null });
  });

  test("takes changes in order only", () => {
    const log = logOf({}, 5);
    expect(() => log.push(5, [change(5)])).toThrow("in the order of slots");
    log.push(6, [change(6)]);
    expect(() => log.push(6, [change(6)])).toThrow("in the order of slots");
  });

  test("whoever resumes gets every change once, or is told that some are gone", () => {
    const step = fc.record({
      gap: fc.integer({ min: 1, max: 3 }),
      count: fc.nat(3),
      value: fc.string({ maxLength: 6 }),
    });
    const limits = fc.record({ changes: fc.integer({ min: 1, max: 12 }), characters: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), limits, fc.nat(5), (steps, limits, through) => {
        const log = logOf(limits, through);
        const all: KeyValueChange[] = [];
        let revision = through;
        for (const { gap, count, value } of steps) {
          revision += gap;
          const changes = Array.from({ length: count }, (_, key) => change(revision, `${key}`, value));
          log.push(revision, changes);
          all.push(...changes);
          const newest = all.filter((one) => one.revision === all.at(-1)?.revision).length;
          expect(log.length).toBeLessThanOrEqual(Math.max(limits.changes, newest));
        }
        for (let from = 0; from <= revision + 1; from++) {
          const { changes, compactedThrough } = log.since(from);
          expect(changes).toEqual(all.filter((one) => one.revision > Math.max(from, log.compactedThrough)));
          expect(compactedThrough).toBe(from < log.compactedThrough ? log.compactedThrough : null);
        }
      }),
      { numRuns: 500 },
    );
  });
});
