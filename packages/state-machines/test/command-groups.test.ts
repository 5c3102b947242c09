import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CommandGroup, CommandGroups, type PlacedWrite, valueOfGroup } from "../src/gateway/command-groups.ts";
import {
  encodeCommand,
  type Json,
  KeyValueStore,
  keyTouched,
  parseEnvelope,
  ReplicatedState,
  type SessionPosition,
} from "../src/index.ts";

const put = (key: string, value = "v") => ({ type: "put", key, value });

interface Given extends Partial<SessionPosition> {
  readonly operation?: Json;
  readonly timeoutMs?: number;
}

/** The write with this sequence of client a, which puts something at a key of its own, unless it is given otherwise. */
function placed(sequence: number, given: Given = {}): PlacedWrite {
  const { operation = put(`k${sequence}`), timeoutMs = 1000, ...place } = given;
  const position = { client: "a", openedAt: 1, sequence, firstUnacknowledged: 2, ...place };
  const request = { kind: "write", operation, label: null, session: null, timeoutMs } as const;
  return { requestId: `w${sequence}`, request, position, session: null };
}

function gathered(...writes: readonly PlacedWrite[]): readonly CommandGroup[] {
  const groups = new CommandGroups(keyTouched);
  for (const write of writes) groups.add(write);
  return groups.take();
}

/** The requests of each group. */
const requestsOf = (groups: readonly CommandGroup[]) =>
  groups.map(({ writes }) => writes.map(({ requestId }) => requestId));

describe("writes of one moment", () => {
  test("share a value of the log, which says each of them at its place", () => {
    const [group, ...others] = gathered(placed(5), placed(6), placed(7));
    expect(others).toEqual([]);
    expect(group?.id).toBe("w5");
    expect(parseEnvelope(group ? valueOfGroup(group) : "")).toEqual({
      kind: "commands",
      commands: [5, 6, 7].map((sequence) => ({ ...placed(sequence).position, operation: put(`k${sequence}`) })),
    });
  });

  test("that are alone go as before there were groups, to the byte", () => {
    const [group] = gathered(placed(5));
    const expected = encodeCommand({ ...placed(5).position, operation: put("k5") });
    expect(group ? valueOfGroup(group) : "").toBe(expected);
  });

  test("are gathered anew once they were taken", () => {
    const groups = new CommandGroups(keyTouched);
    expect(groups.isEmpty).toBe(true);
    groups.add(placed(2));
    expect(groups.isEmpty).toBe(false);
    expect(requestsOf(groups.take())).toEqual([["w2"]]);
    expect(groups.isEmpty).toBe(true);
    groups.add(placed(3));
    expect(requestsOf(groups.take())).toEqual([["w3"]]);
  });

  test.each<[string, PlacedWrite, PlacedWrite]>([
    ["another client's", placed(5), placed(6, { client: "b" })],
    ["of another session of that name", placed(5), placed(6, { openedAt: 2 })],
    ["that acknowledges more", placed(5), placed(6, { firstUnacknowledged: 3 })],
    ["after a gap", placed(5), placed(7)],
    ["that is the same again", placed(5), placed(5, { operation: put("other") })],
    ["with less time", placed(5), placed(6, { timeoutMs: 999 })],
    ["of the same key", placed(5), placed(6, { operation: put("k5") })],
    ["that the machine does not understand", placed(5), placed(6, { operation: { type: "fly" } })],
    ["after one that the machine does not understand", placed(5, { operation: { type: "fly" } }), placed(6)],
    [
      "that makes it too long",
      placed(5, { operation: put("k5", "x".repeat(40_000)) }),
      placed(6, { operation: put("k6", "x".repeat(40_000)) }),
    ],
  ])("do not share it with one %s", (_, one, other) => {
    expect(gathered(one, other)).toHaveLength(2);
  });

  test("find a slot for themselves behind one that may not share theirs, and may share that", () => {
    const again = placed(6, { operation: put("k5") });
    expect(requestsOf(gathered(placed(5), again, placed(7)))).toEqual([["w5"], ["w6", "w7"]]);
  });

  test("are 128 to a value at most", () => {
    const writes = Array.from({ length: 600 }, (_, place) => placed(2 + place));
    expect(gathered(...writes).map(({ writes }) => writes.length)).toEqual([128, 128, 128, 128, 88]);
  });

  test("are as long as they like if they are alone", () => {
    const long = placed(5, { operation: put("k5", "\u0001".repeat(65_536)) });
    expect(requestsOf(gathered(placed(4), long, placed(6)))).toEqual([["w4"], ["w5"], ["w6"]]);
  });

  test("share nothing where nobody knows what they touch", () => {
    const groups = new CommandGroups();
    for (const sequence of [2, 3]) groups.add(placed(sequence));
    expect(groups.take()).toHaveLength(2);
  });

  test("make values that a store understands, with each write once and in order, whatever they are", () => {
    const client = fc.constantFrom("a", "a", "a", "a", "b");
    const operation = fc.constantFrom<Json>(...["x", "y", "z", "u", "v", "w"].map((key) => put(key)), { type: "fly" });
    const write = fc.record({ client, operation, skips: fc.constantFrom(0, 0, 0, 0, 1) });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), (drawn) => {
        let sequence = 1;
        const writes = drawn.map(({ skips, ...given }) => {
          sequence += 1 + skips;
          return placed(sequence, given);
        });
        const groups = gathered(...writes);
        expect(groups.flatMap((group) => group.writes)).toEqual(writes);
        const foreign: number[] = [];
        const state = new ReplicatedState(new KeyValueStore(), { observer: { foreign: (slot) => foreign.push(slot) } });
        for (const [place, group] of groups.entries()) {
          state.apply(place + 1, valueOfGroup(group));
          const isFlight = group.writes.some(({ request }) => keyTouched(request.operation) === null);
          expect(foreign.includes(place + 1)).toBe(isFlight);
          if (isFlight) expect(group.writes).toHaveLength(1);
        }
      }),
    );
  });
});
