import type { ProposalId } from "../core/proposal-id.js";

/** A slot of the log, 1..2^53-1. Single-decree Paxos is instance 1. */
export type Instance = number;

/** The instance of single-decree Paxos. */
export const SINGLE_DECREE: Instance = 1;

/** A proposal that an acceptor has accepted: one value under one id. */
export interface Acceptance {
  readonly acceptedId: ProposalId;
  readonly acceptedValue: string;
}

/** An acceptance and its place in the log. */
export interface LogAcceptance extends Acceptance {
  readonly instance: Instance;
  /** Present if this acceptor was told that this very proposal is chosen. Absence says nothing. */
  readonly decided?: true;
}

/** Instances `from..through`, as far as they were accepted under the id that comes with it, are chosen under that id. */
export interface DecidedRange {
  readonly from: Instance;
  readonly through: Instance;
}

// --- What an acceptor is asked -------------------------------------------------------------------------------------

/** Phase 1a (Paxos Made Simple §2.2): promise me to accept nothing below `id`, and tell me what you have accepted. */
export interface Prepare {
  readonly type: "prepare";
  readonly id: ProposalId;
  readonly instance: Instance;
}

/** Phase 2a (§2.2): accept this value under this id. */
export interface Accept {
  readonly type: "accept";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly value: string;
}

/** Phase 1a for every instance from `from` on at once (§3). The answer is the first page of what was accepted there. */
export interface PrepareLog {
  readonly type: "prepare-log";
  readonly id: ProposalId;
  readonly from: Instance;
}

/** Phase 2a for many instances under one id. No entries: a leader that asks whether it still leads. */
export interface AcceptLog {
  readonly type: "accept-log";
  readonly id: ProposalId;
  readonly entries: readonly { readonly instance: Instance; readonly value: string }[];
  /** Given back with the answer, so that one knows which of several messages it answers. */
  readonly sequence?: number;
  /** What the sender found to be chosen under this id since it last said so. */
  readonly decided?: DecidedRange;
}

/** Forget everything up to here: it is decided, and learners hold it in durable snapshots. */
export interface TruncateLog {
  readonly type: "truncate-log";
  readonly through: Instance;
}

/** Tell what is promised and, in this instance, accepted. */
export interface ReadState {
  readonly type: "read-state";
  readonly instance: Instance;
}

/** Tell every acceptance of this instance that is still known. */
export interface ReadHistory {
  readonly type: "read-history";
  readonly instance: Instance;
}

/** Tell one page of what was accepted, from this instance on. */
export interface ReadLog {
  readonly type: "read-log";
  readonly from: Instance;
  readonly limit: number;
}

export type AcceptorRequest =
  | Prepare
  | Accept
  | PrepareLog
  | AcceptLog
  | TruncateLog
  | ReadState
  | ReadHistory
  | ReadLog;

// --- What it answers -----------------------------------------------------------------------------------------------

/** Phase 1b: the promise, and the highest-numbered proposal accepted in this instance, if any. */
export interface PromiseReply {
  readonly type: "promise";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly accepted: Acceptance | null;
}

/** A prepare that came too late: `promisedId` is promised already. Equal to `id`, it is a repeat, no pre-emption. */
export interface PrepareIgnored {
  readonly type: "prepare-ignored";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly promisedId: ProposalId;
  readonly accepted: Acceptance | null;
}

/** Phase 2b: the proposal is accepted. */
export interface Accepted {
  readonly type: "accepted";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly value: string;
}

/** An accept below the promise. */
export interface AcceptIgnored {
  readonly type: "accept-ignored";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly promisedId: ProposalId;
}

/**
 * `value-conflict`: another value was accepted under the same id. `duplicate-instance`: one batch names it twice.
 * `already-decided`: another value is chosen there, and stays so (P2b). And of accepts by hand in a cluster:
 * `id-too-high`: hardly any id is left above it, and no proposer could ever lead again. `not-a-persons-id`: the id is not one of people's (a multiple of 16). `too-far-ahead`: the slot is far beyond the end
 * of the log, and somebody would have to fill all that lies between. `by-hand-off`: this cluster takes none.
 */
export type RefusalReason =
  | "value-conflict"
  | "duplicate-instance"
  | "already-decided"
  | "not-a-persons-id"
  | "too-far-ahead"
  | "id-too-high"
  | "by-hand-off";

/** A request that breaks the rules of the protocol itself: somebody else is at fault, and the acceptor goes on. */
export interface Refused {
  readonly type: "refused";
  readonly id: ProposalId;
  readonly instance: Instance;
  readonly reason: RefusalReason;
  readonly accepted: Acceptance | null;
}

/** The instance is truncated: something was decided there, and it is no longer known here. Never "nothing accepted". */
export interface Truncated {
  readonly type: "truncated";
  readonly instance: Instance;
  readonly truncatedThrough: Instance;
  readonly promisedId: ProposalId | -1;
  /** Present if a prepare was promised all the same: the promise is for the whole log. */
  readonly promised?: true;
}

/** One page of accepted entries, in the order of their instances. */
export interface LogPage {
  readonly entries: readonly LogAcceptance[];
  /** Where the next page begins; null after the last one. */
  readonly next: Instance | null;
  /** Everything at or below this instance is truncated; 0 if nothing is. */
  readonly truncatedThrough: Instance | 0;
}

export interface PromiseLog {
  readonly type: "promise-log";
  readonly id: ProposalId;
  readonly page: LogPage;
}

export interface PrepareLogIgnored {
  readonly type: "prepare-log-ignored";
  readonly id: ProposalId;
  readonly promisedId: ProposalId;
}

export interface AcceptedLog {
  readonly type: "accepted-log";
  readonly id: ProposalId;
  readonly instances: readonly Instance[];
  /** As in the request. */
  readonly sequence?: number;
}

export interface AcceptLogIgnored {
  readonly type: "accept-log-ignored";
  readonly id: ProposalId;
  readonly promisedId: ProposalId;
}

export interface StateReply {
  readonly type: "state";
  readonly instance: Instance;
  readonly promisedId: ProposalId | -1;
  readonly accepted: Acceptance | null;
}

/**
 * Acceptances of an instance, oldest first. Together with the pair that is accepted now, these are all that ever were
 * with an id above `missingThroughId` (-1: all).
 */
export interface HistoryReply {
  readonly type: "history";
  readonly instance: Instance;
  readonly history: readonly Acceptance[];
  readonly missingThroughId: ProposalId | -1;
}

/** Everything at or below is truncated here, by this request or before. */
export interface LogTruncated {
  readonly type: "log-truncated";
  readonly truncatedThrough: Instance | 0;
}

export interface LogReply {
  readonly type: "log";
  /** As in the request. */
  readonly from: Instance;
  readonly promisedId: ProposalId | -1;
  readonly page: LogPage;
}

export type AcceptorReply =
  | PromiseReply
  | PrepareIgnored
  | Accepted
  | AcceptIgnored
  | Refused
  | Truncated
  | PromiseLog
  | PrepareLogIgnored
  | AcceptedLog
  | AcceptLogIgnored
  | LogTruncated
  | StateReply
  | HistoryReply
  | LogReply;

/** What this request may be answered with. */
export type ReplyTo<T extends AcceptorRequest> = Replies[T["type"]];

interface Replies {
  readonly prepare: PromiseReply | PrepareIgnored | Refused | Truncated;
  readonly accept: Accepted | AcceptIgnored | Refused | Truncated;
  readonly "prepare-log": PromiseLog | PrepareLogIgnored;
  readonly "accept-log": AcceptedLog | AcceptLogIgnored | Refused | Truncated;
  readonly "truncate-log": LogTruncated;
  readonly "read-state": StateReply | Truncated;
  readonly "read-history": HistoryReply | Truncated;
  readonly "read-log": LogReply;
}

/**
 * The host's word that an acceptor will not answer a request (a refused connection, say), so that nobody needs to wait
 * for it. Knowing nothing is always safe: silence and this are the same to the protocol, this is only sooner.
 */
export interface NoResponse {
  readonly type: "no-response";
  readonly request: "prepare" | "accept";
  readonly id: ProposalId;
  readonly instance: Instance;
}

/** What a single-decree proposer hears. */
export type PrepareAnswer = PromiseReply | PrepareIgnored | Truncated | NoResponse;
export type AcceptAnswer = Accepted | AcceptIgnored | Refused | Truncated | NoResponse;
export type ProposerMessage = Prepare | Accept | PrepareAnswer | AcceptAnswer;
