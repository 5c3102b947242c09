import { createHmac, timingSafeEqual } from "node:crypto";

/** A text with the proof that who wrote it knows the secret. */
export interface Sealed {
  readonly text: string;
  /** HMAC-SHA256 (RFC 2104), in hexadecimal. */
  readonly proof: string;
}

/** What a text is for: what is proved for one purpose proves nothing for another. */
export type Purpose = "meeting" | "seek" | "found";

/** A text at most, in characters: what two programs tell each other is short. */
export const LONGEST_TEXT = 2000;

/**
 * Proves that whoever says this knows the secret, without telling it.
 *
 * @param secret undefined where only this machine can reach the programs: then it proves nothing
 */
export function seal(text: string, purpose: Purpose, secret: string | undefined): Sealed {
  return { text, proof: proofOf(text, purpose, secret).toString("hex") };
}

/** The text of what was sealed by somebody who knows the secret; null for anything else. */
export function unsealed(message: unknown, purpose: Purpose, secret: string | undefined): string | null {
  if (typeof message !== "object" || message === null) return null;
  const { text, proof } = message as Readonly<Record<string, unknown>>;
  if (typeof text !== "string" || text.length > LONGEST_TEXT) return null;
  if (typeof proof !== "string" || !/^[0-9a-f]{64}$/.test(proof)) return null;
  return timingSafeEqual(proofOf(text, purpose, secret), Buffer.from(proof, "hex")) ? text : null;
}

function proofOf(text: string, purpose: Purpose, secret = ""): Buffer {
  return createHmac("sha256", secret).update(`synod chat demo ${purpose}\n${text}`).digest();
}
