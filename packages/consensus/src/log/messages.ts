import type { NodeId } from "../core/participant.js";

/** What clients of a replicated log say and hear, whatever engine decides its values. */

/** A place of the log, 1, 2, 3, ...: what acceptors call an instance, and Raft an index. */
export type Slot = number;

/** What fills a slot of which nobody needs the place. */
export const NO_OP = '{"type":"no-op"}';

// --- Between a client and whoever leads ---------------------------------------------------------------------------------

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

// --- Between a client and whoever has the state ----------------------------------------------------------------------------------

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

export type ClientInput = Submitted | ReadBarrierPassed | ReadBarrierRefused | QueryAnswer | QueryRefused | NoAnswer;
