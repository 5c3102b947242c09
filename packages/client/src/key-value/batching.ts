import { backOffMs } from "../calls/back-off.js";
import { Deadlines } from "../calls/deadlines.js";
import { heardByMany } from "../calls/heard-by-many.js";
import type { LeaderSearch } from "../calls/leader-search.js";
import type { CallPatience } from "../calls/options.js";
import type { Answer, Servers } from "../calls/servers.js";
import { SessionOpening } from "../calls/session-opening.js";
import { type Failure, StoreError } from "../calls/store-errors.js";
import type { WriteSession } from "../calls/write-session.js";
import { Batch, batchRequest, resultsIn } from "./batch.js";
import { Call, type Lane, type Operation, type OperationResult } from "./call.js";
import { CallQueue } from "./call-queue.js";
import { KeyLines } from "./key-lines.js";

/** Operations in one request at most; the servers take 1000. */
const MOST_OPERATIONS = 500;
/** Bytes of a body at most, however they are escaped; the servers take 4 MiB. */
const MOST_BYTES = 3 * 1024 * 1024;
/** Requests of one lane under way at a time: what one brings back is worked on while the other is at the servers. */
const MOST_UNDER_WAY = 2;
/** So many calls that wait while no request is under way are parted: the servers work on one part while another is read. */
const WORTH_PARTING = 128;
/** Calls that are not settled at most, and the characters of their keys and values. */
const MOST_CALLS = 10_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** After so many calls that were given up, those among the queued ones are taken out. */
const SWEEP_EVERY = 1000;

/** Calls of one kind on their way. */
interface LaneState {
  readonly lane: Lane;
  readonly queue: CallQueue;
  /** Batches that go before what is queued. */
  readonly again: Batch[];
  underWay: number;
}

/**
 * Sends calls in batches: those that are made while requests are under way travel together in the next one. What no server
 * answered is sent again, a write under the number that it had, until its time is up.
 *
 * Three rules keep it right. Two requests that are under way never have calls on one key. A write keeps its session and
 * number for as long as somebody waits for it. And a number is acknowledged only once nobody does.
 */
export class Batching {
  readonly #servers: Servers;
  readonly #search: LeaderSearch;
  readonly #opening: SessionOpening;
  readonly #lines = new KeyLines();
  readonly #deadlines = new Deadlines<Call>((call) => this.#giveUp(call, "timeout"));
  readonly #lanes: Readonly<Record<Lane, LaneState>> = {
    write: newLane("write"),
    strong: newLane("strong"),
    session: newLane("session"),
    eventual: newLane("eventual"),
  };
  #session: WriteSession | null = null;
  #characters = 0;
  #givenUp = 0;
  #isScheduled = false;
  #isClosing = false;
  #whenIdle: (() => void) | null = null;
  /** The highest slot that an answer named: what a session read must have seen. */
  token: number;

  constructor(servers: Servers, search: LeaderSearch, token: number) {
    this.#servers = servers;
    this.#search = search;
    this.#opening = new SessionOpening(servers, "/kv/sessions");
    this.token = token;
  }

  /** @returns what came of it; null: there is no such key @throws {StoreError} */
  submit(operation: Operation, lane: Lane, { timeoutMs, signal }: CallPatience): Promise<OperationResult | null> {
    const refusal = this.#refusal(signal);
    if (refusal !== null) return Promise.reject(refusal);
    const call = new Call(operation, lane, timeoutMs);
    this.#characters += call.characters;
    this.#deadlines.add(call);
    if (signal !== undefined) this.#heed(call, signal);
    if (this.#lines.admit(call)) this.#lanes[lane].queue.push(call);
    this.#schedule();
    return call.promise;
  }

  /** Takes no more calls, and waits for those that there are. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#deadlines.open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#opening.close();
    this.#deadlines.clear();
  }

  /** Ends every call that there is. */
  endAll(cause: unknown): void {
    this.#isClosing = true;
    for (const call of this.#deadlines.open) this.#giveUp(call, "closed", cause);
  }

  #refusal(signal: AbortSignal | undefined): StoreError | null {
    if (this.#isClosing) return new StoreError("closed", "the store is closed: nothing was done", true);
    if (signal?.aborted) {
      return new StoreError("aborted", "the call was given up before it began", true, { cause: signal.reason });
    }
    if (this.#deadlines.open.size < MOST_CALLS && this.#characters < MOST_CHARACTERS) return null;
    const message = `nothing was done: ${this.#deadlines.open.size} calls wait for their answers already; wait for some`;
    return new StoreError("overloaded", message, true);
  }

  #heed(call: Call, signal: AbortSignal): void {
    const aborted = () => this.#giveUp(call, "aborted", signal.reason);
    heardByMany(signal).addEventListener("abort", aborted, { once: true });
    call.forgetSignal = () => signal.removeEventListener("abort", aborted);
  }

  #giveUp(call: Call, code: "timeout" | "aborted" | "closed", cause?: unknown): void {
    const words = {
      timeout: `no answer within ${call.timeoutMs} ms`,
      aborted: "the call was given up",
      closed: "the store was closed",
    };
    call.giveUp(code, words[code], cause);
    this.#forget(call);
    this.#lines.gaveUp(call);
    // Those that were given up must not fill the queues for as long as nothing is sent.
    if (++this.#givenUp % SWEEP_EVERY === 0) this.#sweep();
  }

  /** Takes calls that are settled out of the queues. */
  #sweep(): void {
    for (const { queue } of Object.values(this.#lanes)) {
      for (const call of queue.takeAll()) {
        if (call.isSettled) this.#queue(this.#lines.leaveQueue(call));
        else queue.push(call);
      }
    }
  }

  /** A call is settled. */
  #forget(call: Call): void {
    this.#characters -= call.characters;
    this.#deadlines.remove(call);
    if (this.#whenIdle !== null && this.#deadlines.open.size === 0) this.#whenIdle();
  }

  // --- What is sent, and when ----------------------------------------------------------------------------------------

  /** Soon, so that calls which are made together travel together; a call that is alone waits for nobody. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      for (const state of Object.values(this.#lanes)) this.#dispatch(state);
    });
  }

  #dispatch(state: LaneState): void {
    while (state.underWay < MOST_UNDER_WAY) {
      const batch = state.again.shift() ?? this.#gather(state);
      if (batch === null) return;
      void this.#send(state, batch);
    }
  }

  /** The calls of the next batch, in their order. */
  #gather({ lane, queue, underWay }: LaneState): Batch | null {
    const session = lane === "write" ? this.#sessionFor(queue) : null;
    const isParted = underWay === 0 && queue.length >= WORTH_PARTING;
    const share = isParted ? Math.ceil(queue.length / MOST_UNDER_WAY) : queue.length;
    const most = Math.min(MOST_OPERATIONS, share, lane === "write" ? (session?.room ?? 0) : MOST_OPERATIONS);
    const calls: Call[] = [];
    const batch = new Batch(lane, calls);
    let bytes = 0;
    for (let call = queue.first; call !== undefined; call = queue.first) {
      if (call.isSettled) {
        queue.shift();
        this.#queue(this.#lines.leaveQueue(call));
        continue;
      }
      if (calls.length >= most || (bytes + call.bytes > MOST_BYTES && calls.length > 0)) break;
      queue.shift();
      if (!this.#lines.claim(call, batch)) {
        this.#queue(this.#lines.afterSettingBack(call));
        continue;
      }
      if (session !== null) call.number(session);
      calls.push(call);
      bytes += call.bytes;
    }
    return calls.length > 0 ? batch : null;
  }

  /** The session of the next writes; null while there is none: it is opened, and then they are sent. */
  #sessionFor(queue: CallQueue): WriteSession | null {
    if (this.#session === null && queue.first !== undefined) void this.#openSession();
    return this.#session;
  }

  async #openSession(): Promise<void> {
    if (this.#opening.isUnderWay) return;
    this.#session = await this.#opening.open((failure) => this.#noSession(failure));
    this.#schedule();
  }

  /** Those that wait for a session hear why there is none, which ends them if it is for good. */
  #noSession(failure: Failure): void {
    const { queue } = this.#lanes.write;
    for (const call of queue.all) if (!call.isSettled && call.fail(failure)) this.#forget(call);
    this.#sweep();
  }

  #queue(calls: readonly Call[]): void {
    for (const call of calls) this.#lanes[call.lane].queue.push(call);
    if (calls.length > 0) this.#schedule();
  }

  // --- One request ---------------------------------------------------------------------------------------------------

  async #send(state: LaneState, batch: Batch): Promise<void> {
    this.#letGo(batch.calls);
    batch.calls = batch.calls.filter(({ isSettled }) => !isSettled);
    if (batch.calls.length === 0) return;
    state.underWay++;
    const calls = batch.chunk();
    let latest = 0;
    for (const call of calls) {
      call.isUnderWay = true;
      if (call.deadline > latest) latest = call.deadline;
    }
    const withinMs = this.#servers.attemptMs(latest - performance.now(), batch.failures);
    const answer = await this.#servers.ask(batchRequest(batch.lane, calls, withinMs, this.token), withinMs);
    state.underWay--;
    const failure = this.#settle(calls, answer);
    if (failure === null) this.#search.perhaps();
    else if (failure.mayHaveHappened) batch.shrink();
    this.#letGo(batch.calls);
    batch.calls = batch.calls.filter(({ isSettled }) => !isSettled);
    // What is left may only have been too much for one request.
    batch.failures = calls.some(({ isSettled }) => !isSettled) ? batch.failures + 1 : 0;
    if (batch.calls.length > 0) this.#again(state, batch);
    this.#schedule();
  }

  /** Gives each call what the answer says of it. @returns what was wrong with the answer as a whole, if anything was */
  #settle(calls: readonly Call[], { body, failure, server }: Answer): Failure | null {
    const results = failure === null ? resultsIn(body, calls.length) : null;
    const wrong = failure ?? (results === null ? this.#servers.misunderstood(server) : null);
    let isNoHelp = false;
    for (const [place, call] of calls.entries()) {
      call.isUnderWay = false;
      if (call.isSettled) continue;
      const result = results?.[place];
      if (result !== undefined) this.#see(result);
      const isSettled = wrong === null && result !== undefined ? call.take(result) : call.fail(wrong ?? NO_RESULT);
      if (call.lastFailure?.code === "session-expired" && call.session === this.#session) this.#session = null;
      if (isSettled) this.#forget(call);
      else isNoHelp = true;
    }
    if (isNoHelp && failure === null) this.#servers.failed(server);
    return wrong;
  }

  #see(result: OperationResult | { readonly error: { readonly slot?: number } }): void {
    const slot = "error" in result ? result.error.slot : result.slot;
    if (slot !== undefined && slot > this.token) this.token = slot;
  }

  /** Lets those that are settled leave their lines. */
  #letGo(calls: readonly Call[]): void {
    for (const call of calls) if (call.isSettled) this.#queue(this.#lines.leaveBatch(call));
  }

  /** Sends what is left of a batch again, after a while if that has failed before. */
  #again(state: LaneState, batch: Batch): void {
    const again = () => {
      state.again.push(batch);
      this.#dispatch(state);
    };
    const waitMs = backOffMs(batch.failures, this.#servers.all.length);
    if (waitMs > 0) setTimeout(again, waitMs);
    else again();
  }
}

function newLane(lane: Lane): LaneState {
  return { lane, queue: new CallQueue(), again: [], underWay: 0 };
}

/** For what cannot be: an answer has as many results as its request had operations. */
const NO_RESULT: Failure = {
  code: "internal",
  message: "the answer has no result for it",
  mayHaveHappened: true,
  mayPass: true,
};
