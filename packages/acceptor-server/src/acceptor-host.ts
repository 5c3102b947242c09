import {
  Acceptor,
  type AcceptorReply,
  type AcceptorRequest,
  type AcceptorState,
  type AcceptorWrite,
  Driver,
  type Flush,
  type ReplyTo,
} from "@synod/consensus";
import type { AcceptorStore } from "./acceptor-store.js";

/** Why the host gives no answer. */
export class NotServed extends Error {
  override readonly name = "NotServed";
  constructor(
    readonly code: "storage-failed" | "stopping" | "overloaded" | "internal",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Hears what the host does, for metrics and logs. */
export interface HostObserver {
  flushed(writeCount: number, seconds: number): void;
  failed(error: NotServed): void;
}

interface Waiting {
  readonly resolve: (reply: AcceptorReply) => void;
  readonly reject: (error: Error) => void;
}

/** Requests under way at most; beyond that the server says so instead of making everybody wait. */
const MOST_UNDER_WAY = 10_000;

/**
 * Runs one acceptor in a server process: the driver on one side, a store on the other. All requests that arrive while
 * one fdatasync is under way share the next.
 */
export class AcceptorHost {
  readonly #acceptor: Acceptor;
  readonly #driver: Driver<AcceptorRequest | AcceptorReply, AcceptorWrite>;
  readonly #store: AcceptorStore;
  readonly #observer: HostObserver | null;
  readonly #waiting = new Map<string, Waiting>();
  #askedCount = 0;
  #flushing: Promise<void> | null = null;
  #failure: NotServed | null = null;
  #stopping = false;

  constructor(store: AcceptorStore, state: AcceptorState, observer: HostObserver | null = null) {
    this.#store = store;
    this.#observer = observer;
    this.#acceptor = new Acceptor(state);
    this.#driver = new Driver(this.#acceptor, {
      send: (to, message) => this.#answer(to, message as AcceptorReply),
      reply: () => {},
      setTimer: () => {},
      apply: () => {},
    });
  }

  /** Why nothing is answered any more; null while all is well. */
  get failure(): NotServed | null {
    return this.#failure;
  }

  get underWay(): number {
    return this.#waiting.size;
  }

  /**
   * Puts a request to the acceptor. The answer comes once everything it tells of is on disk.
   *
   * @throws {NotServed} if there is no answer; after `storage-failed` the request may have been written all the same
   */
  ask<T extends AcceptorRequest>(request: T): Promise<ReplyTo<T>> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal();
      if (refusal) return reject(refusal);
      const from = `request-${++this.#askedCount}`;
      this.#waiting.set(from, { resolve: resolve as Waiting["resolve"], reject });
      try {
        this.#driver.step({ kind: "message", from, message: request });
      } catch (error) {
        return this.#fail(new NotServed("internal", "the acceptor found a fault in its own state", { cause: error }));
      }
      this.#flushing ??= this.#driver.hasWritesToTake ? this.#flushAll() : null;
    });
  }

  /** Finishes what is under way, then lets go of the store. */
  async close(): Promise<void> {
    this.#stopping = true;
    await this.#flushing;
    await this.#store.close();
  }

  #refusal(): NotServed | null {
    if (this.#failure) return this.#failure;
    if (this.#stopping) return new NotServed("stopping", "the server is stopping; ask another one");
    if (this.#waiting.size < MOST_UNDER_WAY) return null;
    return new NotServed("overloaded", `${MOST_UNDER_WAY} requests are under way; try again in a second`);
  }

  #answer(to: string, reply: AcceptorReply): void {
    this.#waiting.get(to)?.resolve(reply);
    this.#waiting.delete(to);
  }

  async #flushAll(): Promise<void> {
    try {
      // What else arrives in this turn of the event loop shares the first flush.
      await new Promise((resolve) => setImmediate(resolve));
      for (let flush = this.#driver.takeWrites(); flush && !this.#failure; flush = this.#driver.takeWrites()) {
        await this.#flush(flush);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#fail(
        new NotServed("storage-failed", `${reason}. Nothing is answered any more; mend it and restart.`, {
          cause: error,
        }),
      );
    } finally {
      this.#flushing = null;
    }
  }

  async #flush({ writes, upTo }: Flush<AcceptorWrite>): Promise<void> {
    const begin = performance.now();
    // The state already holds every write taken, and no other.
    await this.#store.persist(writes, this.#acceptor.state);
    this.#observer?.flushed(writes.length, (performance.now() - begin) / 1000);
    this.#driver.durable(upTo);
  }

  /** From here on the state in memory may be ahead of the disk, or wrong: nothing of it is told to anybody. */
  #fail(error: NotServed): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#observer?.failed(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
