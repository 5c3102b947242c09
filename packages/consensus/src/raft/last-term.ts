import type { LogMessage } from "../log/log-message.js";
import type { Term } from "./messages.js";

/** Terms end where integers are no longer exact. */
export const LAST_TERM: Term = Number.MAX_SAFE_INTEGER;

/** After this term few are left. Whoever hears of a later one than its own follows, and keeps it for good (§3.3). */
const LAST_CAREFREE_TERM: Term = LAST_TERM - 2 ** 20;

/** Whether a message leads whoever hears it to where hardly any term is left: one careless message must not use up all of them. */
export function usesUpTerms(message: LogMessage): boolean {
  return "term" in message && message.term > LAST_CAREFREE_TERM;
}
