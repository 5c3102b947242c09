import type { Cost } from "../log/messages.js";
import type { Index } from "./messages.js";

/** What each batch of entries cost, until its entries are applied. */
export class BatchCosts {
  readonly #batches: { readonly through: Index; readonly cost: Cost }[] = [];

  /** @param sharedBy the entries of the batch @param followers that it is sent to, and that answer */
  add(through: Index, sharedBy: number, followers: number): void {
    this.#batches.push({ through, cost: { messages: 2 * followers, sharedBy } });
  }

  /** Entries are asked for in their order, each once. */
  of(index: Index): Cost {
    while ((this.#batches[0]?.through ?? Number.POSITIVE_INFINITY) < index) this.#batches.shift();
    return this.#batches[0]?.cost ?? { messages: 0, sharedBy: 1 };
  }
}
