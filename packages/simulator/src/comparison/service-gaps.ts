import type { Microseconds } from "../faults/fault.js";

/** Three heartbeats. Where a leader serves, some client is answered more often than that. */
export const GAP_US: Microseconds = 60_000;

/** The times in which no client was answered what only a leader can answer: then none served, as clients see it. */
export class ServiceGaps {
  totalUs: Microseconds = 0;
  longestUs: Microseconds = 0;
  #answeredUs: Microseconds = 0;
  readonly #untilUs: Microseconds;

  /** @param untilUs when clients stop asking: afterwards nobody is missed */
  constructor(untilUs: Microseconds) {
    this.#untilUs = untilUs;
  }

  /** A client was told that its write is done, or what its strong read saw; or it is over, and there is no next time. */
  answered(nowUs: Microseconds): void {
    const atUs = Math.min(nowUs, this.#untilUs);
    const us = atUs - this.#answeredUs;
    this.#answeredUs = atUs;
    if (us <= GAP_US) return;
    this.totalUs += us;
    this.longestUs = Math.max(this.longestUs, us);
  }
}
