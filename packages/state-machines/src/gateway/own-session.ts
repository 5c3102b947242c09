import { invariant } from "@synod/consensus";
import type { SessionPosition } from "../sessions/envelope.js";

/**
 * How many numbers a session may be ahead of its first unacknowledged one. The replicas keep the results of all of them,
 * and refuse more than they have room for, however long the values are, if they are not mostly what JSON must escape.
 */
const MOST_OPEN = 512;

/** A session of this process: numbers its commands, and knows which of them are still open. */
export class OwnSession {
  readonly client: string;
  /** Sequence 1 opens the session itself. */
  #next = 2;
  /** Which sequences are open, each at its remainder: all that are open lie within one round. */
  readonly #isOpen = new Uint8Array(MOST_OPEN);
  /** The lowest open sequence; the next one if none is open. */
  #firstOpen = 2;
  /** The slot that opened it; null before that is known. */
  openedAt: number | null = null;

  constructor(client: string) {
    this.client = client;
  }

  /** Whether another command may be numbered now. */
  get hasRoom(): boolean {
    return this.openedAt !== null && this.#next < this.#firstOpen + MOST_OPEN;
  }

  /** The place of the next command. */
  take(): SessionPosition {
    invariant(this.openedAt !== null, "commands are numbered in a session that is open");
    invariant(this.#next < this.#firstOpen + MOST_OPEN, "no two open commands have one place");
    const sequence = this.#next++;
    this.#isOpen[sequence % MOST_OPEN] = 1;
    const firstUnacknowledged = this.#firstOpen;
    invariant(firstUnacknowledged <= sequence, "a command that is being sent is not acknowledged");
    return { client: this.client, openedAt: this.openedAt, sequence, firstUnacknowledged };
  }

  /** Nobody waits for this command any more. */
  close(sequence: number): void {
    this.#isOpen[sequence % MOST_OPEN] = 0;
    while (this.#firstOpen < this.#next && this.#isOpen[this.#firstOpen % MOST_OPEN] === 0) this.#firstOpen++;
  }
}
