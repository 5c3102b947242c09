import type { SseEvent } from "@synod/acceptor-server";
import type { KeyValueChange } from "@synod/state-machines";

/** A change of a key, as its watchers are told: the event's id is the revision, which a reader resumes after. */
export function changeEvent({ revision, key, value, type }: KeyValueChange): SseEvent {
  return { event: "change", id: revision, data: JSON.stringify({ revision, key, value, type }) };
}

/** What was asked for is gone, up to this revision; a reader that resumes begins after it. */
export function compactedEvent(compactedThrough: number): SseEvent {
  return { event: "compacted", id: compactedThrough, data: JSON.stringify({ compactedThrough }) };
}
