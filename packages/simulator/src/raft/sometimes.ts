import { CLIENTS_SOMETIMES, OF_SHARED_SLOTS } from "../multipaxos/client-occurrences.js";
import type { Service } from "../multipaxos/service.js";
import type { PropertyText } from "../world/system.js";
import type { RaftSystemSettings } from "./raft-system.js";

/** What some run of many must have seen, or the rest has been tested on nothing. */
const SOMETIMES = {
  ...CLIENTS_SOMETIMES,
  "leader-changes": "another server took the lead",
  "split-votes": "two servers stood in one term",
  "votes-refused": "a server refused its vote to a candidate whose log lacks something",
  "pre-votes-refused": "a server was told that it would not be elected",
  "leaders-heard": "a server was refused because a leader is heard",
  "stepped-down": "a leader that heard no majority led no longer",
  "logs-truncated": "a follower replaced entries of its log by the leader's",
  "entries-of-earlier-terms": "an entry of an earlier term was committed with one of the leader's own",
  "batches-in-flight": "a leader sent a batch out before the one before it was answered",
  "snapshots-taken": "a server took a snapshot",
  "snapshots-installed": "a server took over a leader's snapshot",
  "snapshots-in-pieces": "a snapshot came in several pieces, and was installed",
  "transfers-done": "a leader handed over as it was asked",
  "members-added": "a server became a voter",
  "members-removed": "a voter was removed",
  "changes-under-faults": "a change of the members was done while faults were at work",
  "leaders-removed": "a leader removed itself",
  "changes-refused-early": "a leader refused to change the members before it had committed something of its term",
  "stale-appends-refused": "entries sent by hand in a term that is over were refused",
  "votes-by-hand": "a server gave its vote to a person who asked for it by hand",
  "stood-by-hand": "a server that was told to stand by hand stood",
  "read-index-reads": "a strong read was confirmed by a majority",
  "shared-barriers": "one question to the members served several strong reads",
  "refused-as-overloaded": "a leader refused something because it had too much to do",
} as const;

/** More sessions than this live side by side in most runs. */
const FEW_SESSIONS = 20;
/** The length of all commands of most runs is more than this. */
const SHORT_LOG = 10_000;

/** What is worth a count, and too rare to be asked for. */
const RARE = ["not-caught-up"] as const;

export type Counts = Record<keyof typeof SOMETIMES | (typeof RARE)[number], number>;

export function noCounts(): Counts {
  return Object.fromEntries([...Object.keys(SOMETIMES), ...RARE].map((name) => [name, 0])) as Counts;
}

/** Those that may happen with these settings and this service. */
export function raftSometimes(
  settings: RaftSystemSettings,
  { touches }: Pick<Service, "touches">,
): readonly PropertyText[] {
  const { servers, spares, sessions, snapshotCharacters, transfers, memberChanges, byHand } = settings;
  const impossible = new Set<keyof typeof SOMETIMES>();
  const without = (isSo: boolean, ...names: readonly (keyof typeof SOMETIMES)[]) => {
    if (isSo) for (const name of names) impossible.add(name);
  };
  without(touches === undefined, ...OF_SHARED_SLOTS);
  without(transfers === 0, "transfers-done");
  without(memberChanges === 0, "members-added", "members-removed", "changes-under-faults", "leaders-removed");
  without(memberChanges === 0, "changes-refused-early");
  without(byHand === 0, "stale-appends-refused", "votes-by-hand", "stood-by-hand");
  without(sessions > FEW_SESSIONS, "sessions-expired", "expiries-told");
  without(snapshotCharacters > SHORT_LOG, "snapshots-taken", "snapshots-installed", "snapshots-in-pieces");
  without(servers === 1 && (spares === 0 || memberChanges === 0), ...ALONE);
  const all = Object.entries(SOMETIMES).map(([name, sentence]) => ({ name, sentence }));
  return all.filter(({ name }) => !impossible.has(name as keyof typeof SOMETIMES));
}

/** What a server that is alone never comes to. */
const ALONE = [
  "leader-changes",
  "split-votes",
  "votes-refused",
  "pre-votes-refused",
  "leaders-heard",
  "stepped-down",
  "logs-truncated",
  "entries-of-earlier-terms",
  "batches-in-flight",
  "snapshots-installed",
  "snapshots-in-pieces",
  "transfers-done",
  "members-added",
  "members-removed",
  "changes-under-faults",
  "leaders-removed",
  "stale-appends-refused",
] as const;
