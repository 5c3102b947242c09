import type { Vote } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { around, entriesOf, LoneServer, RaftStage } from "./raft-stage.js";

// Diego Ongaro, "Consensus: Bridging Theory and Practice" (2014), rule by rule, paraphrased.

const VOTERS = ["s1", "s2", "s3"];

const request = { type: "request-vote", term: 1, candidate: "s2", lastIndex: 0, lastTerm: 0 } as const;
const real = { preVote: false, transfer: false } as const;
const beat = {
  type: "append-entries",
  leader: "s2",
  previousIndex: 0,
  previousTerm: 0,
  entries: [],
  commitIndex: 0,
  sequence: 0,
} as const;

describe("§3.4 elections", () => {
  test("a server that hears no leader stands, and leads with the votes of a majority", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    expect(stage.leaders()).toEqual(["s1"]);
    expect(stage.raft("s1")).toMatchObject({ term: 1, leader: "s1", votedFor: "s1" });
    expect(stage.raft("s2")).toMatchObject({ term: 1, leader: "s1", role: "follower" });
  });

  test("nobody leads without the votes of a majority of all voters, however few answer", () => {
    const stage = new RaftStage(["s1", "s2", "s3", "s4", "s5"]);
    stage.elect("s1", around("s3", "s4", "s5"));
    expect(stage.leaders()).toEqual([]);
  });

  test("a server votes once in a term, first come first served", () => {
    const server = new LoneServer("s1", VOTERS);
    expect(server.hear("s2", { ...request, ...real }).messages[0]?.message).toMatchObject({ refusal: null, term: 1 });
    const other = server.hear("s3", { ...request, ...real, candidate: "s3" });
    expect(other.messages[0]?.message).toMatchObject({ refusal: "voted" });
    expect(server.hear("s2", { ...request, ...real }).messages[0]?.message).toMatchObject({ refusal: null });
  });

  test.each([null, "s3"])(
    "no vote is given in a term that is over, whether the current one (%s) has it or not",
    (votedFor) => {
      const server = new LoneServer("s1", VOTERS, [{ kind: "term", term: 5, votedFor }]);
      const { writes, messages } = server.hear("s2", { ...request, ...real, term: 3 });
      expect(messages[0]?.message).toMatchObject({ refusal: "old-term", term: 5 });
      expect(writes).toEqual([]);
    },
  );

  test.each<[string, readonly { from: string; vote: Partial<Vote> }[]]>([
    ["of an earlier term", ["s2", "s3", "s4"].map((from) => ({ from, vote: { term: 4 } }))],
    [
      "to the question before, whether it would be elected",
      ["s4", "s5"].map((from) => ({ from, vote: { preVote: true } })),
    ],
    ["in the name of others", ["s3", "s4", "s5"].map((voter) => ({ from: "s2", vote: { voter } }))],
    ["of one server, several times", ["s2", "s2", "s2"].map((from) => ({ from, vote: {} }))],
    ["of servers that have no vote", ["s6", "s7", "s8"].map((from) => ({ from, vote: {} }))],
  ])("a candidate is not elected by answers %s", (_whose, answers) => {
    const server = new LoneServer("s1", ["s1", "s2", "s3", "s4", "s5"], [{ kind: "term", term: 4, votedFor: null }]);
    const granted = { type: "vote", term: 5, preVote: false, refusal: null } as const;
    server.step({ kind: "timeout", timer: "election" });
    server.hear("s2", { ...granted, voter: "s2", preVote: true });
    const stood = server.hear("s3", { ...granted, voter: "s3", preVote: true });
    server.step({ kind: "durable", mark: stood.mark ?? 0 });
    for (const { from, vote } of answers) server.hear(from, { ...granted, voter: from, ...vote });
    expect(server.node.state).toMatchObject({ role: "candidate", term: 5, votedFor: "s1" });
    for (const from of ["s4", "s5"]) server.hear(from, { ...granted, voter: from });
    expect(server.node.state.role).toBe("leader");
  });

  test.each([[VOTERS], [[]]])("a server that is none of the voters (%j) does not stand", (voters) => {
    const server = new LoneServer("s4", voters);
    const { writes, messages } = server.step({ kind: "timeout", timer: "election" });
    expect([writes, messages, server.node.state.role]).toEqual([[], [], "follower"]);
  });

  test("a vote is written before it is given, and a restart does not forget it", () => {
    const server = new LoneServer("s1", VOTERS);
    const { writes, messages } = server.hear("s2", { ...request, ...real });
    expect(writes.at(-1)).toEqual({ kind: "term", term: 1, votedFor: "s2" });
    expect(messages.every(({ beforeWrites }) => beforeWrites === undefined)).toBe(true);
    const again = new LoneServer("s1", VOTERS, writes);
    const other = again.hear("s3", { ...request, ...real, candidate: "s3" });
    expect(other.messages[0]?.message).toMatchObject({ refusal: "voted" });
  });

  test("no state can be written in which a vote is taken back, since folding such a write stops the server", () => {
    const given = { kind: "term", term: 1, votedFor: "s2" } as const;
    expect(() => new LoneServer("s1", VOTERS, [given, { ...given, votedFor: "s3" }])).toThrow(/votes once/);
    expect(() => new LoneServer("s1", VOTERS, [given, { ...given, term: 0 }])).toThrow(/never falls/);
  });

  test("the own vote counts when it is durable, not before", () => {
    const server = new LoneServer("s1", ["s1"]);
    const stood = server.step({ kind: "timeout", timer: "election" });
    expect(server.node.state.role).toBe("candidate");
    expect(stood.mark).toBeDefined();
    // What was written before it is durable: that says nothing of the vote.
    server.step({ kind: "durable", mark: (stood.mark ?? 0) - 1 });
    expect(server.node.state.role).toBe("candidate");
    server.step({ kind: "durable", mark: stood.mark ?? 0 });
    expect(server.node.state.role).toBe("leader");
  });

  test("a leader that hears of a later term follows", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.tell("s2", "s1", { ...beat, term: 7 });
    expect(stage.raft("s1")).toMatchObject({ role: "follower", term: 7, leader: "s2" });
  });

  test("a candidate follows whoever won its term", () => {
    const stage = new RaftStage();
    stage.elect("s1", around("s2", "s3"));
    stage.tell("s2", "s1", { ...beat, term: 1 });
    expect(stage.raft("s1")).toMatchObject({ role: "follower", leader: "s2" });
  });
});

describe("§3.6.1 who can be elected", () => {
  test.each([
    { what: "a last entry of an earlier term", lastTerm: 2, lastIndex: 9, refusal: "log-behind" },
    { what: "a shorter log of the same last term", lastTerm: 3, lastIndex: 2, refusal: "log-behind" },
    { what: "the same log", lastTerm: 3, lastIndex: 3, refusal: null },
    { what: "a longer log of the same last term", lastTerm: 3, lastIndex: 4, refusal: null },
    { what: "a last entry of a later term, however short its log", lastTerm: 4, lastIndex: 1, refusal: null },
  ])("a candidate with $what gets: $refusal", ({ lastTerm, lastIndex, refusal }) => {
    const server = new LoneServer("s1", VOTERS, [
      { kind: "term", term: 3, votedFor: null },
      { kind: "entries", from: 1, entries: entriesOf(1, 2, 3) },
    ]);
    const { messages } = server.hear("s2", { ...request, ...real, term: 5, lastTerm, lastIndex });
    expect(messages[0]?.message).toMatchObject({ type: "vote", refusal });
  });
});

describe("§9.6 pre-votes, and §4.2.3 servers that are not to disturb", () => {
  test("asking whether one would be elected changes nobody's term", () => {
    const stage = new RaftStage();
    stage.elect("s1", around("s2", "s3"));
    expect(stage.raft("s1")).toMatchObject({ role: "candidate", term: 0 });
    const server = new LoneServer("s1", VOTERS);
    expect(server.hear("s2", { ...request, preVote: true, transfer: false }).writes).toEqual([]);
  });

  test("a server that was cut off and comes back does not depose the leader", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    for (let count = 0; count < 5; count++) {
      stage.timeOut("s3");
      stage.settle(around("s3"));
    }
    stage.timeOut("s3");
    stage.settle();
    expect(stage.raft("s1")).toMatchObject({ role: "leader", term: 1 });
  });

  test("who hears a leader gives no vote, and does not take the term of who asks", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.tell("s3", "s2", { ...request, ...real, term: 9, candidate: "s3", lastIndex: 9, lastTerm: 8 });
    expect(stage.letters.at(-1)?.message).toMatchObject({ type: "vote", refusal: "hears-leader", term: 1 });
    expect(stage.raft("s2").term).toBe(1);
  });
});

describe("§3.10 the lead is handed over", () => {
  test("to a server that has the whole log, which stands at once and is elected though all hear a leader", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.tell("operator", "s1", { type: "transfer-leadership", requestId: "t1", to: "s3" });
    stage.settle();
    expect(stage.leaders()).toEqual(["s3"]);
    expect(stage.raft("s3").term).toBe(2);
    expect(stage.answers()).toEqual([{ outcome: "done", leader: "s3" }]);
  });

  test("and is not said to be done because the leader was deposed: another server may have done that", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.tell("operator", "s1", { type: "transfer-leadership", requestId: "t1", to: "s3" });
    stage.settle(around("s3"));
    // It is told to stand by hand, and stands; s3 has heard nothing of it all.
    stage.tell("s1", "s2", { type: "timeout-now", term: 1, leader: "s1" });
    stage.settle(({ from, to, message }) => around("s3")({ from, to, message }) || message.type === "append-entries");
    expect([stage.raft("s1").leader, stage.answers()]).toEqual([null, []]);
    stage.beat("s2", around("s3"));
    expect(stage.answers()).toEqual([{ outcome: "another-leads", leader: "s2" }]);
  });

  test("where nobody is known to lead after all, it may have happened and may not", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.tell("operator", "s1", { type: "transfer-leadership", requestId: "t1", to: "s3" });
    stage.settle(({ from, to, message }) => around("s2")({ from, to, message }) || message.type === "vote");
    expect([stage.raft("s1").role, stage.answers()]).toEqual(["follower", []]);
    stage.fire("s1", "election");
    stage.settle(around("s2", "s3"));
    expect(stage.answers()).toEqual([{ outcome: "given-up", leader: null }]);
  });

  test("not to one that does not get the log in time: the leader goes on", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.submit("r1", "x");
    stage.settle(around("s3"));
    stage.tell("operator", "s1", { type: "transfer-leadership", requestId: "t1", to: "s3" });
    for (let count = 0; count < 7; count++) stage.beat("s1", around("s3"));
    expect(stage.leaders()).toEqual(["s1"]);
    stage.submit("r2", "y");
    stage.settle(around("s3"));
    expect(stage.outcome("r2")).toMatchObject({ kind: "applied" });
  });
});

describe("§6.2 a leader without a majority", () => {
  test("steps down within an election time-out, and whoever waits is told that it may have happened", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.submit("r1", "x");
    stage.settle(({ from, to }) => [from, to].some((node) => node === "s2" || node === "s3"));
    for (let count = 0; count < 10 && stage.raft("s1").role === "leader"; count++) stage.beat("s1", around("s2", "s3"));
    expect(stage.raft("s1")).toMatchObject({ role: "follower", term: 1, leader: null });
  });
});
