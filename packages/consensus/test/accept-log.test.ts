import {
  Acceptor,
  type AcceptorReply,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
} from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { positionOf } from "../src/paxos/acceptor-state.ts";

type Entries = readonly { readonly instance: number; readonly value: string }[];

function accept(acceptor: Acceptor, id: number, entries: Entries): { reply: AcceptorReply; writes: number } {
  const message = { type: "accept-log", id, entries } as const;
  const { messages, writes } = acceptor.step({ kind: "message", from: "p1", message });
  return { reply: messages[0]?.message as AcceptorReply, writes: writes.length };
}

const entry = (instance: number, value = "v") => ({ instance, value });

describe("a batch for an acceptor", () => {
  test("may name its instances in any order, and is accepted as a whole", () => {
    const acceptor = new Acceptor();
    const { reply, writes } = accept(acceptor, 17, [entry(3), entry(1), entry(7), entry(2)]);
    expect(reply).toMatchObject({ type: "accepted-log", instances: [3, 1, 7, 2] });
    expect(writes).toBe(4);
    expect(acceptor.state.entries.map(({ instance }) => instance)).toEqual([1, 2, 3, 7]);
  });

  test("that names an instance twice is refused as a whole, wherever in it that is", () => {
    for (const entries of [
      [entry(1), entry(1)],
      [entry(2), entry(1), entry(2)],
      [entry(1), entry(3), entry(3)],
    ]) {
      const acceptor = new Acceptor();
      const { reply, writes } = accept(acceptor, 17, entries);
      expect(reply).toMatchObject({
        type: "refused",
        reason: "duplicate-instance",
        instance: entries.at(-1)?.instance,
      });
      expect(writes).toBe(0);
    }
  });

  test("is refused for what is wrong with it first, in the order of its entries", () => {
    const acceptor = new Acceptor();
    accept(acceptor, 17, [entry(1, "mine")]);
    const other = entry(1, "another");
    expect(accept(acceptor, 17, [other, entry(2), entry(2)]).reply).toMatchObject({
      reason: "value-conflict",
      instance: 1,
    });
    expect(accept(acceptor, 17, [other, other]).reply).toMatchObject({ reason: "value-conflict", instance: 1 });
    expect(accept(acceptor, 17, [entry(2), entry(2), other]).reply).toMatchObject({
      reason: "duplicate-instance",
      instance: 2,
    });
  });
});

describe("an acceptor's entries", () => {
  const instances = fc.uniqueArray(fc.integer({ min: 1, max: 40 }));

  test("are found, or their place is, whatever gaps they have", () => {
    fc.assert(
      fc.property(instances, fc.integer({ min: 1, max: 42 }), (some, instance) => {
        const state = freshAcceptorState();
        for (const one of some) applyAcceptorWrite(state, accepted(1, one, false));
        expect(state.entries.map((one) => one.instance)).toEqual([...some].sort((one, other) => one - other));
        expect(positionOf(state.entries, instance)).toBe(some.filter((one) => one < instance).length);
      }),
    );
  });

  test("are what they would be if each were put in by the long way, by hand or not, marked or not", () => {
    const step = fc.record({
      instance: fc.integer({ min: 1, max: 6 }),
      byHand: fc.boolean(),
      mark: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const state = freshAcceptorState();
        const last = new Map<number, { acceptedId: number; decided: boolean }>();
        for (const [place, { instance, byHand, mark }] of steps.entries()) {
          const id = place + 1;
          const known = last.get(instance);
          // What is marked keeps its value, which is the same everywhere here.
          applyAcceptorWrite(state, accepted(id, instance, byHand));
          last.set(instance, { acceptedId: id, decided: known?.decided ?? false });
          if (!mark) continue;
          applyAcceptorWrite(state, { kind: "decided", id, from: 1, through: 6 });
          const one = last.get(instance);
          if (one) one.decided = true;
        }
        for (const { instance, acceptedId, decided, acceptedValue } of state.entries) {
          expect({ acceptedId, decided: decided ?? false }).toEqual(last.get(instance));
          expect(acceptedValue).toBe("v");
        }
        expect(state.entries).toHaveLength(last.size);
      }),
    );
  });

  test("that have no history share an empty one that nobody changes", () => {
    const state = freshAcceptorState();
    for (const instance of [1, 2]) applyAcceptorWrite(state, accepted(1, instance, false));
    applyAcceptorWrite(state, accepted(2, 1, true));
    expect(state.entries[0]?.history).toHaveLength(1);
    expect(state.entries[1]?.history).toEqual([]);
  });
});

function accepted(id: number, instance: number, byHand: boolean): AcceptorWrite {
  return { kind: "accepted", id, instance, value: "v", byHand };
}
