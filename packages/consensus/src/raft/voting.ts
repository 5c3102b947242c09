import type { NodeId } from "../core/participant.js";
import type { Index, RequestVote, Term, VoteRefusal } from "./messages.js";
import type { RaftState } from "./raft-state.js";

/**
 * Why a server does not give its vote, or would not; null if it does. It looks at the state alone: whether the server hears a
 * leader is looked at before.
 */
export function voteRefusal(
  { term, votedFor, log }: RaftState,
  { term: asked, candidate, lastIndex, lastTerm }: RequestVote,
): VoteRefusal | null {
  if (asked < term) return "old-term";
  // One vote in a term, first come first served (§3.4).
  if (asked === term && votedFor !== null && votedFor !== candidate) return "voted";
  return isUpToDate({ lastIndex, lastTerm }, log) ? null : "log-behind";
}

/**
 * Whether a voter's log is not ahead of a candidate's. Whoever is elected so has every entry that is committed (§3.6.1): a
 * majority has them, and one of it votes.
 */
export function isUpToDate(candidate: LogEnd, voter: LogEnd): boolean {
  if (candidate.lastTerm !== voter.lastTerm) return candidate.lastTerm > voter.lastTerm;
  return candidate.lastIndex >= voter.lastIndex;
}

/** The last entry of a log. */
interface LogEnd {
  readonly lastIndex: Index;
  readonly lastTerm: Term;
}

/**
 * Whether a server may want to lead. One without a vote has nobody to stand for (§4.2.1); but one whose removal is not
 * committed, as far as it knows, may be the only one with the entry that removes it, and others wait for that (§4.2.2).
 */
export function mayStand({ configurations }: RaftState, name: NodeId, commitIndex: Index): boolean {
  const { latest, latestIndex } = configurations;
  if (latest.voters.includes(name)) return true;
  return latestIndex > commitIndex && configurations.at(latestIndex - 1).voters.includes(name);
}
