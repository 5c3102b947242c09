import { MOST_CLIENT_CHARACTERS, type SessionPosition } from "../sessions/envelope.js";

/** Of a client's name a character takes six at most (`\u0000`); two numbers of 16 digits and two slashes follow. */
export const MOST_REQUEST_ID_CHARACTERS = MOST_CLIENT_CHARACTERS * 6 + 34;

/**
 * The name of a request: no two commands that a session table lets through share one, whatever their clients are called.
 *
 * The client's name stands there as in a JSON text: a name may have control characters and halves of surrogate pairs, and
 * of the latter no canonical JSON can be made. Two numbers follow the last two slashes, so that a slash in a name is no danger.
 */
export function requestIdOf({ client, openedAt, sequence }: SessionPosition): string {
  return `${JSON.stringify(client).slice(1, -1)}/${openedAt}/${sequence}`;
}
