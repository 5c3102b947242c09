import { RequestRefused, wholeNumber } from "@synod/acceptor-server";
import type { ReadLevel } from "@synod/state-machines";
import type { HowToRead, HowToWrite } from "../../people/log-calls.js";
import { timeoutMs } from "../../people/time-out.js";

/** What a body or a query may say of it. */
export interface AskedHow {
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
