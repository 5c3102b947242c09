import type { Slot } from "@synod/consensus";

/** Labels that are remembered at most; of those that were not used for longest the count begins anew. */
const MOST_LABELS = 10_000;

/** The highest slot that each session has seen, by its label; null is the process's own session. */
export class SeenSlots {
  readonly #byLabel = new Map<string | null, Slot | 0>();

  of(label: string | null): Slot | 0 {
    return this.#byLabel.get(label) ?? 0;
  }

  /** @returns the highest slot seen */
  saw(label: string | null, slot: Slot | 0): Slot | 0 {
    const highest = Math.max(this.of(label), slot);
    this.#byLabel.delete(label);
    this.#byLabel.set(label, highest);
    if (this.#byLabel.size > MOST_LABELS) {
      const oldest = this.#byLabel.keys().next().value;
      if (oldest !== undefined) this.#byLabel.delete(oldest);
    }
    return highest;
  }
}
