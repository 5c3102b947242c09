import { type AcceptorState, positionOf } from "./acceptor-state.js";
import type { Instance, LogAcceptance, LogPage } from "./messages.js";

/** Entries in the first page, which comes with a promise. */
export const FIRST_PAGE = 100;

/** Entries in a page at most. */
export const PAGE_LIMIT = 1000;

/** Characters of values in a page at most, unless its first entry alone is longer: a page is one message. */
export const PAGE_CHARACTERS = 1 << 20;

/** One page of what is accepted from this instance on. */
export function pageOfLog(state: AcceptorState, from: Instance, limit: number): LogPage {
  const entries: LogAcceptance[] = [];
  const { truncatedThrough } = state;
  let characters = 0;
  for (let position = positionOf(state.entries, from); ; position++) {
    const entry = state.entries[position];
    if (entry === undefined) return { entries, next: null, truncatedThrough };
    const { instance, acceptedId, acceptedValue, decided } = entry;
    characters += acceptedValue.length;
    const full = entries.length >= Math.min(limit, PAGE_LIMIT) || characters > PAGE_CHARACTERS;
    if (full && entries.length > 0) return { entries, next: instance, truncatedThrough };
    entries.push(decided ? { instance, acceptedId, acceptedValue, decided } : { instance, acceptedId, acceptedValue });
  }
}
