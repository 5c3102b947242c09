import { RequestRefused } from "./refusals.js";

/**
 * A query parameter whose schema lets digits through only, as a number.
 *
 * @throws {RequestRefused} if it is above 2^53-1: rounding it would answer for another instance
 */
export function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RequestRefused("bad-request", `querystring/${name} must be at most ${Number.MAX_SAFE_INTEGER}`);
}
