import { majorityOf } from "../core/quorum.js";
import type { Index, Term } from "./messages.js";
import { isUpToDate } from "./voting.js";

/** What one server of Raft says of itself. */
export interface RaftObservation {
  readonly server: string;
  readonly term: Term;
  /** Its vote of this term; null if it gave none. */
  readonly votedFor: string | null;
  readonly state: "LEADER" | "CANDIDATE" | "FOLLOWER";
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  readonly commitIndex: Index;
  /** The last entries of its log, or all. */
  readonly entries: readonly { readonly index: Index; readonly term: Term; readonly value: string }[];
}

/** Who voted for a candidate in the latest term, as far as voters tell. */
export interface VotesSeen {
  readonly candidate: string;
  readonly voters: readonly string[];
}

/** How an election would end in which this server stood, and all that answer heard it. */
export interface Prospect {
  readonly server: string;
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** Voters whose logs are not ahead of its own: they would vote for it in a new term. */
  readonly supporters: readonly string[];
  /** Voters whose logs are ahead. */
  readonly opponents: readonly string[];
  readonly wouldWin: boolean;
}

/** Two things seen that no run of Raft allows. */
export type RaftConflict =
  /** Election Safety (thesis, figure 3.2). */
  | { readonly kind: "two-leaders-in-one-term"; readonly term: Term; readonly servers: readonly [string, string] }
  /** Log Matching. */
  | {
      readonly kind: "one-entry-two-values";
      readonly index: Index;
      readonly term: Term;
      readonly servers: readonly [string, string];
    }
  /** State Machine Safety. */
  | { readonly kind: "two-entries-committed"; readonly index: Index; readonly servers: readonly [string, string] };

/**
 * `led`: somebody leads. `electing`: somebody stands. `leaderless`: nobody does either, though a majority of the voters
 * answers. `no-quorum`: fewer do, and nobody leads. `broken`: the rules were broken, whoever leads.
 */
export type LeadVerdict = "led" | "electing" | "leaderless" | "no-quorum" | "broken";

export interface LeadExplanation {
  readonly verdict: LeadVerdict;
  /** The latest term that anybody who answers knows. */
  readonly term: Term;
  /** Of several that say so, the one of the latest term: the others do not know yet that they were deposed. */
  readonly leader: string | null;
  readonly voters: readonly string[];
  readonly majority: number;
  /** Voters that do not answer. */
  readonly unreachable: readonly string[];
  /** Of the latest term. */
  readonly votes: readonly VotesSeen[];
  /** Of each voter that answers, in their order. */
  readonly prospects: readonly Prospect[];
  /** Everything up to here is committed, and will be in the log of every leader to come. */
  readonly committedThrough: Index;
  readonly conflicts: readonly RaftConflict[];
}

/**
 * Why there is a leader, or none, and who could be one: from what servers say of themselves, each at its own time.
 *
 * @param voters the members that vote, as the leader or whoever has the latest log knows them
 */
export function explainLead(voters: readonly string[], observations: readonly RaftObservation[]): LeadExplanation {
  const term = Math.max(0, ...observations.map((seen) => seen.term));
  const majority = majorityOf(voters.length);
  const answering = observations.filter(({ server }) => voters.includes(server));
  const unreachable = voters.filter((voter) => !answering.some(({ server }) => server === voter));
  const conflicts = [...twoLeaders(observations), ...twoLogs(observations)];
  const leaders = observations.filter(({ state }) => state === "LEADER").sort((one, other) => other.term - one.term);
  const leader = leaders[0]?.server ?? null;
  const isStood = observations.some(({ state }) => state === "CANDIDATE");
  const isQuorum = answering.length >= majority;
  return {
    verdict: verdictOf({ isBroken: conflicts.length > 0, isLed: leader !== null, isQuorum, isStood }),
    ...{ term, leader, voters, majority, unreachable, conflicts },
    votes: votesOf(term, answering),
    prospects: answering.map((seen) => prospectOf(seen, answering, majority)),
    committedThrough: Math.max(0, ...observations.map(({ commitIndex }) => commitIndex)),
  };
}

function verdictOf(seen: Readonly<Record<"isBroken" | "isLed" | "isQuorum" | "isStood", boolean>>): LeadVerdict {
  if (seen.isBroken) return "broken";
  if (seen.isLed) return "led";
  if (!seen.isQuorum) return "no-quorum";
  return seen.isStood ? "electing" : "leaderless";
}

function votesOf(term: Term, answering: readonly RaftObservation[]): VotesSeen[] {
  const byCandidate = new Map<string, string[]>();
  for (const { server, term: its, votedFor } of answering) {
    if (its !== term || votedFor === null) continue;
    byCandidate.set(votedFor, [...(byCandidate.get(votedFor) ?? []), server]);
  }
  return Array.from(byCandidate, ([candidate, voters]) => ({ candidate, voters }));
}

/** A voter votes for nobody whose log is behind its own (thesis, §3.6.1). */
function prospectOf(seen: RaftObservation, answering: readonly RaftObservation[], majority: number): Prospect {
  const { server, lastIndex, lastTerm } = seen;
  const supporters = answering.filter((voter) => isUpToDate(seen, voter)).map((voter) => voter.server);
  const opponents = answering.map((voter) => voter.server).filter((name) => !supporters.includes(name));
  return { server, lastIndex, lastTerm, supporters, opponents, wouldWin: supporters.length >= majority };
}

function twoLeaders(observations: readonly RaftObservation[]): RaftConflict[] {
  const leaderOf = new Map<Term, string>();
  const conflicts: RaftConflict[] = [];
  for (const { server, term, state } of observations) {
    if (state !== "LEADER") continue;
    const other = leaderOf.get(term);
    if (other !== undefined) conflicts.push({ kind: "two-leaders-in-one-term", term, servers: [other, server] });
    else leaderOf.set(term, server);
  }
  return conflicts;
}

/** Entries that contradict each other: one at most between any two servers, the first. */
function twoLogs(observations: readonly RaftObservation[]): RaftConflict[] {
  return observations.flatMap((one, place) =>
    observations.slice(place + 1).flatMap((other) => {
      const conflict = firstConflict(one, other);
      return conflict === null ? [] : [conflict];
    }),
  );
}

function firstConflict(one: RaftObservation, other: RaftObservation): RaftConflict | null {
  const servers = [one.server, other.server] as const;
  const committed = Math.min(one.commitIndex, other.commitIndex);
  const byIndex = new Map(other.entries.map((entry) => [entry.index, entry]));
  for (const { index, term, value } of one.entries) {
    const its = byIndex.get(index);
    if (its === undefined) continue;
    if (its.term === term && its.value !== value) return { kind: "one-entry-two-values", index, term, servers };
    if (its.term !== term && index <= committed) return { kind: "two-entries-committed", index, servers };
  }
  return null;
}
