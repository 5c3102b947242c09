import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 (FIPS 180-4) of a text in UTF-8. */
export function digestOf(text: string): Uint8Array {
  return sha256(utf8ToBytes(text));
}

/** What `digestOf` gives for texts that begin like this, without going over their beginning each time. */
export function digestBehind(beginning: string): (rest: string) => Uint8Array {
  const begun = sha256.create().update(utf8ToBytes(beginning));
  return (rest) => begun.clone().update(utf8ToBytes(rest)).digest();
}

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits in lower case. */
export function hexDigestOf(text: string): string {
  return bytesToHex(digestOf(text));
}

/** Whether this is a digest in hexadecimal, as `hexDigestOf` writes it. */
export function isHexDigest(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
