import type { Line } from "./key-lines.js";
import { CompareFailed, type Failure, failureOf, OutcomeUnknown, StoreError, type Versioned } from "./store-errors.js";
import type { WriteSession } from "./write-session.js";

/** One operation, as `POST /kv/batch` takes it. */
export type Operation =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "cas";
      readonly key: string;
      readonly value: string | null;
      readonly expected?: string | null;
      readonly expectedRevision?: number;
    };

/** What came of one operation, as the answer to a batch says it; which members there are depends on its type. */
export interface OperationResult {
  readonly slot: number;
  readonly value?: string;
  readonly revision?: number;
  readonly previous?: Versioned | null;
  readonly deleted?: boolean;
  readonly learner?: string;
}

/** The same, if it failed. */
type Refused = { readonly error: Parameters<typeof failureOf>[0] & Partial<Pick<CompareFailed, "current" | "slot">> };

/** Which calls may travel together: writes, or reads of one level. */
export type Lane = "write" | "strong" | "session" | "eventual";

/** The worst that JSON and UTF-8 make of a character, in bytes. */
const BYTES_A_CHARACTER = 6;
const BYTES_AROUND = 128;

/**
 * One operation that a caller waits for. Its promise settles once: with its result, or with a `StoreError`.
 *
 * There are many of these, so there is nothing in it that is not needed: no timer, no closure but its promise's own.
 */
export class Call {
  readonly operation: Operation;
  readonly lane: Lane;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly timeoutMs: number;
  /** Characters of key and values. */
  readonly characters: number;
  readonly promise: Promise<OperationResult | null>;
  #resolve!: (result: OperationResult | null) => void;
  #reject!: (error: StoreError) => void;
  /** The order of its key; null until it has a place there. */
  line: Line | null = null;
  /** Of a write that has its number: the session, and the number in it. */
  session: WriteSession | null = null;
  sequence = 0;
  isSettled = false;
  /** Whether it is in a request at the moment. */
  isUnderWay = false;
  /** Whether an earlier request that carried it may have had its effect. */
  mayHaveHappened = false;
  lastFailure: Failure | null = null;
  /** Takes the listener off the caller's signal. */
  forgetSignal: (() => void) | null = null;

  constructor(operation: Operation, lane: Lane, timeoutMs: number) {
    this.operation = operation;
    this.lane = lane;
    this.timeoutMs = timeoutMs;
    this.deadline = performance.now() + timeoutMs;
    this.characters = charactersOf(operation);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isWrite(): boolean {
    return this.lane === "write";
  }

  /** What it may take in a body, in bytes. */
  get bytes(): number {
    return this.characters * BYTES_A_CHARACTER + BYTES_AROUND;
  }

  /** Gives a write its number, which it keeps. */
  number(session: WriteSession): void {
    this.session = session;
    this.sequence = session.take();
  }

  /** Takes what a server said of it. @returns whether that settled it */
  take(result: OperationResult | Refused): boolean {
    if (!("error" in result)) {
      this.#settle();
      this.#resolve(result);
      return true;
    }
    const { error } = result;
    if (error.code === "key-not-found" && !this.isWrite) {
      this.#settle();
      this.#resolve(null);
      return true;
    }
    if (error.code === "compare-failed") {
      this.reject(new CompareFailed(this.operation.key, error.current ?? null, error.slot ?? 0));
      return true;
    }
    return this.fail(failureOf(error));
  }

  /** Takes that a request which carried it failed. @returns whether that settled it: there is nothing more to try */
  fail(failure: Failure): boolean {
    this.lastFailure = failure;
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
      const words = `${why}. The write may have happened, and may still: read the key to see`;
      this.reject(new OutcomeUnknown(code === "timeout" ? "outcome-unknown" : code, words, options));
      return;
    }
    const definite = code === "timeout" && this.lastFailure !== null ? this.lastFailure.code : code;
    this.reject(
      new StoreError(definite, `${why}. ${this.isWrite ? "Nothing was written" : "Nothing was read"}`, true, options),
    );
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

function charactersOf(operation: Operation): number {
  const { key } = operation;
  if (operation.type === "put") return key.length + operation.value.length;
  if (operation.type !== "cas") return key.length;
  return key.length + (operation.value?.length ?? 0) + (operation.expected?.length ?? 0);
}
