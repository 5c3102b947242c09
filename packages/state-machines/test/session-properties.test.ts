import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AppliedResult,
  encodeCommand,
  encodeCommands,
  encodeOpenSession,
  ReplicatedState,
  type SessionLimits,
} from "../src/index.ts";
import { anyLimits, anyLog, type LogValue, textOf } from "./any-log.ts";
import { NaiveSessions } from "./naive-sessions.ts";
import { type Mark, SharedTape } from "./tape.ts";

/** A replica of a tape, with everything its observer saw. */
function replica(limits: Partial<SessionLimits> = {}) {
  const tape = new SharedTape();
  const seen: Mark[] = [];
  const state = new ReplicatedState(tape, { limits, observer: { applied: (_, changes) => seen.push(...changes) } });
  return { tape, seen, state };
}

describe("sessions, whatever is in the log", () => {
  test("every result is the one that a naive model gives that forgets nothing", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, (log, limits) => {
        const { tape, state } = replica(limits);
        const model = new NaiveSessions(limits);
        for (const [index, value] of log.entries()) {
          expect(state.apply(index + 1, textOf(value))).toBe(model.apply(index + 1, value));
          expect([state.sessionCount, state.replyCount]).toEqual([model.sessionCount, model.replyCount]);
        }
        expect(tape.marks.map(({ text }) => text)).toEqual(model.carriedOut);
      }),
      { numRuns: 600 },
    );
  });

  test("what is kept stays within the limits, but for the one reply that a client waits for before any other", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, (log, limits) => {
        const { state } = replica(limits);
        for (const [index, value] of log.entries()) {
          state.apply(index + 1, textOf(value));
          expect(state.sessionCount).toBeLessThanOrEqual(limits.sessions);
          expect(state.replyCount).toBeLessThanOrEqual(limits.replies + 1);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("a replica restored at any moment goes on as one that was not: results, changes, recollections, snapshots", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, fc.nat(80), (log, limits, cut) => {
        const one = replica(limits);
        const other = replica(limits);
        const at = Math.min(cut, log.length);
        for (const [index, value] of log.slice(0, at).entries()) one.state.apply(index + 1, textOf(value));
        other.state.restore(one.state.snapshot());
        const seenBefore = one.seen.length;
        for (let slot = at + 1; slot <= log.length; slot++) {
          const text = textOf(log[slot - 1] ?? { kind: "no-op" });
          expect(other.state.apply(slot, text)).toBe(one.state.apply(slot, text));
        }
        for (const [index, value] of log.entries()) {
          expect(other.state.recall(index + 1, textOf(value))).toBe(one.state.recall(index + 1, textOf(value)));
        }
        expect(other.seen).toEqual(one.seen.slice(seenBefore));
        expect(other.state.snapshot()).toEqual(one.state.snapshot());
        expect([other.state.appliedThrough, other.state.sessionCount, other.state.replyCount]).toEqual([
          one.state.appliedThrough,
          one.state.sessionCount,
          one.state.replyCount,
        ]);
      }),
      { numRuns: 400 },
    );
  });

  test("what is recalled of a command or an opening is what came of it then, or that nobody waits for it", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, (log, limits) => {
        const { state } = replica(limits);
        const results: string[] = [];
        for (const [index, value] of log.entries()) {
          results.push(state.apply(index + 1, textOf(value)));
          for (const [earlier, result] of results.entries()) {
            const recalled = state.recall(earlier + 1, textOf(log[earlier] ?? { kind: "no-op" }));
            if (recalled === null) continue;
            const [cameThen, cameNow] = [resultsIn(result), resultsIn(recalled)];
            expect(cameNow).toHaveLength(cameThen.length);
            for (const [place, came] of cameThen.entries()) {
              // A sequence that ran too far ahead may have been carried out by a copy that came later.
              if (came.kind !== "window-exceeded" && cameNow[place]?.kind !== "superseded")
                expect(cameNow[place]).toEqual(came);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("recalling and reading change nothing", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, (log, limits) => {
        const { state } = replica(limits);
        const bystander = replica(limits).state;
        for (const [index, value] of log.entries()) {
          for (const [earlier, one] of log.entries()) state.recall(earlier + 1, textOf(one));
          state.read("null");
          expect(state.apply(index + 1, textOf(value))).toBe(bystander.apply(index + 1, textOf(value)));
        }
        expect(state.snapshot()).toEqual(bystander.snapshot());
      }),
      { numRuns: 150 },
    );
  });
});

/** What came of each command of a value. */
function resultsIn(text: string): readonly AppliedResult[] {
  const applied: AppliedResult = JSON.parse(text);
  return applied.kind === "results" ? applied.results : [applied];
}

/** The same value, with an operation for each session and sequence, whatever value it is in. */
function named(value: LogValue): LogValue {
  if (value.kind !== "command" && value.kind !== "commands") return value;
  const name = (place: number) => `${value.client} ${value.openedAt} ${value.sequence + place}`;
  if (value.kind === "command") return { ...value, operation: name(0) };
  return { ...value, operations: value.operations.map((_, place) => name(place)) };
}

/**
 * A client that keeps the rules: it acknowledges what it has answers to, and never gives a sequence out twice. It sends
 * commands alone and together, also such that were sent otherwise before.
 */
class CorrectClient {
  readonly name: string;
  readonly copies: { readonly sequences: readonly number[]; readonly text: string }[];
  readonly results = new Map<number, string>();
  #next = 2;

  constructor(name: string) {
    this.name = name;
    this.copies = [{ sequences: [1], text: encodeOpenSession(name) }];
  }

  get #openedAt(): number {
    return JSON.parse(this.results.get(1) ?? "{}").openedAt;
  }

  get #firstUnanswered(): number {
    let sequence = 2;
    while (this.results.has(sequence)) sequence++;
    return sequence;
  }

  /** Sends a new command, or an older one again with what it acknowledges by now. */
  send(choice: number): void {
    if (!this.results.has(1)) return;
    const sequence = choice % 3 === 0 ? Math.max(2, choice % this.#next) : this.#next++;
    const firstUnacknowledged = Math.min(this.#firstUnanswered, sequence);
    const sequences = Array.from({ length: choice % 5 === 1 ? 2 + (choice % 2) : 1 }, (_, place) => sequence + place);
    const place = { client: this.name, openedAt: this.#openedAt, sequence, firstUnacknowledged };
    const [operation = "", ...others] = sequences.map((one) => `${this.name}${one}`);
    const texts = [operation, ...others].map((one) => JSON.stringify(one));
    const text = others.length === 0 ? encodeCommand({ ...place, operation }) : encodeCommands(place, texts);
    this.copies.push({ sequences, text });
    this.#next = Math.max(this.#next, sequence + sequences.length);
  }
}

describe("exactly once", () => {
  const step = fc.record({
    client: fc.nat(2),
    sends: fc.constantFrom(true, false, false),
    choice: fc.nat(1000),
    isHeard: fc.boolean(),
  });

  test("a command happens once, however its copies are repeated and reordered, and every answer is the first", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
        const { tape, state } = replica();
        const clients = ["a", "b", "c"].map((name) => new CorrectClient(name));
        const first = new Map<string, string>();
        let slot = 0;
        for (const { client: number, sends, choice, isHeard } of steps) {
          const client = clients[number] ?? new CorrectClient("never");
          if (sends) client.send(choice);
          const copy = client.copies[choice % client.copies.length];
          if (sends || !copy) continue;
          const result = state.apply(++slot, copy.text);
          const each = resultsIn(result).map((one) => JSON.stringify(one));
          expect(each).toHaveLength(copy.sequences.length);
          for (const [place, sequence] of copy.sequences.entries()) {
            const came = each[place] ?? "";
            if (isHeard) client.results.set(sequence, came);
            if (sequence === 1) {
              expect(came).toMatch(/^\{"kind":"opened","openedAt":\d+\}$/);
              continue;
            }
            const name = `${client.name}${sequence}`;
            if (!first.has(name)) first.set(name, came);
            // Only a client that has the answer can have said so.
            if (came === '{"kind":"superseded"}') expect(client.results.has(sequence)).toBe(true);
            else expect(came).toBe(first.get(name));
          }
        }
        const carriedOut = tape.marks.map(({ text }) => text);
        expect(carriedOut).toEqual([...first.keys()]);
        expect([...first.values()].every((result) => result.startsWith('{"kind":"result"'))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test("no command happens twice while sessions expire, also if a late copy of its opening comes", () => {
    fc.assert(
      fc.property(anyLog, anyLimits, (log, limits) => {
        const { tape, state } = replica(limits);
        let slot = 0;
        for (const value of log) {
          // One operation a session and sequence, as a client makes them.
          state.apply(++slot, textOf(named(value)));
          if (slot % 5 === 0) state.restore(state.snapshot());
        }
        const carriedOut = tape.marks.map(({ text }) => text);
        expect(new Set(carriedOut).size).toBe(carriedOut.length);
      }),
      { numRuns: 200 },
    );
  });
});
