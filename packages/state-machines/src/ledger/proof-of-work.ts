import { invariant } from "@synod/consensus";
import type { Json } from "../state-machine.js";
import { canonicalText } from "./canonical.js";
import { digestBehind, digestOf } from "./digest.js";

/** Nonces end where integers are no longer exact. */
const MOST_NONCE = Number.MAX_SAFE_INTEGER;

/**
 * Whether this nonce proves the work for an operation: SHA-256 of the operation's canonical JSON, a bar `|` and the
 * nonce, read as a decimal number, ends in 0, 1 or 2, and begins with `difficulty` zero bits. Difficulty 0 takes three
 * tries and a third on average; each bit doubles them.
 */
export function isProof(operation: Json, nonce: number, difficulty: number): boolean {
  const text = canonicalText(operation);
  return text !== null && proves(digestOf(`${text}|${nonce}`), difficulty);
}

/**
 * The first nonce from this one on that proves the work, within so many tries.
 *
 * @param from an integer from 0 on; where to begin is up to whoever does the work
 * @returns null if none of these does, or no nonce is left: go on at `from + tries`
 */
export function findNonce(operation: Json, difficulty: number, from: number, tries: number): number | null {
  return nonceFinder(operation, difficulty)(from, tries);
}

/** Finds nonces as `findNonce` does, for one operation a few tries at a time: what is the same in all is done once. */
export function nonceFinder(operation: Json, difficulty: number): (from: number, tries: number) => number | null {
  const text = canonicalText(operation);
  invariant(text !== null, "work is done for an operation that has a canonical text");
  // The operation may be long.
  const digestWith = digestBehind(`${text}|`);
  return (from, tries) => {
    const end = Math.min(from + tries, MOST_NONCE);
    for (let nonce = from; nonce < end; nonce++) if (proves(digestWith(`${nonce}`), difficulty)) return nonce;
    return null;
  };
}

function proves(digest: Uint8Array, difficulty: number): boolean {
  return lastDecimalDigit(digest) <= 2 && leadingZeroBits(digest) >= difficulty;
}

/** Of the number that these bytes are, the first the most significant. */
function lastDecimalDigit(bytes: Uint8Array): number {
  let digit = 0;
  for (const byte of bytes) digit = (digit * 256 + byte) % 10;
  return digit;
}

function leadingZeroBits(bytes: Uint8Array): number {
  let bits = 0;
  for (const byte of bytes) {
    bits += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return bits;
}
