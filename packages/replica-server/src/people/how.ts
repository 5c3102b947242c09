import { RequestRefused, wholeNumber } from "@synod/acceptor-server";
import { MOST_TIMEOUT_MS } from "@synod/api/schemas";
import type { ReadLevel } from "@synod/state-machines";
import type { HowToRead, HowToWrite } from "./key-value-service.js";

/** How long a request waits if it does not say, in milliseconds. */
const USUAL_TIMEOUT_MS = 5000;

interface AskedHow {
  readonly consistency?: string;
  /** The same thing by its other name. */
  readonly consistency_level?: string;
  readonly client_id?: string;
  readonly token?: number | string;
  readonly timeout_ms?: number | string;
}

/** How a body or a query asks to read. @throws {RequestRefused} if it contradicts itself */
export function howToRead(asked: AskedHow): HowToRead {
  const { consistency, consistency_level: sameThing, token } = asked;
  if (consistency !== undefined && sameThing !== undefined && consistency !== sameThing) {
    throw new RequestRefused(
      "bad-request",
      `consistency is ${consistency} and consistency_level ${sameThing}: they are one thing, give one of them`,
    );
  }
  const { label, timeoutMs } = howToWrite(asked);
  return {
    // The schema lets no other words through.
    level: (consistency ?? sameThing ?? "eventual") as ReadLevel,
    token: token === undefined ? null : typeof token === "number" ? token : wholeNumber("token", token, 0),
    label,
    timeoutMs,
  };
}

/** How a body or a query asks to write. */
export function howToWrite({ client_id, timeout_ms }: AskedHow): Omit<HowToWrite, "session"> {
  return { label: client_id ?? null, timeoutMs: timeoutMs(timeout_ms) };
}

/** The time that a request is given. @throws {RequestRefused} if that is none */
export function timeoutMs(asked: number | string | undefined): number {
  const ms = typeof asked === "string" ? wholeNumber("timeout_ms", asked, 0) : (asked ?? USUAL_TIMEOUT_MS);
  if (ms >= 1 && ms <= MOST_TIMEOUT_MS) return ms;
  throw new RequestRefused("bad-request", `timeout_ms is 1..${MOST_TIMEOUT_MS}`);
}
