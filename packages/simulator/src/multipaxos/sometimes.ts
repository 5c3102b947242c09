import type { PropertyText } from "../world/system.js";
import { CLIENTS_SOMETIMES, OF_SHARED_SLOTS } from "./client-occurrences.js";
import type { MultiPaxosSettings } from "./multipaxos-system.js";
import type { Service } from "./service.js";

/** What some run of many must have seen, or the rest has been tested on nothing. */
const SOMETIMES = {
  ...CLIENTS_SOMETIMES,
  "leader-changes": "another proposer took the lead",
  "pre-empted-by-hand": "a prepare sent by hand pre-empted a proposer",
  "values-by-hand": "a value that a person put into the log was applied",
  "gaps-filled": "a new leader filled a slot that it found nothing in with a no-op",
  "values-proposed-again": "a new leader proposed a value again that it had found",
  "batches-in-flight": "a leader sent a batch out before the one before it was accepted by a majority",
  "snapshots-taken": "a learner took a snapshot",
  "snapshots-installed": "a learner took over a snapshot of a peer",
  truncations: "an acceptor forgot the beginning of its log",
  "learned-from-peers": "a learner applied what a peer told it",
  "learned-from-acceptors": "a learner applied what it read at the acceptors",
  "refused-as-overloaded": "a leader refused something because it had too much to do",
  "shared-barriers": "one barrier served several strong reads",
  "session-reads-waited": "a read waited at a learner for the slot that it needed",
  "questions-shared": "a learner was asked several things in one message",
  "answers-parted": "a learner's answers found no room in one message, and the rest was asked again",
  "quiet-learners": "a learner was told values of whose results another one tells",
  "told-by-place": "a learner was told slots alone, whose values the acceptor beside it has",
  "found-beside": "a learner applied what it found with the acceptor beside it",
  "told-in-full": "a learner was told in full what it had not found with the acceptor beside it",
  "rumours-heard": "a proposer was told, rightly or not, that another one is gone",
  "rumours-followed": "a proposer stood early because it was told so",
} as const;

/** More sessions than this live side by side in most runs. */
const FEW_SESSIONS = 20;
/** The length of all commands of most runs is more than this. */
const SHORT_LOG = 10_000;

/** What is worth a count, and too rare to be asked for. */
const RARE = ["truncated-found", "logs-reopened", "refused-for-quorum"] as const;

type SometimesName = keyof typeof SOMETIMES;
export type Counts = Record<SometimesName | (typeof RARE)[number], number>;

export function noCounts(): Counts {
  return Object.fromEntries([...Object.keys(SOMETIMES), ...RARE].map((name) => [name, 0])) as Counts;
}

/** Those that may happen with these settings and this service. */
export function multiPaxosSometimes(
  settings: MultiPaxosSettings,
  { touches }: Pick<Service, "touches">,
): readonly PropertyText[] {
  const { acceptors, proposers, learners, handPrepares, handAccepts, sessions, snapshotCharacters } = settings;
  const impossible = new Set<SometimesName>();
  const without = (isSo: boolean, ...names: readonly SometimesName[]) => {
    if (isSo) for (const name of names) impossible.add(name);
  };
  without(touches === undefined, ...OF_SHARED_SLOTS);
  without(proposers === 1, "leader-changes", "rumours-heard", "rumours-followed");
  without(learners === 1, "learned-from-peers", "snapshots-installed", "quiet-learners");
  without(handPrepares + handAccepts === 0, "pre-empted-by-hand");
  without(handAccepts === 0, "values-by-hand");
  without(acceptors === 1, "gaps-filled");
  without(sessions > FEW_SESSIONS, "sessions-expired", "expiries-told");
  without(snapshotCharacters > SHORT_LOG, "snapshots-taken", "snapshots-installed", "truncations");
  const all = Object.entries(SOMETIMES).map(([name, sentence]) => ({ name, sentence }));
  return all.filter(({ name }) => !impossible.has(name as SometimesName));
}
