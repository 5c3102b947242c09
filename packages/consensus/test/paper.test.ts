import { describe, expect, test } from "vitest";
import { nextProposalId } from "../src/core/proposal-id.js";
import { Acceptor } from "../src/paxos/acceptor.js";
import { Learner } from "../src/paxos/learner.js";
import { applyProposerWrite, freshProposerState } from "../src/paxos/proposer-state.js";
import { accept, folded, prepare, RecordedAcceptor } from "./recorded-acceptor.js";
import { SmallPool } from "./small-pool.js";

// Leslie Lamport, "Paxos Made Simple" (2001), rule by rule, paraphrased.

describe("§2.2 choosing a value", () => {
  test("P1: an acceptor accepts the first proposal it hears of, since with one proposal that one must be chosen", () => {
    const acceptor = new RecordedAcceptor();
    expect(acceptor.ask(accept(0, "x"))).toEqual({ type: "accepted", id: 0, instance: 1, value: "x" });
  });

  test("P1: an acceptor can accept more than one proposal, or a first value that misses its majority blocks all", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(1, "x"));
    expect(acceptor.ask(accept(2, "y"))).toMatchObject({ type: "accepted", value: "y" });
  });

  test("P1a: an acceptor accepts a proposal if it has promised nothing higher", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(prepare(7));
    expect(acceptor.ask(accept(7, "x")).type).toBe("accepted");
    expect(acceptor.ask(accept(9, "x")).type).toBe("accepted");
  });

  test("P1a: an acceptor does not accept a proposal below its promise", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(prepare(7));
    expect(acceptor.ask(accept(6, "x"))).toEqual({ type: "accept-ignored", id: 6, instance: 1, promisedId: 7 });
    expect(acceptor.ask({ type: "read-state", instance: 1 })).toMatchObject({ promisedId: 7, accepted: null });
  });

  test("P1a: an accepted proposal counts as a promise, so nothing lower is accepted after it", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(7, "x"));
    expect(acceptor.ask(accept(6, "y"))).toMatchObject({ type: "accept-ignored", promisedId: 7 });
    expect(acceptor.ask(prepare(7))).toMatchObject({ type: "prepare-ignored", promisedId: 7 });
  });

  test("P1a: no acceptor can write what breaks a promise, because folding such a write stops the node", () => {
    const accepted = { kind: "accepted", id: 6, instance: 1, value: "x", byHand: true } as const;
    expect(() => folded([{ kind: "promised", id: 7 }, accepted])).toThrow(/below the promise/);
    expect(() => folded([accepted, { kind: "promised", id: 6 }])).toThrow(/only ever rises/);
    expect(() => folded([accepted, { ...accepted, value: "y" }])).toThrow(/one id carries one value/);
  });

  test("P2: once a value is chosen, whoever proposes later proposes that value", () => {
    const pool = new SmallPool(3);
    expect(pool.propose(pool.proposer(), { id: 16, value: "x" }).outcome).toBe("chosen");
    const later = pool.propose(pool.proposer(), { id: 32, value: "y" });
    expect(later.chosen).toEqual({ acceptedId: 16, acceptedValue: "x" });
  });

  test("P2a: after x is chosen, an acceptor that has heard of nothing is brought only x under higher ids", () => {
    const pool = new SmallPool(3);
    pool.takeDown("3");
    pool.propose(pool.proposer(), { id: 16, value: "x" });
    pool.bringUp("3");
    pool.takeDown("1");
    const later = pool.propose(pool.proposer(), { id: 32, value: "y" });
    expect(later).toMatchObject({ outcome: "chosen", chosen: { acceptedId: 32, acceptedValue: "x" } });
    expect(pool.at("3").writes.filter(({ kind }) => kind === "accepted")).toMatchObject([{ id: 32, value: "x" }]);
  });

  test("P2b: a proposer issues the chosen value under its own higher id, whatever its client wants", () => {
    const pool = new SmallPool(3);
    pool.at("1").ask(accept(5, "x"));
    pool.at("2").ask(accept(5, "x"));
    pool.takeDown("1");
    const [attempt] = pool.propose(pool.proposer(), { id: 9, value: "y" }).attempts;
    expect(attempt).toMatchObject({ value: "x", overriddenBy: { acceptedId: 5, acceptedValue: "x" } });
  });

  test("P2c: if nobody in the majority has accepted anything, the proposer is free to issue its client's value", () => {
    const pool = new SmallPool(3);
    pool.at("3").ask(accept(5, "unseen"));
    pool.takeDown("3");
    expect(pool.propose(pool.proposer(), { id: 9, value: "y" }).attempts).toMatchObject([
      { value: "y", overriddenBy: null },
    ]);
  });

  test("P2c: of several accepted proposals the one with the highest number counts, not the most frequent value", () => {
    const pool = new SmallPool(5);
    for (const name of ["1", "2"]) pool.at(name).ask(accept(5, "frequent"));
    pool.at("4").ask(accept(6, "highest"));
    const reply = pool.propose(pool.proposer(), { id: 9, value: "own" });
    expect(reply.chosen).toEqual({ acceptedId: 9, acceptedValue: "highest" });
  });

  test("phase 1a: a proposer issues its value only after a majority of the whole pool has promised", () => {
    const pool = new SmallPool(5);
    pool.takeDown("1", "2", "3");
    const reply = pool.propose(pool.proposer(), { id: 9 });
    expect(reply).toMatchObject({ outcome: "no-promise-majority", attempts: [{ acceptsSentTo: [] }] });
    for (const name of pool.names) expect(pool.at(name).state.entries).toEqual([]);
  });

  test("phase 1b: a promise tells the highest-numbered proposal the acceptor has accepted", () => {
    const acceptor = new RecordedAcceptor();
    expect(acceptor.ask(prepare(1))).toEqual({ type: "promise", id: 1, instance: 1, accepted: null });
    acceptor.ask(accept(2, "lower"));
    acceptor.ask(accept(4, "higher"));
    acceptor.ask(accept(3, "late"));
    const accepted = { acceptedId: 4, acceptedValue: "higher" };
    expect(acceptor.ask(prepare(9))).toEqual({ type: "promise", id: 9, instance: 1, accepted });
  });

  test("phase 1b: only a number greater than every prepare answered before is promised", () => {
    const acceptor = new RecordedAcceptor();
    expect(acceptor.ask(prepare(7)).type).toBe("promise");
    expect(acceptor.ask(prepare(6))).toMatchObject({ type: "prepare-ignored", promisedId: 7 });
    expect(acceptor.ask(prepare(8)).type).toBe("promise");
  });

  test("phase 1b: an equal number is a repeat, and ignored without a write", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(prepare(7));
    expect(acceptor.ask(prepare(7))).toMatchObject({ type: "prepare-ignored", id: 7, promisedId: 7 });
    expect(acceptor.writes).toEqual([{ kind: "promised", id: 7 }]);
  });

  test("phase 2a: the accepts carry the number of the prepares and go to those that promised", () => {
    const pool = new SmallPool(3);
    pool.takeDown("2");
    const proposer = pool.proposer();
    const command = { instance: 1, value: "x", id: 9 };
    const begun = proposer.step({ kind: "propose", requestId: "r", command });
    const accepts = pool.deliver(proposer, begun.messages).messages;
    expect(accepts.map(({ to }) => to).sort()).toEqual(["1", "3"]);
    for (const { message } of accepts) expect(message).toEqual(accept(9, "x"));
  });

  test("phase 2b: a proposal accepted already is confirmed again without a write, for its answer may have been lost", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(7, "x"));
    expect(acceptor.ask(accept(7, "x")).type).toBe("accepted");
    expect(acceptor.writes).toHaveLength(1);
  });

  test("phase 2b: a majority of the pool must accept; fewer choose nothing, yet may become part of a majority", () => {
    const pool = new SmallPool(3);
    const proposer = pool.proposer();
    const begun = proposer.step({ kind: "propose", requestId: "r", command: { instance: 1, value: "x", id: 9 } });
    const accepts = pool.deliver(proposer, begun.messages).messages;
    for (const name of ["1", "2"]) pool.at(name).ask(prepare(10));
    const [answer] = pool.deliver(proposer, accepts).replies;
    expect(answer?.reply).toMatchObject({ outcome: "no-accept-majority", chosen: null, mayStillBeChosen: true });
  });

  test("a proposer may abandon a proposal at any time and take a higher number, without harm", () => {
    const pool = new SmallPool(3);
    const abandoned = pool.proposer();
    const begun = abandoned.step({ kind: "propose", requestId: "r", command: { instance: 1, value: "x", id: 9 } });
    const accepts = pool.deliver(abandoned, begun.messages).messages;
    pool.deliver(abandoned, accepts.slice(0, 1));
    const reply = pool.propose(pool.proposer(), { id: 16, value: "y" });
    expect(reply.chosen).toEqual({ acceptedId: 16, acceptedValue: "x" });
  });

  test("an acceptor may ignore a request: silence ends a phase as a refusal does, and no value is taken from it", () => {
    const pool = new SmallPool(3);
    const proposer = pool.proposer();
    const begun = proposer.step({ kind: "propose", requestId: "r", command: { instance: 1, value: "x", id: 9 } });
    pool.deliver(proposer, begun.messages.slice(0, 1));
    const [answer] = proposer.step({ kind: "timeout", timer: "phase" }).replies;
    expect(answer?.reply).toMatchObject({ outcome: "no-promise-majority", mayStillBeChosen: false });
  });

  test("different proposals have different numbers: proposers draw from disjoint sets, each upwards", () => {
    expect([nextProposalId(-1, 3), nextProposalId(3, 3), nextProposalId(3, 4)]).toEqual([3, 19, 4]);
    const pool = new SmallPool(3);
    const proposer = pool.proposer();
    pool.propose(proposer, { id: 9 });
    expect(pool.propose(proposer, { id: 9 }).outcome).toBe("id-used");
    expect(pool.propose(proposer, {}).attempts).toMatchObject([{ id: 16 }]);
  });

  test("§2.5 a proposer remembers its highest number across a restart, and begins with a higher one", () => {
    const pool = new SmallPool(3);
    const begun = pool.proposer().step({
      kind: "propose",
      requestId: "r",
      command: { instance: 1, value: "x", id: 9 },
    });
    expect(begun.writes).toEqual([{ kind: "proposing", id: 9 }]);
    const state = begun.writes.reduce(applyProposerWrite, freshProposerState());
    expect(pool.propose(pool.proposer({}, state), { id: 9 }).outcome).toBe("id-used");
    expect(() => applyProposerWrite(state, { kind: "proposing", id: 9 })).toThrow(/never uses an id twice/);
  });

  test("different proposals have different numbers: a second value under one number is refused", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(7, "x"));
    expect(acceptor.ask(accept(7, "y"))).toEqual({
      type: "refused",
      id: 7,
      instance: 1,
      reason: "value-conflict",
      accepted: { acceptedId: 7, acceptedValue: "x" },
    });
  });

  test("an acceptor remembers, across failure and restart, its highest promise and its highest accepted proposal", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(7, "x"));
    acceptor.ask(prepare(20));
    const before = structuredClone(acceptor.state);
    acceptor.restart();
    expect(acceptor.state).toEqual(before);
    expect(acceptor.ask(accept(19, "y")).type).toBe("accept-ignored");
    expect(acceptor.ask(prepare(20)).type).toBe("prepare-ignored");
    expect(acceptor.ask(prepare(21))).toMatchObject({ accepted: { acceptedId: 7, acceptedValue: "x" } });
  });
});

describe("§2.3 learning a chosen value", () => {
  const learn = (poolSize: number, ...heard: [from: string, id: number, value: string][]) => {
    const learner = new Learner(poolSize, 1);
    const steps = heard.map(([from, id, value]) =>
      learner.step({ kind: "message", from, message: { type: "accepted", id, instance: 1, value } }),
    );
    return { chosen: learner.state.chosen, decided: steps.flatMap(({ decided }) => decided) };
  };

  test("a learner knows the value once a majority has accepted one proposal, and says so once", () => {
    expect(learn(3, ["1", 9, "x"]).chosen).toBeNull();
    const { chosen, decided } = learn(3, ["1", 9, "x"], ["2", 9, "x"], ["3", 9, "x"]);
    expect(chosen).toEqual({ acceptedId: 9, acceptedValue: "x" });
    expect(decided).toEqual([{ slot: 1, command: "x" }]);
  });

  test("equal values under different numbers do not add up, since no majority accepted one proposal", () => {
    expect(learn(3, ["1", 9, "x"], ["2", 10, "x"], ["3", 11, "x"]).chosen).toBeNull();
  });

  test("different values under one number do not add up either", () => {
    expect(learn(3, ["1", 9, "x"], ["2", 9, "y"]).chosen).toBeNull();
  });

  test("one acceptor counts once, however often its word arrives", () => {
    expect(learn(3, ["1", 9, "x"], ["1", 9, "x"], ["1", 9, "x"]).chosen).toBeNull();
  });

  test("half of an even pool is no majority", () => {
    expect(learn(4, ["1", 9, "x"], ["2", 9, "x"]).chosen).toBeNull();
  });

  test("an acceptor that is asked once more tells its learners once more: what they were told first may have been lost", () => {
    const acceptor = new Acceptor(undefined, { learners: ["l1"] });
    const told = () => {
      const { messages } = acceptor.step({ kind: "message", from: "p1", message: accept(9, "x") });
      return messages.map(({ to, message }) => [to, message.type]);
    };
    const both = [
      ["p1", "accepted"],
      ["l1", "accepted"],
    ];
    expect([told(), told()]).toEqual([both, both]);
  });

  test("if too many acceptors failed to tell, a new proposal by the rules brings the chosen value to light", () => {
    const pool = new SmallPool(3);
    for (const name of ["1", "2"]) pool.at(name).ask(accept(9, "x"));
    pool.takeDown("1");
    expect(pool.propose(pool.proposer(), { id: 16, value: "y" }).chosen?.acceptedValue).toBe("x");
  });
});
