import {
  type AppendEntries,
  type Appended,
  type ChangeMembership,
  type Configuration,
  NO_OP,
  type NodeId,
  type OperatorOutcome,
  type RaftEntry,
  type RaftMessage,
  type RaftWrite,
  type RequestVote,
  type Vote,
} from "@synod/consensus";
import type { WorldEvent } from "../src/index.ts";
import type { RaftKinds } from "../src/raft/raft-kinds.ts";
import { OPEN, put } from "./multipaxos-events.ts";

// What a cluster of Raft may be seen to do, in few words.

export type RaftEvent = WorldEvent<RaftKinds>;

export const TEA = put(2, "k", "tea");
export const sends = (node: NodeId, to: NodeId, message: RaftMessage): RaftEvent => ({
  kind: "send",
  node,
  to,
  message,
});
export const stores = (node: NodeId, ...writes: readonly RaftWrite[]): RaftEvent => ({ kind: "store", node, writes });
export const applies = (node: NodeId, slot: number, command: string): RaftEvent => ({
  kind: "apply",
  node,
  slot,
  command,
});
export const restarts = (node: NodeId): RaftEvent => ({ kind: "restart", node });
export const wanted = (...values: readonly string[]) =>
  sends("c1", "n1", { type: "submit", submission: 1, requests: values.map((value) => ({ requestId: "c1#1", value })) });

export const term = (number: number, votedFor: NodeId | null = null): RaftWrite => ({
  kind: "term",
  term: number,
  votedFor,
});
export const entry = (inTerm: number, value: string = NO_OP, configuration?: Configuration): RaftEntry =>
  configuration ? { term: inTerm, value, configuration } : { term: inTerm, value };
export const entries = (from: number, ...some: readonly RaftEntry[]): RaftWrite => ({
  kind: "entries",
  from,
  entries: some,
});
export const members = (...voters: readonly NodeId[]): Configuration => ({ voters, nonVoters: [] });

export const stands = (node: NodeId, inTerm: number) => {
  const log = { lastIndex: 0, lastTerm: 0, preVote: false, transfer: false };
  const message: RequestVote = { type: "request-vote", term: inTerm, candidate: node, ...log };
  return sends(node, node === "n2" ? "n1" : "n2", message);
};
export const votes = (node: NodeId, to: NodeId, inTerm: number, more: Partial<Vote> = {}) =>
  sends(node, to, { type: "vote", term: inTerm, voter: node, preVote: false, refusal: null, ...more });
export const appends = (leader: NodeId, inTerm: number, more: Partial<AppendEntries> = {}) => {
  const place = { previousIndex: 0, previousTerm: 0, entries: [], commitIndex: 0, sequence: 0 };
  const message: AppendEntries = { type: "append-entries", term: inTerm, leader, ...place, ...more };
  return sends(leader, leader === "n2" ? "n3" : "n2", message);
};
export const has = (node: NodeId, to: NodeId, inTerm: number, matchIndex: number | null) => {
  const rest = { previousIndex: 0, sequence: 0, conflict: null };
  const message: Appended = { type: "appended", term: inTerm, follower: node, matchIndex, ...rest };
  return sends(node, to, message);
};

/** A server becomes the leader of a term, with the vote of another. */
export const elected = (node: NodeId, by: NodeId, inTerm: number): RaftEvent[] => [
  stores(node, term(inTerm, node)),
  stands(node, inTerm),
  stores(by, term(inTerm, node)),
  votes(by, node, inTerm),
  appends(node, inTerm),
];
/** n1 leads in term 1, and these entries are on its disk and that of n2. */
export const agreed = (...values: readonly string[]): RaftEvent[] => {
  const some = values.map((value) => entry(1, value));
  return [
    wanted(...values),
    ...elected("n1", "n2", 1),
    stores("n1", entries(1, ...some)),
    stores("n2", entries(1, ...some)),
  ];
};
export const snapshot = (lastIndex: number, lastTerm: number, configuration = members("n1", "n2", "n3")): RaftWrite => {
  const head = JSON.stringify({ appliedThrough: lastIndex, sessionPieces: 1 });
  return {
    kind: "snapshot",
    snapshot: { lastIndex, lastTerm, configuration, pieces: [head, JSON.stringify([["c1-x", 1, 2]])] },
  };
};
export const cost = { messages: 0, sharedBy: 1 };
/** As `agreed`, and then n3 is removed: with two members each is needed. */
export const ofTwo = (): RaftEvent[] => {
  const change = entries(2, entry(1, NO_OP, members("n1", "n2")));
  return [...agreed(OPEN), stores("n1", change), stores("n2", change), wanted(TEA)];
};
/** An operator asks n1 for another member. */
export const asks = (change: ChangeMembership["change"], server: NodeId): RaftEvent => {
  const message = { type: "change-membership", requestId: "h1#1", change, server } as const;
  return { kind: "deliver", node: "n1", from: "h1", message };
};
export const answers = (outcome: OperatorOutcome) =>
  sends("n1", "h1", { type: "operator-answer", requestId: "h1#1", outcome, leader: "n1" });
