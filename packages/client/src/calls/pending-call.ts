import { type Failure, OutcomeUnknown, StoreError } from "./store-errors.js";
import type { WriteSession } from "./write-session.js";

/** How the end of a call is told to people. */
export interface CallWords {
  /** Of a write that may have happened: what that means, and what to do. */
  readonly unknown: string;
  /** Of what certainly had no effect. */
  readonly nothing: string;
}

/**
 * What a caller waits for. Its promise settles once: with its result, or with a `StoreError`.
 *
 * There are many of these, so there is nothing in it that is not needed: no timer, no closure but its promise's own.
 */
export abstract class PendingCall<Result> {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly promise: Promise<Result>;
  #resolve!: (result: Result) => void;
  #reject!: (error: StoreError) => void;
  /** Of a write that has its number: the session, and the number in it. */
  session: WriteSession | null = null;
  sequence = 0;
  isSettled = false;
  /** Whether it is in a request at the moment. */
  isUnderWay = false;
  /** Whether an earlier request that carried it may have had its effect. */
  mayHaveHappened = false;
  /** What the last server said that could not help; of those that are not there, the last one, if none said anything. */
  lastFailure: Failure | null = null;
  /** Takes the listener off the caller's signal. */
  forgetSignal: (() => void) | null = null;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.deadline = performance.now() + timeoutMs;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether it has an effect, which must happen once. */
  abstract get isWrite(): boolean;

  protected abstract get words(): CallWords;

  /** Gives a write its number, which it keeps. */
  number(session: WriteSession): void {
    this.session = session;
    this.sequence = session.take();
  }

  /** Takes that a request which carried it failed. @returns whether that settled it: there is nothing more to try */
  fail(failure: Failure): boolean {
    if (this.lastFailure === null || failure.code !== "unreachable") this.lastFailure = failure;
    if (this.isWrite && failure.mayHaveHappened) this.mayHaveHappened = true;
    if (failure.mayPass) return false;
    const { code, message } = failure;
    // This copy may be refused for good, but one that was sent before is not known to be.
    const unknown = failure.mayHaveHappened ? code : "outcome-unknown";
    this.reject(this.mayHaveHappened ? new OutcomeUnknown(unknown, message) : new StoreError(code, message, true));
    return true;
  }

  /** Ends it without an answer. A write that was sent may have happened, and may still. */
  giveUp(code: "timeout" | "aborted" | "closed", what: string, cause?: unknown): void {
    const options = cause === undefined ? undefined : { cause };
    const why = this.lastFailure === null ? what : `${what}; the last answer was: ${this.lastFailure.message}`;
    if (this.isWrite && (this.isUnderWay || this.mayHaveHappened)) {
      const unknown = code === "timeout" ? "outcome-unknown" : code;
      this.reject(new OutcomeUnknown(unknown, `${why}. ${this.words.unknown}`, options));
      return;
    }
    const definite = code === "timeout" && this.lastFailure !== null ? this.lastFailure.code : code;
    this.reject(new StoreError(definite, `${why}. ${this.words.nothing}`, true, options));
  }

  resolve(result: Result): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: StoreError): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.isSettled = true;
    if (this.session !== null) this.session.close(this.sequence);
    if (this.forgetSignal !== null) this.forgetSignal();
  }
}
