import { invariant } from "@synod/consensus";

export interface ChangeLogLimits {
  readonly changes: number;
  /** Of all changes together; those of the last slot may exceed it. */
  readonly characters: number;
}

export const CHANGE_LOG_LIMITS: ChangeLogLimits = { changes: 10_000, characters: 16 * 1024 * 1024 };

/** Changes after a slot. */
export interface ChangesSince<Change> {
  /** In the order of slots: all after the one asked for that are kept. */
  readonly changes: readonly Change[];
  /** Some that were asked for are gone: those kept begin above this slot. Null: nothing is missing. */
  readonly compactedThrough: number | null;
}

/** What changed in a slot: kept, dropped and told as one, since half of it would never be missed. */
export interface ChangesOfSlot<Change> {
  readonly slot: number;
  /** One or more, in the order in which they were applied. */
  readonly changes: readonly Change[];
}

/** Slots after a slot. */
export interface SlotsSince<Change> {
  /** In their order: all after the one asked for in which something changed, and that are kept. */
  readonly slots: readonly ChangesOfSlot<Change>[];
  /** As in `ChangesSince`. */
  readonly compactedThrough: number | null;
}

interface KeptSlot<Change> extends ChangesOfSlot<Change> {
  readonly characters: number;
}

/**
 * The last changes of a state machine, for those who watch it. Whoever resumes after a slot gets every change above it
 * exactly once, or is told through which slot changes are gone.
 */
export class ChangeLog<Change> {
  readonly #charactersOf: (change: Change) => number;
  readonly #limits: ChangeLogLimits;
  #slots: KeptSlot<Change>[] = [];
  /** Slots before this place are gone; they are cut off when they are half of all. */
  #start = 0;
  #length = 0;
  #characters = 0;
  #compactedThrough: number;

  /**
   * @param charactersOf how long a change is, about, for the limit of characters
   * @param through the slot of the state that changes are kept from: nothing is known of changes up to there
   */
  constructor(charactersOf: (change: Change) => number, limits: Partial<ChangeLogLimits> = {}, through = 0) {
    this.#charactersOf = charactersOf;
    this.#limits = { ...CHANGE_LOG_LIMITS, ...limits };
    this.#compactedThrough = through;
  }

  /** Changes up to this slot are gone; those above are all here. */
  get compactedThrough(): number {
    return this.#compactedThrough;
  }

  /** How many changes are kept. */
  get length(): number {
    return this.#length;
  }

  /**
   * @param slot above those of all calls before
   * @param changes all of this slot
   * @throws {InvariantViolation} if it is not above
   */
  push(slot: number, changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const last = this.#slots.at(-1)?.slot ?? this.#compactedThrough;
    invariant(slot > Math.max(last, this.#compactedThrough), "changes come in the order of slots");
    const characters = changes.reduce((sum, change) => sum + this.#charactersOf(change), 0);
    this.#slots.push({ slot, changes, characters });
    this.#length += changes.length;
    this.#characters += characters;
    while (this.#length > this.#limits.changes || this.#characters > this.#limits.characters) {
      if (!this.#dropFirst()) break;
    }
    this.#cutOff();
  }

  /** Changes above this slot. */
  since(slot: number): ChangesSince<Change> {
    const { slots, compactedThrough } = this.slotsSince(slot);
    return { changes: slots.flatMap((one) => one.changes), compactedThrough };
  }

  /** Changes above this slot, by slots. */
  slotsSince(slot: number): SlotsSince<Change> {
    const compactedThrough = slot < this.#compactedThrough ? this.#compactedThrough : null;
    return { slots: this.#slots.slice(this.#placeAfter(slot)), compactedThrough };
  }

  /** Forgets everything: the state was replaced by one of this slot, and how it came to be is not known. */
  restart(through: number): void {
    this.#slots = [];
    this.#start = 0;
    this.#length = 0;
    this.#characters = 0;
    this.#compactedThrough = through;
  }

  /** Drops the first slot that is kept, unless it is the last. @returns whether it did */
  #dropFirst(): boolean {
    const first = this.#slots[this.#start];
    if (first === undefined || this.#start === this.#slots.length - 1) return false;
    this.#length -= first.changes.length;
    this.#characters -= first.characters;
    this.#compactedThrough = first.slot;
    this.#start++;
    return true;
  }

  #cutOff(): void {
    if (this.#start * 2 < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#start);
    this.#start = 0;
  }

  /** The place of the first slot above this one. */
  #placeAfter(slot: number): number {
    let low = this.#start;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#slots[middle]?.slot ?? 0) <= slot) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
