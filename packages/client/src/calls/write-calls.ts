import { setTimeout as delay } from "node:timers/promises";
import { backOffMs } from "./back-off.js";
import { Deadlines } from "./deadlines.js";
import { heardByMany } from "./heard-by-many.js";
import { LeaderSearch } from "./leader-search.js";
import type { CallPatience } from "./options.js";
import type { CallWords } from "./pending-call.js";
import type { Answer, Servers } from "./servers.js";
import { SessionOpening } from "./session-opening.js";
import { type Failure, StoreError } from "./store-errors.js";
import { WriteCall, type WriteRequest } from "./write-call.js";
import type { WriteSession } from "./write-session.js";

/** Requests under way at a time; further calls wait for their turn. */
const MOST_UNDER_WAY = 64;
/** Calls that are not settled at most. */
const MOST_CALLS = 10_000;

/** What a client's writes are, and how they are spoken of. */
export interface WritesOptions {
  /** The route that opens sessions. */
  readonly sessionsPath: string;
  /** Draws a name for a session that nobody else has. */
  readonly newName: () => string;
  readonly words: CallWords;
  /** What the client is called, such as `the ledger's client`. */
  readonly client: string;
  /** What the server is, in words: a server of another kind of cluster has no such route, which alone would say little. */
  readonly noSuchRoute: string;
}

/**
 * Writes, each in a request of its own. What no server answered is sent again, under the number that it has for life, in a
 * session that the replicas know: whichever servers it is sent to while leaders change, it happens once at most. Calls that are
 * made together have no order.
 */
export class WriteCalls {
  readonly #servers: Servers;
  readonly #options: WritesOptions;
  readonly #search: LeaderSearch;
  readonly #opening: SessionOpening;
  readonly #deadlines = new Deadlines<WriteCall>((call) => this.#giveUp(call, "timeout"));
  /** In the order in which they were made, without a number so far. */
  #waiting: WriteCall[] = [];
  #session: WriteSession | null = null;
  #underWay = 0;
  /** Ends the waiting between attempts. */
  readonly #ended = new AbortController();
  #isClosing = false;
  #whenIdle: (() => void) | null = null;

  constructor(servers: Servers, options: WritesOptions) {
    this.#servers = servers;
    this.#options = options;
    this.#search = new LeaderSearch(servers);
    this.#opening = new SessionOpening(servers, options.sessionsPath, options.newName);
    // Any number of calls may be between two attempts.
    heardByMany(this.#ended.signal);
  }

  /** @throws {StoreError} if there is no answer; `OutcomeUnknown` if it may have happened all the same */
  async submit<Result>(request: WriteRequest<Result>, { timeoutMs, signal }: CallPatience): Promise<Result> {
    const refusal = this.#refusal(signal);
    if (refusal !== null) throw refusal;
    const call = new WriteCall(request, this.#options.words, timeoutMs);
    this.#deadlines.add(call);
    if (signal !== undefined) this.#heed(call, signal);
    if (call.isNumbered) {
      this.#waiting.push(call);
      this.#dispatch();
    } else {
      void this.#carryOut(call);
    }
    return (await call.promise) as Result;
  }

  /** Takes no more calls, and waits for those under way, each within its own time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#deadlines.open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#ended.abort();
    this.#opening.close();
    this.#deadlines.clear();
  }

  /** Ends every call that there is. */
  endAll(reason: unknown): void {
    this.#isClosing = true;
    for (const call of this.#deadlines.open) this.#giveUp(call, "closed", reason);
  }

  #refusal(signal: AbortSignal | undefined): StoreError | null {
    const { client, words } = this.#options;
    if (this.#isClosing) return new StoreError("closed", `${client} is closed. ${words.nothing}`, true);
    if (signal?.aborted) {
      return new StoreError("aborted", "the call was given up before it began", true, { cause: signal.reason });
    }
    if (this.#deadlines.open.size < MOST_CALLS) return null;
    const message = `${MOST_CALLS} calls wait for their answers already; wait for some. ${words.nothing}`;
    return new StoreError("overloaded", message, true);
  }

  #heed(call: WriteCall, signal: AbortSignal): void {
    const aborted = () => this.#giveUp(call, "aborted", signal.reason);
    heardByMany(signal).addEventListener("abort", aborted, { once: true });
    call.forgetSignal = () => signal.removeEventListener("abort", aborted);
  }

  #giveUp(call: WriteCall, code: "timeout" | "aborted" | "closed", cause?: unknown): void {
    const words = {
      timeout: `no answer within ${call.timeoutMs} ms`,
      aborted: "the call was given up",
      closed: `${this.#options.client} was closed`,
    };
    call.giveUp(code, words[code], cause);
    this.#forget(call);
  }

  /** A call is settled. */
  #forget(call: WriteCall): void {
    this.#deadlines.remove(call);
    if (this.#whenIdle !== null && this.#deadlines.open.size === 0) this.#whenIdle();
    // Its number may have been what others had to wait for.
    this.#dispatch();
  }

  /** Sends what may be sent now. */
  #dispatch(): void {
    this.#waiting = this.#waiting.filter(({ isSettled }) => !isSettled);
    if (this.#waiting.length > 0 && this.#session === null) void this.#openSession();
    while (this.#session !== null && this.#session.room > 0 && this.#underWay < MOST_UNDER_WAY) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      call.number(this.#session);
      void this.#carryOut(call);
    }
  }

  async #openSession(): Promise<void> {
    if (this.#opening.isUnderWay) return;
    this.#session = await this.#opening.open((failure) => this.#noSession(failure));
    this.#dispatch();
  }

  /** Those that wait for a session hear why there is none, which ends them if it is for good. */
  #noSession(failure: Failure): void {
    for (const call of [...this.#waiting]) {
      if (!call.isSettled && call.fail(this.#inWords(failure))) this.#forget(call);
    }
  }

  /** Sends a call until it is settled: under one number, to whichever server it takes. */
  async #carryOut(call: WriteCall): Promise<void> {
    this.#underWay++;
    for (let failures = 0; !call.isSettled; ) {
      const withinMs = this.#timeFor(call, failures);
      call.isUnderWay = true;
      const answer = await this.#servers.ask(call.request(withinMs), withinMs);
      call.isUnderWay = false;
      if (call.isSettled || this.#take(call, answer)) break;
      if (isHopeless(call, withinMs)) this.#giveUp(call, "timeout");
      if (call.isSettled) break;
      const waitMs = backOffMs(++failures, this.#servers.all.length);
      if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#ended.signal }).catch(() => {});
    }
    this.#underWay--;
    this.#dispatch();
  }

  /** How long the next server may take. Work that was too long for one begins anew at the next: it must not be cut short again. */
  #timeFor({ deadline, lastFailure }: WriteCall, failures: number): number {
    const leftMs = deadline - performance.now();
    return lastFailure?.code === "no-work" ? this.#servers.allOfMs(leftMs) : this.#servers.attemptMs(leftMs, failures);
  }

  /** Takes an answer. @returns whether that settled the call */
  #take(call: WriteCall, { body, failure, server }: Answer): boolean {
    const result = failure === null ? call.read(body) : null;
    if (result !== null) {
      call.resolve(result);
      this.#search.perhaps();
    } else {
      const why = failure ?? this.#servers.misunderstood(server);
      if (why.code === "session-expired" && call.session === this.#session) this.#session = null;
      if (!call.fail(this.#inWords(why))) return false;
    }
    this.#forget(call);
    return true;
  }

  #inWords(failure: Failure): Failure {
    return failure.code === "not-found" ? { ...failure, message: this.#options.noSuchRoute } : failure;
  }
}

/**
 * Whether work that took one server too long would have to be done in a small part of that time by the next. It certainly was
 * not done so far; of one more request nobody would know.
 */
function isHopeless({ deadline, lastFailure }: WriteCall, withinMs: number): boolean {
  return lastFailure?.code === "no-work" && deadline - performance.now() < withinMs / 4;
}
