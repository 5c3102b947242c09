import { asObject, hasMembers, isInteger, isText } from "../json-shape.js";
import type { Json } from "../state-machine.js";

/** Entries of the map in one answer, if nobody says how many. */
export const USUAL_MAP_LIMIT = 1000;

/** Entries of the map in one answer, at most. */
export const MOST_MAP_LIMIT = 10_000;

/** How long the chain is, and what its last hash is. */
export type HeadQuery = { readonly type: "head" };
/** The map, by pages. `after`: the canonical text of a key; the page begins behind it. */
export type MapQuery = { readonly type: "map"; readonly after?: string; readonly limit?: number };
export type LedgerQuery = HeadQuery | MapQuery;

export type LedgerHeadAnswer = {
  readonly height: number;
  /** Null before the first block. */
  readonly hash: string | null;
  readonly keys: number;
  readonly difficulty: number;
};

/** `height`: the block that put the value there. */
export type LedgerEntry = { readonly key: Json; readonly value: Json; readonly height: number };

export type LedgerMapPage = {
  /** In the order of their canonical texts. */
  readonly entries: readonly LedgerEntry[];
  /** The `after` of the next page; null if this is the last. */
  readonly next: string | null;
  /** The chain that spells this map. */
  readonly height: number;
  readonly hash: string | null;
};

/** Strict: a member too many or of a wrong shape is an error, said in words. */
export function parseLedgerQuery(json: Json): LedgerQuery | { readonly error: string } {
  const object = asObject(json);
  switch (object?.type) {
    case "head":
      return hasMembers(object, ["type"]) ? { type: "head" } : { error: "a question for the head has nothing else" };
    case "map": {
      const { after, limit } = object;
      if (!hasMembers(object, ["type"], ["after", "limit"])) return { error: "the map takes after and limit" };
      if (after !== undefined && !isText(after, 0, Number.MAX_SAFE_INTEGER)) return { error: "after is a text" };
      if (limit !== undefined && (!isInteger(limit, 1) || limit > MOST_MAP_LIMIT)) {
        return { error: `limit is a whole number 1..${MOST_MAP_LIMIT}` };
      }
      return { type: "map", ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) };
    }
    default:
      return { error: 'the type of a question is "head" or "map"' };
  }
}
