import { asCounterexample, type Counterexample } from "../counterexample/counterexample.js";
import { replay } from "../counterexample/replay.js";
import type { Kinds, PropertyText, System, Violation } from "../world/system.js";
import type { Action } from "../world/world-event.js";
import { CERTAINTY } from "./certainty.js";
import { actionsOf, type Transition } from "./local-states.js";
import { Model, type ModelBounds, type Row } from "./model.js";
import { StateTable } from "./state-table.js";

/** How far an exploration has come. */
export interface Progress {
  /** Different states met. */
  readonly states: number;
  /** Of these, how many were looked at: what may follow from them is known. */
  readonly explored: number;
  /** The steps to the state that is looked at now. */
  readonly depth: number;
}

export interface ModelResult {
  /** `holds`: in every state of the model. `unknown`: it was stopped before it had seen all. */
  readonly verdict: "holds" | "violation" | "unknown";
  readonly states: number;
  /** Steps from one state to another one, or to the same. */
  readonly steps: number;
  /** The length of the longest of all shortest ways to a state. */
  readonly depth: number;
  readonly localStates: number;
  readonly messages: number;
  /** The shortest run that breaks a property; none is shorter. */
  readonly counterexample: Counterexample | null;
  /** Those `sometimes` properties of which a run was seen, and the others. */
  readonly seen: readonly PropertyText[];
  readonly notSeen: readonly PropertyText[];
}

/** How many runs, spread evenly over all states, are looked at for `sometimes` properties. */
const RUNS_LOOKED_AT = 4000;
/** What a row of the table holds beside the state: how it was first reached. */
const CAME_FROM = 0;
const PLACE = 1;
const NUMBER = 2;
const ORIGIN_WIDTH = 3;

/**
 * Visits every state of the model, breadth first, so that the first violation found has the shortest run.
 *
 * @param mayGoOn is asked now and then; false ends it
 */
export function exploreModel<K extends Kinds>(
  system: System<K>,
  bounds: ModelBounds,
  mayGoOn: (progress: Progress) => boolean = () => true,
): ModelResult {
  const exploration = new Exploration(system, bounds);
  while (mayGoOn(exploration.progress) && exploration.advance(4096));
  return exploration.result();
}

/** A visit to every state of a model, some states at a time. */
export class Exploration<K extends Kinds = Kinds> {
  readonly #system: System<K>;
  readonly #bounds: ModelBounds;
  readonly #model: Model<K>;
  readonly #table: StateTable;
  readonly #row: Row;
  readonly #after: Row;
  #explored = 0;
  #depth = 0;
  /** Where the states end that are as deep as this. */
  #levelEnd = 1;
  #steps = 0;
  #broken: { readonly violation: Violation; readonly actions: readonly Action<K>[] } | null = null;

  /** @throws {RangeError} if the bounds are larger than a model can have */
  constructor(system: System<K>, bounds: ModelBounds) {
    this.#system = system;
    this.#bounds = bounds;
    this.#model = new Model(system, bounds);
    const width = this.#model.width + ORIGIN_WIDTH;
    this.#table = new StateTable(this.#model.width, width);
    this.#row = new Int32Array(width);
    this.#after = new Int32Array(width);
    const first = this.#model.first();
    if ("property" in first) {
      this.#broken = { violation: first, actions: [] };
      return;
    }
    this.#after.set(first);
    this.#table.add(this.#after);
  }

  get progress(): Progress {
    return { states: this.#table.count, explored: this.#explored, depth: this.#depth };
  }

  /** Looks at this many more states. @returns whether there is more to look at */
  advance(count: number): boolean {
    for (let more = count; more > 0 && this.#isUnfinished; more--) this.#exploreNext();
    return this.#isUnfinished;
  }

  /** What is known by now. */
  result(): ModelResult {
    const { localStates, messages } = this.#model.sizes;
    const seen = this.#broken ? new Set<string>() : this.#occurrences();
    const { sometimes } = this.#system;
    return {
      verdict: this.#broken ? "violation" : this.#isUnfinished ? "unknown" : "holds",
      states: this.#table.count,
      steps: this.#steps,
      depth: this.#depth,
      localStates,
      messages,
      counterexample: this.#counterexample(),
      seen: sometimes.filter(({ name }) => seen.has(name)),
      notSeen: sometimes.filter(({ name }) => !seen.has(name)),
    };
  }

  get #isUnfinished(): boolean {
    return this.#broken === null && this.#explored < this.#table.count;
  }

  #exploreNext(): void {
    const current = this.#explored;
    if (current === this.#levelEnd) {
      this.#depth++;
      this.#levelEnd = this.#table.count;
    }
    this.#table.read(current, this.#row);
    const { width } = this.#model;
    this.#model.expand(this.#row, this.#after, (number, place, violation) => {
      this.#steps++;
      if (violation) {
        this.#break(violation, current, place, number);
        return false;
      }
      this.#after[width + CAME_FROM] = current;
      this.#after[width + PLACE] = place;
      this.#after[width + NUMBER] = number;
      this.#table.add(this.#after);
      return true;
    });
    this.#explored++;
  }

  #break(violation: Violation, state: number, place: number, number: number): void {
    const actions = this.#wayTo(state).flatMap((step) => this.#actionsOf(step));
    this.#depth++;
    this.#broken = { violation, actions: [...actions, ...this.#actionsOf({ from: state, place, number })] };
  }

  #counterexample(): Counterexample | null {
    if (!this.#broken) return null;
    const { violation, actions } = this.#broken;
    const replayed = replay(this.#system, 0, actions, this.#bounds.properties, () => CERTAINTY);
    const shape = { shrunkFrom: actions.length, isMinimal: true };
    return asCounterexample(this.#system, violation, replayed.actions, replayed.events, shape);
  }

  /** The steps on the way to this state, from the first state on. */
  #wayTo(state: number): Origin[] {
    const { width } = this.#model;
    const row = new Int32Array(width + ORIGIN_WIDTH);
    const way: Origin[] = [];
    for (let at = state; at > 0; at = way.at(-1)?.from ?? 0) {
      this.#table.read(at, row);
      const [from = 0, place = 0, number = 0] = row.subarray(width);
      way.push({ from, place, number });
    }
    return way.reverse();
  }

  #actionsOf({ place, number }: Origin): Action<K>[] {
    return actionsOf(this.#system.nodes[place]?.name ?? "", this.#model.input(number));
  }

  /** What happened on the ways to some states, spread evenly: enough to show that a property is not empty. */
  #occurrences(): Set<string> {
    const seen = new Set<string>();
    const stride = Math.max(1, Math.floor(this.#table.count / RUNS_LOOKED_AT));
    for (let state = this.#table.count - 1; state > 0; state -= stride) {
      if (seen.size === this.#system.sometimes.length) return seen;
      const occurrences = this.#system.occurrences(0);
      for (const { events } of this.#transitionsTo(state)) {
        for (const event of events) occurrences.observe(event, 0);
      }
      for (const { name } of this.#system.sometimes) if (occurrences.counts[name]) seen.add(name);
    }
    return seen;
  }

  #transitionsTo(state: number): Transition<K>[] {
    const row = new Int32Array(this.#model.width + ORIGIN_WIDTH);
    return this.#wayTo(state).map(({ from, place, number }) => {
      this.#table.read(from, row);
      return this.#model.transitionOf(row, place, number);
    });
  }
}

/** How a state was first reached: from which one, at which node, by which input. */
interface Origin {
  readonly from: number;
  readonly place: number;
  readonly number: number;
}
