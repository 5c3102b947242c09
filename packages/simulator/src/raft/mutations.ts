import type { RaftOptions } from "@synod/consensus";
import type { Mutation } from "../campaign/protocol.js";
import { flawsBesideEngine } from "../multipaxos/flaws-beside-engine.js";
import { changingMembersEarly, changingTwoMembers, TruncatingServer } from "./flawed-logs.js";
import {
  agreeingAlways,
  committingEarlierTerms,
  countingEarly,
  electedByOne,
  neverSteppingBack,
  readingBeforeOwnCommit,
  readingUnconfirmed,
  takingAnyConfirmation,
  tellingEarly,
  votingForAnyLog,
  withoutHeartbeats,
  withoutLastTerm,
} from "./flawed-servers.js";
import type { RaftClusterParts, RaftPart } from "./parts.js";

/**
 * A flaw to plant: the real roles with something put between them and their host, or taken away from them. Servers do not
 * import this package, and so can never have one.
 */
export type RaftMutation = Mutation<RaftClusterParts>;

const BESIDE = flawsBesideEngine<RaftClusterParts>("server");

export const RAFT_MUTATIONS: readonly RaftMutation[] = [
  // --- Disks ---------------------------------------------------------------------------------------------------------
  {
    name: "forgets-vote",
    sentence: "A server that restarts remembers its term, and not whom it voted for in it.",
    settings: { "by-hand": 60 },
    plant: (parts) => ({
      ...parts,
      server: (disk, options) =>
        parts.server(
          disk.map((write) => (write.kind === "term" ? { ...write, votedFor: null } : write)),
          options,
        ),
    }),
  },
  {
    name: "forgets-term",
    sentence: "A server that restarts remembers its log, and knows of no term but that of its last entry.",
    settings: { "by-hand": 60 },
    plant: (parts) => ({
      ...parts,
      server: (disk, options) => {
        const inLog = disk.flatMap((write) => (write.kind === "entries" ? (write.entries.at(-1)?.term ?? 0) : 0));
        const last = Math.max(0, ...inLog);
        return parts.server(
          disk.filter((write) => write.kind !== "term" || write.term <= last),
          options,
        );
      },
    }),
  },
  {
    name: "votes-before-write",
    sentence: "A server gives its vote at once, and writes to its disk meanwhile.",
    plant: (parts) => servers(parts, (server) => tellingEarly(server, "vote")),
  },
  {
    name: "appends-before-write",
    sentence: "A follower answers at once that it has what it was sent, and writes to its disk meanwhile.",
    plant: (parts) => servers(parts, (server) => tellingEarly(server, "appended")),
  },
  {
    name: "counts-before-write",
    sentence: "A server counts its own vote and its own copy of an entry before they are durable.",
    plant: (parts) => servers(parts, countingEarly),
  },
  // --- Elections -----------------------------------------------------------------------------------------------------
  {
    name: "votes-for-any-log",
    sentence: "A server votes for a candidate whose log lacks what its own has.",
    plant: (parts) => servers(parts, votingForAnyLog),
  },
  {
    name: "elected-by-one",
    sentence: "A candidate leads as soon as one server has voted for it.",
    settings: { servers: 5 },
    plant: (parts) => servers(parts, electedByOne),
  },
  {
    name: "sends-no-heartbeat",
    sentence: "A leader that has nothing to send says nothing, so that others want to lead.",
    plant: (parts) => servers(parts, withoutHeartbeats),
  },
  // --- The log -------------------------------------------------------------------------------------------------------
  {
    name: "truncates-on-stale",
    sentence: "A follower takes what is behind the entries of a message out of its log, also of a late one.",
    plant: (parts) => ({
      ...parts,
      server: (disk, options) => new TruncatingServer(parts.server(disk, options), disk),
    }),
  },
  {
    name: "commits-earlier-terms",
    sentence: "A leader takes entries of earlier terms for committed once a majority has them (figure 3.7).",
    plant: (parts) => servers(parts, committingEarlierTerms),
  },
  {
    name: "never-steps-back",
    sentence: "A leader never looks for the place where a follower's log and its own agree.",
    plant: (parts) => servers(parts, neverSteppingBack),
  },
  {
    name: "agrees-always",
    sentence: "A follower whose log has something else says that it is the leader's.",
    plant: (parts) => servers(parts, agreeingAlways),
  },
  {
    name: "snapshot-without-term",
    sentence: "A leader leaves the term of the last entry out of its snapshots.",
    plant: (parts) => servers(parts, withoutLastTerm),
  },
  // --- Members -------------------------------------------------------------------------------------------------------
  {
    name: "changes-members-early",
    sentence: "A new leader changes the members before it has committed something of its term (the flaw of 2015).",
    plant: (parts) => servers(parts, changingMembersEarly),
  },
  {
    name: "changes-two-members",
    sentence: "A leader changes two members at once.",
    settings: { servers: 5 },
    plant: (parts) => servers(parts, changingTwoMembers),
  },
  // --- Reads ---------------------------------------------------------------------------------------------------------
  {
    name: "reads-unconfirmed",
    sentence: "A leader answers strong reads without asking whether it still leads.",
    settings: { "member-changes": 0, transfers: 0, "by-hand": 0 },
    plant: (parts) => servers(parts, readingUnconfirmed),
  },
  {
    name: "reads-before-own-commit",
    sentence: "A new leader answers strong reads before it has committed something of its term.",
    plant: (parts) => servers(parts, readingBeforeOwnCommit),
  },
  {
    name: "confirmed-before",
    sentence: "A leader takes an answer from before a strong read arrived for its confirmation.",
    settings: { "member-changes": 0, transfers: 0, "by-hand": 0 },
    plant: (parts) => servers(parts, takingAnyConfirmation),
  },
  // --- What Raft has in common with every replicated log ---------------------------------------------------------------
  BESIDE.forgetsSessions,
  BESIDE.remembersFirst,
  BESIDE.sharesAnySlot,
  BESIDE.turnsResults,
  BESIDE.renumbersCopies,
  BESIDE.ignoresToken,
  BESIDE.mixesAnswers,
  BESIDE.unknownIsRefused,
];

function servers(
  parts: RaftClusterParts,
  change: (server: RaftPart, options: RaftOptions) => RaftPart,
): RaftClusterParts {
  return { ...parts, server: (disk, options) => change(parts.server(disk, options), options) };
}
