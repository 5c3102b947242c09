import { ERRORS, type ErrorCode, type Problem } from "@synod/api";

/**
 * Why a call failed: an error of the servers' table (`ERRORS` of `@synod/api`), or one that only a client can know.
 *
 * `unreachable`: none of the servers answered. `timeout`: the call's time was up. `aborted`: its signal ended it.
 * `closed`: the store was closed.
 */
export type StoreErrorCode = ErrorCode | "unreachable" | "timeout" | "aborted" | "closed";

/** What was there instead of what was expected. */
export interface Versioned {
  readonly value: string;
  /** The slot of the write that put it there. */
  readonly revision: number;
}

/** A call that failed. Programs test `code` and `definite`; the message is for people. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    /** Whether the call certainly had no effect. Always so for reads. */
    readonly definite: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A write that may have happened, and may still: it was sent, and nobody said what became of it. Its `code` says how that
 * came: `outcome-unknown` (its time was up), `session-expired` (it will not happen any more, but may have), `aborted` or
 * `closed`. Read the key to see.
 */
export class OutcomeUnknown extends StoreError {
  override readonly name = "OutcomeUnknown";
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, false, options);
  }
}

/** A write whose expectation did not hold: nothing was written. */
export class CompareFailed extends StoreError {
  override readonly name = "CompareFailed";
  constructor(
    readonly key: string,
    /** What is there; null: the key is absent. */
    readonly current: Versioned | null,
    /** The slot at which it was there. */
    readonly slot: number,
  ) {
    const there = current === null ? "is absent" : `has revision ${current.revision}`;
    super("compare-failed", `nothing was written: the key ${JSON.stringify(key)} ${there}`, true);
  }
}

/** What went wrong with one request to one server. */
export interface Failure {
  readonly code: StoreErrorCode;
  /** For people. */
  readonly message: string;
  /** Whether what was asked for may have happened all the same. */
  readonly mayHaveHappened: boolean;
  /** Whether the same request may succeed later, or at another server. */
  readonly mayPass: boolean;
}

/** Errors of servers after which the same request is sent again: they are about the moment, not about the request. */
const PASSING: ReadonlySet<StoreErrorCode> = new Set<StoreErrorCode>([
  "unreachable",
  "timeout",
  "no-leader",
  "no-quorum",
  "no-learner",
  "no-work",
  "not-caught-up",
  "not-tried",
  "overloaded",
  "stopping",
  "storage-failed",
  "internal",
  "outcome-unknown",
  "request-timeout",
]);

/** What a server's problem says about the request. */
export function failureOf({ code, detail }: Problem): Failure {
  return { code, message: detail, mayHaveHappened: !ERRORS[code].definite, mayPass: PASSING.has(code) };
}
