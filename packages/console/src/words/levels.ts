import { counted } from "./cost.js";

/** How fresh a read must be. */
export type Level = "eventual" | "session" | "strong";

/** What each level promises before it is read, and what it costs. */
export const LEVELS: readonly { readonly level: Level; readonly promise: string }[] = [
  { level: "eventual", promise: "Some state that was true once: as fresh as the learner that answers. The cheapest." },
  { level: "session", promise: "Never older than what this page has written or read. Waits if the learner is behind." },
  {
    level: "strong",
    promise: "Linearizable: every write that was acknowledged before is in it. Asks a majority first.",
  },
];

/** A read that was answered. */
export interface Read {
  readonly level: Level;
  /** The state that was read is the one after this slot. */
  readonly slot: number;
  readonly learner: string;
  /** The highest slot that this page knows to be decided. */
  readonly decided: number;
  /** The highest slot that this page's session had seen before; null where it had seen none. */
  readonly seen: number | null;
}

/** How stale an answer may be. */
export interface Freshness {
  /** Slots that are decided and that the answer does not know of, as far as the page can tell. */
  readonly behind: number;
  readonly inWords: string;
}

/** How stale an answer may be: what its level promises, and how far it is behind what the page knows. */
export function freshnessOf({ level, slot, learner, decided, seen }: Read): Freshness {
  const behind = Math.max(0, decided - slot);
  const compared =
    behind === 0
      ? `no higher slot is known here to be decided`
      : `slot ${decided} is decided: ${counted(behind, "slot")} behind`;
  return { behind, inWords: `${promised(level, slot, seen)} Answered by ${learner} as of slot ${slot}; ${compared}.` };
}

function promised(level: Level, slot: number, seen: number | null): string {
  switch (level) {
    case "strong":
      return `Not stale: everything acknowledged before this read began is in it, up to slot ${slot} at least.`;
    case "session":
      return seen === null
        ? "May be stale: this page had seen nothing yet, so that any state would do."
        : `Not older than what this page has seen, slot ${seen}; what others wrote since may be missing.`;
    case "eventual":
      return "May be stale, without a bound.";
  }
}
