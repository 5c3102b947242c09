import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import type { Query, ReadBarrier, Slot, Submit } from "../log/messages.js";
import type {
  AcceptedLog,
  AcceptLog,
  AcceptLogIgnored,
  LogReply,
  LogTruncated,
  PrepareLog,
  PrepareLogIgnored,
  PromiseLog,
  ReadLog,
  Refused,
  Truncated,
  TruncateLog,
} from "../paxos/messages.js";

/** A slot and the value that is known to be chosen there. */
export interface Decision {
  readonly slot: Slot;
  readonly value: string;
}

// --- Between a proposer and the acceptors: the messages of the log in paxos/messages.ts ------------------------------

export type ProposerToAcceptor = PrepareLog | AcceptLog | ReadLog | TruncateLog;
export type AcceptorToProposer =
  | PromiseLog
  | PrepareLogIgnored
  | AcceptedLog
  | AcceptLogIgnored
  | Refused
  | Truncated
  | LogReply
  | LogTruncated;

// --- Between proposers -----------------------------------------------------------------------------------------------

/** A leader's word that it leads. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly leader: NodeId;
  readonly id: ProposalId;
  /** It does not lead yet: it is a candidate, and acceptors answer it. Others should not stand meanwhile. */
  readonly standing?: true;
  /** Every learner that answers has applied all slots up to here: a next leader need not begin below. */
  readonly settledThrough: Slot | 0;
}

/** The highest id that this proposer knows a leader to have had; above the heartbeat's, that leader is deposed. */
export interface HeartbeatHeard {
  readonly type: "heartbeat-heard";
  readonly highestId: ProposalId;
}

/**
 * The host's word that the process of the proposer it comes from is gone, as far as can be seen from here. It may be
 * wrong: whoever believes it stands a little early.
 */
export interface Gone {
  readonly type: "gone";
}

// --- Between a leader and the learners -------------------------------------------------------------------------------

/** Decisions of consecutive slots. None: a sign of life, and a question how far the learner is. */
export interface Learn {
  readonly type: "learn";
  readonly leader: NodeId;
  readonly id: ProposalId;
  /** Given back with the answer. */
  readonly number: number;
  /** The slot of the first value. */
  readonly from: Slot;
  readonly values: readonly string[];
  /** All slots up to here are decided. */
  readonly decidedThrough: Slot | 0;
  /** What comes of the values need not be told: another learner tells it. */
  readonly quiet?: true;
  /**
   * Instead of values: so many slots, from the first one on, hold what the acceptor beside the learner has accepted under
   * this id. A leader has one value under its id in each slot, so that this one is decided.
   */
  readonly atAcceptor?: number;
}

/** How far a learner is, and what came of the values that it was told. */
export interface Learned {
  readonly type: "learned";
  readonly learner: NodeId;
  /** As in the message that this answers. */
  readonly number: number;
  readonly appliedThrough: Slot | 0;
  /** What its last durable snapshot holds; null: not told this time. */
  readonly snapshotThrough: Slot | 0 | null;
  /** What was applied at each slot of the message that this answers, as far as it is applied and still known. */
  readonly results: readonly { readonly slot: Slot; readonly result: string }[];
  /** The slot that it lacks and finds nowhere; null if it lacks none. */
  readonly missingFrom: Slot | null;
}

// --- Between learners ------------------------------------------------------------------------------------------------

/** Tell me what is decided, from this slot on. */
export interface Sync {
  readonly type: "sync";
  readonly from: Slot;
  /** Values at most. */
  readonly limit: number;
}

/** Decisions of consecutive slots, from the one asked for. */
export interface SyncReply {
  readonly type: "sync-reply";
  readonly from: Slot;
  readonly values: readonly string[];
  readonly appliedThrough: Slot | 0;
  /** The slot that was asked for is no longer kept, but this snapshot is, in so many pieces; else null. */
  readonly snapshot: { readonly through: Slot; readonly pieces: number } | null;
}

/** Tell me one piece of your snapshot. */
export interface ReadSnapshot {
  readonly type: "read-snapshot";
  readonly through: Slot;
  /** 0, 1, 2, ... */
  readonly piece: number;
}

/** One piece of a snapshot; null if it is no longer kept. */
export interface SnapshotPiece {
  readonly type: "snapshot-piece";
  readonly through: Slot;
  readonly piece: number;
  readonly pieces: number;
  readonly text: string | null;
}

// --- Who hears what --------------------------------------------------------------------------------------------------

export type ProposerInput = AcceptorToProposer | Heartbeat | HeartbeatHeard | Gone | Learned | Submit | ReadBarrier;
export type LearnerInput = Learn | Sync | SyncReply | ReadSnapshot | SnapshotPiece | LogReply | Query;
