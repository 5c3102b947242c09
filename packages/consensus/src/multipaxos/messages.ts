import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import type {
  AcceptedLog,
  AcceptLog,
  AcceptLogIgnored,
  AcceptorReply,
  AcceptorRequest,
  Instance,
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
import type { RaftMessage } from "../raft/messages.js";

/** A place of the log, 1, 2, 3, ...: what acceptors call an instance. */
export type Slot = Instance;

/** A slot and the value that is known to be chosen there. */
export interface Decision {
  readonly slot: Slot;
  readonly value: string;
}

/** What fills a slot of which nobody needs the place. */
export const NO_OP = '{"type":"no-op"}';

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

// --- Between a client and a proposer ---------------------------------------------------------------------------------

/**
 * Values to put into the log, in one message. A host delivers it once at most, or not at all: of two copies one could be
 * refused and the other one proposed, and a refusal must mean that it certainly was not.
 */
export interface Submit {
  readonly type: "submit";
  /** Given back with the answer. */
  readonly submission: number;
  readonly requests: readonly SubmittedRequest[];
}

export interface SubmittedRequest {
  readonly requestId: string;
  readonly value: string;
}

/** What became of every request of a submission. */
export interface Submitted {
  readonly type: "submitted";
  readonly submission: number;
  readonly outcomes: readonly SubmitOutcome[];
}

export type SubmitOutcome =
  /** Decided in this slot, and applied by a learner with this result. */
  | {
      readonly requestId: string;
      readonly kind: "applied";
      readonly slot: Slot;
      readonly result: string;
      readonly cost: Cost;
    }
  /** It was certainly not proposed. */
  | {
      readonly requestId: string;
      readonly kind: "refused";
      readonly reason: SubmitRefusal;
      /** Who leads, as far as is known here. */
      readonly leader: NodeId | null;
    }
  /** It was proposed, and then this proposer lost the lead: it may be chosen, or not. */
  | { readonly requestId: string; readonly kind: "unknown" };

/**
 * `not-leader`: another proposer leads, or none. `overloaded`: too much is queued. `no-quorum`: the leader has not heard
 * from a majority of the acceptors for a while.
 */
export type SubmitRefusal = "not-leader" | "overloaded" | "no-quorum";

/** What a request cost in messages, answers included; `sharedBy` requests travelled in them together. */
export interface Cost {
  readonly messages: number;
  readonly sharedBy: number;
}

/** Which slot must a learner have applied, for a read that begins now to be linearizable? */
export interface ReadBarrier {
  readonly type: "read-barrier";
  readonly requestId: string;
}

export interface ReadBarrierPassed {
  readonly type: "read-barrier-passed";
  readonly requestId: string;
  readonly slot: Slot | 0;
  readonly cost: Cost;
}

export interface ReadBarrierRefused {
  readonly type: "read-barrier-refused";
  readonly requestId: string;
  readonly reason: SubmitRefusal;
  readonly leader: NodeId | null;
}

// --- Between a client and a learner ----------------------------------------------------------------------------------

/** A question about the replicated state, to be answered when the learner has applied `atLeast`. */
export interface Query {
  readonly type: "query";
  readonly requestId: string;
  /** Each is answered by itself, all as of one slot. */
  readonly queries: readonly string[];
  readonly atLeast: Slot | 0;
  /** How long the learner waits for that slot at most, in milliseconds. */
  readonly waitMs: number;
}

/** The answers, as of this slot. */
export interface QueryAnswer {
  readonly type: "query-answer";
  readonly requestId: string;
  readonly slot: Slot | 0;
  /** In the order of the queries: one for each, or, if they are long, for the first ones. The others are asked again. */
  readonly answers: readonly string[];
}

/** `behind`: it did not get to the slot in time. `overloaded`: too many questions wait here. */
export interface QueryRefused {
  readonly type: "query-refused";
  readonly requestId: string;
  readonly reason: "behind" | "overloaded";
  readonly appliedThrough: Slot | 0;
}

/**
 * The host's word that there will be no answer, so that nobody needs to wait for it. `certainly-not`: nobody listens
 * there. Knowing nothing is always safe: silence and `perhaps` are the same to the protocol, this is only sooner.
 */
export interface NoAnswer {
  readonly type: "no-answer";
  readonly to: "submit" | "read-barrier" | "query";
  /** Which one: the submission's number as text, or the request's id. */
  readonly which: string;
  readonly arrived: "certainly-not" | "perhaps";
}

// --- Who hears what --------------------------------------------------------------------------------------------------

export type ProposerInput = AcceptorToProposer | Heartbeat | HeartbeatHeard | Gone | Learned | Submit | ReadBarrier;
export type LearnerInput = Learn | Sync | SyncReply | ReadSnapshot | SnapshotPiece | LogReply | Query;
export type ClientInput = Submitted | ReadBarrierPassed | ReadBarrierRefused | QueryAnswer | QueryRefused | NoAnswer;

/** Every message of the replicated log, whatever its engine. */
export type LogMessage =
  | RaftMessage
  | ProposerToAcceptor
  | ProposerInput
  | LearnerInput
  | ClientInput
  | AcceptorRequest
  | AcceptorReply;
