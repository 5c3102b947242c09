import { describe, expect, test } from "vitest";
import { LAST_PROPOSAL_ID } from "../src/core/proposal-id.js";
import type { Acceptance, ProposerMessage } from "../src/paxos/messages.js";
import type { Proposer } from "../src/paxos/proposer.js";
import { accept, prepare } from "./recorded-acceptor.js";
import { SmallPool } from "./small-pool.js";

const promise = (id: number, accepted: Acceptance | null = null, instance = 1): ProposerMessage => {
  return { type: "promise", id, instance, accepted };
};
const accepted = (id: number, value: string, instance = 1): ProposerMessage => {
  return { type: "accepted", id, instance, value };
};
const hear = (proposer: Proposer, from: string, message: ProposerMessage) =>
  proposer.step({ kind: "message", from, message });
const begin = (proposer: Proposer, id: number | null = 9, requestId = "request") =>
  proposer.step({ kind: "propose", requestId, command: { instance: 1, value: "x", id } });
const outcomeOf = ({ replies }: ReturnType<Proposer["step"]>) => replies[0]?.reply.outcome;

describe("a proposer's answers", () => {
  test("only those it asked can answer: a stranger's promise does not count", () => {
    const proposer = new SmallPool(3).proposer({ contactCount: 2 });
    const asked = begin(proposer).messages.map(({ to }) => to);
    const stranger = ["1", "2", "3"].find((name) => !asked.includes(name)) ?? "";
    hear(proposer, asked[0] ?? "", promise(9));
    expect(hear(proposer, stranger, promise(9)).messages).toEqual([]);
    expect(Object.keys(proposer.state.round?.attempts[0]?.prepares ?? {})).toEqual(asked.slice(0, 1));
    expect(outcomeOf(proposer.step({ kind: "timeout", timer: "phase" }))).toBe("no-promise-majority");
  });

  test("one acceptor promises once, however often its promise arrives", () => {
    const proposer = new SmallPool(3).proposer();
    begin(proposer);
    for (let i = 0; i < 3; i++) expect(hear(proposer, "1", promise(9)).messages).toEqual([]);
    expect(outcomeOf(proposer.step({ kind: "timeout", timer: "phase" }))).toBe("no-promise-majority");
  });

  test.each([
    ["of an earlier attempt", promise(8)],
    ["about another instance", promise(9, null, 2)],
    ["of the other phase", accepted(9, "x")],
    ["that is a question", prepare(9)],
  ])("an answer %s says nothing about this one", (_, message) => {
    const proposer = new SmallPool(3).proposer();
    begin(proposer);
    const before = structuredClone(proposer.state);
    expect(hear(proposer, "1", message)).toMatchObject({ messages: [], replies: [] });
    expect(proposer.state).toEqual(before);
  });

  test("a promise stands when the answer to a repeat of its prepare comes later, or came before", () => {
    const ignored: ProposerMessage = { type: "prepare-ignored", id: 9, instance: 1, promisedId: 9, accepted: null };
    for (const answers of [
      [promise(9), ignored],
      [ignored, promise(9)],
    ]) {
      const proposer = new SmallPool(3).proposer();
      begin(proposer);
      for (const answer of answers) hear(proposer, "1", answer);
      hear(proposer, "2", promise(9));
      const { messages } = proposer.step({ kind: "timeout", timer: "phase" });
      expect(messages.map(({ to }) => to).sort()).toEqual(["1", "2"]);
    }
  });

  test("an acceptance stands when the answer to a repeat of its accept comes later", () => {
    const proposer = new SmallPool(3).proposer();
    begin(proposer);
    for (const name of ["1", "2", "3"]) hear(proposer, name, promise(9));
    hear(proposer, "1", accepted(9, "x"));
    hear(proposer, "1", { type: "accept-ignored", id: 9, instance: 1, promisedId: 20 });
    hear(proposer, "2", accepted(9, "x"));
    expect(outcomeOf(proposer.step({ kind: "timeout", timer: "phase" }))).toBe("chosen");
  });

  test("a phase ends as soon as all have answered, and its timer is taken back when the proposal ends", () => {
    const proposer = new SmallPool(1).proposer();
    expect(begin(proposer).timers).toEqual([{ timer: "phase", afterMs: 1000 }]);
    expect(hear(proposer, "1", promise(9)).timers).toEqual([{ timer: "phase", afterMs: 1000 }]);
    const end = hear(proposer, "1", accepted(9, "x"));
    expect(outcomeOf(end)).toBe("chosen");
    expect(end.timers).toEqual([{ timer: "phase", afterMs: null }]);
  });

  test("after the outcome nothing it hears, and no timer, leads to anything", () => {
    const pool = new SmallPool(3);
    const proposer = pool.proposer();
    pool.propose(proposer, { id: 9 });
    const quiet = { messages: [], replies: [], writes: [], timers: [] };
    expect(hear(proposer, "1", promise(9))).toMatchObject(quiet);
    for (const timer of ["phase", "back-off", "other"]) {
      expect(proposer.step({ kind: "timeout", timer })).toMatchObject(quiet);
    }
  });
});

describe("a proposer's ids", () => {
  test("it does one thing at a time, and refuses a second proposal", () => {
    const proposer = new SmallPool(3).proposer();
    begin(proposer);
    const second = begin(proposer, 99, "second");
    expect(second).toMatchObject({ replies: [{ requestId: "second", reply: { outcome: "busy", attempts: [] } }] });
    expect(proposer.state.highestUsedId).toBe(9);
  });

  test("after the last id there is none: it stops and does not begin again from below", () => {
    const pool = new SmallPool(3);
    const proposer = pool.proposer({}, { highestUsedId: LAST_PROPOSAL_ID - 15, round: null });
    expect(pool.propose(proposer, {}).outcome).toBe("proposal-ids-exhausted");
  });

  test("the same when it would try again and some acceptor has promised the last id", () => {
    const pool = new SmallPool(3);
    for (const name of pool.names) pool.at(name).ask(prepare(LAST_PROPOSAL_ID));
    const reply = pool.propose(pool.proposer({ attempts: 5 }), { id: 9 });
    expect(reply).toMatchObject({ outcome: "proposal-ids-exhausted", attempts: [{ id: 9, outcome: "no-promises" }] });
  });

  test("the id is written in the same step that sends it, in every attempt", () => {
    const pool = new SmallPool(1);
    pool.takeDown("1");
    const proposer = pool.proposer({ attempts: 2, index: 3 });
    const first = begin(proposer, null);
    expect(first.writes).toEqual([{ kind: "proposing", id: 3 }]);
    pool.deliver(proposer, first.messages);
    const second = proposer.step({ kind: "timeout", timer: "back-off" });
    expect(second.writes).toEqual([{ kind: "proposing", id: 19 }]);
    expect(second.messages).toEqual([{ to: "1", message: prepare(19) }]);
  });

  test("each attempt asks as many acceptors as it was told, each once", () => {
    const pool = new SmallPool(5);
    const asked = begin(pool.proposer({ contactCount: 3 })).messages.map(({ to }) => to);
    expect(new Set(asked).size).toBe(3);
    expect(() => pool.proposer({ acceptors: ["1", "1"] })).toThrow(/in its pool once/);
  });
});

describe("what a proposer reports", () => {
  test("trying again cannot help where values are in conflict, so it stops although attempts are left", () => {
    const pool = new SmallPool(3);
    pool.at("1").ask(accept(5, "x"));
    pool.at("2").ask(accept(5, "y"));
    const reply = pool.propose(pool.proposer({ attempts: 5 }), { id: 9 });
    expect(reply).toMatchObject({ outcome: "value-conflict", attempts: [{ acceptsSentTo: [] }] });
  });

  test("a value found in a minority only is carried on, not reported as chosen", () => {
    const pool = new SmallPool(3);
    pool.at("1").ask(accept(5, "x"));
    expect(pool.propose(pool.proposer(), { id: 9, value: "y" })).toMatchObject({
      outcome: "chosen",
      chosen: { acceptedId: 9, acceptedValue: "x" },
    });
  });

  test("one value found under two ids is carried on, for no majority accepted one proposal", () => {
    const pool = new SmallPool(3);
    pool.at("1").ask(accept(5, "x"));
    pool.at("2").ask(accept(6, "x"));
    expect(pool.propose(pool.proposer(), { id: 9 }).outcome).toBe("chosen");
  });

  test.each([
    ["refused by all, since a repeat of one may have been accepted before", ["accept-ignored", "accept-ignored"]],
    ["accepted by one, where a later proposer may find it", ["accepted", "accept-ignored"]],
    ["not answered by one, which may have accepted", ["accept-ignored", null]],
  ] as const)("a value may still be chosen after accepts that were %s", (_, answers) => {
    const proposer = new SmallPool(5).proposer({ unsafeMinority: true });
    begin(proposer);
    for (const name of ["1", "2"]) hear(proposer, name, promise(9));
    proposer.step({ kind: "timeout", timer: "phase" });
    const replies = answers.flatMap((type, index) => {
      if (type === "accepted") return hear(proposer, `${index + 1}`, accepted(9, "x")).replies;
      if (type === null) return proposer.step({ kind: "timeout", timer: "phase" }).replies;
      return hear(proposer, `${index + 1}`, { type, id: 9, instance: 1, promisedId: 20 }).replies;
    });
    expect(replies).toMatchObject([{ reply: { outcome: "no-accept-majority", chosen: null, mayStillBeChosen: true } }]);
  });

  test("a trace that an earlier attempt left is not forgotten when a later one fails without any", () => {
    const proposer = new SmallPool(1).proposer({ attempts: 2 });
    begin(proposer);
    hear(proposer, "1", promise(9));
    proposer.step({ kind: "timeout", timer: "phase" });
    proposer.step({ kind: "timeout", timer: "back-off" });
    const [answer] = proposer.step({ kind: "timeout", timer: "phase" }).replies;
    expect(answer?.reply).toMatchObject({ outcome: "no-promises", mayStillBeChosen: true });
  });
});
