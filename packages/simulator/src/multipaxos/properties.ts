import type { PropertyText } from "../world/system.js";

/** What holds for clients of any replicated log. */
export const CLIENTS_ALWAYS = {
  "applied-once": "each command of a client changes the state once at most",
  "acknowledged-is-kept": "a write that was acknowledged is in the log, in its slot and with its result",
  "strong-reads-are-current": "a strong read sees everything that was acknowledged or strongly read before it began",
  "session-reads-are-monotone": "a session's read sees everything that the session has written or read",
  "reads-are-true": "every read tells the state that the log leads to at its slot",
  "refusals-are-definite": "what was refused never has an effect",
} as const;

/** What holds for those that apply any replicated log. */
export const STATES_ALWAYS = {
  "applies-the-log": "each learner applies what is chosen, in the order of the slots, each once",
  "snapshots-are-true": "a snapshot holds the state that the log leads to, with its sessions",
} as const;

/** What the replicated store never does, whatever network, disks, crashes and people do. */
const ALWAYS = {
  agreement: "in each slot one value is chosen, ever",
  validity: "only what a client submitted, what a person put there and no-ops are proposed",
  "promises-only-rise": "an acceptor that promised an id promises no lower one, also not after a restart",
  "accepts-honour-promises": "an acceptor that promised an id accepts nothing below it",
  "promises-tell-all": "what an acceptor tells of its log has every proposal that it accepted there, and no other",
  "durable-before-told": "nothing is answered that a crash could undo",
  "one-value-an-id": "no two proposals for a slot share an id, and no id is used again after a restart",
  "decided-is-chosen": "what is said to be decided is chosen",
  "truncated-is-kept": "acceptors forget only what is decided and in durable snapshots of two learners, or of all",
  "recovers-before-serving": "a leader serves nobody before all that it found in phase 1 is decided",
  ...STATES_ALWAYS,
  ...CLIENTS_ALWAYS,
} as const;

type PropertyName = keyof typeof ALWAYS;
export type Report = (property: PropertyName, sentence: string) => void;

export type ClientReport = (property: keyof typeof CLIENTS_ALWAYS, sentence: string) => void;
export type StateReport = (property: keyof typeof STATES_ALWAYS, sentence: string) => void;

export const MULTIPAXOS_ALWAYS: readonly PropertyText[] = textsOf(ALWAYS);

/** The properties of this table, in its order. */
export function textsOf(table: Readonly<Record<string, string>>): readonly PropertyText[] {
  return Object.entries(table).map(([name, sentence]) => ({ name, sentence }));
}
