import { applyEffect, type Effect } from "./effect.js";

/** What a process or a key is called in a history. */
export type Name = string | number;

/** One operation of a history, from its call to its return. Times are line numbers: lines are in real-time order. */
export interface Operation {
  /** The process that called it: one after the other, never two at a time. */
  readonly client: Name;
  /** For people: `write 2`, `cas 1 to 2`, `get`. */
  readonly action: string;
  /** What it returned, for people; empty where there is nothing to say, or nobody knows. */
  readonly result: string;
  readonly effect: Effect;
  readonly callLine: number;
  /** Null: nobody knows whether it took effect, and if it did, it may have been at any time after its call. */
  readonly returnLine: number | null;
}

/** An operation that certainly did not happen; kept to tell a person where a value may have come from. */
export type FailedOperation = Operation & { readonly returnLine: number };

/** All operations on one key, in the order of their calls. Keys are independent of each other. */
export interface KeyHistory {
  /** Null: the history names no key, since it is all about one object. */
  readonly key: Name | null;
  readonly initial: string;
  readonly operations: readonly Operation[];
  readonly failed: readonly FailedOperation[];
}

/**
 * The states of a key when these operations take effect in this order: before the first, after each.
 *
 * @returns null if one of them cannot have had its effect there
 */
export function statesAlong(initial: string, order: readonly Operation[]): string[] | null {
  const states = [initial];
  for (const { effect } of order) {
    const next = applyEffect(effect, states.at(-1) ?? initial);
    if (next === null) return null;
    states.push(next);
  }
  return states;
}
