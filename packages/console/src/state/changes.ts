import { signal } from "@preact/signals";
import { EventStream } from "../server/event-stream.js";

/** A change of a key, or that changes are gone. */
export type Change =
  | {
      readonly kind: "put" | "delete";
      readonly revision: number;
      readonly key: string;
      readonly value: string | null;
    }
  | { readonly kind: "compacted"; readonly revision: number };

/** Changes that are shown at most. */
export const MOST_CHANGES = 200;

export const pattern = signal("*");
/** The pattern that is watched; null while none is. */
export const watched = signal<string | null>(null);
/** The last changes, the latest first. */
export const changes = signal<readonly Change[]>([]);

const stream = new EventStream(({ event, data }) => {
  const change = changeIn(event, data);
  if (change) changes.value = [change, ...changes.value].slice(0, MOST_CHANGES);
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

/** @returns null for what is no change, such as the word that the stream begins */
function changeIn(event: string | undefined, data: string): Change | null {
  if (event === "compacted") {
    const { compactedThrough } = JSON.parse(data) as { compactedThrough: number };
    return { kind: "compacted", revision: compactedThrough };
  }
  if (event !== "change") return null;
  const { type, revision, key, value } = JSON.parse(data) as {
    type: "put" | "delete";
    revision: number;
    key: string;
    value: string | null;
  };
  return { kind: type, revision, key, value };
}
