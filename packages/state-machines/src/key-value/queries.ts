import { asObject, hasMembers, isInteger, type JsonObject } from "../json-shape.js";
import type { Json } from "../state-machine.js";
import { isKey } from "./operations.js";

/** Entries in a page, unless the question names a limit. */
export const USUAL_RANGE_LIMIT = 1000;

/** The highest limit that a question may name. */
export const MOST_RANGE_LIMIT = 10_000;

export type GetQuery = { readonly type: "get"; readonly key: string };

/** The entries whose keys are within all the bounds named, in code-unit order (that of `<`), one page of them. */
export type RangeQuery = {
  readonly type: "range";
  /** Keys that begin so. */
  readonly prefix?: string;
  /** This key and those above. */
  readonly from?: string;
  /** Keys below this one. */
  readonly to?: string;
  /** Keys above this one: `next` of the page before. */
  readonly after?: string;
  /** Entries in the page at most, 1..10000; 1000 if it is not named. A page of long entries ends earlier. */
  readonly limit?: number;
};

/** How many keys are there? */
export type CountQuery = { readonly type: "count" };

export type KeyValueQuery = GetQuery | RangeQuery | CountQuery;

export type KeyValueEntry = { readonly key: string; readonly value: string; readonly revision: number };

export type GetAnswer = { readonly entry: KeyValueEntry | null };
/** `next`: there is more, for a question with this as `after`; null: there is no more. */
export type RangeAnswer = { readonly entries: readonly KeyValueEntry[]; readonly next: string | null };
export type CountAnswer = { readonly keys: number };

/** It is no question, and why. */
export type QueryError = { readonly error: string };

export function parseKeyValueQuery(json: Json): KeyValueQuery | QueryError {
  const object = asObject(json);
  switch (object?.type) {
    case "get":
      if (!hasMembers(object, ["type", "key"])) return { error: 'a "get" has a key, and nothing else' };
      if (!isKey(object.key)) return { error: '"key" is a string of 1 to 1024 characters of well-formed Unicode' };
      return { type: "get", key: object.key };
    case "range":
      return parseRange(object);
    case "count":
      return hasMembers(object, ["type"]) ? { type: "count" } : { error: 'a "count" has no members besides its type' };
    default:
      return { error: 'a query is an object of type "get", "range" or "count"' };
  }
}

const BOUNDS = ["prefix", "from", "to", "after"] as const;

function parseRange(object: JsonObject): RangeQuery | QueryError {
  if (!hasMembers(object, ["type"], [...BOUNDS, "limit"])) {
    return { error: 'a "range" has no members besides "prefix", "from", "to", "after" and "limit"' };
  }
  for (const bound of BOUNDS) {
    const value = object[bound];
    if (value !== undefined && typeof value !== "string") return { error: `"${bound}" is a string` };
  }
  const { limit } = object;
  if (limit !== undefined && !(isInteger(limit, 1) && limit <= MOST_RANGE_LIMIT)) {
    return { error: `"limit" is an integer 1..${MOST_RANGE_LIMIT}` };
  }
  // Every member was looked at above.
  return object as RangeQuery;
}
