import type { SessionPosition } from "./sessions/envelope.js";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * A state machine to replicate (Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach",
 * 1990): deterministic and pure. The same operations in the same order give the same results, the same changes and the
 * same state at every replica; nothing but the operation, its slot and the state so far decides what comes of it.
 *
 * Operation: what its operations are once they are understood. Change: what it tells those who watch.
 */
export interface StateMachine<Operation, Change> {
  /**
   * Understands an operation. It looks at the JSON alone, never at the state: every replica must say the same of it, at
   * any time. Never throws.
   *
   * @returns null for what is no operation of this machine
   */
  parseOperation(value: Json): Operation | null;
  /**
   * Names what an operation reads and writes. Operations that touch different things may share a slot, and whoever watches
   * sees them as one step; where this is absent each has a slot of its own. It looks at the operation alone.
   */
  touches?(operation: Operation): string;
  /**
   * Carries an operation out. Never throws.
   *
   * @param slot the place in the log; it rises from each operation to the next, with gaps, but where they touch different
   *   things
   * @param position the place in its client's session: no two operations that are carried out share one
   * @returns the answer for whoever asked, and what changed, for those who watch
   */
  apply(
    slot: number,
    operation: Operation,
    position: SessionPosition,
  ): { readonly result: Json; readonly changes: readonly Change[] };
  /** Answers a question about the state as it is now; `{error: ...}` for what is no question. Never throws. */
  read(query: Json): Json;
  /** The whole state, as JSON texts without line feeds, of about 256 KiB each at most. */
  snapshot(): readonly string[];
  /**
   * Takes the state of a snapshot in place of its own.
   *
   * @throws {NotASnapshot} if these are not all pieces of a snapshot of this machine, in order; its state is as before
   */
  restore(pieces: readonly string[]): void;
}
