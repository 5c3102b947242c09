import { Acceptor, type AcceptorReply, type AcceptorRequest, MOST_AHEAD_BY_HAND } from "@synod/consensus";
import { describe, expect, test } from "vitest";

function told(acceptor: Acceptor, request: AcceptorRequest): AcceptorReply | undefined {
  const { messages } = acceptor.step({ kind: "message", from: "person", message: request });
  return messages[0]?.message as AcceptorReply;
}

function accept(acceptor: Acceptor, id: number, instance: number, value = "mine") {
  return told(acceptor, { type: "accept", id, instance, value });
}

/** An acceptor of a cluster whose leader has decided slots 1 and 2. */
function inCluster(acceptsByHand: boolean): Acceptor {
  const acceptor = new Acceptor(undefined, { cluster: { acceptsByHand } });
  const entries = [1, 2].map((instance) => ({ instance, value: `v${instance}` }));
  told(acceptor, { type: "accept-log", id: 17, entries, decided: { from: 1, through: 2 } });
  return acceptor;
}

describe("an accept by hand in a cluster", () => {
  test("needs an id that belongs to people: no proposer of the log ever takes a multiple of 16", () => {
    expect(accept(inCluster(true), 33, 3)).toMatchObject({ type: "refused", reason: "not-a-persons-id" });
    expect(accept(inCluster(true), 32, 3)).toMatchObject({ type: "accepted" });
  });

  test("cannot change a slot that is decided, but may repeat its value", () => {
    expect(accept(inCluster(true), 32, 1)).toMatchObject({ type: "refused", reason: "already-decided" });
    expect(accept(inCluster(true), 32, 1, "v1")).toMatchObject({ type: "accepted" });
  });

  test("is taken only where the cluster may be broken on purpose", () => {
    expect(accept(inCluster(false), 32, 3)).toMatchObject({ type: "refused", reason: "by-hand-off" });
  });

  test("cannot lie far beyond the end of the log: somebody would have to fill all that lies between", () => {
    expect(accept(inCluster(true), 32, 2 + MOST_AHEAD_BY_HAND)).toMatchObject({ type: "accepted" });
    expect(accept(inCluster(true), 32, 3 + MOST_AHEAD_BY_HAND)).toMatchObject({ reason: "too-far-ahead" });
  });

  test("cannot have an id, nor can a prepare, above which hardly any is left: nobody could lead again", () => {
    const highest = Number.MAX_SAFE_INTEGER - 15;
    expect(accept(inCluster(true), highest, 3)).toMatchObject({ type: "refused", reason: "id-too-high" });
    const prepare: AcceptorRequest = { type: "prepare", id: highest, instance: 3 };
    expect(told(inCluster(true), prepare)).toMatchObject({ type: "refused", reason: "id-too-high" });
    expect(told(new Acceptor(), prepare)).toMatchObject({ type: "promise" });
  });

  test("is free in a pool of its own, where no log is", () => {
    expect(accept(new Acceptor(), 33, 1_000_000)).toMatchObject({ type: "accepted" });
  });

  test("a refused one changes nothing", () => {
    for (const [id, instance] of [
      [33, 3],
      [32, 1],
      [32, 100_000],
    ] as const) {
      const acceptor = inCluster(true);
      const before = structuredClone(acceptor.state);
      accept(acceptor, id, instance);
      expect(acceptor.state).toEqual(before);
    }
  });
});

describe("a decided slot", () => {
  test("keeps its mark and its value when it is accepted again under a higher id", () => {
    const acceptor = inCluster(true);
    told(acceptor, { type: "accept-log", id: 34, entries: [{ instance: 1, value: "v1" }] });
    expect(acceptor.state.entries[0]).toMatchObject({ acceptedId: 34, acceptedValue: "v1", decided: true });
  });

  test("is told with every promise that covers it", () => {
    const reply = told(inCluster(true), { type: "prepare-log", id: 34, from: 2 });
    expect(reply).toMatchObject({ page: { entries: [{ instance: 2, acceptedValue: "v2", decided: true }] } });
  });

  test("takes no other value from a proposer either; one that is deposed is only ignored", () => {
    const acceptor = inCluster(true);
    const other = (id: number): AcceptorRequest => ({ type: "accept-log", id, entries: [{ instance: 1, value: "x" }] });
    expect(told(acceptor, other(34))).toMatchObject({ type: "refused", reason: "already-decided" });
    told(acceptor, { type: "prepare-log", id: 66, from: 1 });
    expect(told(acceptor, other(34))).toMatchObject({ type: "accept-log-ignored", promisedId: 66 });
  });

  test("a message without entries and without news writes nothing: it only asks who leads", () => {
    const acceptor = inCluster(true);
    const probe: AcceptorRequest = { type: "accept-log", id: 17, entries: [], sequence: 5 };
    const { writes, messages } = acceptor.step({ kind: "message", from: "p1", message: probe });
    expect(writes).toEqual([]);
    expect(messages[0]?.message).toEqual({ type: "accepted-log", id: 17, instances: [], sequence: 5 });
  });
});

describe("truncation", () => {
  test("a prepare for a truncated instance is promised all the same: the promise is for the whole log", () => {
    const acceptor = inCluster(true);
    told(acceptor, { type: "truncate-log", through: 1 });
    const prepare: AcceptorRequest = { type: "prepare", id: 1_000_000, instance: 1 };
    expect(told(acceptor, prepare)).toMatchObject({ type: "truncated", promised: true, promisedId: 1_000_000 });
    expect(told(acceptor, prepare)).not.toHaveProperty("promised");
    expect(acceptor.state.promisedId).toBe(1_000_000);
  });

  test("forgets, never comes back, and is told instead of nothing accepted", () => {
    const acceptor = inCluster(true);
    expect(told(acceptor, { type: "truncate-log", through: 1 })).toEqual({
      type: "log-truncated",
      truncatedThrough: 1,
    });
    expect(told(acceptor, { type: "truncate-log", through: 1 })).toEqual({
      type: "log-truncated",
      truncatedThrough: 1,
    });
    expect(told(acceptor, { type: "prepare-log", id: 34, from: 1 })).toMatchObject({
      page: { entries: [{ instance: 2 }], truncatedThrough: 1 },
    });
    expect(told(acceptor, { type: "accept-log", id: 34, entries: [{ instance: 1, value: "v1" }] })).toMatchObject({
      type: "truncated",
    });
  });
});
