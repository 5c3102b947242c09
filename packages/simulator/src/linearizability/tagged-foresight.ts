import type { Foresight } from "./foresight.js";
import { RefuterWatch } from "./refuter-watch.js";
import { Kind, NEVER, type SearchPlan, type Step } from "./search-plan.js";
import { type PrefixStates, UNSEEN } from "./states.js";
import type { TaggedTexts } from "./tagged-texts.js";
import type { Timeline } from "./timeline.js";

/**
 * Foresight for texts that tell who wrote them. An observer waits for the present state if what it saw begins with it;
 * then nothing but what it saw next may come next. If nobody waits, what is between two puts matters to nobody.
 */
export class TaggedForesight implements Foresight {
  readonly #plan: SearchPlan;
  readonly #states: PrefixStates;
  readonly #tags: TaggedTexts;
  readonly #timeline: Timeline;
  readonly #refuters: RefuterWatch;
  /** Observers not lifted, by text seen, summed up in a tree (Fenwick, Softw. Pract. Exper. 24(3), 1994). */
  readonly #waiting: Int32Array;
  /** By number of the step: the state right after it, if anybody observed it, else UNSEEN. */
  readonly #places: Int32Array;
  /** By state that a put leaves: the last call among those who observed what grew from it and those who wrote that. */
  readonly #lastCalls = new Map<number, number>();

  constructor(plan: SearchPlan, states: PrefixStates, tags: TaggedTexts, timeline: Timeline) {
    this.#plan = plan;
    this.#states = states;
    this.#tags = tags;
    this.#timeline = timeline;
    this.#refuters = new RefuterWatch(plan, timeline);
    this.#waiting = new Int32Array(states.textCount + 1);
    this.#places = Int32Array.from(plan.steps, ({ number }) => {
      const place = tags.placeOf(number);
      return place === null ? UNSEEN : states.idOf(place);
    });
    for (const step of plan.steps) this.#count(step, 1);
    this.#learnLastCalls();
  }

  /** A text was seen that nothing leads to, or two that cannot both have been there. */
  hopelessPrefix(): number | undefined {
    const firstSeen = new Map<string, number>();
    for (const [place, { observed }] of this.#plan.required.entries()) {
      if (observed !== null && !firstSeen.has(observed)) firstSeen.set(observed, place);
    }
    const placeOf = (text: string) => firstSeen.get(text) ?? this.#plan.required.length - 1;
    const hopeless = [
      ...[...this.#tags.impossible].map(placeOf),
      ...this.#tags.contradictions.map(([one, other]) => Math.max(placeOf(one), placeOf(other))),
    ];
    return hopeless.length === 0 ? undefined : hopeless.reduce((one, other) => Math.min(one, other)) + 1;
  }

  /**
   * While somebody waits for the present state, all who do must find what they wait for after this step as well. While
   * nobody does, an append that somebody is still to see would be lost.
   */
  admits(step: Step, state: number): boolean {
    const waiting = this.#countWaiting(state);
    if (waiting === 0) return step.kind === Kind.assign || this.#countWaiting(this.#placeOf(step)) === 0;
    return step.kind === Kind.append && this.#countWaiting(this.#states.append(state, step.text)) === waiting;
  }

  /**
   * While nobody waits for the present state, an append that nobody is still to see is safe, and so is a put, if all who
   * are still to see what grew from it are open, and all who wrote that.
   *
   * Proof: take an order that completes this configuration. In it the put, those who wrote what is still to be seen of
   * what grew from it, and those who see it stand together between two changes of no account: nothing that is not seen
   * can stand among them. Move them, as a block, to the front, or the append alone. All are open, so real time allows
   * it. Where they stood, up to the next put, nobody observes anything but what was moved. At the front, up to the first
   * put, nobody observes anything at all, since nobody waits. Refuters stand in neither place if a put must come after
   * this step and before all of them. A step that may be left out and that an order does without does no harm here.
   */
  isSafe(step: Step, state: number): boolean {
    if (this.#countWaiting(state) > 0) return false;
    if (step.kind === Kind.append && this.#countWaiting(this.#placeOf(step)) > 0) return false;
    const lastCall = step.kind === Kind.assign ? (this.#lastCalls.get(step.leaves) ?? -1) : -1;
    if (lastCall > (this.#timeline.first?.return ?? NEVER)) return false;
    return this.#refuters.allComeAfterAnAssignmentAfter(step.return);
  }

  lift(step: Step): void {
    this.#count(step, -1);
    this.#refuters.lift(step);
  }

  putBack(step: Step): void {
    this.#count(step, 1);
    this.#refuters.putBack(step);
  }

  #placeOf({ number }: Step): number {
    return this.#places[number] ?? UNSEEN;
  }

  /** Observers not lifted of this state and of what it grew into. */
  #countWaiting(state: number): number {
    if (state === UNSEEN) return 0;
    const { first, end } = this.#states.textsFrom(state);
    return this.#sumBefore(end) - this.#sumBefore(first);
  }

  #sumBefore(text: number): number {
    let sum = 0;
    for (let node = text; node > 0; node -= node & -node) sum += this.#waiting[node] ?? 0;
    return sum;
  }

  #count({ kind, needs }: Step, change: number): void {
    if (kind !== Kind.observe) return;
    const { first } = this.#states.textsFrom(needs);
    for (let node = first + 1; node < this.#waiting.length; node += node & -node) {
      this.#waiting[node] = (this.#waiting[node] ?? 0) + change;
    }
  }

  #learnLastCalls(): void {
    const { steps } = this.#plan;
    for (const { kind, observed, call } of steps) {
      if (kind !== Kind.observe || observed === null) continue;
      const writers = this.#tags.writersOf(observed);
      const put = steps[writers[0] ?? -1];
      if (put?.kind !== Kind.assign) continue;
      const calls = writers.map((number) => steps[number]?.call ?? 0);
      const last = calls.reduce((one, other) => Math.max(one, other), call);
      this.#lastCalls.set(put.leaves, Math.max(this.#lastCalls.get(put.leaves) ?? -1, last));
    }
  }
}
