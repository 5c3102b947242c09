import { describe, expect, test } from "vitest";
import { encodeOpenSession, SESSION_LIMITS } from "../src/index.ts";
import { command, log } from "./counted-log.ts";

describe("a snapshot", () => {
  /** A replica with something of everything. */
  function lived() {
    const one = log();
    one.apply(encodeOpenSession("a"));
    one.apply(command("a", 2));
    one.apply(encodeOpenSession("b"));
    return one;
  }

  test("has a head that says what it is and what follows", () => {
    const [head, ...rest] = lived().state.snapshot();
    expect(JSON.parse(head ?? "")).toEqual({
      format: "synod-replicated-state",
      version: 1,
      appliedThrough: 3,
      limits: SESSION_LIMITS,
      sessionPieces: 1,
      machinePieces: 1,
    });
    expect(rest).toHaveLength(2);
  });

  test("of nothing is one of nothing", () => {
    const { state } = lived();
    state.restore(log().state.snapshot());
    expect(state.snapshot()).toEqual(log().state.snapshot());
    expect(state.appliedThrough).toBe(0);
  });

  test("keeps long replies in pieces that are short enough for a message, and gives them back", () => {
    const { apply, state, inSession } = log();
    for (const client of ["a", "b"]) {
      apply(encodeOpenSession(client));
      for (let sequence = 2; sequence < 12; sequence++) apply(command(client, sequence, 2, "é".repeat(60_000)));
    }
    const pieces = state.snapshot();
    for (const piece of pieces) {
      expect(piece.length).toBeLessThan(128 * 1024 + 2);
      expect(piece).not.toContain("\n");
    }
    const other = log();
    other.state.restore(JSON.parse(JSON.stringify(pieces)));
    expect(other.state.snapshot()).toEqual(pieces);
    expect(other.apply(inSession(command("b", 5)))).toBe(apply(command("b", 5)));
  });

  const [head = "", sessions = "", machine = ""] = lived().state.snapshot();
  const changed = (change: object) => JSON.stringify({ ...JSON.parse(head), ...change });
  test.each<[string, readonly string[], string]>([
    ["nothing", [], "not the head"],
    ["no head", [sessions, machine], "not the head"],
    ["a head that is no JSON", ["{", sessions, machine], "not the head"],
    ["another version", [changed({ version: 2 }), sessions, machine], "version 2"],
    ["other limits", [changed({ limits: { ...SESSION_LIMITS, replies: 7 } }), sessions, machine], "replies = 7"],
    ["no limits", [changed({ limits: null }), sessions, machine], "must be equal"],
    ["no slot", [changed({ appliedThrough: -1 }), sessions, machine], "what follows"],
    ["a piece too few", [head, sessions], "1 pieces after its head"],
    ["a piece too many", [head, sessions, machine, "[]"], "3 pieces after its head"],
    ["pieces out of order", [head, machine, sessions], "is no"],
    ["sessions that are no JSON", [head, "[[", machine], "no JSON array"],
    ["a row that is no array", [head, "[7]", machine], "no JSON array"],
    ["a reply before any session", [head, '[[2,"x"]]', machine], "no reply"],
    ["a reply that is acknowledged", [head, '[["a",1,3],[2,"x"]]', machine], "no reply"],
    ["a reply too far ahead", [head, '[["a",1,3],[1027,"x"]]', machine], "no reply"],
    ["a reply twice", [head, '[["a",1,3],[4,"x"],[4,"x"]]', machine], "no reply"],
    ["a session twice", [head, '[["a",1,3],["b",2,2],["a",1,3]]', machine], "twice"],
    ["a session without a name", [head, '[["",1,3]]', machine], "no session"],
    ["a session that began at no command", [head, '[["a",1,1]]', machine], "no session"],
    ["a machine that is none", [head, sessions, '[["x"]]'], "no mark"],
  ])("with %s is refused, and leaves everything as it was", (_, pieces, reason) => {
    const { state, apply } = lived();
    apply(command("b", 2));
    const before = state.snapshot();
    expect(() => state.restore(pieces)).toThrow(reason);
    expect(state.snapshot()).toEqual(before);
    expect(state.appliedThrough).toBe(4);
  });

  test("of another slot than it is said to be is refused: the next one would be applied to what it is not", () => {
    const { state } = lived();
    const pieces = state.snapshot();
    const { appliedThrough } = state;
    for (const through of [appliedThrough - 1, appliedThrough + 1]) {
      expect(() => state.restore(pieces, through)).toThrow(`is the state of slot ${appliedThrough}, not of ${through}`);
    }
    state.restore(pieces, appliedThrough);
    expect(state.snapshot()).toEqual(pieces);
  });

  test("with more sessions than the limits allow is refused", () => {
    const pieces = lived().state.snapshot();
    const limits = { ...SESSION_LIMITS, sessions: 1 };
    const small = log({ sessions: 1 });
    expect(() => small.state.restore([changed({ limits }), ...pieces.slice(1)])).toThrow("exceed its limits");
  });
});
