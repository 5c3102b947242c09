import { outcomeOf } from "./ask.js";
import type { Outcome } from "./outcome.js";
import { secretHeaders } from "./secret.js";

/** Records of a chain as a server's file has them: null where the bytes are no text. */
export type Records = readonly (string | null)[];

/** How long to wait for some records, in milliseconds. */
const WITHIN_MS = 10_000;

const LINE_FEED = 0x0a;

/** Asks for some records of the chain, byte for byte. Never throws. */
export async function askForRecords(from: number, limit: number): Promise<Outcome<Records>> {
  const path = `/ledger/records?from=${from}&limit=${limit}`;
  try {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const answer = await fetch(path, { headers: secretHeaders(), signal, cache: "no-store" });
    if (!answer.ok) return outcomeOf(answer.status, await answer.text());
    return { kind: "answered", status: answer.status, body: linesOf(new Uint8Array(await answer.arrayBuffer())) };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    return { kind: "silent", why: isLate ? `no answer within ${WITHIN_MS / 1000} s` : "no connection" };
  }
}

function linesOf(bytes: Uint8Array): Records {
  const lines: (string | null)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, at);
    const end = found < 0 ? bytes.length : found;
    lines.push(textOf(bytes.subarray(at, end)));
    at = end + 1;
  }
  return lines;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder's one way to say that this is no text.
    return null;
  }
}
