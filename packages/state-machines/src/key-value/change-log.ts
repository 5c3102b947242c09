import { invariant } from "@synod/consensus";
import type { KeyValueChange } from "./operations.js";

export interface ChangeLogLimits {
  readonly changes: number;
  /** Of keys and values together; the last change may exceed it. */
  readonly characters: number;
}

export const CHANGE_LOG_LIMITS: ChangeLogLimits = { changes: 10_000, characters: 16 * 1024 * 1024 };

/** Changes after a revision. */
export interface ChangesSince {
  /** In the order of revisions: all after the one asked for that are kept. */
  readonly changes: readonly KeyValueChange[];
  /** Some that were asked for are gone: those kept begin above this revision. Null: nothing is missing. */
  readonly compactedThrough: number | null;
}

/**
 * The last changes of a store, for those who watch it. Whoever resumes after revision r gets every change above r
 * exactly once, or is told through which revision changes are gone.
 */
export class ChangeLog {
  readonly #limits: ChangeLogLimits;
  #changes: KeyValueChange[] = [];
  /** Changes before this place are gone; they are cut off when they are half of all. */
  #start = 0;
  #characters = 0;
  #compactedThrough: number;

  /** @param through the slot of the state that changes are kept from: nothing is known of changes up to there */
  constructor(through = 0, limits: Partial<ChangeLogLimits> = {}) {
    this.#limits = { ...CHANGE_LOG_LIMITS, ...limits };
    this.#compactedThrough = through;
  }

  /** Changes up to this revision are gone; those above are all here. */
  get compactedThrough(): number {
    return this.#compactedThrough;
  }

  /** How many changes are kept. */
  get length(): number {
    return this.#changes.length - this.#start;
  }

  /**
   * @param changes of one slot, above those of all calls before
   * @throws {InvariantViolation} if they are not above
   */
  push(changes: readonly KeyValueChange[]): void {
    const [first] = changes;
    if (!first) return;
    const { revision } = first;
    const last = this.length > 0 ? this.#changes.at(-1)?.revision : undefined;
    const follows = revision > (last ?? this.#compactedThrough);
    invariant(follows && changes.every((one) => one.revision === revision), "changes come in the order of slots");
    for (const change of changes) {
      this.#changes.push(change);
      this.#characters += charactersOf(change);
    }
    while (this.length > this.#limits.changes || this.#characters > this.#limits.characters) {
      if (this.#changes[this.#start]?.revision === revision) break;
      this.#dropFirst();
    }
    this.#cutOff();
  }

  /** Changes above this revision. */
  since(revision: number): ChangesSince {
    const compactedThrough = revision < this.#compactedThrough ? this.#compactedThrough : null;
    return { changes: this.#changes.slice(this.#placeAfter(revision)), compactedThrough };
  }

  /** Forgets everything: the state was replaced by one of this slot, and how it came to be is not known. */
  restart(through: number): void {
    this.#changes = [];
    this.#start = 0;
    this.#characters = 0;
    this.#compactedThrough = through;
  }

  /** Drops the first revision that is kept, all changes of it: half of one would never be missed. */
  #dropFirst(): void {
    const dropped = this.#changes[this.#start]?.revision;
    for (let change = this.#changes[this.#start]; change?.revision === dropped; change = this.#changes[this.#start]) {
      if (change === undefined) return;
      this.#characters -= charactersOf(change);
      this.#compactedThrough = change.revision;
      this.#start++;
    }
  }

  #cutOff(): void {
    if (this.#start * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#start);
    this.#start = 0;
  }

  /** The place of the first change above this revision. */
  #placeAfter(revision: number): number {
    let low = this.#start;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function charactersOf({ key, value }: KeyValueChange): number {
  return key.length + (value?.length ?? 0);
}
