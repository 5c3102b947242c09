/** A value that is decided, and its place. */
export interface DecidedValue {
  readonly slot: number;
  readonly value: string;
}

/** How long a request waits at most, in milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
}

/**
 * A log that a cluster agrees on, and the state that its values are applied to. It knows nothing of what the values mean,
 * nor of the protocol that decides them: what stands on it goes over any engine.
 *
 * The key-value store's own routes do not go through this, but through the `Gateway` of `@synod/state-machines`, which is
 * a client of the log with sessions in it, and runs in the simulator as it is. This is for applications that bring their
 * own commands: what they make of a value is in their `LogApplication`, and what came of it comes back from here.
 */
export interface ReplicatedLog {
  /**
   * Puts a value into the log. It may get there more than once: what it does must not depend on how often.
   *
   * @returns its slot, and what the application made of it, once a learner has applied it
   * @throws {LogRefused} if it certainly did not get there, or nobody knows
   */
  propose(value: string, patience: Patience): Promise<{ readonly slot: number; readonly result: string }>;
  /**
   * The slot that a state must have applied for a read that begins now to be linearizable: everything that was
   * acknowledged before this call is at or below it. Waits until the state here has.
   *
   * @throws {LogRefused} if that could not be found out, or the state here did not get there in time
   */
  readBarrier(patience: Patience): Promise<number>;
  /**
   * Every decided value from this slot on, in order and each once: those that are known here, then those that come. It
   * ends when the log is closed or the consumer stops.
   *
   * @throws {LogCompacted} while iterating, if values are no longer known here: read the state, and begin after it
   */
  subscribe(fromSlot: number): AsyncIterable<DecidedValue>;
}

/** Why a request to the log failed. `unknown`: it may have happened, and may yet. All others: it certainly did not. */
export type LogRefusal =
  | "no-leader"
  | "no-quorum"
  | "no-learner"
  | "not-caught-up"
  | "overloaded"
  | "stopping"
  | "unknown";

export class LogRefused extends Error {
  override readonly name = "LogRefused";
  constructor(readonly reason: LogRefusal) {
    super(reason === "unknown" ? "nobody said in time whether it happened" : `it did not happen: ${reason}`);
  }
}

/** The values that were asked for are gone: everything through this slot is known as state only. */
export class LogCompacted extends Error {
  override readonly name = "LogCompacted";
  constructor(readonly through: number) {
    super(`values through slot ${through} are gone: read the state, and begin after it`);
  }
}
