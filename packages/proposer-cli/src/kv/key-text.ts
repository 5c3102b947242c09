import { UsageError } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 65_536;

/** The key that was typed. @throws {UsageError} if it can be none */
export function keyGiven(value: unknown): string {
  const key = String(value);
  if (key.length >= 1 && key.length <= LONGEST_KEY) return key;
  throw new UsageError(`a key has 1 to ${LONGEST_KEY} characters`);
}

/** A value that was typed, or read from stdin. @throws {UsageError} if it can be none */
export function storable(value: string): string {
  if (value.length <= LONGEST_VALUE) return value;
  const [has, most] = [value.length, LONGEST_VALUE].map((count) => count.toLocaleString("en-US"));
  throw new UsageError(`a value has at most ${most} characters, and this one has ${has}: put it under several keys`);
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
  return legible(`${key} = ${JSON.stringify(value)}`);
}

/** What was found in place of what was expected: `it holds "1" (revision 3)`. */
export function foundInstead(key: string, current: unknown): string {
  const begin = `${legible(key)} is not as expected`;
  const held = current as { readonly value?: unknown; readonly revision?: unknown } | null | undefined;
  if (held === undefined) return begin;
  if (held === null) return `${begin}: there is no such key`;
  return `${begin}: it holds ${legible(JSON.stringify(held.value))}${where({ revision: held.revision })}`;
}
