import { describe, expect, test } from "vitest";
import { encodeCommands, encodeOpenSession, KeyValueStore, ReplicatedState } from "../src/index.ts";
import { command, commands, log } from "./counted-log.ts";
import { Tape } from "./tape.ts";

const result = (place: number, text: string) => ({ kind: "result", result: { place, text } });
const EXPIRED = { kind: "session-expired" };
const SUPERSEDED = { kind: "superseded" };
const TOO_FAR = { kind: "window-exceeded" };
const FOREIGN = '{"kind":"not-a-command"}';
const each = (...results: readonly object[]) => JSON.stringify({ kind: "results", results });

describe("commands that share a slot", () => {
  test("are carried out in their order, each once, and whoever looks on sees them as one step", () => {
    const { apply, seen, state, tape } = log();
    apply(encodeOpenSession("a"));
    expect(apply(commands("a", 2, ["a2", "a3", "a4"]))).toBe(each(result(1, "a2"), result(2, "a3"), result(3, "a4")));
    expect(tape.marks).toEqual(["a2", "a3", "a4"].map((text) => ({ slot: 2, text })));
    expect(seen).toEqual(["2 a2 a3 a4"]);
    expect([state.sessionCount, state.replyCount]).toEqual([1, 3]);
  });

  test("come to what they came to if they come again, and nobody sees that", () => {
    const { apply, seen, tape } = log();
    apply(encodeOpenSession("a"));
    const value = commands("a", 2, ["a2", "a3"]);
    expect(apply(value)).toBe(apply(value));
    expect(tape.marks).toHaveLength(2);
    expect(seen).toEqual(["2 a2 a3"]);
  });

  test("are not carried out again if one of them comes alone", () => {
    const { apply, tape } = log();
    apply(encodeOpenSession("a"));
    apply(commands("a", 2, ["a2", "a3"]));
    expect(apply(command("a", 3))).toBe(JSON.stringify(result(2, "a3")));
    expect(apply(command("a", 2))).toBe(JSON.stringify(result(1, "a2")));
    expect(tape.marks).toHaveLength(2);
  });

  test("are carried out but for one that came alone before; that one is told what it came to then", () => {
    for (const alone of [2, 3]) {
      const { apply, seen, tape } = log();
      apply(encodeOpenSession("a"));
      apply(command("a", alone));
      const other = alone === 2 ? 3 : 2;
      const results = [result(1, `a${alone}`), result(2, `a${other}`)];
      expect(apply(commands("a", 2, ["a2", "a3"]))).toBe(each(...(alone === 2 ? results : results.reverse())));
      expect(tape.marks).toHaveLength(2);
      expect(seen).toEqual([`2 a${alone}`, `3 a${other}`]);
    }
  });

  test("are carried out where others of them shared a slot before", () => {
    const { apply, seen } = log();
    apply(encodeOpenSession("a"));
    apply(commands("a", 2, ["a2", "a3"]));
    expect(apply(commands("a", 3, ["a3", "a4"]))).toBe(each(result(2, "a3"), result(3, "a4")));
    expect(seen).toEqual(["2 a2 a3", "3 a4"]);
  });

  test("end each by itself: acknowledged, remembered, carried out, or too far ahead", () => {
    const { apply, tape } = log({ sequencesAhead: 3 });
    apply(encodeOpenSession("a"));
    apply(commands("a", 2, ["a2", "a3"]));
    apply(command("a", 5, 3));
    const value = commands("a", 2, ["a2", "a3", "a4", "a5", "a6"]);
    expect(apply(value)).toBe(each(SUPERSEDED, result(2, "a3"), result(4, "a4"), result(3, "a5"), TOO_FAR));
    expect(tape.marks.map(({ text }) => text)).toEqual(["a2", "a3", "a5", "a4"]);
    // Nothing is remembered of the one that was too far ahead: it may come again.
    expect(apply(command("a", 6, 5))).toBe(JSON.stringify(result(5, "a6")));
  });

  test("find the room that the first one makes by what it acknowledges", () => {
    const { apply } = log({ replies: 2 });
    apply(encodeOpenSession("a"));
    apply(commands("a", 2, ["a2", "a3"]));
    expect(apply(commands("a", 4, ["a4", "a5"], 3))).toBe(each(result(3, "a4"), TOO_FAR));
    expect(apply(commands("a", 4, ["a4", "a5"], 4))).toBe(each(result(3, "a4"), result(4, "a5")));
  });

  test("never let the session expire that they are in, but let it expire all others", () => {
    const { apply, state } = log({ replies: 2 });
    apply(encodeOpenSession("b"));
    apply(encodeOpenSession("a"));
    apply(command("b", 2));
    expect(apply(commands("a", 2, ["a2", "a3"]))).toBe(each(result(2, "a2"), result(3, "a3")));
    expect(state.sessionCount).toBe(1);
    expect(apply(command("b", 2))).toBe(JSON.stringify(EXPIRED));
  });

  test("of a session that is gone do nothing", () => {
    const { apply, seen } = log();
    expect(apply(commands("a", 2, ["a2", "a3"]))).toBe(each(EXPIRED, EXPIRED));
    expect(seen).toEqual([]);
  });
});

describe("commands that may not share a slot are no commands, all of them, and use up no sequence", () => {
  test.each<[string, readonly string[]]>([
    ["two that touch the same", ["a2/x", "a3", "a4/x"]],
    ["the same one twice", ["a2", "a2"]],
  ])("%s", (_, operations) => {
    const { apply, foreign, tape } = log();
    apply(encodeOpenSession("a"));
    const value = commands("a", 2, operations);
    expect(apply(value)).toBe(FOREIGN);
    expect(foreign).toEqual([`2 ${value}`]);
    expect(tape.marks).toEqual([]);
    expect(apply(commands("a", 2, ["a2/x", "a3"]))).toBe(each(result(1, "a2/x"), result(2, "a3")));
  });

  test("one among them that the machine does not know", () => {
    const { apply, foreign, state, tape } = log();
    apply(encodeOpenSession("a"));
    const place = { client: "a", openedAt: 1, sequence: 2, firstUnacknowledged: 2 };
    const value = encodeCommands(place, ['"a2"', '{"type":"fly"}']);
    expect(apply(value)).toBe(FOREIGN);
    expect(foreign).toHaveLength(1);
    expect([tape.marks, state.replyCount]).toEqual([[], 0]);
    expect(apply(command("a", 2))).toBe(JSON.stringify(result(1, "a2")));
  });

  test("any, where the machine does not say what its operations touch", () => {
    const { apply, foreign, tape } = log({}, new Tape());
    apply(encodeOpenSession("a"));
    expect(apply(commands("a", 2, ["a2", "a3"]))).toBe(FOREIGN);
    expect(foreign).toHaveLength(1);
    expect(apply(command("a", 2))).toBe(JSON.stringify(result(1, "a2")));
    expect(tape.marks).toEqual([{ slot: 3, text: "a2" }]);
  });
});

describe("recalling commands that shared a slot", () => {
  test("gives what the session remembers of each", () => {
    const { apply, state } = log();
    apply(encodeOpenSession("a"));
    const value = commands("a", 2, ["a2", "a3"]);
    expect(state.recall(2, value)).toBeNull();
    const came = apply(value);
    expect(state.recall(2, value)).toBe(came);
    apply(command("a", 4, 3));
    expect(state.recall(2, value)).toBe(each(SUPERSEDED, result(2, "a3")));
  });

  test("gives the same after a snapshot", () => {
    const { apply, state } = log();
    apply(encodeOpenSession("a"));
    const value = commands("a", 2, ["a2", "a3"]);
    const came = apply(value);
    const other = log().state;
    other.restore(state.snapshot());
    expect(other.recall(2, value)).toBe(came);
    expect(other.apply(3, value)).toBe(came);
  });

  test("gives nothing if one of them is not remembered, nor of a session that expired", () => {
    const { apply, state } = log({ sessions: 1 });
    apply(encodeOpenSession("a"));
    apply(command("a", 2));
    expect(state.recall(2, commands("a", 2, ["a2", "a3"]))).toBeNull();
    const value = commands("a", 2, ["a2", "a3"]);
    apply(value);
    apply(encodeOpenSession("b"));
    expect(state.recall(3, value)).toBeNull();
  });

  test("knows what never was a command", () => {
    const { state } = log();
    const value = commands("a", 2, ["a2", "a2"]);
    state.apply(1, value);
    expect(state.recall(1, value)).toBe(FOREIGN);
  });
});

describe("writes of a key-value store that share a slot", () => {
  const values = (...operations: readonly object[]) =>
    encodeCommands(
      { client: "a", openedAt: 1, sequence: 2, firstUnacknowledged: 2 },
      operations.map((operation) => JSON.stringify(operation)),
    );
  const store = () => {
    const state = new ReplicatedState(new KeyValueStore());
    state.apply(1, encodeOpenSession("a"));
    return state;
  };

  test("have one revision, of different keys", () => {
    const state = store();
    const came = state.apply(2, values({ type: "put", key: "k", value: "x" }, { type: "put", key: "l", value: "y" }));
    const done = { kind: "result", result: { revision: 2 } };
    expect(came).toBe(each(done, done));
    expect(JSON.parse(state.read('{"type":"range"}')).entries).toEqual([
      { key: "k", value: "x", revision: 2 },
      { key: "l", value: "y", revision: 2 },
    ]);
  });

  test.each<[string, object]>([
    ["put", { type: "put", key: "k", value: "y" }],
    ["deletion", { type: "delete", key: "k" }],
    ["comparison", { type: "cas", key: "k", expectedRevision: 2, value: "y" }],
  ])("never are a put and a %s of its key: whoever compares revisions could not tell them apart", (_, operation) => {
    const state = store();
    expect(state.apply(2, values({ type: "put", key: "k", value: "x" }, operation))).toBe(FOREIGN);
    expect(JSON.parse(state.read('{"type":"count"}'))).toEqual({ keys: 0 });
  });
});
