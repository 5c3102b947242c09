import type { Consistency, ReadOptions } from "./options.js";

/** Which keys: those within all the bounds that are named. */
export interface RangeOptions extends ReadOptions {
  /** Keys that begin so. */
  readonly prefix?: string;
  /** This key and those above. */
  readonly from?: string;
  /** Keys below this one. */
  readonly to?: string;
  /** Keys above this one: `next` of the page before. */
  readonly after?: string;
  /** Entries in a page at most, 1 to 10,000. Default 1000. A page of long entries ends earlier. */
  readonly limit?: number;
}

/** The path and query that asks for a page. @param token what a session read must have seen */
export function rangePath(
  { prefix, from, to, after, limit }: RangeOptions,
  { level, token }: { readonly level: Consistency; readonly token: number },
  withinMs: number,
): string {
  const query = new URLSearchParams();
  for (const [name, bound] of Object.entries({ prefix, from, to, after, limit })) {
    if (bound !== undefined) query.set(name, String(bound));
  }
  query.set("consistency", level);
  if (level === "session") query.set("token", String(token));
  query.set("timeout_ms", String(withinMs));
  return `/kv?${query}`;
}
