import type { CampaignSummary } from "@synod/simulator";
import type { Experiment, SeedRange, Simulator } from "./experiment.js";

/** Some seeds in a row, and which chunk of the whole they are. */
export interface Chunk extends SeedRange {
  readonly place: number;
}

/** How long a chunk may take: short enough for an interruption, long enough that handing it out costs nothing. */
const CHUNK_MS = 100;
/** Before anything is known about how long a seed takes. */
const FIRST_CHUNK = 1;
const MOST_GROWTH = 4;

/**
 * Cuts the seeds into chunks, hands them out in order, and adds their summaries up in that order. So the sum is the same
 * whoever ran which chunk, and however large the chunks were; after the first chunk with a violation nothing counts.
 */
export class SeedChunks {
  readonly #simulator: Simulator;
  readonly #keepsGoing: boolean;
  readonly #last: number;
  readonly #threads: number;
  readonly #waiting = new Map<number, CampaignSummary>();
  #next: number;
  #handedOut = 0;
  #added = 0;
  #sum: CampaignSummary;
  #isBroken = false;
  #chunkSize = FIRST_CHUNK;
  #msPerSeed = 0;

  /** @param threads how many will share the work */
  constructor(simulator: Simulator, { first, last }: SeedRange, { keepsGoing }: Experiment, threads: number) {
    this.#simulator = simulator;
    this.#keepsGoing = keepsGoing;
    this.#next = first;
    this.#last = last;
    this.#threads = threads;
    this.#sum = simulator.NOTHING_RUN;
  }

  /** The next chunk; null if there is none, or none is wanted any more. */
  take(): Chunk | null {
    const left = this.#last - this.#next + 1;
    if (this.#isBroken || left <= 0) return null;
    // The last chunks are smaller, so that all threads are done at the same time.
    const size = Math.max(1, Math.min(this.#chunkSize, Math.ceil(left / this.#threads)));
    const first = this.#next;
    this.#next += size;
    return { place: this.#handedOut++, first, last: first + size - 1 };
  }

  put({ place, first, last }: Chunk, summary: CampaignSummary, tookMs: number): void {
    this.#msPerSeed = tookMs / summary.schedules;
    const wanted = Math.floor(CHUNK_MS / Math.max(this.#msPerSeed, 0.001));
    this.#chunkSize = Math.max(1, Math.min(wanted, (last - first + 1) * MOST_GROWTH));
    this.#waiting.set(place, summary);
    if (this.#isDecided(summary)) this.#isBroken = true;
    this.#addUp();
  }

  /** Roughly how much work nobody has taken yet, in milliseconds of one thread. */
  get msLeft(): number {
    return this.#isBroken ? 0 : (this.#last - this.#next + 1) * this.#msPerSeed;
  }

  /** Whether everything is run that counts. */
  get isComplete(): boolean {
    return this.#isDecided(this.#sum) || (this.#next > this.#last && this.#added === this.#handedOut);
  }

  /** Everything that was run so far, of whatever chunk. */
  get soFar(): CampaignSummary {
    const chunks = [...this.#waiting].sort(([one], [other]) => one - other);
    return chunks.reduce((sum, [, summary]) => this.#plus(sum, summary), this.#sum);
  }

  #addUp(): void {
    for (;;) {
      const summary = this.#waiting.get(this.#added);
      if (!summary) return;
      this.#waiting.delete(this.#added);
      this.#added++;
      this.#sum = this.#plus(this.#sum, summary);
    }
  }

  #plus(sum: CampaignSummary, summary: CampaignSummary): CampaignSummary {
    return this.#isDecided(sum) ? sum : this.#simulator.together(sum, summary);
  }

  #isDecided({ brokenCount }: CampaignSummary): boolean {
    return brokenCount > 0 && !this.#keepsGoing;
  }
}
