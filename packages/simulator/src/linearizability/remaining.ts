import type { Step } from "./search-plan.js";
import type { Timeline } from "./timeline.js";

/** Steps in some order, to be asked which is the first of them that is still to be lifted. */
export class Remaining {
  readonly #steps: readonly Step[];
  readonly #places = new Map<number, number>();
  readonly #timeline: Timeline;
  /** How many of them, from the first, are lifted without a gap. */
  #lifted = 0;

  constructor(steps: readonly Step[], timeline: Timeline) {
    this.#steps = steps;
    this.#timeline = timeline;
    for (const [place, { number }] of steps.entries()) this.#places.set(number, place);
  }

  /** @param except one that does not count */
  first(except?: Step): Step | undefined {
    let place = this.#lifted;
    let step = this.#steps[place];
    while (step && (step === except || this.#timeline.isLifted(step.number))) step = this.#steps[++place];
    return step;
  }

  /** Hears of one of them that was lifted. */
  lift(): void {
    for (let next = this.#steps[this.#lifted]; next && this.#timeline.isLifted(next.number); ) {
      next = this.#steps[++this.#lifted];
    }
  }

  /** Hears of one of them that was put back. */
  putBack({ number }: Step): void {
    this.#lifted = Math.min(this.#lifted, this.#places.get(number) ?? 0);
  }
}
