/**
 * How many numbers a session may be ahead of its lowest open one. The replicas refuse what is 1024 ahead, so that a client
 * which stays below never meets that refusal, however late a copy arrives.
 */
const MOST_AHEAD = 1000;

/** A power of two above MOST_AHEAD. */
const PLACES = 1024;

/** Where a batch of writes stands in its session, as `POST /kv/batch` takes it. */
export interface BatchPosition {
  readonly client: string;
  readonly openedAt: number;
  /** The number of the first write of the batch; the others follow. */
  readonly sequence: number;
  readonly firstUnacknowledged: number;
}

/**
 * A session that is open: numbers its writes, and knows which of them somebody still waits for (Ongaro's thesis §6.3).
 * A number stays open until its caller has the outcome, or has given up; who gave up never sends it again, so that the
 * replicas may forget it, and will not carry out a late copy any more once they have.
 */
export class WriteSession {
  readonly client: string;
  /** The slot that opened it. */
  readonly openedAt: number;
  #next: number;
  #firstOpen: number;
  /** Whether a number is closed, by its last bits: those from the first open one to the next are in use. */
  readonly #isClosed = new Uint8Array(PLACES);

  /** @param firstSequence the number of the first write, as the answer to the opening says */
  constructor(client: string, openedAt: number, firstSequence: number) {
    this.client = client;
    this.openedAt = openedAt;
    this.#next = firstSequence;
    this.#firstOpen = firstSequence;
  }

  /** How many writes may be numbered now. */
  get room(): number {
    return this.#firstOpen + MOST_AHEAD - this.#next;
  }

  /** The number of the next write, for which there must be room. */
  take(): number {
    this.#isClosed[this.#next % PLACES] = 0;
    return this.#next++;
  }

  /** Nobody waits for this write any more. */
  close(sequence: number): void {
    this.#isClosed[sequence % PLACES] = 1;
    while (this.#firstOpen < this.#next && this.#isClosed[this.#firstOpen % PLACES] === 1) this.#firstOpen++;
  }

  /** What is sent with a batch whose first write has this number, which is still open. */
  position(sequence: number): BatchPosition {
    const { client, openedAt } = this;
    return { client, openedAt, sequence, firstUnacknowledged: this.#firstOpen };
  }
}
