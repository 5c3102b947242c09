import type { ChangesOfSlot, KeyPatterns, KeyValueChange } from "@synod/state-machines";
import type { ChangeReader } from "../change-feed.js";
import { changeEvent, compactedEvent, progressEvent } from "./change-events.js";

/** Whoever watches the keys of these patterns. */
export class KeyReader implements ChangeReader<KeyValueChange> {
  readonly #patterns: KeyPatterns;
  readonly #isCut: () => boolean;
  readonly progressEvent = progressEvent;
  readonly goneEvent = compactedEvent;

  /** @param isCut whether the link to whoever reads is cut, on purpose */
  constructor(patterns: KeyPatterns, isCut: () => boolean = () => false) {
    this.#patterns = patterns;
    this.#isCut = isCut;
  }

  get isCut(): boolean {
    return this.#isCut();
  }

  eventOf({ slot, changes }: ChangesOfSlot<KeyValueChange>) {
    const own = changes.filter(({ key }) => this.#patterns.matches(key));
    return own.length > 0 ? changeEvent(slot, own) : null;
  }
}
