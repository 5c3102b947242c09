import { PAXOS_ALWAYS } from "../paxos/safety.js";
import type { PropertyText } from "../world/system.js";

/** What a ring never does, beside what single-decree Paxos never does. */
const ALWAYS = {
  "one-leader-an-election": "an election in which no node was skipped has one leader",
  "leaders-are-elected": "a node leads when its id came round the ring, or when it has tried all others in vain",
  "elections-only-rise":
    "a node enters later elections only, also after a restart, and speaks of none before it is on its disk",
  "one-assignment": "every START names the roles that follow from the plan, and nobody acts in another",
  "requests-are-answered":
    "an acceptor answers every prepare and accept that reaches it, also those that come too late",
  "refusals-are-definite": "a value that its client was told is not chosen is put to no acceptor",
} as const;

type RingRule = keyof typeof ALWAYS;

/** Reports that a rule is broken, and how. */
export type RingReport = (property: RingRule, sentence: string) => void;

export const RING_ALWAYS: readonly PropertyText[] = [
  ...PAXOS_ALWAYS,
  ...Object.entries(ALWAYS).map(([name, sentence]) => ({ name, sentence })),
];
