import { RequestRefused, wholeNumber } from "@synod/acceptor-server";
import { MOST_TIMEOUT_MS } from "@synod/api/schemas";

/** How long a request waits if it does not say, in milliseconds. */
const USUAL_TIMEOUT_MS = 5000;

/** The time that a request is given. @throws {RequestRefused} if that is none */
export function timeoutMs(asked: number | string | undefined): number {
  const ms = typeof asked === "string" ? wholeNumber("timeout_ms", asked, 0) : (asked ?? USUAL_TIMEOUT_MS);
  if (ms >= 1 && ms <= MOST_TIMEOUT_MS) return ms;
  throw new RequestRefused("bad-request", `timeout_ms is 1..${MOST_TIMEOUT_MS}`);
}

/** Counts down from now. @returns what is left of it, in milliseconds: 1 at least, so that whoever is asked then says what is so */
export function countdown(ms: number): () => number {
  const end = performance.now() + ms;
  return () => Math.max(1, Math.floor(end - performance.now()));
}
