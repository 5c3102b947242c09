import { invariant } from "./invariant.js";

/**
 * A proposal id (the paper's proposal number, elsewhere a ballot): an integer 0..2^53-1, totally ordered.
 * "Different proposals have different numbers" (Paxos Made Simple §2.2) is what makes one value an id possible.
 */
export type ProposalId = number;

/** Below every proposal id: nothing promised yet, nothing accepted yet. */
export const NO_PROPOSAL = -1;

/** The last proposal id there is. Nobody wraps around: an id used twice is a lost value. */
export const LAST_PROPOSAL_ID = Number.MAX_SAFE_INTEGER;

/**
 * How many ids one round holds. Log proposers take `round * 16 + index` with an index of their own in 1..15; the
 * multiples of 16 belong to people, so that no automatic proposer ever takes an id that a person might.
 */
export const IDS_PER_ROUND = 16;

/** The index of a person who proposes by hand. */
export const PERSON_INDEX = 0;

/** Whether this is a proposal id: an integer 0..2^53-1. */
export function isProposalId(value: unknown): value is ProposalId {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Above this id few rounds are left. Nobody goes there because of an acceptor that is not needed for a majority: one
 * careless prepare must not use up the ids of all.
 */
export const LAST_CAREFREE_ID = LAST_PROPOSAL_ID - IDS_PER_ROUND * 2 ** 20;

/**
 * The lowest id of this proposer above `above`: in the round after it or in the same one.
 *
 * @param index the proposer's own place in each round, 0..15: disjoint sets, so that no two proposers share an id
 *   (Paxos Made Simple §2.5)
 * @returns null when there is none left (`proposal-ids-exhausted`)
 */
export function nextProposalId(above: ProposalId | typeof NO_PROPOSAL, index: number): ProposalId | null {
  invariant(Number.isInteger(index) && index >= 0 && index < IDS_PER_ROUND, "a proposer's index is an integer 0..15");
  const place = above % IDS_PER_ROUND;
  const candidate = above < 0 ? index : above - place + index + (index > place ? 0 : IDS_PER_ROUND);
  return candidate > LAST_PROPOSAL_ID ? null : candidate;
}
