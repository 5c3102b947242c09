import type { Json } from "@synod/client";
import { legible } from "../terminal/legible.js";

/**
 * A key or value for people, on one line: JSON, which is a literal, too. What a terminal would obey is written as a
 * number. `literalIn` reads it as the same value.
 */
export function literalText(value: Json): string {
  return legible(textOf(value)).replace(/[\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

function textOf(value: Json): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${textOf(member)}`)
    .join(", ")}}`;
}

/** With an exponent where an integer is beyond 2^53-1: as its digits it would be refused. */
function numberText(value: number): string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : JSON.stringify(value);
}
