import { UsageError } from "../terminal/exit-code.js";

const LONGEST_KEY = 1024;

/** The key that was typed. @throws {UsageError} if it can be none */
export function keyGiven(value: unknown): string {
  const key = String(value);
  if (key.length >= 1 && key.length <= LONGEST_KEY) return key;
  throw new UsageError(`a key has 1 to ${LONGEST_KEY} characters`);
}

/** The route of a key. */
export function keyPath(key: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  return `/kv/${encodeURIComponent(key)}${queryText(query)}`;
}

/** `?a=1&b=2` of what is there; nothing if nothing is. */
export function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const fields = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return fields.length === 0 ? "" : `?${fields.join("&")}`;
}

/** `(revision 3, slot 7)`: what is known of where something stands. */
export function where({ revision, slot }: { readonly revision?: unknown; readonly slot?: unknown }): string {
  const parts = [
    ...(typeof revision === "number" ? [`revision ${revision}`] : []),
    ...(typeof slot === "number" ? [`slot ${slot}`] : []),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** `x = "1"`. */
export function assignment(key: string, value: unknown): string {
  return `${key} = ${JSON.stringify(value)}`;
}

/** What was found in place of what was expected: `it holds "1" (revision 3)`. */
export function foundInstead(key: string, current: unknown): string {
  const held = current as { readonly value?: unknown; readonly revision?: unknown } | null | undefined;
  if (held === undefined) return `${key} is not as expected`;
  if (held === null) return `${key} is not as expected: there is no such key`;
  return `${key} is not as expected: it holds ${JSON.stringify(held.value)}${where({ revision: held.revision })}`;
}
