import { NO_OP } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCommand, encodeOpenSession, KeyValueStore, ReplicatedState, SESSION_LIMITS } from "../src/index.ts";
import { anyText } from "./any-text.ts";
import { command, log } from "./counted-log.ts";

const RESULT = (place: number, text: string) => JSON.stringify({ kind: "result", result: { place, text } });
const OPENED = (openedAt: number) => JSON.stringify({ kind: "opened", openedAt });
const [EXPIRED, SUPERSEDED, TOO_FAR] = ["session-expired", "superseded", "window-exceeded"].map((kind) =>
  JSON.stringify({ kind }),
);

describe("a session", () => {
  test("opens, and opens again harmlessly while it lives", () => {
    const { apply, state, tape } = log();
    expect(apply(encodeOpenSession("a"))).toBe(OPENED(1));
    expect(apply(command("a", 2))).toBe(RESULT(1, "a2"));
    expect(apply(encodeOpenSession("a"))).toBe(OPENED(1));
    expect(apply(command("a", 2))).toBe(RESULT(1, "a2"));
    expect(tape.marks).toEqual([{ slot: 2, text: "a2" }]);
    expect([state.sessionCount, state.replyCount]).toEqual([1, 1]);
  });

  test("does not exist before it is opened: its commands are not carried out", () => {
    const { apply, tape } = log();
    expect(apply(command("a", 2))).toBe(EXPIRED);
    expect(apply(encodeOpenSession("b"))).toBe(OPENED(2));
    expect(apply(command("a", 2))).toBe(EXPIRED);
    expect(tape.marks).toEqual([]);
  });

  test("has sequence 1 used up by its opening", () => {
    const { apply, tape } = log();
    apply(encodeOpenSession("a"));
    expect(apply(command("a", 1, 1))).toBe(SUPERSEDED);
    expect(tape.marks).toEqual([]);
  });

  test("takes commands in any order", () => {
    const { apply } = log();
    apply(encodeOpenSession("a"));
    expect([apply(command("a", 4)), apply(command("a", 2)), apply(command("a", 3))]).toEqual([
      RESULT(1, "a4"),
      RESULT(2, "a2"),
      RESULT(3, "a3"),
    ]);
  });

  test("forgets what is acknowledged, and never carries it out again", () => {
    const { apply, state, tape } = log();
    apply(encodeOpenSession("a"));
    apply(command("a", 2));
    apply(command("a", 3));
    apply(command("a", 4, 4));
    expect(state.replyCount).toBe(1);
    expect(apply(command("a", 2))).toBe(SUPERSEDED);
    expect(apply(command("a", 3, 3))).toBe(SUPERSEDED);
    // A copy that acknowledges less than another did before takes nothing back.
    expect(apply(command("a", 5, 2))).toBe(RESULT(4, "a5"));
    expect(apply(command("a", 3, 2))).toBe(SUPERSEDED);
    expect(tape.marks).toHaveLength(4);
  });

  test("keeps what is not acknowledged, to the very first sequence, by small steps and by leaps", () => {
    for (const next of [3, 6, 500]) {
      const { apply, tape } = log();
      apply(encodeOpenSession("a"));
      for (const sequence of [2, 3, 4, 5, 6, 500]) apply(command("a", sequence));
      const carriedOut = tape.marks.length;
      for (const sequence of [2, 3, 4, 5, 6, 500]) {
        const again = apply(command("a", sequence, Math.min(next, sequence)));
        if (sequence >= next) expect(again).toMatch(`"text":"a${sequence}"`);
      }
      apply(command("a", 501, next));
      expect(tape.marks).toHaveLength(carriedOut + 1);
      expect(apply(command("a", next, next))).toMatch(`"text":"a${next}"`);
      expect(apply(command("a", next - 1, 2))).toBe(SUPERSEDED);
      expect(tape.marks).toHaveLength(carriedOut + 1);
    }
  });

  test("lets 1024 sequences be under way, and no more", () => {
    const { apply } = log();
    apply(encodeOpenSession("a"));
    expect(apply(command("a", 2 + SESSION_LIMITS.sequencesAhead))).toBe(TOO_FAR);
    expect(apply(command("a", 1 + SESSION_LIMITS.sequencesAhead))).toBe(RESULT(1, "a1025"));
    // The same command acknowledges enough to make room for itself.
    expect(apply(command("a", 2 + SESSION_LIMITS.sequencesAhead, 3))).toBe(RESULT(2, "a1026"));
    expect(apply(command("a", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER))).toMatch(/^{"kind":"result"/);
    expect(apply(command("a", Number.MAX_SAFE_INTEGER))).toMatch(/^{"kind":"result"/);
  });

  test("expires when there are too many, the least recently used one first, whatever the use was", () => {
    const { apply, state } = log({ sessions: 3 });
    for (const client of ["a", "b", "c"]) apply(encodeOpenSession(client));
    apply(command("a", 1, 1));
    apply(encodeOpenSession("b"));
    apply(encodeOpenSession("d"));
    expect(apply(command("c", 2))).toBe(EXPIRED);
    for (const client of ["a", "b", "d"]) expect(apply(command(client, 2))).toMatch(/result/);
    expect([state.sessionCount, state.replyCount]).toEqual([3, 3]);
  });

  test("begins with nothing when it is opened anew after it expired", () => {
    const { apply, state } = log({ sessions: 1 });
    apply(encodeOpenSession("a"));
    apply(command("a", 9, 9));
    apply(encodeOpenSession("b"));
    expect(apply(command("a", 9, 9))).toBe(EXPIRED);
    apply(encodeOpenSession("a"));
    expect([state.sessionCount, state.replyCount]).toEqual([1, 0]);
    expect(apply(command("a", 2))).toBe(RESULT(2, "a2"));
  });

  test("is never the one that expires while it is in use: the others make room", () => {
    const { apply, state } = log({ replies: 2 });
    apply(encodeOpenSession("a"));
    apply(encodeOpenSession("b"));
    apply(command("b", 2));
    apply(command("a", 2));
    apply(command("a", 3));
    expect(apply(command("b", 2))).toBe(EXPIRED);
    expect(state.sessionCount).toBe(1);
    expect(apply(command("a", 2))).toBe(RESULT(2, "a2"));
  });

  test("that fills the table alone has to acknowledge first; what it waits for before all else always gets through", () => {
    const { apply, state, tape } = log({ replyCharacters: 300 });
    apply(encodeOpenSession("a"));
    for (let sequence = 3; sequence <= 9; sequence++) apply(command("a", sequence));
    const before = tape.marks.length;
    expect(before).toBeLessThan(7);
    expect(apply(command("a", 9))).toBe(TOO_FAR);
    expect(apply(command("a", 2))).toBe(RESULT(before + 1, "a2"));
    expect(apply(command("a", 9, 9))).toBe(RESULT(before + 2, "a9"));
    expect(state.replyCount).toBe(1);
  });

  test("with limits that are none is refused at once", () => {
    for (const sessions of [0, -1, 1.5, Number.NaN]) expect(() => log({ sessions })).toThrow("an integer of 1 or more");
  });
});

describe("values that are no commands", () => {
  test("do nothing and are reported; a no-op is not worth a report", () => {
    const { apply, foreign, tape, state } = log();
    expect(apply(NO_OP)).toBe('{"kind":"no-op"}');
    expect(apply("apple")).toBe('{"kind":"not-a-command"}');
    expect(foreign).toEqual(["2 apple"]);
    expect(tape.marks).toEqual([]);
    expect(state.recall(1, NO_OP)).toBe('{"kind":"no-op"}');
    expect(state.recall(2, "apple")).toBe('{"kind":"not-a-command"}');
  });

  test("a command whose operation the machine does not know is none, and uses no sequence up", () => {
    const { apply, foreign } = log();
    apply(encodeOpenSession("a"));
    const unknown = encodeCommand({
      client: "a",
      openedAt: 1,
      sequence: 2,
      firstUnacknowledged: 2,
      operation: { type: "fly" },
    });
    expect(apply(unknown)).toBe('{"kind":"not-a-command"}');
    expect(foreign).toEqual([`2 ${unknown}`]);
    expect(apply(command("a", 2))).toBe(RESULT(1, "a2"));
  });

  test("no text makes a replica throw, and every answer is JSON", () => {
    const state = new ReplicatedState(new KeyValueStore());
    state.apply(1, encodeOpenSession("a"));
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const operations = fc.oneof(fc.json(), fc.constant('{"type":"put","key":"\ud800","value":""}'));
    const wrapped = fc
      .tuple(fc.integer({ min: 0, max: 9 }), operations)
      .map(
        ([sequence, operation]) =>
          `{"type":"command","client":"a","openedAt":1,"sequence":${sequence},"firstUnacknowledged":1,"operation":${operation}}`,
      );
    let slot = 1;
    const survives = (text: string): void => {
      slot++;
      expect(state.recall(slot, text)).toBeNull();
      for (const answer of [state.apply(slot, text), state.read(text), state.recall(slot, text)]) {
        expect(answer).not.toContain("\n");
        expect(JSON.parse(answer ?? "null")).toEqual(answer === null ? null : expect.any(Object));
      }
    };
    for (const text of [
      deep,
      `{"type":"command","client":"a","openedAt":1,"sequence":2,"firstUnacknowledged":2,"operation":${deep}}`,
    ]) {
      survives(text);
    }
    fc.assert(fc.property(fc.oneof(anyText, operations, wrapped), survives), { numRuns: 300 });
  });

  test("a slot is applied once, in order: anything else is our own fault, and the node stops", () => {
    const { state } = log();
    state.apply(3, NO_OP);
    for (const slot of [3, 2, 3.5, Number.NaN]) expect(() => state.apply(slot, NO_OP)).toThrow("slots are applied");
  });
});

describe("a late copy of an opening", () => {
  test("makes another session: what was sent in the one that expired is not carried out again", () => {
    const { apply, state, tape } = log({ sessions: 1 });
    apply(encodeOpenSession("a"));
    const sent = command("a", 2);
    apply(sent);
    apply(encodeOpenSession("b"));
    expect(apply(encodeOpenSession("a"))).toBe(OPENED(4));
    expect(state.apply(5, sent)).toBe(EXPIRED);
    expect(tape.marks).toHaveLength(1);
  });
});

describe("recalling", () => {
  test("gives what a session remembers, and nothing of what is not applied yet", () => {
    const { apply, state } = log();
    apply(encodeOpenSession("a"));
    apply(command("a", 2));
    expect(state.recall(1, encodeOpenSession("a"))).toBe(OPENED(1));
    expect(state.recall(2, command("a", 2))).toBe(RESULT(1, "a2"));
    expect(state.recall(3, command("a", 2))).toBeNull();
    expect(state.recall(2, command("a", 3))).toBeNull();
    apply(command("a", 3, 3));
    expect(state.recall(2, command("a", 2))).toBe(SUPERSEDED);
    expect(state.recall(2, command("a", 5000))).toBe(TOO_FAR);
  });

  test("gives nothing of a session that expired, nor of the one before under the same name", () => {
    const { apply, state, inSession } = log({ sessions: 1 });
    apply(encodeOpenSession("a"));
    apply(command("a", 2));
    apply(encodeOpenSession("b"));
    expect(state.recall(1, encodeOpenSession("a"))).toBeNull();
    expect(state.recall(2, command("a", 2))).toBeNull();
    apply(encodeOpenSession("a"));
    apply(command("a", 2, 2, "other"));
    expect(state.recall(2, command("a", 2))).toBeNull();
    expect(state.recall(5, inSession(command("a", 2)))).toBe(RESULT(2, "other"));
  });
});

describe("reading", () => {
  test("asks the machine; what is no JSON or too deep is no question", () => {
    const { apply, state } = log();
    apply(encodeOpenSession("a"));
    apply(command("a", 2));
    expect(state.read("null")).toBe('["a2"]');
    expect(JSON.parse(state.read("{"))).toEqual({ error: expect.stringContaining("JSON") });
    expect(JSON.parse(state.read("[".repeat(65) + "]".repeat(65)))).toEqual({ error: expect.stringContaining("deep") });
  });
});
