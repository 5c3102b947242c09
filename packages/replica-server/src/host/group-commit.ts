import { setTimeout as delay } from "node:timers/promises";
import { NotServed } from "@synod/acceptor-server";
import type { Flush } from "@synod/consensus";

/** Where a participant's writes become durable. */
export interface HostStore<W> {
  /** Resolves once these writes are on disk. @throws {Error} if nothing is known of them; then it takes no more */
  persist(writes: readonly W[]): Promise<void>;
  close(): Promise<void>;
}

/** What a flush needs of a driver. */
interface Flushable<W> {
  readonly hasWritesToTake: boolean;
  takeWrites(): Flush<W> | null;
  durable(upTo: number): void;
}

export interface GroupCommitOptions {
  /** How much longer the flush that begins now shall take, in milliseconds: for faults on purpose. */
  readonly slowDiskMs: () => number;
  /** The store or the participant failed: nothing may be told any more. */
  readonly onFailure: (failure: NotServed) => void;
}

/** Makes a driver's writes durable, one flush at a time: all that is stepped during one shares the next. */
export class GroupCommit<W> {
  readonly #driver: Flushable<W>;
  readonly #store: HostStore<W>;
  readonly #options: GroupCommitOptions;
  readonly #stop = new AbortController();
  #flushing: Promise<void> | null = null;
  #hasFailed = false;

  constructor(driver: Flushable<W>, store: HostStore<W>, options: GroupCommitOptions) {
    this.#driver = driver;
    this.#store = store;
    this.#options = options;
  }

  /** To be called after each step. */
  begin(): void {
    if (this.#driver.hasWritesToTake && !this.#hasFailed) this.#flushing ??= this.#flushAll();
  }

  /** Finishes what is under way, then lets go of the store. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#flushing;
    await this.#store.close();
  }

  async #flushAll(): Promise<void> {
    try {
      // What else arrives in this turn of the event loop shares the first flush.
      await new Promise((resolve) => setImmediate(resolve));
      for (let flush = this.#driver.takeWrites(); flush; flush = this.#driver.takeWrites()) {
        await this.#slowDown();
        await this.#persist(flush.writes);
        this.#driver.durable(flush.upTo);
      }
    } catch (error) {
      this.#hasFailed = true;
      const failure = new NotServed("internal", "the role found a fault in its own state", { cause: error });
      this.#options.onFailure(error instanceof NotServed ? error : failure);
    } finally {
      this.#flushing = null;
    }
  }

  async #persist(writes: readonly W[]): Promise<void> {
    try {
      await this.#store.persist(writes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `${reason}. Nothing is answered any more; mend it and restart.`;
      throw new NotServed("storage-failed", message, { cause: error });
    }
  }

  async #slowDown(): Promise<void> {
    const slowerMs = this.#options.slowDiskMs();
    if (slowerMs <= 0) return;
    await delay(slowerMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }
}
