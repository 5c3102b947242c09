import { wholeNumber } from "@synod/acceptor-server";
import type { SessionPosition } from "@synod/state-machines";
import { checkedSession } from "../../people/session-position.js";
import { timeoutMs } from "../../people/time-out.js";
import type { HowToAct, HowToAsk } from "./chat-service.js";

interface AskedHow {
  readonly session?: SessionPosition;
  readonly timeout_ms?: number | string;
}

/** How a body asks to act. @param user whom the request names @throws {RequestRefused} `bad-request` if it contradicts itself */
export function howToAct(asked: AskedHow, user?: string): HowToAct {
  return { session: checkedSession(asked.session), ...howToAsk(asked, user) };
}

/** How a query asks. */
export function howToAsk({ timeout_ms }: AskedHow, user?: string): HowToAsk {
  return { timeoutMs: timeoutMs(timeout_ms), ...(user === undefined ? {} : { user }) };
}

type Given = Readonly<Record<string, string | undefined>>;

/** Query parameters as a question names them: those that are given, and numbers as such. @throws {RequestRefused} `bad-request` */
export function named<Texts extends Given, Numbers extends Given>(
  texts: Texts,
  numbers: Numbers,
): { readonly [Name in keyof Texts]?: string } & { readonly [Name in keyof Numbers]?: number } {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined);
  const counted = Object.entries(numbers)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => [name, wholeNumber(name, text, 0)]);
  return Object.fromEntries([...given, ...counted]);
}
