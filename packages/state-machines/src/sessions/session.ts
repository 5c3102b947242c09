/** The sequence of a session's first command: the one before it opened the session. */
export const FIRST_COMMAND = 2;

/** What is known of one client. */
export class Session {
  readonly client: string;
  /** The slot of the value that opened it. */
  readonly openedAt: number;
  #firstUnacknowledged: number;
  readonly #replies = new Map<number, string>();
  #characters = 0;
  /** Its neighbours in the order of use; null where there is none. For `UseOrder` alone. */
  older: Session | null = null;
  newer: Session | null = null;

  constructor(client: string, openedAt: number, firstUnacknowledged = FIRST_COMMAND) {
    this.client = client;
    this.openedAt = openedAt;
    this.#firstUnacknowledged = firstUnacknowledged;
  }

  /** Only ever rises. */
  get firstUnacknowledged(): number {
    return this.#firstUnacknowledged;
  }

  /** What came of commands, by sequence; none below the first unacknowledged. */
  get replies(): ReadonlyMap<number, string> {
    return this.#replies;
  }

  /** The length of all its replies. */
  get characters(): number {
    return this.#characters;
  }

  keep(sequence: number, reply: string): void {
    this.#replies.set(sequence, reply);
    this.#characters += reply.length;
  }

  /** The client waits for nothing below this sequence: forgets those replies. */
  acknowledgeBelow(sequence: number): void {
    const from = this.#firstUnacknowledged;
    if (sequence <= from) return;
    this.#firstUnacknowledged = sequence;
    // Whichever is less: a client may leap over any number of sequences, and mostly takes one step.
    if (sequence - from <= this.#replies.size) {
      for (let below = from; below < sequence; below++) this.#forget(below);
    } else {
      for (const kept of this.#replies.keys()) if (kept < sequence) this.#forget(kept);
    }
  }

  #forget(sequence: number): void {
    this.#characters -= this.#replies.get(sequence)?.length ?? 0;
    this.#replies.delete(sequence);
  }
}
