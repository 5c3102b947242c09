import type { NodeId } from "../core/participant.js";
import type {
  Query,
  QueryAnswer,
  QueryRefused,
  ReadBarrier,
  ReadBarrierPassed,
  ReadBarrierRefused,
  Submit,
  Submitted,
} from "../log/messages.js";
import type { Configuration } from "./configuration.js";

/** The messages of Raft, in the words of Ongaro's thesis ("Consensus: Bridging Theory and Practice", 2014). */

/** 0 before the first election; each has one leader at most (§3.4). */
export type Term = number;

/** A place of the log: 1, 2, 3, ... 0 stands before the first. */
export type Index = number;

/** An entry of the log: a value, and the term of the leader that put it there. */
export interface RaftEntry {
  readonly term: Term;
  readonly value: string;
  /** The members from this entry on, if it is one that changes them (§4.1); its value is a no-op. */
  readonly configuration?: Configuration;
}

// --- Elections (§3.4, §9.6) ------------------------------------------------------------------------------------------

export interface RequestVote {
  readonly type: "request-vote";
  /** The term it stands in; of a pre-vote, the one that it would stand in. */
  readonly term: Term;
  readonly candidate: NodeId;
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** It only asks whether it would be elected (§9.6): nobody's term changes for that. */
  readonly preVote: boolean;
  /** The leader itself told it to stand (§3.10): those who hear that leader vote all the same. */
  readonly transfer: boolean;
}

/**
 * Why a vote is refused. `old-term`: the voter knows a later one. `voted`: it gave its vote of this term to another.
 * `log-behind`: it has what the candidate lacks (§3.6.1). `hears-leader`: there is a leader (§4.2.3).
 */
export type VoteRefusal = "old-term" | "voted" | "log-behind" | "hears-leader";

export interface Vote {
  readonly type: "vote";
  /** Granted: the term that was asked for. Refused: the one that the voter is in. */
  readonly term: Term;
  readonly voter: NodeId;
  readonly preVote: boolean;
  /** Null: the vote is granted. */
  readonly refusal: VoteRefusal | null;
}

// --- Replication (§3.5) ----------------------------------------------------------------------------------------------

export interface AppendEntries {
  readonly type: "append-entries";
  readonly term: Term;
  readonly leader: NodeId;
  /** The entry before the first one that this message carries. */
  readonly previousIndex: Index;
  readonly previousTerm: Term;
  /** None: a heartbeat. */
  readonly entries: readonly RaftEntry[];
  /** The leader's: everything up to here is committed. */
  readonly commitIndex: Index;
  /** Given back with the answer: what is confirmed by it (§6.4). */
  readonly sequence: number;
}

export interface Appended {
  readonly type: "appended";
  readonly term: Term;
  readonly follower: NodeId;
  readonly sequence: number;
  /** As in the message that this answers. */
  readonly previousIndex: Index;
  /** The follower's log is the leader's up to here; null if the message did not fit, or its term is over. */
  readonly matchIndex: Index | null;
  /** Where the logs may still agree, so that the leader need not step back entry by entry (§3.5); null if they do. */
  readonly conflict: Conflict | null;
}

export interface Conflict {
  /** The term of the follower's entry at `previousIndex`; null if it has none there. */
  readonly term: Term | null;
  /** The first index of that term; without one, the index after the follower's last entry. */
  readonly index: Index;
}

// --- Snapshots (§5.2, §5.3) ------------------------------------------------------------------------------------------

export interface InstallSnapshot {
  readonly type: "install-snapshot";
  readonly term: Term;
  readonly leader: NodeId;
  /** The last entry that the snapshot holds. */
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** The members as of that entry. */
  readonly configuration: Configuration;
  /** 0, 1, 2, ... */
  readonly piece: number;
  readonly pieces: number;
  readonly text: string;
  readonly sequence: number;
}

export interface SnapshotTaken {
  readonly type: "snapshot-taken";
  readonly term: Term;
  readonly follower: NodeId;
  readonly lastIndex: Index;
  /** The piece that it takes next; as many as there are, if the snapshot is installed. */
  readonly nextPiece: number;
  readonly sequence: number;
}

// --- What operators ask for ------------------------------------------------------------------------------------------

/** Stand now: the leader hands the lead over (§3.10). */
export interface TimeoutNow {
  readonly type: "timeout-now";
  readonly term: Term;
  readonly leader: NodeId;
}

export interface TimeoutNowHeard {
  readonly type: "timeout-now-heard";
  readonly term: Term;
}

export interface TransferLeadership {
  readonly type: "transfer-leadership";
  readonly requestId: string;
  readonly to: NodeId;
}

/** One server at a time (§4.1). A server that is added gets the log first, without a vote (§4.2.1). */
export interface ChangeMembership {
  readonly type: "change-membership";
  readonly requestId: string;
  readonly change: "add" | "remove";
  readonly server: NodeId;
}

/**
 * `done`. `not-leader`: ask `leader`. `busy`: another change, or a transfer, is under way. `no-such-member`,
 * `already-member`, `last-member`: the members do not allow it. `too-early`: the leader has committed nothing of its term
 * yet (the correction of 2015). `not-caught-up`: the server did not get the log in time. `given-up`: the lead was lost;
 * it may yet happen. `another-leads`: the lead was lost in the midst of a transfer, and not to the server that was named.
 */
export type OperatorOutcome =
  | "done"
  | "not-leader"
  | "busy"
  | "no-such-member"
  | "already-member"
  | "last-member"
  | "too-early"
  | "not-caught-up"
  | "given-up"
  | "another-leads";

export interface OperatorAnswer {
  readonly type: "operator-answer";
  readonly requestId: string;
  readonly outcome: OperatorOutcome;
  /** Who leads, as far as is known here. */
  readonly leader: NodeId | null;
}

export type RaftPeerMessage =
  | RequestVote
  | Vote
  | AppendEntries
  | Appended
  | InstallSnapshot
  | SnapshotTaken
  | TimeoutNow
  | TimeoutNowHeard;

export type RaftOperatorMessage = TransferLeadership | ChangeMembership | OperatorAnswer;

/** Everything that a Raft node sends or hears. Clients speak to it as to the roles of Multi-Paxos. */
export type RaftMessage =
  | RaftPeerMessage
  | RaftOperatorMessage
  | Submit
  | Submitted
  | ReadBarrier
  | ReadBarrierPassed
  | ReadBarrierRefused
  | Query
  | QueryAnswer
  | QueryRefused;
