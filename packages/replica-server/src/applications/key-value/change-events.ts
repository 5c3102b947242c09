import type { SseEvent } from "@synod/acceptor-server";
import type { KeyValueChange } from "@synod/state-machines";

/**
 * What changed in a revision, as its watchers are told, in the order in which it was applied. The event's id is the
 * revision, which a reader resumes after: so it is one event, however many changes it tells.
 *
 * @param changes one or more
 */
export function changeEvent(revision: number, changes: readonly KeyValueChange[]): SseEvent {
  const told = changes.map(({ key, value, type }) => ({ revision, key, value, type }));
  if (told.length === 1) return { event: "change", id: revision, data: JSON.stringify(told[0]) };
  return { event: "changes", id: revision, data: JSON.stringify({ revision, changes: told }) };
}

/**
 * The first event of every stream: it tells what comes after this revision. A reader whose connection breaks before any
 * change came resumes after it, and so misses nothing that happened meanwhile.
 */
export function startedEvent(startedAfter: number): SseEvent {
  return { event: "started", id: startedAfter, data: JSON.stringify({ startedAfter }) };
}

/** Nothing of this stream's keys changed for a long time, while much else did: a reader that resumes begins after it. */
export function progressEvent(toldThrough: number): SseEvent {
  return { event: "progress", id: toldThrough, data: JSON.stringify({ toldThrough }) };
}

/** What was asked for is gone, up to this revision; a reader that resumes begins after it. */
export function compactedEvent(compactedThrough: number): SseEvent {
  return { event: "compacted", id: compactedThrough, data: JSON.stringify({ compactedThrough }) };
}
