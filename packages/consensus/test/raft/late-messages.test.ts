import {
  type AppendEntries,
  type Appended,
  type InstallSnapshot,
  NO_OP,
  type RaftMessage,
  type RaftSnapshot,
  type RaftWrite,
} from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { entriesOf, LoneServer, RaftStage } from "./raft-stage.js";

// Messages that come late, twice, or from another than they name: what they say was true once, or of somebody else.

const VOTERS = ["s1", "s2", "s3"];
const CONFIGURATION = { voters: VOTERS, nonVoters: [] };

function append(parts: Partial<AppendEntries>): AppendEntries {
  const place = { previousIndex: 0, previousTerm: 0, entries: [], commitIndex: 0, sequence: 1 };
  return { type: "append-entries", term: 5, leader: "s2", ...place, ...parts };
}

function appended(parts: Partial<Appended>): Appended {
  const place = { previousIndex: 2, matchIndex: 3, conflict: null, sequence: 0 };
  return { type: "appended", term: 5, follower: "s2", ...place, ...parts };
}

/** Leads term 5, with two entries of term 1 and the first one of its own, all durable. */
function leaderOfTerm5(): LoneServer {
  const server = new LoneServer("s1", VOTERS, [
    { kind: "term", term: 4, votedFor: null },
    { kind: "entries", from: 1, entries: entriesOf(1, 1) },
  ]);
  const granted = { type: "vote", term: 5, voter: "s2", refusal: null } as const;
  server.step({ kind: "timeout", timer: "election" });
  server.hear("s2", { ...granted, preVote: true });
  server.step({ kind: "durable", mark: 1 });
  const { mark = 0 } = server.hear("s2", { ...granted, preVote: false });
  server.step({ kind: "durable", mark });
  expect(server.node.state).toMatchObject({ role: "leader", term: 5, lastIndex: 3, commitIndex: 0 });
  return server;
}

/** Has a snapshot of the first three entries, and two entries behind it. */
function serverWithSnapshot(): LoneServer {
  const pieces = [1, 2, 3].map((index) => JSON.stringify(`${index}:x`));
  const snapshot: RaftSnapshot = { lastIndex: 3, lastTerm: 1, configuration: CONFIGURATION, pieces };
  const writes: RaftWrite[] = [
    { kind: "term", term: 1, votedFor: null },
    { kind: "snapshot", snapshot },
    { kind: "entries", from: 4, entries: entriesOf(1, 1) },
  ];
  return new LoneServer("s1", VOTERS, writes);
}

const answersOf = ({ messages }: { readonly messages: readonly { readonly message: unknown }[] }) =>
  messages.map(({ message }) => message);

describe("a leader", () => {
  test.each<[string, string, Appended]>([
    ["of an earlier term, in which the log was another one", "s2", appended({ term: 4 })],
    ["in the name of another", "s2", appended({ follower: "s3" })],
    ["of one that is no member", "s9", appended({ follower: "s9" })],
    ["about entries that it does not have", "s2", appended({ matchIndex: 99 })],
  ])("counts no copies by an answer %s", (_whose, from, answer) => {
    const server = leaderOfTerm5();
    server.hear(from, answer);
    expect(server.node.state.commitIndex).toBe(0);
    server.hear("s2", appended({}));
    expect(server.node.state.commitIndex).toBe(3);
  });

  test.each<[string, RaftMessage]>([
    ["an answer to entries", appended({ term: 7, matchIndex: null })],
    ["an answer to a snapshot", snapshotTaken(7, "s2")],
    ["a vote that is refused", { type: "vote", term: 7, voter: "s2", preVote: false, refusal: "old-term" }],
    ["an answer to its word to stand", { type: "timeout-now-heard", term: 7 }],
  ])("follows when %s tells of a later term", (_what, message) => {
    const server = leaderOfTerm5();
    server.hear("s2", message);
    expect(server.node.state).toMatchObject({ role: "follower", term: 7, votedFor: null });
  });

  test("confirms a read by answers to what it sent after the read came, of those who have a vote", () => {
    const server = leaderOfTerm5();
    server.hear("s2", appended({}));
    const added = { type: "change-membership", requestId: "m1", change: "add", server: "s4" } as const;
    server.hear("operator", added);
    const [sequence, passed] = [1, { type: "read-barrier-passed", requestId: "q1" }];
    server.hear("c1", { type: "read-barrier", requestId: "q1" });
    expect(answersOf(server.hear("s2", appended({ sequence: 0 })))).not.toContainEqual(expect.objectContaining(passed));
    const byOther = server.hear("s4", appended({ follower: "s4", sequence }));
    expect(answersOf(byOther)).not.toContainEqual(expect.objectContaining(passed));
    expect(answersOf(server.hear("s2", appended({ sequence })))).toContainEqual(expect.objectContaining(passed));
  });

  test("does not stand when it is told to: it would lead the next term without a vote", () => {
    const server = leaderOfTerm5();
    const { writes } = server.hear("s2", { type: "timeout-now", term: 5, leader: "s2" });
    expect(writes).toEqual([]);
    expect(server.node.state).toMatchObject({ role: "leader", term: 5 });
  });
});

function snapshotTaken(term: number, follower: string, lastIndex = 1, nextPiece = 1) {
  return { type: "snapshot-taken", term, follower, lastIndex, nextPiece, sequence: 0 } as const;
}

describe("a leader that sends a snapshot", () => {
  test.each<[string, (lastIndex: number, pieces: number) => ReturnType<typeof snapshotTaken>]>([
    ["of an earlier term", (lastIndex, pieces) => snapshotTaken(0, "s3", lastIndex, pieces)],
    ["in the name of another", (lastIndex, pieces) => snapshotTaken(1, "s2", lastIndex, pieces)],
    ["about another snapshot", (lastIndex, pieces) => snapshotTaken(1, "s3", lastIndex - 1, pieces)],
  ])("does not take it for installed by an answer %s", (_whose, answer) => {
    const stage = new RaftStage(VOTERS, { snapshotCharacters: 20, keptEntries: 0 });
    stage.down.add("s3");
    stage.elect("s1");
    for (let count = 0; count < 5; count++) {
      stage.submit(`r${count}`, `value ${count}`);
      stage.settle();
    }
    stage.beat("s1", ({ message }) => message.type === "snapshot-taken");
    stage.tell("s3", "s1", appended({ term: 1, follower: "s3", matchIndex: null, conflict: { term: null, index: 1 } }));
    const { snapshotIndex } = stage.raft("s1");
    expect(stage.raft("s1").leading?.followers["s3"]).toMatchObject({ mode: "snapshot", matchIndex: 0 });
    stage.tell("s3", "s1", answer(snapshotIndex, 99));
    expect(stage.raft("s1").leading?.followers["s3"]).toMatchObject({ mode: "snapshot", matchIndex: 0 });
    stage.tell("s3", "s1", snapshotTaken(1, "s3", snapshotIndex, 99));
    expect(stage.raft("s1").leading?.followers["s3"]?.matchIndex).toBe(snapshotIndex);
  });
});

describe("a server with a snapshot", () => {
  test("takes of a late message what comes behind its snapshot", () => {
    const [, , ...entries] = entriesOf(1, 1, 1, 1, 1, 1);
    const { writes, messages } = serverWithSnapshot().hear(
      "s2",
      append({ previousIndex: 2, previousTerm: 1, entries }),
    );
    expect(writes.filter(({ kind }) => kind === "entries")).toMatchObject([{ from: 6, entries: [entries[3]] }]);
    expect(answersOf({ messages })).toMatchObject([{ type: "appended", matchIndex: 6 }]);
  });

  test("agrees with whatever a leader says of what is in it, since that is committed", () => {
    const { messages } = serverWithSnapshot().hear("s2", append({ previousIndex: 1, previousTerm: 1 }));
    expect(answersOf({ messages })).toMatchObject([{ type: "appended", matchIndex: 1, conflict: null }]);
  });

  const install = (parts: Partial<InstallSnapshot>): InstallSnapshot => {
    const piece = { piece: 0, pieces: 2, text: JSON.stringify("piece 0"), sequence: 0 };
    const what = { lastIndex: 9, lastTerm: 2, configuration: CONFIGURATION, ...piece };
    return { type: "install-snapshot", term: 5, leader: "s2", ...what, ...parts };
  };

  test("says of an older one, or of the same once more, that it has it", () => {
    const server = serverWithSnapshot();
    for (const lastIndex of [2, 3]) {
      const { writes, messages } = server.hear("s2", install({ lastIndex, lastTerm: 1 }));
      expect(writes.some(({ kind }) => kind === "snapshot")).toBe(false);
      expect(answersOf({ messages })).toMatchObject([{ type: "snapshot-taken", lastIndex, nextPiece: 2 }]);
    }
  });

  test("makes no snapshot of the pieces of two", () => {
    const server = serverWithSnapshot();
    server.hear("s2", install({}));
    const other = server.hear("s2", install({ lastIndex: 10, piece: 1, text: JSON.stringify("of another") }));
    expect(answersOf(other)).toMatchObject([{ type: "snapshot-taken", lastIndex: 10, nextPiece: 0 }]);
    server.hear("s2", install({ piece: 1, text: JSON.stringify("piece 1") }));
    expect(server.application.values).toEqual(["piece 0", "piece 1"]);
    expect(server.node.state).toMatchObject({ appliedIndex: 9, snapshotIndex: 9, commitIndex: 9 });
  });

  test.each([
    ["stay if they follow what it holds", 1, 5],
    ["go if its last entry is of another term: what follows the other one follows nothing", 2, 4],
  ])("that another one takes the place of: entries behind it %s (§5.3)", (_what, lastTerm, lastIndex) => {
    const server = serverWithSnapshot();
    for (const piece of [0, 1]) server.hear("s2", install({ lastIndex: 4, lastTerm, piece }));
    expect(server.node.state).toMatchObject({ snapshotIndex: 4, appliedIndex: 4, lastIndex, lastTerm });
  });
});

describe("members", () => {
  test("are as before when the entry that changed them is taken out, also if a snapshot was taken meanwhile", () => {
    const stage = new RaftStage(VOTERS, { snapshotCharacters: 5, keptEntries: 0 });
    const change = { term: 5, value: NO_OP, configuration: { voters: ["s1", "s2"], nonVoters: [] } };
    const entries = [{ term: 5, value: "long enough" }, change];
    stage.tell("s2", "s1", append({ entries, commitIndex: 1 }));
    expect(stage.raft("s1")).toMatchObject({ snapshotIndex: 1, voters: ["s1", "s2"] });
    // They hold from the entry behind the snapshot on, which names those of its own last entry.
    expect(stage.disks.get("s1")).toContainEqual(
      expect.objectContaining({ snapshot: expect.objectContaining({ lastIndex: 1, configuration: CONFIGURATION }) }),
    );
    const other = { term: 6, value: "other" };
    stage.tell("s3", "s1", append({ term: 6, leader: "s3", previousIndex: 1, previousTerm: 5, entries: [other] }));
    expect(stage.raft("s1")).toMatchObject({ lastIndex: 2, lastTerm: 6, voters: VOTERS });
  });
});

test("a candidate follows whoever won its term, and votes that come after that elect nobody", () => {
  const server = new LoneServer("s1", VOTERS, [{ kind: "term", term: 4, votedFor: null }]);
  const granted = { type: "vote", term: 5, voter: "s3", refusal: null } as const;
  server.step({ kind: "timeout", timer: "election" });
  const { mark = 0 } = server.hear("s3", { ...granted, preVote: true });
  server.step({ kind: "durable", mark });
  expect(server.node.state).toMatchObject({ role: "candidate", term: 5 });
  server.hear("s2", append({}));
  server.hear("s3", { ...granted, preVote: false });
  expect(server.node.state).toMatchObject({ role: "follower", term: 5, leader: "s2" });
});

test("in the last term there is nobody stands: the next one would be none", () => {
  const term = Number.MAX_SAFE_INTEGER;
  const server = new LoneServer("s1", VOTERS, [{ kind: "term", term, votedFor: null }]);
  const { writes, messages } = server.step({ kind: "timeout", timer: "election" });
  expect([writes, messages, server.node.state.role]).toEqual([[], [], "follower"]);
});
