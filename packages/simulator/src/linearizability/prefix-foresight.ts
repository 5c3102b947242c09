import type { Foresight } from "./foresight.js";
import { Kind, type SearchPlan, type Step } from "./search-plan.js";
import type { PrefixStates } from "./states.js";
import type { Timeline } from "./timeline.js";

/**
 * Foresight for texts that grow: what somebody is to see must begin with what is there now, unless it is overwritten
 * before. So appends that are open at the same time are put into the one order that is seen, not into all.
 */
export class PrefixForesight implements Foresight {
  readonly #plan: SearchPlan;
  readonly #states: PrefixStates;
  readonly #timeline: Timeline;
  readonly #assignments: readonly Step[];
  /** By place among the required steps: the place of the first observer from there on. */
  readonly #nextObserver: Int32Array;
  /** By place of an observer: assignments after which it may still see what it saw. */
  readonly #helpful = new Map<number, readonly Step[]>();

  constructor(plan: SearchPlan, states: PrefixStates, timeline: Timeline) {
    this.#plan = plan;
    this.#states = states;
    this.#timeline = timeline;
    const { steps, required } = plan;
    this.#assignments = steps.filter(({ kind }) => kind === Kind.assign);
    this.#nextObserver = new Int32Array(required.length + 1).fill(required.length);
    for (let place = required.length - 1; place >= 0; place--) {
      const isObserver = required[place]?.kind === Kind.observe;
      this.#nextObserver[place] = isObserver ? place : (this.#nextObserver[place + 1] ?? required.length);
    }
  }

  hopelessPrefix(): undefined {
    return undefined;
  }

  /**
   * Of the observers that are still to come, the one that returns first has the fewest steps before it: what it saw
   * must begin with the new state, or with what an assignment writes that is still to come and is called in time.
   */
  admits(step: Step, state: number): boolean {
    const place = this.#firstObserver();
    const observer = this.#plan.required[place];
    if (observer === undefined) return true;
    const next = step.kind === Kind.append ? this.#states.append(state, step.text) : step.leaves;
    if (this.#states.isBeginningOf(next, observer.needs)) return true;
    return this.#helpfulTo(observer, place).some((other) => !this.#timeline.isLifted(other.number));
  }

  isSafe(): boolean {
    return false;
  }

  lift(): void {}

  putBack(): void {}

  #firstObserver(): number {
    const { required } = this.#plan;
    let place = this.#nextObserver[this.#timeline.frontier] ?? required.length;
    for (let step = required[place]; step && this.#timeline.isLifted(step.number); step = required[place]) {
      place = this.#nextObserver[place + 1] ?? required.length;
    }
    return place;
  }

  #helpfulTo({ needs, return: end }: Step, place: number): readonly Step[] {
    const known = this.#helpful.get(place);
    if (known) return known;
    const helpful = this.#assignments.filter(
      ({ leaves, call }) => call < end && this.#states.isBeginningOf(leaves, needs),
    );
    this.#helpful.set(place, helpful);
    return helpful;
  }
}
