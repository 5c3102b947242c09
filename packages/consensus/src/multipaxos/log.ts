import { invariant } from "../core/invariant.js";
import type { Slot } from "../log/messages.js";

/** Values of consecutive slots, forgotten from the front. */
export class Log {
  #first: Slot;
  #values: string[] = [];
  /** Values before this place are forgotten; they are cut off when they are many. */
  #start = 0;
  #characters = 0;

  /** @param first the slot of the first value that will be put in */
  constructor(first: Slot) {
    this.#first = first;
  }

  /** The first slot that is still held; of an empty log, the one that comes next. */
  get first(): Slot {
    return this.#first;
  }

  /** The slot after the last one. */
  get next(): Slot {
    return this.#first + this.#values.length - this.#start;
  }

  /** The length of all values held. */
  get characters(): number {
    return this.#characters;
  }

  get length(): number {
    return this.#values.length - this.#start;
  }

  /** Puts a value into the next slot. @returns that slot */
  push(value: string): Slot {
    this.#values.push(value);
    this.#characters += value.length;
    return this.next - 1;
  }

  /** @returns undefined for a slot that is not held */
  at(slot: Slot): string | undefined {
    return slot < this.#first ? undefined : this.#values[this.#start + slot - this.#first];
  }

  /** The values from this slot on, which must be held or be the next one; at most so many, and of about this length. */
  slice(from: Slot, most: number, mostCharacters: number): string[] {
    invariant(from >= this.#first && from <= this.next, "a log is read where it holds something");
    const values: string[] = [];
    let characters = 0;
    for (let slot = from; slot < this.next && values.length < most; slot++) {
      const value = this.at(slot) ?? "";
      characters += value.length;
      if (characters > mostCharacters && values.length > 0) break;
      values.push(value);
    }
    return values;
  }

  /** Forgets all slots up to here. Those beyond the end are never forgotten: they are not there yet. */
  forgetThrough(slot: Slot | 0): void {
    while (this.#first <= slot && this.length > 0) {
      this.#characters -= this.#values[this.#start]?.length ?? 0;
      this.#values[this.#start] = "";
      this.#start++;
      this.#first++;
    }
    if (this.#start < 1024 || this.#start * 2 < this.#values.length) return;
    this.#values = this.#values.slice(this.#start);
    this.#start = 0;
  }
}
