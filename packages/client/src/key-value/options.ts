import type { CallOptions, ConnectOptions } from "../calls/options.js";
import { StoreError } from "../calls/store-errors.js";
import type { Operation } from "./call.js";

/** How fresh a read is: linearizable; never older than what this client has seen; as fresh as whoever answers. */
export type Consistency = "strong" | "session" | "eventual";

export interface StoreOptions extends ConnectOptions {
  /** The level of reads that name none. Default `strong`. */
  readonly consistency?: Consistency;
  /** What another client has seen: session reads here show no less. Its `token`. */
  readonly token?: number;
}

export interface WriteOptions extends CallOptions {
  /** Whether to be told what was there before: it travels back, and every replica keeps it until it has arrived. */
  readonly previous?: boolean;
}

export interface ReadOptions extends CallOptions {
  readonly consistency?: Consistency;
}

/** What must be there for a write to happen: a value (null: none), or the value of a revision. One of the two. */
export type Expectation = { readonly expected: string | null } | { readonly expectedRevision: number };

/** The longest key and value, in UTF-16 code units. */
const MOST_KEY_CHARACTERS = 1024;
const MOST_VALUE_CHARACTERS = 65_536;

const LEVELS: readonly string[] = ["strong", "session", "eventual"];

/** @throws {RangeError} if there is no such level */
export function checkedLevel(consistency: Consistency): Consistency {
  if (LEVELS.includes(consistency)) return consistency;
  throw new RangeError(`consistency: ${LEVELS.join(", ")}, not ${JSON.stringify(consistency)}`);
}

/**
 * An operation that the servers take: one bad operation would have all that travel with it refused.
 *
 * @throws {StoreError} `bad-request`
 */
export function checkedOperation(operation: Operation): Operation {
  if (!isText(operation.key, 1, MOST_KEY_CHARACTERS)) {
    throw badRequest(`a key is a string of 1 to ${MOST_KEY_CHARACTERS} characters of well-formed Unicode`);
  }
  const { type } = operation;
  if (type === "put" && !isValue(operation.value)) throw notAValue("value");
  if (type !== "cas") return operation;
  const { value, expected, expectedRevision } = operation;
  if (value !== null && !isValue(value)) throw notAValue("value");
  if (expected !== undefined && expected !== null && !isValue(expected)) throw notAValue("expected");
  if ((expected === undefined) === (expectedRevision === undefined)) {
    throw badRequest("give one of expected (null: no value) and expectedRevision, and not undefined");
  }
  if (expectedRevision !== undefined && !(Number.isSafeInteger(expectedRevision) && expectedRevision >= 1)) {
    throw badRequest("expectedRevision is the revision of a value: an integer of 1 or more");
  }
  return operation;
}

/**
 * Bounds that the servers understand as they were meant: in a query everything becomes well-formed text, null as "null" and
 * half of a surrogate pair as another character, and the page would be one of other keys.
 *
 * @throws {StoreError} `bad-request`
 */
export function checkedBounds<Bounds extends Partial<Record<"prefix" | "from" | "to" | "after", string>>>(
  bounds: Bounds,
): Bounds {
  for (const name of ["prefix", "from", "to", "after"] as const) {
    const bound: unknown = bounds[name];
    if (bound === undefined || (typeof bound === "string" && bound.isWellFormed())) continue;
    throw badRequest(`${name}: a string of well-formed Unicode, or undefined for no such bound`);
  }
  return bounds;
}

function isValue(value: unknown): boolean {
  return isText(value, 0, MOST_VALUE_CHARACTERS);
}

function isText(text: unknown, least: number, most: number): boolean {
  return typeof text === "string" && text.length >= least && text.length <= most && text.isWellFormed();
}

function notAValue(which: string): StoreError {
  return badRequest(`${which}: a string of at most ${MOST_VALUE_CHARACTERS} characters of well-formed Unicode`);
}

function badRequest(message: string): StoreError {
  return new StoreError("bad-request", message, true);
}
