import { StoreError } from "../calls/store-errors.js";

/** The longest text of a message, in UTF-16 code units. */
const MOST_TEXT_CHARACTERS = 4000;

/**
 * A text that a node reads to its end. One that is far too long a node refuses before it was sent whole, and that answer may be
 * lost with the connection: nobody would know whether it was sent. Everything else the node says.
 *
 * @throws {StoreError} `bad-request` if it is too long
 */
export function checkedText(text: string): string {
  if (typeof text !== "string" || text.length <= MOST_TEXT_CHARACTERS) return text;
  const counted = `${text.length} as UTF-16 counts them (an emoji is two or more)`;
  throw new StoreError(
    "bad-request",
    `a text has at most ${MOST_TEXT_CHARACTERS} characters, and this one has ${counted}`,
    true,
  );
}
