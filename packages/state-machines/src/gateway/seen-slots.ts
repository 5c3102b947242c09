import type { Slot } from "@synod/consensus";

/** Labels that are remembered at most. */
const MOST_LABELS = 10_000;

/** The highest slot that each session has seen, by its label; null is the process's own session. */
export class SeenSlots {
  /** Of those that name no label, which are most: a map would move it to its end each time. */
  #own: Slot | 0 = 0;
  readonly #byLabel = new Map<string, Slot | 0>();
  /** What a label that is forgotten, or new, may have seen: it waits for that rather than be shown less. */
  #forgottenThrough: Slot | 0 = 0;

  of(label: string | null): Slot | 0 {
    return label === null ? this.#own : (this.#byLabel.get(label) ?? this.#forgottenThrough);
  }

  /** @returns the highest slot seen */
  saw(label: string | null, slot: Slot | 0): Slot | 0 {
    const highest = Math.max(this.of(label), slot);
    if (label === null) this.#own = highest;
    else this.#remember(label, highest);
    return highest;
  }

  #remember(label: string, slot: Slot | 0): void {
    this.#byLabel.delete(label);
    this.#byLabel.set(label, slot);
    if (this.#byLabel.size <= MOST_LABELS) return;
    const [oldest] = this.#byLabel;
    if (oldest === undefined) return;
    this.#byLabel.delete(oldest[0]);
    this.#forgottenThrough = Math.max(this.#forgottenThrough, oldest[1]);
  }
}
