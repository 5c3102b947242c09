import type { AppendEntries, RaftWrite } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import type { Letter } from "../multipaxos/log-stage.js";
import { around, entriesOf, LoneServer, RaftStage } from "./raft-stage.js";

// Diego Ongaro, "Consensus: Bridging Theory and Practice" (2014), rule by rule, paraphrased.

const VOTERS = ["s1", "s2", "s3"];

function append(parts: Partial<AppendEntries>): AppendEntries {
  return {
    type: "append-entries",
    term: 1,
    leader: "s2",
    previousIndex: 0,
    previousTerm: 0,
    entries: [],
    commitIndex: 0,
    sequence: 1,
    ...parts,
  };
}

function serverWith(terms: readonly number[]): LoneServer {
  const term = Math.max(0, ...terms);
  const writes: RaftWrite[] = [{ kind: "term", term, votedFor: null }];
  if (terms.length > 0) writes.push({ kind: "entries", from: 1, entries: entriesOf(...terms) });
  return new LoneServer("s1", VOTERS, writes);
}

describe("§3.5 the log is copied", () => {
  test("a value is applied once a majority has it, and the client is told what came of it", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.submit("r1", "x");
    stage.settle(around("s3"));
    expect(stage.outcome("r1")).toMatchObject({ kind: "applied", slot: 2, result: '"put at 2"' });
    expect(stage.values("s2")).toEqual(["2:x"]);
    expect(stage.values("s3")).toEqual([]);
    stage.beat("s1");
    expect(stage.values("s3")).toEqual(["2:x"]);
  });

  test("values that are submitted together travel together", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    for (const place of [1, 2, 3])
      stage.stepWithin("c1", {
        kind: "propose",
        requestId: `r${place}`,
        command: { kind: "submit", value: `v${place}`, timeoutMs: 5000 },
      } as never);
    stage.fire("c1", "moment");
    stage.settle();
    expect(stage.outcome("r3")).toMatchObject({ kind: "applied", cost: { sharedBy: 3, messages: 4 } });
  });

  test("entries are refused that do not follow what is there, and the answer says where the logs may agree", () => {
    const shorter = serverWith([1]).hear("s2", append({ term: 4, previousIndex: 5, previousTerm: 4 }));
    expect(shorter.messages[0]?.message).toMatchObject({ matchIndex: null, conflict: { term: null, index: 2 } });
    const other = serverWith([1, 2, 2, 2]).hear("s2", append({ term: 4, previousIndex: 4, previousTerm: 3 }));
    expect(other.messages[0]?.message).toMatchObject({ matchIndex: null, conflict: { term: 2, index: 2 } });
  });

  test("an entry of another term is taken out with all behind it, in one write with what replaces it", () => {
    const server = serverWith([1, 2, 2, 2]);
    const entries = [{ term: 3, value: "new" }];
    const { writes, messages } = server.hear("s2", append({ term: 3, previousIndex: 1, previousTerm: 1, entries }));
    expect(writes).toContainEqual({ kind: "entries", from: 2, entries });
    expect(messages[0]?.message).toMatchObject({ matchIndex: 2 });
    expect(server.node.state).toMatchObject({ lastIndex: 2, lastTerm: 3 });
  });

  test("a late message takes nothing out of what was acknowledged since", () => {
    const server = serverWith([1, 1, 1]);
    const [first] = entriesOf(1);
    const { writes } = server.hear("s2", append({ term: 1, entries: first ? [first] : [] }));
    expect(writes).toEqual([]);
    expect(server.node.state.lastIndex).toBe(3);
  });

  test("what is committed is never replaced, whoever says so", () => {
    const server = serverWith([1, 1]);
    server.hear("s2", append({ term: 1, previousIndex: 2, previousTerm: 1, commitIndex: 2 }));
    const forged = append({
      term: 2,
      leader: "s3",
      previousIndex: 1,
      previousTerm: 1,
      entries: [{ term: 2, value: "forged" }],
    });
    expect(server.hear("s3", forged).writes.filter(({ kind }) => kind === "entries")).toEqual([]);
    expect(server.node.state).toMatchObject({ contradictions: 1, lastIndex: 2, commitIndex: 2 });
  });

  test("a leader takes nothing out of its own log, though somebody speaks in its name", () => {
    const stage = new RaftStage();
    stage.elect("s2");
    stage.elect("s1", ({ from, message }) => from === "s1" && message.type === "append-entries");
    const leading = stage.raft("s1");
    expect(leading).toMatchObject({ role: "leader", term: 2, lastIndex: 2, lastTerm: 2, commitIndex: 1 });
    const forged = { leader: "s1", previousIndex: 1, previousTerm: 1, entries: [{ term: 1, value: "forged" }] };
    for (const term of [2, 3]) stage.tell("s2", "s1", append({ term, ...forged }));
    expect(stage.raft("s1")).toEqual(leading);
  });

  test("a follower commits no further than the message shows to be the leader's log", () => {
    const server = serverWith([1, 1, 1]);
    server.hear("s2", append({ term: 2, previousIndex: 1, previousTerm: 1, commitIndex: 3 }));
    expect(server.node.state.commitIndex).toBe(1);
  });

  test("what is acknowledged is durable: the answer waits for the write", () => {
    const { messages } = serverWith([]).hear("s2", append({ term: 1, entries: entriesOf(1) }));
    expect(messages[0]).toMatchObject({ message: { type: "appended", matchIndex: 1 } });
    expect(messages[0]?.beforeWrites).toBeUndefined();
  });

  test("a leader's own copy counts when it is durable, though its messages leave before (§10.2.1)", () => {
    const server = new LoneServer("s1", ["s1", "s2"]);
    server.step({ kind: "timeout", timer: "election" });
    server.hear("s2", { type: "vote", term: 1, voter: "s2", preVote: true, refusal: null });
    const own = 1;
    server.hear("s2", { type: "vote", term: 1, voter: "s2", preVote: false, refusal: null });
    const led = server.step({ kind: "durable", mark: own });
    expect(led.messages.some(({ message, beforeWrites }) => message.type === "append-entries" && beforeWrites)).toBe(
      true,
    );
    const answer = {
      type: "appended",
      term: 1,
      follower: "s2",
      sequence: 0,
      previousIndex: 0,
      conflict: null,
    } as const;
    server.hear("s2", { ...answer, matchIndex: 1 });
    expect(server.node.state.commitIndex).toBe(0);
    server.step({ kind: "durable", mark: led.mark ?? 0 });
    expect(server.node.state.commitIndex).toBe(1);
  });

  test("messages of a leader whose term is over are answered with the term, and do nothing", () => {
    const server = serverWith([1, 3]);
    const { messages, writes } = server.hear("s2", append({ term: 2, entries: entriesOf(2) }));
    expect(messages[0]?.message).toMatchObject({ type: "appended", term: 3, matchIndex: null });
    expect(writes).toEqual([]);
  });
});

describe("§3.6.2 what a leader commits", () => {
  test("an entry of an earlier term that a majority has is not committed by counting (figure 3.7)", () => {
    const stage = new RaftStage();
    const old: RaftWrite[] = [
      { kind: "term", term: 2, votedFor: null },
      { kind: "entries", from: 1, entries: entriesOf(1, 2) },
    ];
    stage.startWith("s1", old);
    stage.startWith("s2", old);
    stage.elect("s1", ({ message }) => message.type === "append-entries" && message.entries.length > 0);
    expect(stage.raft("s1")).toMatchObject({ role: "leader", term: 3, commitIndex: 0 });
    stage.beat("s1");
    expect(stage.raft("s1").commitIndex).toBe(3);
    expect(stage.values("s1")).toEqual(["1:1 of term 1", "2:2 of term 2"]);
  });
});

describe("§3.5 the logs of figure 3.6 are brought into line", () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  test.each([
    { name: "a: lacks the last entry", terms: [1, 1, 1, 4, 4, 5, 5, 6, 6] },
    { name: "b: lacks many", terms: [1, 1, 1, 4] },
    { name: "c: has one more of the last term", terms: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
    { name: "d: has entries of a later term", terms: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
    { name: "e: lacks some, and has others of term 4", terms: [1, 1, 1, 4, 4, 4, 4] },
    { name: "f: has two terms that nobody else has", terms: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] },
  ])("$name", ({ terms }) => {
    const stage = new RaftStage();
    const with_ = (own: readonly number[]): RaftWrite[] => [
      { kind: "term", term: 7, votedFor: null },
      { kind: "entries", from: 1, entries: entriesOf(...own) },
    ];
    stage.startWith("s1", with_(leader));
    stage.startWith("s2", with_(leader));
    stage.startWith("s3", with_(terms));
    stage.elect("s1");
    for (let count = 0; count < 4; count++) stage.beat("s1");
    expect(stage.raft("s3")).toMatchObject({ lastIndex: 11, lastTerm: 8, commitIndex: 11 });
    expect(stage.values("s3")).toEqual(stage.values("s1"));
    expect(stage.values("s1")).toHaveLength(10);
  });
});

describe("§6.4 reads without an entry", () => {
  function readOutcome(stage: RaftStage, lost?: Parameters<RaftStage["settle"]>[0]) {
    stage.step("c1", {
      kind: "propose",
      requestId: "q1",
      command: { kind: "query", query: "all", strong: true, atLeast: 0, timeoutMs: 5000 },
    } as never);
    stage.settle(lost);
    return stage.outcome("q1");
  }

  test("a read is confirmed by a majority, and shows all that was acknowledged", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.submit("r1", "x");
    stage.settle();
    expect(readOutcome(stage)).toMatchObject({ kind: "answered", slot: 2 });
  });

  test("a leader that was deposed without knowing answers no read", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.settle();
    expect(readOutcome(stage, ({ from, to }) => around("s2", "s3")({ from, to } as never))).toBeUndefined();
  });

  test("a leader that has committed nothing of its term lets reads wait", () => {
    const stage = new RaftStage();
    stage.elect("s1", ({ message }) => message.type === "append-entries" && message.entries.length > 0);
    expect(
      readOutcome(stage, ({ message }) => message.type === "append-entries" && message.entries.length > 0),
    ).toBeUndefined();
    stage.beat("s1");
    expect(stage.outcome("q1")).toMatchObject({ kind: "answered" });
  });
});

describe("§5 snapshots", () => {
  test("a follower that lacks what the log has forgotten gets the snapshot in pieces, and then the entries behind it", () => {
    const stage = new RaftStage(VOTERS, { snapshotCharacters: 20, keptEntries: 1 });
    stage.elect("s1");
    for (let count = 0; count < 12; count++) {
      stage.submit(`r${count}`, `value ${count}`);
      stage.settle(around("s3"));
    }
    expect(stage.raft("s1").firstIndex).toBeGreaterThan(3);
    for (let count = 0; count < 20; count++) stage.beat("s1");
    expect(stage.values("s3")).toEqual(stage.values("s1"));
    expect(stage.raft("s3").snapshotIndex).toBeGreaterThan(3);
  });

  test("entries behind a snapshot are kept for those that lag a little: so many at most, and of so many characters", () => {
    const keptAfter = (limits: object) => {
      const stage = new RaftStage(VOTERS, { snapshotCharacters: 20, snapshotGrowth: 0, ...limits });
      stage.elect("s1");
      for (let count = 0; count < 12; count++) {
        stage.submit(`r${count}`, "7 chars");
        stage.settle();
      }
      const { snapshotIndex, firstIndex } = stage.raft("s1");
      return snapshotIndex - firstIndex + 1;
    };
    expect(keptAfter({ keptEntries: 3 })).toBe(3);
    expect(keptAfter({ keptEntries: 100, keptCharacters: 15 })).toBe(2);
    expect(keptAfter({ keptEntries: 100, keptCharacters: 0 })).toBe(0);
  });

  test("a piece that was sent twice is answered twice, and those that follow it travel once all the same", () => {
    const stage = new RaftStage(VOTERS, { snapshotCharacters: 20, keptEntries: 1 });
    stage.elect("s1");
    for (let count = 0; count < 12; count++) {
      stage.submit(`r${count}`, `value ${count}`);
      stage.settle(around("s3"));
    }
    const pieces: number[] = [];
    const isPiece = ({ message }: Letter) => message.type === "install-snapshot";
    for (let count = 0; count < 3; count++) stage.beat("s1", isPiece);
    for (let count = 0; count < 3; count++) stage.fire("s1", "tick");
    stage.settle(({ message }) => {
      if (message.type === "install-snapshot") pieces.push(message.piece);
      return false;
    });
    expect(pieces.slice(0, 4)).toEqual([0, 0, 0, 1]);
    expect(pieces.slice(2)).toEqual(pieces.slice(2).map((_, place) => place));
    expect(stage.values("s3")).toEqual(stage.values("s1"));
  });

  test("a server starts again from its snapshot and the entries behind it", () => {
    const stage = new RaftStage(VOTERS, { snapshotCharacters: 20, keptEntries: 1 });
    stage.elect("s1");
    for (let count = 0; count < 5; count++) {
      stage.submit(`r${count}`, `value ${count}`);
      stage.settle();
    }
    const before = stage.values("s2");
    stage.start("s2");
    stage.beat("s1");
    stage.beat("s1");
    expect(stage.values("s2")).toEqual(before);
  });
});
