import type { LogMessage, NoAnswer } from "@synod/consensus";

/**
 * The word that this message will have no answer.
 *
 * @returns null for messages whose senders have timers of their own and need no such word
 */
export function noAnswer(message: LogMessage, arrived: NoAnswer["arrived"]): NoAnswer | null {
  switch (message.type) {
    case "submit":
      return { type: "no-answer", to: "submit", which: String(message.submission), arrived };
    case "read-barrier":
    case "query":
      return { type: "no-answer", to: message.type, which: message.requestId, arrived };
    default:
      return null;
  }
}
