import type { Slot } from "./messages.js";

/**
 * What a learner feeds with decided values: the state that is replicated. Deterministic: the same values in the same
 * order give the same results at every learner. None of these may throw, whatever text it is given.
 */
export interface LogApplication {
  /** Applies the value of the next slot. @returns what came of it, as JSON text */
  apply(slot: Slot, value: string): string;
  /** What came of this value when it was applied before; null if that is no longer known. */
  recall(slot: Slot, value: string): string | null;
  /** Answers a question about the state as it is now, both as JSON text. */
  read(query: string): string;
  /** The whole state, in pieces that are short enough for a message each; JSON texts without line feeds. */
  snapshot(): readonly string[];
  /**
   * Takes the state of a snapshot in place of its own.
   *
   * @param through the last slot that the snapshot is said to hold
   * @throws {Error} if these are not the pieces of one, or of one through another slot; nothing is changed then
   */
  restore(pieces: readonly string[], through: Slot): void;
}
