import { describe, expect, test } from "vitest";
import {
  ChangeLog,
  charactersOfKeyValueChange,
  encodeCommand,
  encodeOpenSession,
  type KeyValueChange,
  type KeyValueOperation,
  KeyValueStore,
  ReplicatedState,
} from "../src/index.ts";

/** A replica of a key-value store, with the changes that those who watch it see. */
function replica() {
  const changes = new ChangeLog(charactersOfKeyValueChange);
  const state = new ReplicatedState<KeyValueOperation, KeyValueChange>(new KeyValueStore(), {
    observer: { applied: (slot, some) => changes.push(slot, some) },
  });
  return { state, changes };
}

const command = (client: string, sequence: number, operation: KeyValueOperation): string =>
  encodeCommand({ client, openedAt: client === "a" ? 1 : 2, sequence, firstUnacknowledged: 2, operation });

const LOG = [
  encodeOpenSession("a"),
  encodeOpenSession("b"),
  command("a", 2, { type: "put", key: "k", value: "old" }),
  command("b", 2, { type: "put", key: "k", value: "new" }),
  // Proposed anew by another leader, sent again by the client.
  command("a", 2, { type: "put", key: "k", value: "old" }),
  command("b", 3, { type: "cas", key: "k", expected: "new", value: null }),
  command("b", 3, { type: "cas", key: "k", expected: "new", value: null }),
];

describe("a replicated key-value store", () => {
  test("an old write that comes again does not undo a newer one, and its answer is the one it had", () => {
    const { state, changes } = replica();
    const results = LOG.map((value, index) => JSON.parse(state.apply(index + 1, value)));
    expect(results[2]).toEqual({ kind: "result", result: { revision: 3 } });
    expect(results[3]).toEqual({ kind: "result", result: { revision: 4 } });
    expect(results[4]).toEqual(results[2]);
    expect(results[5]).toMatchObject({ kind: "result", result: { succeeded: true, revision: 6 } });
    expect(results[6]).toEqual(results[5]);
    expect(JSON.parse(state.read('{"type":"get","key":"k"}'))).toEqual({ entry: null });
    expect(changes.since(0).changes.map(({ revision, value }) => [revision, value])).toEqual([
      [3, "old"],
      [4, "new"],
      [6, null],
    ]);
  });

  test("a replica that was restored in between gives its watchers the rest, once", () => {
    const one = replica();
    for (const [index, value] of LOG.slice(0, 4).entries()) one.state.apply(index + 1, value);
    const other = replica();
    other.state.restore(one.state.snapshot());
    other.changes.restart(other.state.appliedThrough);
    for (const [index, value] of LOG.slice(4).entries()) other.state.apply(index + 5, value);
    expect(other.changes.since(4)).toMatchObject({
      changes: [{ revision: 6, type: "delete" }],
      compactedThrough: null,
    });
    expect(other.changes.since(3).compactedThrough).toBe(4);
  });

  test("a snapshot whose store is broken leaves sessions and store as they were", () => {
    const { state } = replica();
    for (const [index, value] of LOG.slice(0, 4).entries()) state.apply(index + 1, value);
    const before = state.snapshot();
    const pieces = [...replica().state.snapshot(), '[["k","v",0]]'];
    const head = { ...JSON.parse(pieces[0] ?? ""), machinePieces: 1 };
    expect(() => state.restore([JSON.stringify(head), ...pieces.slice(1)])).toThrow("no entry");
    expect(state.snapshot()).toEqual(before);
  });
});
