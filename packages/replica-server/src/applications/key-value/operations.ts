import { RequestRefused } from "@synod/acceptor-server";
import {
  type CompareOperation,
  type DeleteOperation,
  isKey,
  isStorableValue,
  type PutOperation,
} from "@synod/state-machines";

/** Operations that the replicas understand; what they would not is refused here, before it costs a slot. */

/** @throws {RequestRefused} `bad-request` if it cannot be a key */
export function checkedKey(key: string): string {
  if (isKey(key)) return key;
  throw new RequestRefused("bad-request", "a key has 1 to 1024 characters of well-formed Unicode");
}

/** @throws {RequestRefused} `bad-request` if it cannot be a value */
function checkedValue(value: string): string {
  if (isStorableValue(value)) return value;
  throw new RequestRefused("bad-request", "a value has at most 65,536 characters of well-formed Unicode");
}

/** What every write may ask besides. */
export interface Asks {
  /** Whether to be told what was there before. */
  readonly previous?: boolean;
}

export function putOperation(key: string, value: string, asks: Asks = {}): PutOperation {
  return { type: "put", key: checkedKey(key), value: checkedValue(value), ...asked(asks) };
}

export function deleteOperation(key: string, asks: Asks = {}): DeleteOperation {
  return { type: "delete", key: checkedKey(key), ...asked(asks) };
}

/** What a comparison expects: either of the two. */
export interface Expectation {
  readonly expected?: string | null;
  readonly expectedRevision?: number;
}

/** @param value null deletes the key @throws {RequestRefused} `bad-request` if it expects two things, or nothing */
export function compareOperation(
  key: string,
  value: string | null,
  { expected, expectedRevision, ...asks }: Expectation & Asks,
): CompareOperation {
  const newValue = value === null ? null : checkedValue(value);
  const checked = { type: "cas", key: checkedKey(key), value: newValue, ...asked(asks) } as const;
  if (expected !== undefined && expectedRevision === undefined) {
    return { ...checked, expected: expected === null ? null : checkedValue(expected) };
  }
  if (expectedRevision !== undefined && expected === undefined) return { ...checked, expectedRevision };
  throw new RequestRefused("bad-request", "give one of expected and expectedRevision: a comparison expects one thing");
}

/** As the replicas take it: only who asks says so. */
function asked({ previous }: Asks): { readonly previous?: true } {
  return previous ? { previous } : {};
}
