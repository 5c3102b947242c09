import {
  Acceptor,
  type AcceptorOptions,
  type AcceptorReply,
  type AcceptorRequest,
  type AcceptorState,
  type AcceptorWrite,
  Driver,
  type Flush,
  type ReplyTo,
} from "@synod/consensus";
import type { AcceptorStore } from "./acceptor-store.js";
import { NotServed, stopping } from "./node/refusals.js";
import { delay } from "./node/waiting.js";

/** Hears what the host does, for metrics and logs. */
export interface HostObserver {
  flushed(writeCount: number, seconds: number): void;
  failed(error: NotServed): void;
}

/** What a cluster adds. */
export interface HostOptions {
  /** As the core takes it: what a person may send by hand. */
  readonly cluster?: AcceptorOptions["cluster"];
  /** How much longer the flush that begins now shall take, in milliseconds: for faults on purpose. */
  readonly slowDiskMs?: (() => number) | undefined;
}

/** How far an acceptor is, in numbers. */
export interface AcceptorSummary {
  readonly promisedId: number;
  readonly truncatedThrough: number;
  /** Slots in which something is accepted, and that are not truncated. */
  readonly entries: number;
  /** The last slot in use; 0 before the first. */
  readonly lastSlot: number;
  /** The last slot that is known here to be decided; 0 if none is. */
  readonly decided: number;
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
  readonly #slowDiskMs: () => number;
  readonly #hurry = new AbortController();
  readonly #waiting = new Map<string, Waiting>();
  #askedCount = 0;
  #flushing: Promise<void> | null = null;
  #failure: NotServed | null = null;
  #stopping = false;

  constructor(
    store: AcceptorStore,
    state: AcceptorState,
    observer: HostObserver | null = null,
    { cluster, slowDiskMs = () => 0 }: HostOptions = {},
  ) {
    this.#store = store;
    this.#observer = observer;
    this.#slowDiskMs = slowDiskMs;
    this.#acceptor = new Acceptor(state, cluster ? { cluster } : {});
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
      // A proposer of a log has gathered already what travels together; of people's requests more may arrive at once.
      this.#flushing ??= this.#driver.hasWritesToTake ? this.#flushAll(request.type !== "accept-log") : null;
    });
  }

  /**
   * How far the acceptor is.
   *
   * @throws {NotServed} as `ask`
   */
  async summary(): Promise<AcceptorSummary> {
    // The question is stepped before the state is looked at, and answered once everything it tells of is on disk.
    const isTold = this.ask({ type: "read-log", from: 1, limit: 1 });
    const summary = summaryOf(this.#acceptor.state);
    await isTold;
    return summary;
  }

  /** From here on no flush is made slower on purpose: whoever waits is to be answered before the server stops. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Finishes what is under way, then lets go of the store. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.hurry();
    await this.#flushing;
    await this.#store.close();
  }

  #refusal(): NotServed | null {
    if (this.#failure) return this.#failure;
    if (this.#stopping) return stopping();
    if (this.#waiting.size < MOST_UNDER_WAY) return null;
    return new NotServed("overloaded", `${MOST_UNDER_WAY} requests are under way; try again in a second`);
  }

  #answer(to: string, reply: AcceptorReply): void {
    this.#waiting.get(to)?.resolve(reply);
    this.#waiting.delete(to);
  }

  /** @param gathers whether what else arrives in this turn of the event loop shares the first flush */
  async #flushAll(gathers: boolean): Promise<void> {
    try {
      if (gathers) await new Promise((resolve) => setImmediate(resolve));
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
    // Only now: before, further steps would get into the state, and so into a checkpoint, without having been taken.
    const slowerMs = this.#slowDiskMs();
    if (slowerMs > 0) await delay(slowerMs, this.#hurry.signal);
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

function summaryOf({ promisedId, truncatedThrough, entries }: AcceptorState): AcceptorSummary {
  const lastSlot = entries.at(-1)?.instance ?? truncatedThrough;
  // What is truncated was decided.
  let decided = truncatedThrough;
  for (let position = entries.length - 1; position >= 0; position--) {
    const entry = entries[position];
    if (!entry?.decided) continue;
    decided = entry.instance;
    break;
  }
  return { promisedId, truncatedThrough, entries: entries.length, lastSlot, decided };
}
