import type { Json } from "./state-machine.js";

export type JsonObject = { readonly [name: string]: Json };

/** How deep values, operations and questions may be nested; deeper ones are not understood, whatever they say. */
export const MOST_NESTING = 64;

/** The JSON that this text is; undefined if it is none. Never throws, however long or deep the text. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether this is nested no deeper than MOST_NESTING. Engines differ in how deep a text they parse or print: replicas
 * must not differ in what they make of it.
 */
export function isShallow(value: Json, levels = MOST_NESTING): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  for (const member of Object.values(value)) if (!isShallow(member, levels - 1)) return false;
  return true;
}

/** The object that this is; null if it is none. */
export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** Whether an object has all of these members, and besides them only some of the optional ones. */
export function hasMembers(object: JsonObject, required: readonly string[], optional: readonly string[] = []): boolean {
  for (const name of required) if (!Object.hasOwn(object, name)) return false;
  let count = 0;
  for (const name in object) {
    count++;
    if (count > required.length && optional.length === 0) return false;
    if (!required.includes(name) && !optional.includes(name)) return false;
  }
  return true;
}

/** Whether this is an integer from `least` to 2^53-1. */
export function isInteger(value: Json | undefined, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Whether this is a string of so many characters (UTF-16 code units). */
export function isText(value: Json | undefined, least: number, most: number): value is string {
  return typeof value === "string" && value.length >= least && value.length <= most;
}
