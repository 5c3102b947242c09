import type { Json } from "../state-machine.js";

/** What comes of a value when it is applied; the learners' results are these, as JSON text. */
export type AppliedResult =
  /** The operation was carried out, now or when an earlier copy of the command was applied. */
  | { readonly kind: "result"; readonly result: Json }
  /** What came of each command of a group, in their order. */
  | { readonly kind: "results"; readonly results: readonly AppliedResult[] }
  /** The session is open, since this slot: now, or before. Its commands must name the slot. */
  | { readonly kind: "opened"; readonly openedAt: number }
  /**
   * The session is not known: it was never opened, or has expired. This copy of the command did nothing; whether an
   * earlier one was applied while the session lived is no longer known.
   */
  | { readonly kind: "session-expired" }
  /**
   * The client has already said that it waits for no result of this sequence. This copy did nothing; what came of
   * earlier ones is forgotten.
   */
  | { readonly kind: "superseded" }
  /**
   * Too much of the session is not acknowledged. This copy did nothing, and nothing is remembered of it: the sequence
   * may be sent again, and a copy that comes later can still be carried out.
   */
  | { readonly kind: "window-exceeded" }
  | { readonly kind: "no-op" }
  /** A person's hand put something here that is no command. It did nothing. */
  | { readonly kind: "not-a-command" };

const text = (kind: Exclude<AppliedResult["kind"], "result" | "results" | "opened">): string =>
  JSON.stringify({ kind });

export const SESSION_EXPIRED = text("session-expired");
export const SUPERSEDED = text("superseded");
export const WINDOW_EXCEEDED = text("window-exceeded");
export const APPLIED_NO_OP = text("no-op");
export const NOT_A_COMMAND = text("not-a-command");

/** The text of what an opening gave. */
export function openedText(openedAt: number): string {
  return JSON.stringify({ kind: "opened", openedAt });
}

/** The text of what an operation gave: the same as of the object in one piece, and sooner made. */
export function resultText(result: Json): string {
  return `{"kind":"result","result":${JSON.stringify(result)}}`;
}

/**
 * The text of what a group of commands gave.
 *
 * @param results the text of each
 */
export function resultsText(results: readonly string[]): string {
  return `{"kind":"results","results":[${results.join(",")}]}`;
}
