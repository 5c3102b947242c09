import { ConfigurationTable } from "./configuration-table.js";
import type { Foresight } from "./foresight.js";
import type { KeyHistory } from "./operation.js";
import type { Pausing } from "./pausing.js";
import { PrefixForesight } from "./prefix-foresight.js";
import { Kind, planOf, type SearchPlan, type Step } from "./search-plan.js";
import { PrefixStates } from "./states.js";
import { TaggedForesight } from "./tagged-foresight.js";
import { Timeline } from "./timeline.js";
import { ValueForesight } from "./value-foresight.js";

/** What a search may use. */
export interface SearchLimits {
  /** For the configurations it remembers. */
  readonly memoryBytes: number;
}

/** How a search ended. */
export type SearchOutcome =
  /** Numbers of operations, in an order in which each can have had its effect. */
  | { readonly verdict: "linearizable"; readonly order: readonly number[]; readonly steps: number }
  | {
      readonly verdict: "violation";
      /** So many operations, of those that returned in the order of their returns, can certainly be ordered. */
      readonly fine: number;
      /** So many certainly cannot. */
      readonly broken: number;
      readonly steps: number;
    }
  | { readonly verdict: "unknown"; readonly limit: "time" | "memory"; readonly steps: number };

/** Operations looked at between two pauses; milliseconds' worth. */
const WORK_BETWEEN_PAUSES = 16_384;

/**
 * Looks for an order of these operations that keeps real time and explains every result: the search of Wing and Gong
 * ("Testing and verifying concurrent objects", J. Parallel Distrib. Comput. 17, 1993), which tries every operation
 * that may be next, with Lowe's memory ("Testing for linearizability", Concurrency Computat. Pract. Exper. 29(4),
 * 2017) of the pairs of operations ordered and state reached, none of which need be tried twice.
 *
 * Operations that nobody knows the outcome of are put into the order or left out.
 */
export function* searchOrder(
  history: Pick<KeyHistory, "initial" | "operations">,
  { memoryBytes }: SearchLimits,
): Pausing<SearchOutcome> {
  const plan = planOf(history);
  const search = new Search(plan, memoryBytes);
  const hopeless = search.foresight.hopelessPrefix();
  if (hopeless !== undefined) return { verdict: "violation", fine: 0, broken: hopeless, steps: 0 };
  let pauseAt = WORK_BETWEEN_PAUSES;
  for (;;) {
    const outcome = search.advance();
    if (outcome) return outcome;
    if (search.work < pauseAt) continue;
    pauseAt = search.work + WORK_BETWEEN_PAUSES;
    if ((yield search.steps) === "stop") return { verdict: "unknown", limit: "time", steps: search.steps };
  }
}

/** One step of the order so far, and what it takes to put it back. */
interface Lifted {
  readonly step: Step;
  readonly state: number;
  readonly frontier: number;
}

/** A configuration with steps that have not been tried yet: where they begin, and how long the order is there. */
interface Choice {
  readonly firstUntried: number;
  readonly orderLength: number;
}

function foresightFor(plan: SearchPlan, timeline: Timeline): Foresight {
  const { states, tags } = plan;
  if (!(states instanceof PrefixStates)) return new ValueForesight(plan, timeline);
  return tags ? new TaggedForesight(plan, states, tags, timeline) : new PrefixForesight(plan, states, timeline);
}

class Search {
  readonly foresight: Foresight;
  /** Operations put into the order so far. */
  steps = 0;
  /** Operations looked at so far: where many are open, each step looks at many. */
  work = 0;
  readonly #plan: SearchPlan;
  readonly #timeline: Timeline;
  readonly #table: ConfigurationTable;
  /** The frontier, the state, and which of the operations open at the frontier are in the order: nothing else matters. */
  readonly #configuration: Int32Array;
  readonly #order: Lifted[] = [];
  readonly #choices: Choice[] = [];
  /** Steps not tried yet, of all choices one after the other; the best one last. */
  readonly #untried: Step[] = [];
  /** By sort of step: the one to try of those that may be next; kept to be used again. */
  readonly #firstOfSort = new Map<number, Step>();
  #state: number;
  #deepest = 0;

  constructor(plan: SearchPlan, memoryBytes: number) {
    this.#plan = plan;
    this.#timeline = new Timeline(plan);
    this.foresight = foresightFor(plan, this.#timeline);
    this.#configuration = new Int32Array(2 + this.#timeline.lifted.length);
    this.#table = new ConfigurationTable(this.#configuration.length, memoryBytes);
    this.#state = plan.initial;
  }

  /** Goes from one configuration to the next. Returns the outcome at the end, else nothing. */
  advance(): SearchOutcome | undefined {
    if (!this.#liftWhatIsSafe()) return undefined;
    const { steps } = this;
    this.#deepest = Math.max(this.#deepest, this.#timeline.frontier);
    if (this.#timeline.first === undefined) {
      return { verdict: "linearizable", order: this.#order.map(({ step }) => step.number), steps };
    }
    const remembered = this.#remember();
    if (remembered === "full") return { verdict: "unknown", limit: "memory", steps };
    if (remembered === "new") this.#addChoice();
    const next = this.#nextUntried();
    if (next) {
      this.#lift(next);
      return undefined;
    }
    return { verdict: "violation", fine: this.#deepest, broken: this.#plan.required.length, steps };
  }

  /**
   * Orders at once what may be next and leaves the state as it is, now and wherever else it could stand. Whatever order
   * completes this configuration, the same with these steps moved to its front does too: they are open, so real time
   * allows it, they see here what they saw, and nobody can tell that they are gone from where they stood.
   *
   * @returns false if there may be more: it is time for a pause
   */
  #liftWhatIsSafe(): boolean {
    const pauseAt = this.work + WORK_BETWEEN_PAUSES;
    for (let number = this.#timeline.firstOpen(); number >= 0; ) {
      const step = this.#plan.steps[number] as Step;
      const changes = step.kind > Kind.refute;
      const isNext = changes ? this.foresight.isSafe(step, this.#state) : this.#canBeSeen(step);
      this.work++;
      if (isNext) {
        this.#lift(step);
        if (this.work > pauseAt) return false;
      }
      // What was not to be seen before may be seen in a new state.
      number = isNext && changes ? this.#timeline.firstOpen() : this.#timeline.nextOpen(number);
    }
    return true;
  }

  #canBeSeen({ kind, needs, refuted }: Step): boolean {
    return kind === Kind.observe ? needs === this.#state : !refuted.includes(this.#state);
  }

  #remember(): "new" | "known" | "full" {
    this.#configuration[0] = this.#timeline.frontier;
    this.#configuration[1] = this.#state;
    this.#configuration.set(this.#timeline.lifted, 2);
    return this.#table.add(this.#configuration);
  }

  /**
   * Of steps that do the same, only the one that returns first is worth trying: in an order that has another one here,
   * the two can change places, and the one that returns later is then later.
   */
  #addChoice(): void {
    const candidates = this.#firstOfSort;
    for (let number = this.#timeline.firstOpen(); number >= 0; number = this.#timeline.nextOpen(number)) {
      const step = this.#plan.steps[number] as Step;
      this.work++;
      if (step.kind <= Kind.refute) continue;
      const same = candidates.get(step.sort);
      if (same ? step.return < same.return : this.foresight.admits(step, this.#state)) candidates.set(step.sort, step);
    }
    this.#choices.push({ firstUntried: this.#untried.length, orderLength: this.#order.length });
    // What returns first is tried first: whatever can still wait leaves more to choose from later.
    this.#untried.push(...[...candidates.values()].sort((one, other) => other.return - one.return));
    candidates.clear();
  }

  /** Goes back to the last configuration with a step that was not tried, and takes that. */
  #nextUntried(): Step | undefined {
    for (let choice = this.#choices.at(-1); choice; choice = this.#choices.at(-1)) {
      while (this.#order.length > choice.orderLength) this.#putBack();
      if (this.#untried.length > choice.firstUntried) return this.#untried.pop();
      this.#choices.pop();
    }
    return undefined;
  }

  #lift(step: Step): void {
    this.steps++;
    this.#order.push({ step, state: this.#state, frontier: this.#timeline.frontier });
    if (step.kind === Kind.append) this.#state = this.#plan.states.append(this.#state, step.text);
    else if (step.leaves >= 0) this.#state = step.leaves;
    this.#timeline.lift(step.number);
    this.foresight.lift(step);
  }

  #putBack(): void {
    const { step, state, frontier } = this.#order.pop() as Lifted;
    this.#timeline.putBack(step.number, frontier);
    this.foresight.putBack(step);
    this.#state = state;
  }
}
