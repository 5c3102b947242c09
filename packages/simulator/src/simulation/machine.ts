import type { Random } from "@synod/consensus";
import type { Fault, Microseconds } from "../faults/fault.js";

/** How long a flush takes where no fault is at work. */
const LEAST_FLUSH_US = 200;
const MOST_FLUSH_US = 2_000;
const MILLION = 1_000_000;

type MachineFault = Extract<Fault, { kind: "slow-disk" | "skew" | "pause" }>;

/** What a node runs on: how fast its disk and its clock are at the moment, and whether it runs at all. */
export class Machine<J> {
  readonly #random: Random;
  #pauses = 0;
  #leastExtraUs = 0;
  #mostExtraUs = 0;
  #skewPpm = 0;
  /** What reached the node while it was paused, in order. */
  #waiting: J[] = [];

  /** @param random decides how long its flushes take */
  constructor(random: Random) {
    this.#random = random;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  /** Keeps this until the node goes on. */
  wait(job: J): void {
    this.#waiting.push(job);
  }

  /** Takes everything that waited. */
  takeWaiting(): J[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** Takes a fault up, or back again. */
  apply(fault: MachineFault, begins: boolean): void {
    const sign = begins ? 1 : -1;
    if (fault.kind === "pause") this.#pauses += sign;
    if (fault.kind === "skew") this.#skewPpm += sign * fault.partsPerMillion;
    if (fault.kind === "slow-disk") {
      this.#leastExtraUs += sign * fault.by.leastUs;
      this.#mostExtraUs += sign * fault.by.mostUs;
    }
  }

  flushUs(): Microseconds {
    const extraUs =
      this.#mostExtraUs === 0 ? 0 : this.#leastExtraUs + this.#random.below(this.#mostExtraUs - this.#leastExtraUs + 1);
    return LEAST_FLUSH_US + this.#random.below(MOST_FLUSH_US - LEAST_FLUSH_US + 1) + extraUs;
  }

  /** How long this many milliseconds of the node's clock are. A clock that seems to stand still crawls. */
  spanUs(milliseconds: number): Microseconds {
    const speedPpm = Math.max(MILLION + this.#skewPpm, MILLION / 100);
    return Math.max(1, Math.floor((milliseconds * 1_000 * MILLION) / speedPpm));
  }

  /** Whether of a flush that a crash interrupts everything got to the disk: for a crash that leaves it to the seed. */
  keepsTail(): boolean {
    return this.#random.below(2) === 1;
  }
}
