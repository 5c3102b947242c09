import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LAST_PROPOSAL_ID, NO_PROPOSAL, nextProposalId } from "../src/core/proposal-id.js";
import { Acceptor } from "../src/paxos/acceptor.js";
import {
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  HISTORY_LIMIT,
} from "../src/paxos/acceptor-state.js";
import type { Acceptance, AcceptorReply, AcceptorRequest } from "../src/paxos/messages.js";
import { accept, folded } from "./recorded-acceptor.js";

const id = fc.integer({ min: 0, max: 12 });
const instance = fc.integer({ min: 1, max: 4 });
const value = fc.constantFrom("x", "y");
const entries = fc.array(fc.record({ instance, value }), { maxLength: 4 });
const request: fc.Arbitrary<AcceptorRequest> = fc.oneof(
  fc.record({ type: fc.constant("prepare" as const), id, instance }),
  fc.record({ type: fc.constant("accept" as const), id, instance, value }),
  fc.record({ type: fc.constant("prepare-log" as const), id, from: instance }),
  fc.record({ type: fc.constant("accept-log" as const), id, entries }),
  fc.record({ type: fc.constant("read-state" as const), instance }),
  fc.record({ type: fc.constant("read-history" as const), instance }),
  fc.record({ type: fc.constant("read-log" as const), from: instance, limit: fc.integer({ min: 1, max: 3 }) }),
);
const event = fc.oneof(
  { weight: 12, arbitrary: request },
  { weight: 1, arbitrary: fc.constantFrom("restart" as const, "truncate" as const) },
);

/** One life after another of one acceptor, with everything it wrote. */
class Lives {
  readonly writes: AcceptorWrite[] = [];
  acceptor = new Acceptor();

  ask(message: AcceptorRequest): AcceptorReply {
    const { writes, messages } = this.acceptor.step({ kind: "message", from: "asker", message });
    this.writes.push(...writes);
    const [answer] = messages;
    if (!answer) throw new Error(`no answer to ${message.type}`);
    return answer.message as AcceptorReply;
  }

  meet(happening: AcceptorRequest | "restart" | "truncate"): AcceptorReply | null {
    if (typeof happening !== "string") return this.ask(happening);
    const state = JSON.parse(JSON.stringify(this.acceptor.state)) as AcceptorState;
    if (happening === "truncate") {
      const write: AcceptorWrite = { kind: "truncated", through: state.truncatedThrough + 1 };
      applyAcceptorWrite(state, write);
      this.writes.push(write);
    }
    this.acceptor = new Acceptor(state);
    return null;
  }
}

describe("an acceptor, whatever it is asked", () => {
  test("its promise never falls", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const lives = new Lives();
        let highest: number = NO_PROPOSAL;
        for (const happening of events) {
          lives.meet(happening);
          expect(lives.acceptor.state.promisedId).toBeGreaterThanOrEqual(highest);
          highest = lives.acceptor.state.promisedId;
        }
      }),
    );
  });

  test("its state is its writes, folded, also after it was cloned or printed and read back", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const lives = new Lives();
        for (const happening of events) lives.meet(happening);
        const { state } = lives.acceptor;
        expect(folded(lives.writes)).toEqual(state);
        expect(structuredClone(state)).toEqual(state);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        const instances = state.entries.map((entry) => entry.instance);
        expect(instances).toEqual([...new Set(instances)].sort((one, other) => one - other));
      }),
    );
  });

  test("its answers never contradict: nothing accepted below a promise, no promise that hides an acceptance", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const lives = new Lives();
        let promised: number = NO_PROPOSAL;
        let truncatedThrough = 0;
        const latest = new Map<number, Acceptance>();
        const take = (taken: number, where: number, acceptedValue: string) => {
          expect(taken).toBeGreaterThanOrEqual(promised);
          expect(where).toBeGreaterThan(truncatedThrough);
          const earlier = latest.get(where);
          if (earlier?.acceptedId === taken) expect(acceptedValue).toBe(earlier.acceptedValue);
          latest.set(where, { acceptedId: taken, acceptedValue });
          promised = taken;
        };
        for (const happening of events) {
          const reply = lives.meet(happening);
          if (happening === "truncate") truncatedThrough++;
          if (reply?.type === "promise" || reply?.type === "promise-log") {
            expect(reply.id).toBeGreaterThan(promised);
            promised = reply.id;
          }
          if (reply?.type === "promise" || reply?.type === "state" || reply?.type === "prepare-ignored") {
            expect(reply.instance).toBeGreaterThan(truncatedThrough);
            expect(reply.accepted).toEqual(latest.get(reply.instance) ?? null);
          }
          if (reply?.type === "truncated" && reply.promised) {
            expect(reply.promisedId).toBeGreaterThan(promised);
            promised = reply.promisedId;
          }
          if (reply && "promisedId" in reply) expect(reply.promisedId).toBe(promised);
          if (reply?.type === "promise-log" && typeof happening === "object" && happening.type === "prepare-log") {
            const known = [...latest].filter(([where]) => where >= happening.from && where > truncatedThrough);
            const told = reply.page.entries.map(({ instance: where, ...rest }) => [where, rest]);
            expect(told).toEqual(known.sort(([one], [other]) => one - other));
            expect(reply.page.truncatedThrough).toBe(truncatedThrough);
          }
          if (reply?.type === "accepted") take(reply.id, reply.instance, reply.value);
          if (reply?.type === "accepted-log" && typeof happening === "object" && happening.type === "accept-log") {
            expect(reply.instances).toEqual(happening.entries.map((entry) => entry.instance));
            for (const entry of happening.entries) take(reply.id, entry.instance, entry.value);
            promised = reply.id;
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("it says the same when it is asked to accept the same twice in a row, and writes it once", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), id, instance, value, (events, ...[taken, where, what]) => {
        const lives = new Lives();
        for (const happening of events) lives.meet(happening);
        const first = lives.ask(accept(taken, what, where));
        const written = lives.writes.length;
        expect(lives.ask(accept(taken, what, where))).toEqual(first);
        expect(lives.writes).toHaveLength(written);
      }),
    );
  });
});

describe("the history of an instance", () => {
  const flow = fc.array(fc.record({ byHand: fc.boolean(), gap: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 250,
    size: "max",
  });

  test("is bounded, true, and complete above the id it names, if the present pair is counted in", () => {
    fc.assert(
      fc.property(flow, fc.boolean(), (steps, allByHand) => {
        const lives = new Lives();
        const record: Acceptance[] = [];
        let next = -1;
        for (const { byHand, gap } of steps) {
          next += gap;
          const entry = { instance: 1, value: `v${next}` };
          if (byHand || allByHand) lives.ask(accept(next, entry.value));
          else lives.ask({ type: "accept-log", id: next, entries: [entry] });
          record.push({ acceptedId: next, acceptedValue: entry.value });
        }
        const reply = lives.ask({ type: "read-history", instance: 1 });
        if (reply.type !== "history") throw new Error(reply.type);
        const { history, missingThroughId } = reply;
        expect(history.length).toBeLessThanOrEqual(HISTORY_LIMIT);
        for (const known of history) expect(record).toContainEqual(known);
        const present = record.slice(-1);
        const told = [...history, ...present].map(({ acceptedId }) => acceptedId);
        const missing = record.filter(({ acceptedId }) => !told.includes(acceptedId));
        expect(missingThroughId).toBe(missing.at(-1)?.acceptedId ?? NO_PROPOSAL);
        const kept = steps.flatMap(({ byHand }, step) => (byHand || allByHand ? record.slice(step, step + 1) : []));
        expect(history).toEqual(kept.slice(-HISTORY_LIMIT));
      }),
      { numRuns: 60, endOnFailure: true }, // to shrink 250 steps takes minutes
    );
  });
});

describe("proposal ids", () => {
  const index = fc.integer({ min: 0, max: 15 });
  const above = fc.oneof(
    fc.integer({ min: NO_PROPOSAL, max: 100 }),
    fc.integer({ min: NO_PROPOSAL, max: LAST_PROPOSAL_ID }),
    fc.integer({ min: LAST_PROPOSAL_ID - 40, max: LAST_PROPOSAL_ID }),
  );

  test("the next one is the lowest above with the proposer's own place, and there is none at the end only", () => {
    fc.assert(
      fc.property(above, index, (from, place) => {
        let expected = BigInt(from) + 1n;
        while (expected % 16n !== BigInt(place)) expected++;
        const next = nextProposalId(from, place);
        expect(next === null ? null : BigInt(next)).toBe(expected > BigInt(LAST_PROPOSAL_ID) ? null : expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("two proposers of different places never take the same one", () => {
    fc.assert(
      fc.property(above, above, index, index, (one, other, place, otherPlace) => {
        fc.pre(place !== otherPlace);
        const next = nextProposalId(one, place);
        if (next !== null) expect(next).not.toBe(nextProposalId(other, otherPlace));
      }),
    );
  });

  test.each([-1, 16, 0.5])("a place of %d is nobody's", (place) => {
    expect(() => nextProposalId(0, place)).toThrow(/0\.\.15/);
  });
});
