import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { NO_PROPOSAL, type ProposalId } from "../core/proposal-id.js";
import type { AcceptAnswer, Acceptance, Instance, PrepareAnswer } from "./messages.js";

/** What a proposer is asked to do: have this value chosen, or learn which other one is. */
export interface ProposeCommand {
  readonly instance: Instance;
  readonly value: string;
  /** The id of the first attempt; null for the proposer's own next one. */
  readonly id: ProposalId | null;
}

/** How one attempt, or the whole proposal, ended. */
export type ProposalOutcome =
  /** A majority accepted this attempt's proposal. */
  | "chosen"
  /** A majority reported one and the same accepted proposal with their promises: nothing is left to do. */
  | "already-chosen"
  /** Nobody promised. */
  | "no-promises"
  /** Some promised, but no majority of the pool did. */
  | "no-promise-majority"
  /** Accepts were sent, and no majority of the pool accepted. */
  | "no-accept-majority"
  /** Two values were reported under one id: no choice is safe. */
  | "value-conflict"
  /** The instance is truncated: it is decided, and its value is no longer known there. */
  | "truncated"
  /** The id was used by this proposer before. */
  | "id-used"
  /** There is no higher id left. */
  | "proposal-ids-exhausted"
  /** The proposer is at work on another proposal. */
  | "busy";

/** One attempt: one id, two phases. */
export interface Attempt {
  readonly id: ProposalId;
  /** The acceptors asked, in the order of contact. */
  readonly contacted: readonly NodeId[];
  /** What each answered to the prepare; absent while nothing is known. */
  readonly prepares: Readonly<Record<NodeId, PrepareAnswer>>;
  /** Decided at the end of phase 1; null before, or if the attempt ended there. */
  readonly value: string | null;
  /** The prior proposal whose value took the place of the client's. */
  readonly overriddenBy: Acceptance | null;
  /** The acceptors that were sent an accept: those that promised. */
  readonly acceptsSentTo: readonly NodeId[];
  readonly accepts: Readonly<Record<NodeId, AcceptAnswer>>;
  readonly outcome: ProposalOutcome | null;
}

/** A proposal under way. */
export interface Round {
  readonly requestId: string;
  readonly command: ProposeCommand;
  readonly phase: "prepare" | "accept" | "back-off";
  /** Oldest first; the last one is under way, or the one that failed when backing off. */
  readonly attempts: readonly Attempt[];
}

/** What a proposer tells whoever asked. */
export interface ProposerReply {
  readonly outcome: ProposalOutcome;
  /** The proposal that is chosen, where one is known to be. */
  readonly chosen: Acceptance | null;
  /**
   * True if nothing is known to be chosen and an accept was sent. Even where every answer refused it, a repeat of the
   * message may have been accepted before: a later proposer may find its value.
   */
  readonly mayStillBeChosen: boolean;
  readonly attempts: readonly Attempt[];
}

/** Plain data. Only `highestUsedId` outlives a crash. */
export interface ProposerState {
  readonly highestUsedId: ProposalId | typeof NO_PROPOSAL;
  readonly round: Round | null;
}

/** Durable before the first message that carries the id, so that no id is used twice, also not across a restart. */
export interface ProposerWrite {
  readonly kind: "proposing";
  readonly id: ProposalId;
}

/** A proposer that has used no id. */
export function freshProposerState(): ProposerState {
  return { highestUsedId: NO_PROPOSAL, round: null };
}

/**
 * Folds one write into the state.
 *
 * @throws {InvariantViolation} if an id would be used twice
 */
export function applyProposerWrite(state: ProposerState, write: ProposerWrite): ProposerState {
  invariant(write.id > state.highestUsedId, "a proposer never uses an id twice");
  return { ...state, highestUsedId: write.id };
}
