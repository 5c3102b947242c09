import type { Foresight } from "./foresight.js";
import { RefuterWatch } from "./refuter-watch.js";
import { Remaining } from "./remaining.js";
import { Kind, NEVER, type SearchPlan, type Step } from "./search-plan.js";
import { Spans } from "./spans.js";
import { boundary } from "./states.js";
import type { Timeline } from "./timeline.js";

/**
 * Foresight for objects whose states are values, always written whole: who still needs a value, and who can still
 * write it. Where every value is written once, it leaves the search next to nothing to choose; that this case is easy
 * is known since Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 26(4), 1997.
 */
export class ValueForesight implements Foresight {
  readonly #plan: SearchPlan;
  readonly #timeline: Timeline;
  /** By state: steps that write it, in the order of their calls. */
  readonly #writers: ReadonlyMap<number, readonly Step[]>;
  readonly #writersLeft: ReadonlyMap<number, Remaining>;
  /** By state: steps that need it and must take effect, in the order of their returns. */
  readonly #needersLeft: ReadonlyMap<number, Remaining>;
  /** By state: steps not lifted that need it, also those that may never take effect. */
  readonly #wishes: Int32Array;
  /** By state: the last call of a step that needs it; NEVER if one of them also changes it. */
  readonly #lastNeed: Float64Array;
  readonly #refuters: RefuterWatch;

  constructor(plan: SearchPlan, timeline: Timeline) {
    this.#plan = plan;
    this.#timeline = timeline;
    const { size } = plan.states;
    this.#writers = byState(plan.steps, ({ leaves }) => leaves);
    this.#writersLeft = remaining(this.#writers, timeline);
    this.#needersLeft = remaining(
      byState(plan.required, ({ needs }) => needs),
      timeline,
    );
    this.#wishes = new Int32Array(size);
    this.#lastNeed = new Float64Array(size).fill(-1);
    this.#refuters = new RefuterWatch(plan, timeline);
    for (const step of plan.steps) {
      this.#countWish(step, 1);
      this.#learnNeed(step);
    }
  }

  /** A value is needed that nobody had written by then, or that was surely overwritten before, by whoever wrote it. */
  hopelessPrefix(): number | undefined {
    const { steps, required, initial } = this.#plan;
    const changes = new Spans(steps.filter((step) => step.leaves >= 0 && step.return !== NEVER));
    const lastReturns = new Map([...this.#writers].map(([state, writers]) => [state, lastReturnsOf(writers)]));
    const hopeless = required.findIndex(({ needs, call, return: end }) => {
      if (needs < 0) return false;
      const by = this.#writers.get(needs) ?? [];
      const begun = boundary(0, by.length, (index) => (by[index]?.call ?? NEVER) > end);
      // Of the writers that began in time the last to end is the hardest to overwrite before the call.
      const lastReturn = lastReturns.get(needs)?.[begun - 1] ?? (needs === initial ? -1 : NEVER + 1);
      return lastReturn > NEVER || changes.firstEndAfter(lastReturn) < call;
    });
    return hopeless < 0 ? undefined : hopeless + 1;
  }

  /** What is overwritten while it is needed must be written again, in time for who needs it first. */
  admits(step: Step, state: number): boolean {
    const { needs, leaves } = step;
    if (needs >= 0 && needs !== state) return false;
    const needer = leaves === state ? undefined : this.#needersLeft.get(state)?.first(step);
    if (needer === undefined) return true;
    const writer = this.#writersLeft.get(state)?.first();
    return writer !== undefined && writer.call < needer.return;
  }

  /**
   * An assignment is safe if nobody wishes for the present state, and everybody who needs the value it writes is open
   * already and only observes it.
   *
   * Proof: take an order that completes this configuration. Move the assignment to its front, and behind it everybody
   * who observes the value, whoever wrote it for them: they are all open, so real time allows it. Where the assignment
   * stood, the next step that changes the state is an assignment too (an exchange would need the value), which does not
   * care what it overwrites, and only refuters can stand before it. At the front, the first change after the moved ones
   * is an assignment, since nobody wishes for the present state, and again only refuters can stand before it. No refuter
   * stands in either place if an assignment must come after this one and before all of them. An assignment that may be
   * left out and that an order does without is needed by nobody, and does no harm.
   */
  isSafe({ kind, leaves, return: end }: Step, state: number): boolean {
    if (kind !== Kind.assign || (this.#wishes[state] ?? 0) > 0) return false;
    if ((this.#lastNeed[leaves] ?? NEVER) > (this.#timeline.first?.return ?? NEVER)) return false;
    return this.#refuters.allComeAfterAnAssignmentAfter(end);
  }

  lift(step: Step): void {
    this.#countWish(step, -1);
    this.#writersLeft.get(step.leaves)?.lift();
    this.#needersLeft.get(step.needs)?.lift();
    this.#refuters.lift(step);
  }

  putBack(step: Step): void {
    this.#countWish(step, 1);
    this.#writersLeft.get(step.leaves)?.putBack(step);
    if (step.return !== NEVER) this.#needersLeft.get(step.needs)?.putBack(step);
    this.#refuters.putBack(step);
  }

  #countWish({ needs }: Step, change: number): void {
    if (needs >= 0) this.#wishes[needs] = (this.#wishes[needs] ?? 0) + change;
  }

  #learnNeed({ kind, needs, call }: Step): void {
    if (needs < 0) return;
    this.#lastNeed[needs] = Math.max(this.#lastNeed[needs] ?? -1, kind === Kind.exchange ? NEVER : call);
  }
}

/** Steps in their order, by the state that matters of each. */
function byState(steps: readonly Step[], stateOf: (step: Step) => number): Map<number, Step[]> {
  const groups = new Map<number, Step[]>();
  for (const step of steps) {
    const group = groups.get(stateOf(step));
    if (group) group.push(step);
    else if (stateOf(step) >= 0) groups.set(stateOf(step), [step]);
  }
  return groups;
}

function remaining(groups: ReadonlyMap<number, readonly Step[]>, timeline: Timeline): Map<number, Remaining> {
  return new Map([...groups].map(([state, steps]) => [state, new Remaining(steps, timeline)]));
}

/** By how many of these steps, in the order of their calls, are taken: the last of their returns. */
function lastReturnsOf(steps: readonly Step[]): number[] {
  let last = -1;
  return steps.map((step) => {
    last = Math.max(last, step.return);
    return last;
  });
}
