import { setTimeout as delay } from "node:timers/promises";
import { NoAnswer, ProblemAnswer } from "../errors.js";
import { type ServerSentEvent, serverSentEvents } from "../server-sent-events.js";
import { backOffMs } from "./back-off.js";
import { LinkedEnd } from "./linked-end.js";
import { checkedTimeout } from "./options.js";
import type { Server, Servers } from "./servers.js";
import { type Failure, failureOf, StoreError } from "./store-errors.js";

/** How long a stream may be without a connection, if nobody says, in milliseconds. */
const USUAL_TIMEOUT_MS = 60_000;
/** A stream on which nothing came for so long, though three heartbeats are due, is taken for broken; in milliseconds. */
const IDLE_MS = 30_000;
/** A connection that lasted so long, or told something, is none of a row of failures; in milliseconds. */
const WORTH_BEGINNING_MS = 1000;

/** How whoever reads a stream wants it. */
export interface StreamOptions {
  /** Ends the stream: the loop over it ends, without an error. */
  readonly signal?: AbortSignal;
  /** How long it may be without a connection before it fails, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
  /** Hears of connections: of each that is made, and of each that broke, why. */
  readonly onConnection?: (connection: StreamConnection) => void;
}

/** A connection of a stream was made, or broke. */
export interface StreamConnection {
  /** As people write its address. */
  readonly server: string;
  /** Why it broke, for people; null: it was made. */
  readonly lost: string | null;
}

/** What is asked for, and how it is understood. */
export interface StreamSource<Event> {
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** After how many milliseconds in which nothing came, heartbeats neither, a connection is taken for broken. Default 30,000. */
  readonly idleMs?: number;
  /** All that an event tells, in order, which has not been told; none: nothing but how far the stream is. */
  understood(event: ServerSentEvent, position: number): readonly Event[];
  /** Whether what this one brings is told although the stream was that far already. */
  isAlwaysTold?(event: ServerSentEvent): boolean;
  /** Whether nothing comes after this. */
  isLast?(event: Event): boolean;
  /** What a refusal tells of a stream that had begun, as its last event; null: it is a failure. */
  lastOnRefusal?(failure: Failure): Event | null;
}

/**
 * What servers tell as it happens, over as many connections as it takes: one that breaks is made again, at another server,
 * where it broke. All that an event brings is told once, in the order of positions, which are the events' ids.
 *
 * Nothing is gathered here for a consumer that is slow: the connection makes the server wait, which cuts it off at some
 * time, and then the stream goes on from where the consumer is.
 */
export class ResumedStream<Event> implements AsyncIterableIterator<Event> {
  /**
   * Resolves to the position after which the stream tells, once a server has said so; null: it was ended before. Rejects with
   * the stream if that failed before.
   */
  readonly started: Promise<number | null>;
  readonly #servers: Servers;
  readonly #source: StreamSource<Event>;
  readonly #options: StreamOptions;
  readonly #timeoutMs: number;
  readonly #end: LinkedEnd;
  readonly #events: AsyncGenerator<Event, void, undefined>;
  /** The first event, which is asked for before anybody wants it: so the stream begins when it is made. */
  #first: Promise<IteratorResult<Event, void>> | null;
  #hearStarted!: (after: number | null) => void;
  #hearFailed!: (error: unknown) => void;
  /** Everything up to this position was told. */
  #last: number | null = null;
  /** When there last was a connection. */
  #aloneSince = performance.now();
  /** What the last server said that could not help since then; of those that are not there, the last one, if none said anything. */
  #lastFailure: Failure | null = null;

  /** @param closed ends it with its client @throws {RangeError} if an option makes no sense */
  constructor(servers: Servers, source: StreamSource<Event>, options: StreamOptions, closed: AbortSignal) {
    this.#timeoutMs = checkedTimeout(options.timeoutMs ?? USUAL_TIMEOUT_MS);
    this.#servers = servers;
    this.#source = source;
    this.#options = options;
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

  next(): Promise<IteratorResult<Event, void>> {
    const first = this.#first;
    this.#first = null;
    return first ?? this.#events.next();
  }

  /** Ends the stream. */
  async return(): Promise<IteratorResult<Event, void>> {
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

  async *#run(): AsyncGenerator<Event, void, undefined> {
    try {
      for (let failures = 1; !this.#end.hasCome; failures++) {
        const server = this.#servers.preferred;
        const [before, last, begun] = [this.#aloneSince, this.#last, performance.now()];
        const failure = yield* this.#readFrom(server, failures - 1);
        if (failure === null || this.#end.hasCome) return;
        this.#servers.failed(server);
        if (before !== this.#aloneSince) {
          this.#lastFailure = null;
          // Of streams that end as soon as they have begun each would else be followed by the next one at once.
          if (last !== this.#last || performance.now() - begun > WORTH_BEGINNING_MS) failures = 1;
        }
        const farewell = this.#last === null ? null : (this.#source.lastOnRefusal?.(failure) ?? null);
        if (farewell !== null) {
          yield farewell;
          return;
        }
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
  #refuseForGood(failure: Failure): void {
    if (!failure.mayPass) throw new StoreError(failure.code, failure.message, true);
    if (this.#lastFailure === null || failure.code !== "unreachable") this.#lastFailure = failure;
    if (performance.now() - this.#aloneSince < this.#timeoutMs) return;
    const { code, message } = this.#lastFailure;
    throw new StoreError(code, `there was no connection for ${this.#timeoutMs} ms; the last attempt: ${message}`, true);
  }

  /**
   * Reads from this server as long as it goes well.
   *
   * @param failures in a row
   * @returns why it no longer does; null: there is nothing more to tell
   */
  async *#readFrom({ address, name }: Server, failures: number): AsyncGenerator<Event, Failure | null, undefined> {
    const { "content-type": _, ...headers } = this.#servers.headers;
    const resumed = this.#last === null ? {} : { "last-event-id": String(this.#last) };
    const options = {
      headers: { ...headers, ...this.#source.headers, ...resumed },
      signal: this.#end.signal,
      idleTimeoutMs: this.#source.idleMs ?? IDLE_MS,
      // A server that is paused takes the connection and says nothing: the others must be asked while there is time.
      beginTimeoutMs: this.#servers.attemptMs(this.#timeoutMs - (performance.now() - this.#aloneSince), failures),
    };
    let isConnected = false;
    let failure: Failure = unreachable(`${name} ended the stream`);
    try {
      for await (const event of serverSentEvents(address, this.#source.path, options)) {
        if (!isConnected) this.#options.onConnection?.({ server: name, lost: null });
        isConnected = true;
        for (const told of this.#understood(event)) {
          // What came while the consumer was busy is not told once the stream has ended.
          if (this.#end.hasCome) return null;
          yield told;
          if (this.#source.isLast?.(told)) return null;
        }
      }
    } catch (error) {
      failure = whyNoStream(error);
    } finally {
      // However long nothing was told: it was connected until now.
      if (isConnected) this.#aloneSince = performance.now();
    }
    if (isConnected && !this.#end.hasCome) this.#options.onConnection?.({ server: name, lost: failure.message });
    return failure;
  }

  /**
   * What an event tells; none if that is nothing new. Its position counts from now on: nobody resumes after it before all
   * of that is told, for a connection that breaks meanwhile is made again only then.
   */
  #understood(event: ServerSentEvent): readonly Event[] {
    const position = event.id === null ? Number.NaN : Number(event.id);
    if (!Number.isSafeInteger(position)) return [];
    if (event.event === "started") {
      this.#last ??= position;
      this.#hearStarted(position);
      return [];
    }
    const isNew = position > (this.#last ?? -1);
    if (!isNew && !this.#source.isAlwaysTold?.(event)) return [];
    if (isNew) this.#last = position;
    return this.#source.understood(event, position);
  }
}

/** Why there is no stream (any more). @throws what is none of a server's failures */
function whyNoStream(error: unknown): Failure {
  if (error instanceof ProblemAnswer) return failureOf(error.problem);
  if (error instanceof NoAnswer) return unreachable(error.message);
  throw error;
}

function unreachable(message: string): Failure {
  return { code: "unreachable", message, mayHaveHappened: false, mayPass: true };
}
