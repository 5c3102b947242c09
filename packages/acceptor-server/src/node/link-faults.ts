import type { Random } from "@synod/consensus";
import type { Fault } from "@synod/simulator";

export type LinkFault = Extract<Fault, { links: unknown }>;

/** What becomes of one message: it is lost, or it leaves so much later, perhaps twice. */
export type Fate = "lost" | { readonly delayMs: number; readonly secondAfterMs: number | null };

/** The fate of a message that no fault meets. */
export const UNHARMED: Fate = { delayMs: 0, secondAfterMs: null };

/** A message that is held back, or the second of two, comes this much later at most (docs/faults.md). */
const MOST_HOLD_MS = 100;
const MILLION = 1_000_000;

/** What the faults at work do to the link from this node to one other. Faults of one kind add up. */
export class LinkFaults {
  readonly #random: Random;
  #cuts = 0;
  #dropPpm = 0;
  #duplicatePpm = 0;
  #reorderPpm = 0;
  #leastExtraUs = 0;
  #mostExtraUs = 0;
  /** When the last message that was not held back leaves; by the clock that `fateOf` is given. */
  #lastLeavingMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#cuts > 0;
  }

  /** Takes a fault up, or back again. */
  apply(fault: LinkFault, sign: 1 | -1): void {
    switch (fault.kind) {
      case "cut":
        this.#cuts += sign;
        return;
      case "drop":
        this.#dropPpm += sign * fault.partsPerMillion;
        return;
      case "duplicate":
        this.#duplicatePpm += sign * fault.partsPerMillion;
        return;
      case "reorder":
        this.#reorderPpm += sign * fault.partsPerMillion;
        return;
      case "delay":
        this.#leastExtraUs += sign * fault.by.leastUs;
        this.#mostExtraUs += sign * fault.by.mostUs;
        return;
    }
  }

  /** Decides what becomes of a message that leaves now. @param nowMs of a clock that never goes back */
  fateOf(nowMs: number): Fate {
    if (this.#cuts > 0 || this.#happens(this.#dropPpm)) return "lost";
    const delayMs = this.#delayMs(nowMs);
    const secondAfterMs = this.#happens(this.#duplicatePpm) ? this.#random.below(MOST_HOLD_MS) : null;
    return { delayMs, secondAfterMs };
  }

  /** All messages but those held back keep their order. */
  #delayMs(nowMs: number): number {
    const { least, most } = { least: this.#leastExtraUs, most: this.#mostExtraUs };
    const extraMs = most === 0 ? 0 : (least + this.#random.below(most - least + 1)) / 1000;
    if (this.#happens(this.#reorderPpm)) return extraMs + this.#random.below(MOST_HOLD_MS);
    this.#lastLeavingMs = Math.max(nowMs + extraMs, this.#lastLeavingMs);
    return this.#lastLeavingMs - nowMs;
  }

  #happens(partsPerMillion: number): boolean {
    return partsPerMillion > 0 && this.#random.below(MILLION) < partsPerMillion;
  }
}
