import type { Step } from "./search-plan.js";

/**
 * What can be said of a configuration before the search goes on from it. The search of Wing, Gong and Lowe needs none
 * of it to be right; it saves the search from trying what cannot end well, and in many orders what ends alike.
 */
export interface Foresight {
  /**
   * What is plain before the search begins: the first so many required steps, in the order of their returns, cannot be
   * ordered. Undefined if that is not plain.
   */
  hopelessPrefix(): number | undefined;
  /** Whether a step that changes the state may be next in this one: it is possible, and leads to no plain dead end. */
  admits(step: Step, state: number): boolean;
  /** Whether a step that may be next can be put next at once: if the search can end well at all, it also does so. */
  isSafe(step: Step, state: number): boolean;
  /** Hears of a step that is lifted. */
  lift(step: Step): void;
  /** Hears of a step that is put back. */
  putBack(step: Step): void;
}
