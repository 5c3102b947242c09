import { setTimeout as delay } from "node:timers/promises";
import { backOffMs } from "../calls/back-off.js";
import { LinkedEnd } from "../calls/linked-end.js";
import { checkedTimeout } from "../calls/options.js";
import type { Server, Servers } from "../calls/servers.js";
import { type Failure, failureOf, StoreError } from "../calls/store-errors.js";
import { NoAnswer, ProblemAnswer } from "../errors.js";
import { parseJson } from "../reply-form.js";
import { type ServerSentEvent, serverSentEvents } from "../server-sent-events.js";

/** What a watch tells. */
export type WatchEvent =
  | { readonly type: "put"; readonly key: string; readonly value: string; readonly revision: number }
  | { readonly type: "delete"; readonly key: string; readonly value: null; readonly revision: number }
  /** Changes up to this revision that were asked for are no longer kept: read the keys, and go on with what follows. */
  | { readonly type: "compacted"; readonly compactedThrough: number };

export interface WatchOptions {
  /** Which keys: `*` is any run of characters, `?` one or more without a slash. One pattern or several. */
  readonly pattern: string | readonly string[];
  /** The first revision to tell of. Default: what changes from now on, which is from when `started` is resolved. */
  readonly from?: number;
  /** Ends the watch: the loop over it ends, without an error. */
  readonly signal?: AbortSignal;
  /** How long it may be without a connection before it fails, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
}

const USUAL_TIMEOUT_MS = 60_000;
/** A stream on which nothing came for so long, though three heartbeats are due, is taken for broken; in milliseconds. */
const IDLE_MS = 30_000;

/**
 * The changes of some keys, as they happen, over as many connections as it takes: one that breaks is made again, at
 * another server, where it broke. Each change is told once, in the order of revisions.
 *
 * Nothing is gathered here for a consumer that is slow: the connection makes the server wait, which cuts it off at some
 * time, and then the watch goes on from where the consumer is.
 */
export class Watch implements AsyncIterableIterator<WatchEvent> {
  /**
   * Resolves to the revision after which the watch tells changes, once a server has said so; null: it was ended before.
   * Rejects with the watch if that failed before.
   */
  readonly started: Promise<number | null>;
  readonly #servers: Servers;
  readonly #options: WatchOptions;
  readonly #end: LinkedEnd;
  readonly #events: AsyncGenerator<WatchEvent, void, undefined>;
  /** The first event, which is asked for before anybody wants it: so the watch begins when it is made. */
  #first: Promise<IteratorResult<WatchEvent, void>> | null;
  #hearStarted!: (after: number | null) => void;
  #hearFailed!: (error: unknown) => void;
  /** Everything up to this revision was told. */
  #last: number | null = null;
  /** When there last was a connection. */
  #aloneSince = performance.now();

  /** @param closed ends it with the store @throws {TypeError | RangeError} if an option makes no sense */
  constructor(servers: Servers, options: WatchOptions, closed: AbortSignal) {
    checkedTimeout(options.timeoutMs ?? USUAL_TIMEOUT_MS);
    this.#servers = servers;
    this.#options = checkedPattern(options);
    this.started = new Promise((resolve, reject) => {
      this.#hearStarted = resolve;
      this.#hearFailed = reject;
    });
    this.started.catch(() => {});
    this.#end = new LinkedEnd([closed, options.signal]);
    this.#events = this.#run();
    this.#first = this.#events.next();
    // Whoever asks for it hears of its failure; until then it is nobody's.
    this.#first.catch(() => {});
  }

  next(): Promise<IteratorResult<WatchEvent, void>> {
    const first = this.#first;
    this.#first = null;
    return first ?? this.#events.next();
  }

  /** Ends the watch. */
  async return(): Promise<IteratorResult<WatchEvent, void>> {
    this.#end.come();
    await this.#first?.catch(() => {});
    this.#first = null;
    return this.#events.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async *#run(): AsyncGenerator<WatchEvent, void, undefined> {
    try {
      for (let failures = 1; !this.#end.hasCome; failures++) {
        const server = this.#servers.preferred;
        const before = this.#aloneSince;
        const failure = yield* this.#watchAt(server);
        if (this.#end.hasCome) return;
        this.#servers.failed(server);
        if (before !== this.#aloneSince) failures = 1;
        this.#refuseForGood(failure);
        const waitMs = backOffMs(failures, this.#servers.all.length);
        if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#end.signal }).catch(() => {});
      }
    } catch (error) {
      this.#hearFailed(error);
      throw error;
    } finally {
      this.#end.unlink();
      this.#hearStarted(null);
    }
  }

  /** @throws {StoreError} if there is no use in trying again */
  #refuseForGood({ code, message, mayPass }: Failure): void {
    if (!mayPass) throw new StoreError(code, message, true);
    const { timeoutMs = USUAL_TIMEOUT_MS } = this.#options;
    if (performance.now() - this.#aloneSince < timeoutMs) return;
    throw new StoreError(code, `there was no connection for ${timeoutMs} ms; the last attempt: ${message}`, true);
  }

  /** Watches at this server as long as it goes well. @returns why it no longer does */
  async *#watchAt({ address, name }: Server): AsyncGenerator<WatchEvent, Failure, undefined> {
    const { "content-type": _, ...headers } = this.#servers.headers;
    const resumed = this.#last === null ? {} : { "last-event-id": String(this.#last) };
    const options = { headers: { ...headers, ...resumed }, signal: this.#end.signal, idleTimeoutMs: IDLE_MS };
    let isConnected = false;
    try {
      for await (const event of serverSentEvents(address, this.#path(), options)) {
        isConnected = true;
        const told = this.#understood(event);
        if (told !== null) yield told;
        // What came while the consumer was busy is not told once the watch has ended.
        if (this.#end.hasCome) break;
      }
      return unreachable(`${name} ended the stream`);
    } catch (error) {
      if (error instanceof ProblemAnswer) return failureOf(error.problem);
      if (error instanceof NoAnswer) return unreachable(error.message);
      throw error;
    } finally {
      // However long nothing was told: it was connected until now.
      if (isConnected) this.#aloneSince = performance.now();
    }
  }

  #path(): string {
    const { pattern, from } = this.#options;
    const patterns = typeof pattern === "string" ? [pattern] : pattern;
    const query = patterns.map((one) => `pattern=${encodeURIComponent(one)}`);
    return `/kv/watch?${[...query, ...(from === undefined ? [] : [`from=${from}`])].join("&")}`;
  }

  /** What an event tells; null if that is nothing new. */
  #understood({ event, id, data }: ServerSentEvent): WatchEvent | null {
    const revision = id === null ? Number.NaN : Number(id);
    if (!Number.isSafeInteger(revision)) return null;
    if (event === "started") {
      this.#last ??= revision;
      this.#hearStarted(revision);
      return null;
    }
    if (revision <= (this.#last ?? -1)) return null;
    this.#last = revision;
    if (event === "compacted") return { type: "compacted", compactedThrough: revision };
    // Anything else says how far the stream is.
    return event === "change" ? changeIn(data) : null;
  }
}

function checkedPattern(options: WatchOptions): WatchOptions {
  const patterns: readonly unknown[] = [options.pattern].flat();
  if (patterns.length > 0 && patterns.every((one) => typeof one === "string")) return options;
  throw new TypeError('pattern: name the keys to watch, such as { pattern: "user/*" }');
}

function changeIn(data: string): WatchEvent | null {
  const change = parseJson(data) as WatchEvent | undefined;
  return change?.type === "put" || change?.type === "delete" ? change : null;
}

function unreachable(message: string): Failure {
  return { code: "unreachable", message, mayHaveHappened: false, mayPass: true };
}
