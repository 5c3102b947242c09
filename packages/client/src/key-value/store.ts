import { setMaxListeners } from "node:events";
import type { EntriesReply, GatewayStatusReply } from "@synod/api";
import { ClientEnd } from "../calls/client-end.js";
import { LeaderSearch } from "../calls/leader-search.js";
import { openServers } from "../calls/open-servers.js";
import { type CallOptions, checkedTimeout, patienceOf, USUAL_TIMEOUT_MS } from "../calls/options.js";
import { ReadCalls } from "../calls/read-calls.js";
import type { Servers } from "../calls/servers.js";
import { CompareFailed, StoreError, type Versioned } from "../calls/store-errors.js";
import { Batching } from "./batching.js";
import type { Operation, OperationResult } from "./call.js";
import {
  type Consistency,
  checkedBounds,
  checkedLevel,
  checkedOperation,
  type Expectation,
  type ReadOptions,
  type StoreOptions,
  type WriteOptions,
} from "./options.js";
import { type RangeOptions, rangePath } from "./range.js";
import { Watch, type WatchOptions } from "./watch.js";

/** A key, its value and its revision: the slot of the write that put it there. */
export interface Entry extends Versioned {
  readonly key: string;
}

/** An entry as it was read. */
export interface ReadEntry extends Entry {
  /** The slot as of which it was read. */
  readonly slot: number;
  /** The learner that answered. */
  readonly learner: string;
}

/** A write that is decided and applied. */
export interface Written {
  readonly key: string;
  /** The revision of what was written. */
  readonly revision: number;
  /** For a write that asked: what was there before; null: the key was absent. */
  readonly previous?: Versioned | null;
  readonly slot: number;
}

/** A delete that is decided and applied. */
export interface Deleted {
  readonly key: string;
  /** Whether the key was there. */
  readonly deleted: boolean;
  /** For a delete that asked: what was there before; null: the key was absent. */
  readonly previous?: Versioned | null;
  readonly slot: number;
}

/** What came of a comparison: it held, and was written; or not, and nothing was. */
export type Compared =
  | ({ readonly succeeded: true } & Written)
  | { readonly succeeded: false; readonly key: string; readonly current: Versioned | null; readonly slot: number };

/** Entries in the order of their keys, a page of them. */
export interface Page {
  readonly entries: readonly Entry[];
  /** Give it as `after` for more; null: there is no more. */
  readonly next: string | null;
  /** The slot as of which the page was read. */
  readonly slot: number;
}

/**
 * A client of the replicated key-value store. It does not connect before it is used, and needs no waiting for: the first
 * call finds a server that answers, and each call waits as long as it was told to.
 *
 * Every method rejects with a `StoreError`.
 */
export class Store {
  readonly #servers: Servers;
  readonly #batching: Batching;
  readonly #timeoutMs: number;
  readonly #consistency: Consistency;
  /** Ends watches. */
  readonly #closed = new AbortController();
  /** Calls that are not in batches. */
  readonly #asking: ReadCalls;
  readonly #end: ClientEnd;

  /** @throws {TypeError | RangeError | Error} if an option makes no sense */
  constructor(options: StoreOptions) {
    const { timeoutMs = USUAL_TIMEOUT_MS, consistency = "strong", signal, token = 0 } = options;
    this.#timeoutMs = checkedTimeout(timeoutMs);
    this.#consistency = checkedLevel(consistency);
    this.#servers = openServers(options);
    this.#batching = new Batching(this.#servers, new LeaderSearch(this.#servers), token);
    this.#asking = new ReadCalls(this.#servers, "the store is closed");
    // Any number of watches may be open.
    setMaxListeners(0, this.#closed.signal);
    this.#end = new ClientEnd({ finish: () => this.#finish(), endAll: (reason) => this.#endAll(reason) }, signal);
  }

  /** The highest slot that this client has seen: for a client in another process, so that its session reads show no less. */
  get token(): number {
    return this.#batching.token;
  }

  /**
   * Puts a value. With an expectation only if that holds.
   *
   * @throws {CompareFailed} if it did not
   * @throws {OutcomeUnknown} if it may have happened all the same
   */
  async put(key: string, value: string, options: WriteOptions & Partial<Expectation> = {}): Promise<Written> {
    const expectation = expectationOf(options);
    const what = expectation
      ? ({ type: "cas", key, value, ...expectation } as const)
      : ({ type: "put", key, value } as const);
    return written(key, await this.#write({ ...what, ...asked(options) }, options));
  }

  /** The entry of this key; null if there is none. */
  async get(key: string, options: ReadOptions = {}): Promise<ReadEntry | null> {
    const level = this.#level(options);
    const operation = checkedOperation({ type: "get", key });
    const result = await this.#batching.submit(operation, level, patienceOf(options, this.#timeoutMs));
    if (result === null) return null;
    const { value = "", revision = 0, slot, learner = "" } = result;
    return { key, value, revision, slot, learner };
  }

  /** Deletes a key. With an expectation only if that holds. @throws as `put` */
  async delete(key: string, options: WriteOptions & Partial<Expectation> = {}): Promise<Deleted> {
    const expectation = expectationOf(options);
    const what = expectation
      ? ({ type: "cas", key, value: null, ...expectation } as const)
      : ({ type: "delete", key } as const);
    const { deleted, slot, ...result } = await this.#write({ ...what, ...asked(options) }, options);
    // A comparison that held: then the key was there, unless it was to be absent.
    return { key, deleted: deleted ?? expectation?.expected !== null, ...replaced(result), slot };
  }

  /**
   * Writes if what is there is what is expected, and says which of the two it was.
   *
   * @param value null deletes the key
   * @throws {OutcomeUnknown} if it may have happened all the same
   */
  async compareAndSet(
    key: string,
    expectation: Expectation,
    value: string | null,
    options: WriteOptions = {},
  ): Promise<Compared> {
    try {
      const result = await this.#write(
        { type: "cas", key, value, ...expectationOf(expectation), ...asked(options) },
        options,
      );
      return { succeeded: true, ...written(key, result) };
    } catch (error) {
      if (!(error instanceof CompareFailed)) throw error;
      const { current, slot } = error;
      return { succeeded: false, key, current, slot };
    }
  }

  /** One page of the keys within these bounds, in code-unit order. */
  async getRange(options: RangeOptions = {}): Promise<Page> {
    const how = { level: this.#level(options), token: this.token };
    const bounds = checkedBounds(options);
    const body = await this.#ask((withinMs) => rangePath(bounds, how, withinMs), isPage, options);
    const { entries, next, slot } = body as EntriesReply;
    this.#batching.token = Math.max(this.token, slot);
    return { entries, next, slot };
  }

  /** All keys within these bounds, a page after the other: each page is as of its own slot. */
  async *list(options: RangeOptions = {}): AsyncGenerator<Entry, void, undefined> {
    let { after } = options;
    for (;;) {
      const page = await this.getRange(after === undefined ? options : { ...options, after });
      yield* page.entries;
      if (page.next === null) return;
      after = page.next;
    }
  }

  /** How the cluster is, as a gateway sees it: every server, who leads, what to do if something is wrong. */
  async status(options: CallOptions = {}): Promise<GatewayStatusReply> {
    return (await this.#ask(() => "/status", isStatus, options)) as GatewayStatusReply;
  }

  /** The changes of some keys, as they happen: `for await (const change of store.watch({ pattern: "user/*" }))`. */
  watch(options: WatchOptions): Watch {
    return new Watch(this.#servers, options, this.#closed.signal);
  }

  /** Takes no more calls, waits for those under way, each within its own time, and ends watches and connections. */
  close(): Promise<void> {
    return this.#end.come();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #finish(): Promise<void> {
    const calls = this.#batching.close();
    this.#closed.abort(this.#asking.closedError());
    await Promise.allSettled([calls, this.#asking.close()]);
    await this.#servers.close();
  }

  #endAll(reason: unknown): void {
    this.#batching.endAll(reason);
    this.#asking.endAll();
  }

  async #write(operation: Operation, options: CallOptions): Promise<OperationResult> {
    const result = await this.#batching.submit(
      checkedOperation(operation),
      "write",
      patienceOf(options, this.#timeoutMs),
    );
    if (result === null) throw new StoreError("internal", "a write was answered as a read", false);
    return result;
  }

  #ask(
    path: (withinMs: number) => string,
    isExpected: (body: unknown) => boolean,
    options: CallOptions,
  ): Promise<unknown> {
    const request = (withinMs: number) => ({ path: path(withinMs) });
    return this.#asking.ask(request, isExpected, patienceOf(options, this.#timeoutMs));
  }

  #level({ consistency }: ReadOptions): Consistency {
    return consistency === undefined ? this.#consistency : checkedLevel(consistency);
  }
}

function isPage(body: unknown): boolean {
  const { entries, slot } = body as Partial<EntriesReply>;
  return Array.isArray(entries) && typeof slot === "number";
}

function isStatus(body: unknown): boolean {
  const { gateway, proposers } = body as Partial<GatewayStatusReply>;
  return typeof gateway === "object" && Array.isArray(proposers);
}

type ExpectationMembers = { readonly expected?: string | null; readonly expectedRevision?: number };

/**
 * What a write expects; null: it is to happen whatever is there. One that names an expectation is a comparison, also where
 * that is undefined, and is refused as such: who meant to compare must not overwrite.
 */
function expectationOf(options: Partial<Expectation>): ExpectationMembers | null {
  if (!("expected" in options || "expectedRevision" in options)) return null;
  const { expected, expectedRevision } = options as ExpectationMembers;
  return {
    ...(expected === undefined ? {} : { expected }),
    ...(expectedRevision === undefined ? {} : { expectedRevision }),
  };
}

/** As servers take it: only who asks says so. */
function asked({ previous }: WriteOptions): { readonly previous?: true } {
  return previous ? { previous: true } : {};
}

function written(key: string, { revision = 0, slot, ...result }: OperationResult): Written {
  return { key, revision, ...replaced(result), slot };
}

function replaced({ previous }: Pick<OperationResult, "previous">): Pick<Written, "previous"> {
  return previous === undefined ? {} : { previous };
}

/**
 * A client of the key-value store of this cluster.
 *
 * @throws {TypeError | RangeError | Error} if an option makes no sense
 */
export function connectStore(options: StoreOptions): Store {
  return new Store(options);
}
