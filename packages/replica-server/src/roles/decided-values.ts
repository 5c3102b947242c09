import { Log } from "@synod/consensus";
import { type DecidedValue, LogCompacted } from "../replicated-log.js";

/** Values that are kept for those who come late, and their characters. */
const MOST_KEPT = 10_000;
const MOST_KEPT_CHARACTERS = 16 * 1024 * 1024;

/** The values that were decided last, and those that come, for everybody who reads along. */
export class DecidedValues {
  #log: Log;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  /** @param through everything up to this slot is known as state only */
  constructor(through: number) {
    this.#log = new Log(through + 1);
  }

  /** The next value. A slot that leaps ahead comes after a snapshot: what lies between is gone. */
  push(slot: number, value: string): void {
    if (slot !== this.#log.next) this.#log = new Log(slot);
    this.#log.push(value);
    while (this.#log.length > MOST_KEPT || (this.#log.characters > MOST_KEPT_CHARACTERS && this.#log.length > 1)) {
      this.#log.forgetThrough(this.#log.first);
    }
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** @throws {LogCompacted} while iterating, if values are gone that were not yielded yet */
  async *from(slot: number): AsyncGenerator<DecidedValue> {
    for (let next = slot; !this.#isClosed; ) {
      if (next < this.#log.first) throw new LogCompacted(this.#log.first - 1);
      const value = this.#log.at(next);
      if (value === undefined) await new Promise<void>((resolve) => this.#waiting.add(resolve));
      else yield { slot: next++, value };
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
