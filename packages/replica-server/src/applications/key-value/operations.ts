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

export function putOperation(key: string, value: string): PutOperation {
  return { type: "put", key: checkedKey(key), value: checkedValue(value) };
}

export function deleteOperation(key: string): DeleteOperation {
  return { type: "delete", key: checkedKey(key) };
}

/** What a comparison expects: either of the two. */
export interface Expectation {
  readonly expected?: string | null;
  readonly expectedRevision?: number;
}

/** @param value null deletes the key @throws {RequestRefused} `bad-request` if it expects two things, or nothing */
export function compareOperation(key: string, value: string | null, expectation: Expectation): CompareOperation {
  const { expected, expectedRevision } = expectation;
  const checked = { type: "cas", key: checkedKey(key), value: value === null ? null : checkedValue(value) } as const;
  if (expected !== undefined && expectedRevision === undefined) {
    return { ...checked, expected: expected === null ? null : checkedValue(expected) };
  }
  if (expectedRevision !== undefined && expected === undefined) return { ...checked, expectedRevision };
  throw new RequestRefused("bad-request", "give one of expected and expectedRevision: a comparison expects one thing");
}
