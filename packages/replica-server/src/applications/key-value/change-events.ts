import type { SseEvent } from "@synod/acceptor-server";
import type { KeyValueChange } from "@synod/state-machines";

/** A change of a key, as its watchers are told: the event's id is the revision, which a reader resumes after. */
export function changeEvent({ revision, key, value, type }: KeyValueChange): SseEvent {
  return { event: "change", id: revision, data: JSON.stringify({ revision, key, value, type }) };
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
