import { asObject, hasMembers, isInteger, isText, type JsonObject } from "../json-shape.js";
import type { Json } from "../state-machine.js";

/** The longest key, in characters (UTF-16 code units). The shortest has one. */
export const MOST_KEY_CHARACTERS = 1024;

/** The longest value, in characters (UTF-16 code units). The shortest is empty. */
export const MOST_VALUE_CHARACTERS = 65_536;

/** A value and its revision: the slot of the write that put it there. */
export type VersionedValue = { readonly value: string; readonly revision: number };

/**
 * What a write may ask besides: what was there before. Only who asks is told, since the answer stays with every replica until
 * its client has it, and is as long as the value was.
 */
type AsksForPrevious = { readonly previous?: true };

export type PutOperation = AsksForPrevious & { readonly type: "put"; readonly key: string; readonly value: string };
export type DeleteOperation = AsksForPrevious & { readonly type: "delete"; readonly key: string };

/** Compares, and puts the value, or deletes the key for a value of null, if what is there is what is expected. */
export type CompareOperation = AsksForPrevious & { readonly type: "cas"; readonly key: string } & (
    | /** Expects this value; null: that the key is absent. */ {
        readonly expected: string | null;
        readonly value: string | null;
      }
    | /** Expects the value of this revision, an integer 1..2^53-1. An absent key has none. */ {
        readonly expectedRevision: number;
        readonly value: string | null;
      }
  );

export type KeyValueOperation = PutOperation | DeleteOperation | CompareOperation;

/** What was there before, for a write that asks; null if the key was absent. */
export type Replaced = { readonly previous?: VersionedValue | null };

export type PutResult = Replaced & { readonly revision: number };
export type DeleteResult = Replaced & { readonly deleted: boolean };
export type CompareResult =
  | (Replaced & { readonly succeeded: true; readonly revision: number })
  | { readonly succeeded: false; readonly current: VersionedValue | null };

/** One key changed. A delete of an absent key and a comparison that failed change nothing. */
export type KeyValueChange = {
  /** The slot of the write. */
  readonly revision: number;
  readonly key: string;
  /** What is there now; null after a delete. */
  readonly value: string | null;
  readonly type: "put" | "delete";
};

/** Of key and value, in UTF-16 code units. */
export function charactersOfKeyValueChange({ key, value }: KeyValueChange): number {
  return key.length + (value?.length ?? 0);
}

/** Whether this can be a key: 1..1024 characters of well-formed Unicode. */
export function isKey(value: Json | undefined): value is string {
  return isText(value, 1, MOST_KEY_CHARACTERS) && value.isWellFormed();
}

/** Whether this can be a value: at most 65,536 characters of well-formed Unicode. */
export function isStorableValue(value: Json | undefined): value is string {
  return isText(value, 0, MOST_VALUE_CHARACTERS) && value.isWellFormed();
}

/** What a write may have besides what it must. */
const OPTIONAL = ["previous"];

/** Strict: a member too many or of a wrong shape makes it no operation. */
export function parseKeyValueOperation(json: Json): KeyValueOperation | null {
  const object = asObject(json);
  if (object === null || !isKey(object.key)) return null;
  const { key, value, previous } = object;
  if (previous !== undefined && previous !== true) return null;
  const asks: AsksForPrevious = previous ? { previous } : {};
  switch (object.type) {
    case "put":
      return hasMembers(object, ["type", "key", "value"], OPTIONAL) && isStorableValue(value)
        ? { type: "put", key, value, ...asks }
        : null;
    case "delete":
      return hasMembers(object, ["type", "key"], OPTIONAL) ? { type: "delete", key, ...asks } : null;
    case "cas":
      return parseCompare(object, key, asks);
    default:
      return null;
  }
}

/** What an operation of the store touches; null if it is none. */
export function keyTouched(json: Json): string | null {
  return parseKeyValueOperation(json)?.key ?? null;
}

function parseCompare(object: JsonObject, key: string, asks: AsksForPrevious): CompareOperation | null {
  const { value, expected, expectedRevision } = object;
  if (value !== null && !isStorableValue(value)) return null;
  if (hasMembers(object, ["type", "key", "value", "expected"], OPTIONAL)) {
    return expected === null || isStorableValue(expected) ? { type: "cas", key, expected, value, ...asks } : null;
  }
  if (hasMembers(object, ["type", "key", "value", "expectedRevision"], OPTIONAL)) {
    return isInteger(expectedRevision, 1) ? { type: "cas", key, expectedRevision, value, ...asks } : null;
  }
  return null;
}
