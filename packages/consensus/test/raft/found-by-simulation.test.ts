import { RaftNode, Random, START_TIMER } from "@synod/consensus";
import { expect, test } from "vitest";
import { Shelf } from "../multipaxos/log-stage.js";
import { around, LoneServer, RaftStage } from "./raft-stage.js";

// What simulated schedules found in the server, each as small as it can be.

const log = { previousIndex: 0, previousTerm: 0, commitIndex: 0, sequence: 0 } as const;

test("a server that voted for whom the leader told to stand hears that leader no more: if nobody wins, it votes again", () => {
  const server = new LoneServer("s1", ["s1", "s2", "s3"]);
  server.hear("s2", { type: "append-entries", term: 1, leader: "s2", entries: [], ...log });
  const asked = { type: "request-vote", lastIndex: 0, lastTerm: 0 } as const;
  const told = { ...asked, term: 2, candidate: "s3", preVote: false, transfer: true };
  expect(server.hear("s3", told).messages[0]?.message).toMatchObject({ refusal: null });
  const later = { ...asked, term: 3, candidate: "s2", preVote: true, transfer: false };
  expect(server.hear("s2", later).messages[0]?.message).toMatchObject({ refusal: null });
});

test("a read that waits for a member's word is answered when that member is removed, and those that are left have said it", () => {
  const stage = new RaftStage(["s1", "s2"]);
  stage.elect("s1");
  const query = { kind: "query", query: "all", strong: true, atLeast: 0, timeoutMs: 5000 };
  stage.step("c1", { kind: "propose", requestId: "q1", command: query } as never);
  stage.settle(around("s2"));
  expect(stage.outcome("q1")).toBeUndefined();
  stage.tell("operator", "s1", { type: "change-membership", requestId: "m1", change: "remove", server: "s2" });
  stage.settle(around("s2"));
  expect(stage.outcome("q1")).toMatchObject({ kind: "answered" });
});

test("a server that is being added takes no snapshot before it knows the members: it would name none", () => {
  const options = { name: "s4", voters: [], application: new Shelf(), chance: Random.fromSeed(1) };
  const node = new RaftNode({ ...options, limits: { snapshotCharacters: 1 } });
  node.step({ kind: "timeout", timer: START_TIMER });
  const append = { type: "append-entries", term: 1, leader: "s1", sequence: 0 } as const;
  const heard = (message: object) => node.step({ kind: "message", from: "s1", message: message as never });
  const entries = [{ term: 1, value: "x" }];
  expect(heard({ ...append, ...log, entries, commitIndex: 1 }).writes.map(({ kind }) => kind)).not.toContain(
    "snapshot",
  );
  const configuration = { voters: ["s1"], nonVoters: ["s4"] };
  const added = [{ term: 1, value: "y", configuration }];
  const { writes } = heard({ ...append, previousIndex: 1, previousTerm: 1, entries: added, commitIndex: 2 });
  expect(writes.at(-1)).toMatchObject({ kind: "snapshot", snapshot: { lastIndex: 2, configuration } });
});

test("a server that put its own removal into the log and lost the lead stands again: nobody else has that entry, and all need it", () => {
  const stage = new RaftStage(["s1", "s2"]);
  stage.elect("s1");
  stage.tell("operator", "s1", { type: "change-membership", requestId: "m1", change: "remove", server: "s1" });
  stage.settle(around("s2"));
  // Somebody's term is later: it leads no more, and its log is the longer one.
  stage.tell("s9", "s1", { type: "timeout-now-heard", term: 2 });
  stage.elect("s2");
  expect(stage.leaders()).toEqual([]);
  stage.elect("s1");
  stage.elect("s2");
  expect(stage.raft("s2")).toMatchObject({ role: "leader", voters: ["s2"] });
});
