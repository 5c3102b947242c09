import { CLIENTS_ALWAYS, STATES_ALWAYS, textsOf } from "../multipaxos/properties.js";

/**
 * What the replicated store on Raft never does, whatever network, disks, crashes and operators do: figure 3.2 of Ongaro's
 * thesis, what these rest on, and what clients are promised.
 */
const ALWAYS = {
  "election-safety": "each term has one leader at most",
  "one-vote-a-term": "a server votes for one candidate in a term, also after a restart",
  "elected-by-majority": "a leader has the votes of a majority of its members",
  "terms-only-rise": "a server that told of a term tells of no earlier one, also not after a restart",
  "leader-append-only": "a leader takes no entry out of its log and changes none",
  "log-matching": "entries of one index and term are equal in all logs, and so is what is before them",
  "leader-completeness": "a leader has every entry that was committed in an earlier term",
  agreement: "at each index one entry is committed, ever",
  "committed-is-kept": "no server takes an entry out of its log that is committed",
  "appended-is-true": "a follower that says its log is the leader's up to an index has the leader's entry there",
  "durable-before-told": "nothing is answered that a crash could undo",
  "members-one-by-one": "the voters of two configurations that follow each other differ by one",
  "members-in-turn":
    "members are changed only after an entry of the leader's own term and the last change are committed",
  validity: "only what a client submitted and no-ops are in a log",
  ...STATES_ALWAYS,
  ...CLIENTS_ALWAYS,
} as const;

export type Report = (property: keyof typeof ALWAYS, sentence: string) => void;

export const RAFT_ALWAYS = textsOf(ALWAYS);
