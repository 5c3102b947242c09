import { signal } from "@preact/signals";
import { EventStream } from "../server/event-stream.js";
import { type Change, changesIn } from "../words/change.js";

/** Changes that are shown at most. */
export const MOST_CHANGES = 200;

export const pattern = signal("*");
/** The pattern that is watched; null while none is. */
export const watched = signal<string | null>(null);
/** The last changes, the latest first. */
export const changes = signal<readonly Change[]>([]);

const stream = new EventStream(({ event, data }) => {
  const told = changesIn(event, data);
  if (told.length > 0) changes.value = [...[...told].reverse(), ...changes.value].slice(0, MOST_CHANGES);
});

export const changeStream = stream.state;

/** Subscribes to the pattern that is typed in, in place of the one before. */
export function watchChanges(): void {
  watched.value = pattern.value;
  changes.value = [];
  stream.start(`/kv/watch?pattern=${encodeURIComponent(pattern.value)}`);
}

/** Ends the subscription; what came stays. */
export function endWatch(): void {
  watched.value = null;
  stream.stop();
}
