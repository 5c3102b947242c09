import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { backOffMs } from "../calls/back-off.js";
import { Deadlines } from "../calls/deadlines.js";
import { LeaderSearch } from "../calls/leader-search.js";
import {
  type CallOptions,
  type ConnectOptions,
  checkedAddresses,
  checkedTimeout,
  USUAL_SERVER_TIMEOUT_MS,
  USUAL_TIMEOUT_MS,
} from "../calls/options.js";
import { type Answer, Servers } from "../calls/servers.js";
import { SessionOpening } from "../calls/session-opening.js";
import { type Failure, StoreError } from "../calls/store-errors.js";
import type { WriteSession } from "../calls/write-session.js";
import { undiciTransport } from "../undici-transport.js";
import type { Json } from "./json.js";
import { answerIn, checkedJson, type LedgerAnswer, LedgerCall, type LedgerOperation } from "./ledger-call.js";

/** `servers` are those of the ledger, such as `http://127.0.0.1:8101`. */
export interface LedgerOptions extends ConnectOptions {
  /** The cluster that must answer; default: whichever answers first, and no other after it. */
  readonly clusterId?: string;
  /** How blocks name this client, before what was drawn for its session: 1 to 40 characters. Default: nothing. */
  readonly name?: string;
}

/** Drawn for a session, so that no two have one name: characters of a UUID. */
const DRAWN_CHARACTERS = 18;
const MOST_NAME_CHARACTERS = 40;

/** Requests under way at a time; further calls wait for their turn. */
const MOST_UNDER_WAY = 64;
/** Calls that are not settled at most. */
const MOST_CALLS = 10_000;

/**
 * A client of a ledger. It does not connect before it is used; each call waits as long as it was told to.
 *
 * A request has one number for life, in a session that the replicas know: whichever servers it is sent to while leaders
 * change, it becomes one block at most. Calls that are made together have no order: who needs one awaits.
 *
 * Every method rejects with a `StoreError`.
 */
export class LedgerClient {
  readonly #servers: Servers;
  readonly #search: LeaderSearch;
  readonly #opening: SessionOpening;
  readonly #timeoutMs: number;
  readonly #deadlines = new Deadlines<LedgerCall>((call) => this.#giveUp(call, "timeout"));
  /** In the order in which they were made, without a number so far. */
  #waiting: LedgerCall[] = [];
  #session: WriteSession | null = null;
  #underWay = 0;
  /** Ends the waiting between attempts. */
  readonly #ended = new AbortController();
  #isClosing = false;
  #whenIdle: (() => void) | null = null;
  #closing: Promise<void> | null = null;
  /** Takes the listener off the signal that ends everything. */
  #forgetSignal: (() => void) | null = null;

  /** @throws {TypeError | RangeError | Error} if an option makes no sense */
  constructor(options: LedgerOptions) {
    const { timeoutMs = USUAL_TIMEOUT_MS, secret, signal, clusterId } = options;
    this.#timeoutMs = checkedTimeout(timeoutMs);
    this.#servers = new Servers({
      addresses: checkedAddresses(options),
      secret,
      clusterId,
      transport: options.transport ?? undiciTransport,
      serverTimeoutMs: checkedTimeout(options.serverTimeoutMs ?? USUAL_SERVER_TIMEOUT_MS, "serverTimeoutMs"),
    });
    this.#search = new LeaderSearch(this.#servers);
    this.#opening = new SessionOpening(this.#servers, "/ledger/sessions", namesAfter(options.name));
    // Any number of calls may be between two attempts.
    setMaxListeners(0, this.#ended.signal);
    if (signal === undefined) return;
    const end = () => this.#end(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    this.#forgetSignal = () => signal.removeEventListener("abort", end);
    if (signal.aborted) end();
  }

  /**
   * Puts a value under a key, in a block of its own.
   *
   * @throws {OutcomeUnknown} if the block may have been added all the same
   */
  put(key: Json, value: Json, options: CallOptions = {}): Promise<LedgerAnswer> {
    return this.#add(
      () => ({ type: "put", key: checkedJson(key, "key"), value: checkedJson(value, "value") }),
      options,
    );
  }

  /**
   * What is under a key, as of a block of its own: it sees every put that was answered before.
   *
   * @throws {OutcomeUnknown} if the block may have been added all the same
   */
  get(key: Json, options: CallOptions = {}): Promise<LedgerAnswer> {
    return this.#add(() => ({ type: "get", key: checkedJson(key, "key") }), options);
  }

  /** Takes no more calls, waits for those under way, each within its own time, and ends the connections. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    if (this.#deadlines.open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#ended.abort();
    this.#opening.close();
    this.#deadlines.clear();
    this.#forgetSignal?.();
    await this.#servers.close();
  }

  /** Ends everything at once. */
  #end(reason: unknown): void {
    this.#isClosing = true;
    for (const call of this.#deadlines.open) this.#giveUp(call, "closed", reason);
    void this.close();
  }

  async #add(operation: () => LedgerOperation, { timeoutMs, signal }: CallOptions): Promise<LedgerAnswer> {
    const patienceMs = timeoutMs === undefined ? this.#timeoutMs : checkedTimeout(timeoutMs);
    const refusal = this.#refusal(signal);
    if (refusal !== null) throw refusal;
    const call = new LedgerCall(operation(), patienceMs);
    this.#deadlines.add(call);
    if (signal !== undefined) this.#heed(call, signal);
    this.#waiting.push(call);
    this.#dispatch();
    return call.promise;
  }

  #refusal(signal: AbortSignal | undefined): StoreError | null {
    if (this.#isClosing) return new StoreError("closed", "the ledger's client is closed: no block was added", true);
    if (signal?.aborted) {
      return new StoreError("aborted", "the call was given up before it began", true, { cause: signal.reason });
    }
    if (this.#deadlines.open.size < MOST_CALLS) return null;
    const message = `no block was added: ${MOST_CALLS} calls wait for their answers already; wait for some`;
    return new StoreError("overloaded", message, true);
  }

  #heed(call: LedgerCall, signal: AbortSignal): void {
    const aborted = () => this.#giveUp(call, "aborted", signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    call.forgetSignal = () => signal.removeEventListener("abort", aborted);
  }

  #giveUp(call: LedgerCall, code: "timeout" | "aborted" | "closed", cause?: unknown): void {
    const words = {
      timeout: `no answer within ${call.timeoutMs} ms`,
      aborted: "the call was given up",
      closed: "the ledger's client was closed",
    };
    call.giveUp(code, words[code], cause);
    this.#forget(call);
  }

  /** A call is settled. */
  #forget(call: LedgerCall): void {
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
      if (!call.isSettled && call.fail(inWordsOfLedgers(failure))) this.#forget(call);
    }
  }

  /** Sends a call until it is settled: under one number, to whichever server it takes. */
  async #carryOut(call: LedgerCall): Promise<void> {
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
  #timeFor({ deadline, lastFailure }: LedgerCall, failures: number): number {
    const leftMs = deadline - performance.now();
    return lastFailure?.code === "no-work" ? this.#servers.allOfMs(leftMs) : this.#servers.attemptMs(leftMs, failures);
  }

  /** Takes an answer. @returns whether that settled the call */
  #take(call: LedgerCall, { body, failure, server }: Answer): boolean {
    const answer = failure === null ? answerIn(body) : null;
    if (answer !== null) {
      call.resolve(answer);
      this.#search.perhaps();
    } else {
      const why = failure ?? this.#servers.misunderstood(server);
      if (why.code === "session-expired" && call.session === this.#session) this.#session = null;
      if (!call.fail(inWordsOfLedgers(why))) return false;
    }
    this.#forget(call);
    return true;
  }
}

/**
 * Whether work that took one server too long would have to be done in a small part of that time by the next. It certainly was
 * not done so far; of one more request nobody would know.
 */
function isHopeless({ deadline, lastFailure }: LedgerCall, withinMs: number): boolean {
  return lastFailure?.code === "no-work" && deadline - performance.now() < withinMs / 4;
}

/** @throws {RangeError} if a session cannot be called so */
function namesAfter(name: string | undefined): () => string {
  if (name === undefined) return randomUUID;
  if (name.length >= 1 && name.length <= MOST_NAME_CHARACTERS) {
    return () => `${name}-${randomUUID().slice(0, DRAWN_CHARACTERS)}`;
  }
  throw new RangeError(`name: 1 to ${MOST_NAME_CHARACTERS} characters, not ${JSON.stringify(name)}`);
}

/** A server of another kind of cluster has no such route, which alone would say little. */
function inWordsOfLedgers(failure: Failure): Failure {
  if (failure.code !== "not-found") return failure;
  return { ...failure, message: "what answers there is a server of Synod, but not of a ledger" };
}

/**
 * A client of this ledger.
 *
 * @throws {TypeError | RangeError | Error} if an option makes no sense
 */
export function connectLedger(options: LedgerOptions): LedgerClient {
  return new LedgerClient(options);
}
