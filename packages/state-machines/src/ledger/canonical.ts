import canonicalize from "canonicalize";
import type { Json } from "../state-machine.js";

/**
 * The one text that JSON Canonicalization Scheme gives to this value (RFC 8785): no white space, members in the order of
 * their names' code units, numbers as ECMAScript prints them. Equal values have equal texts, whoever wrote them how.
 *
 * @returns null for what the scheme has no text for: half a surrogate pair, or a number beyond a double's
 */
export function canonicalText(value: Json): string | null {
  try {
    return canonicalize(value) ?? null;
  } catch {
    // Its one way to say that there is no such text.
    return null;
  }
}
