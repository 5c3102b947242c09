import type { Microseconds } from "../faults/fault.js";

/** Three heartbeats. Where a leader serves, some client hears of it more often than that. */
export const GAP_US: Microseconds = 60_000;

/** The times in which no client heard from a leader: then none served, as clients see it. */
export class ServiceGaps {
  totalUs: Microseconds = 0;
  longestUs: Microseconds = 0;
  #servedUs: Microseconds = 0;
  readonly #untilUs: Microseconds;

  /** @param untilUs when clients stop asking: afterwards nobody is missed */
  constructor(untilUs: Microseconds) {
    this.#untilUs = untilUs;
  }

  /** A leader let a client know that its write is done, or that its strong read may go on; or there is no next time. */
  served(nowUs: Microseconds): void {
    const atUs = Math.min(nowUs, this.#untilUs);
    const us = atUs - this.#servedUs;
    this.#servedUs = atUs;
    if (us <= GAP_US) return;
    this.totalUs += us;
    this.longestUs = Math.max(this.longestUs, us);
  }
}
