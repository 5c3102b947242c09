import { isMessageText, MOST_TEXT_CHARACTERS } from "@synod/state-machines";

/** From how many characters on one is told how many are left. */
const TOLD_FROM = MOST_TEXT_CHARACTERS - 500;

/** Whether there is something to be sent. */
export function canBeSent(text: string): boolean {
  return text.trim() !== "" && isMessageText(text);
}

/** How much room is left, once it matters; null while it does not. */
export function roomInWords(text: string): string | null {
  const left = MOST_TEXT_CHARACTERS - text.length;
  if (left < 0) return `${-left} too many: a message has ${MOST_TEXT_CHARACTERS} characters at most`;
  return text.length < TOLD_FROM ? null : `${left} left`;
}

/** A message in one line, for a list. */
export function firstLine(text: string): string {
  return text.trim().split(/\s*\n/, 1)[0]?.slice(0, 200) ?? "";
}
