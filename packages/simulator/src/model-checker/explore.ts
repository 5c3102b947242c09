import { asCounterexample, type Counterexample } from "../counterexample/counterexample.js";
import { replay } from "../counterexample/replay.js";
import type { Kinds, PropertyText, System, Violation } from "../world/system.js";
import type { Action } from "../world/world-event.js";
import { CERTAINTY } from "./certainty.js";
import { actionsOf, type Transition } from "./local-states.js";
import { Model, type ModelBounds } from "./model.js";
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

/** How often whoever waits is asked whether to go on: after so many states. */
const STATES_BETWEEN_LOOKS = 4096;
/** How many runs, spread evenly over all states, are looked at for `sometimes` properties. */
const RUNS_LOOKED_AT = 4000;

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
  return new Exploration(system, bounds).run(mayGoOn);
}

class Exploration<K extends Kinds> {
  readonly #system: System<K>;
  readonly #bounds: ModelBounds;
  readonly #model: Model<K>;
  readonly #table: StateTable;
  /** How each state was first reached: from which one, at which node, by which input. */
  readonly #cameFrom: number[] = [-1];
  readonly #place: number[] = [-1];
  readonly #number: number[] = [-1];
  #steps = 0;

  constructor(system: System<K>, bounds: ModelBounds) {
    this.#system = system;
    this.#bounds = bounds;
    this.#model = new Model(system, bounds);
    this.#table = new StateTable(this.#model.width);
  }

  run(mayGoOn: (progress: Progress) => boolean): ModelResult {
    const row = this.#model.first();
    if ("property" in row) return this.#result("violation", 0, this.#counterexample(row, []));
    const after = new Int32Array(this.#model.width);
    this.#table.add(row);
    let depth = 0;
    let levelEnd = 1;
    for (let current = 0; current < this.#table.count; current++) {
      if (current === levelEnd) {
        depth++;
        levelEnd = this.#table.count;
      }
      if (current % STATES_BETWEEN_LOOKS === 0) {
        if (!mayGoOn({ states: this.#table.count, explored: current, depth })) return this.#result("unknown", depth);
      }
      this.#table.read(current, row);
      let broken: { violation: Violation; place: number; number: number } | null = null as typeof broken;
      this.#model.expand(row, after, (number, place, violation) => {
        this.#steps++;
        if (violation) {
          broken = { violation, place, number };
          return false;
        }
        if (this.#table.add(after) >= 0) {
          this.#cameFrom.push(current);
          this.#place.push(place);
          this.#number.push(number);
        }
        return true;
      });
      if (broken) {
        const actions = [...this.#actionsTo(current), ...this.#actionsOf(broken.place, broken.number)];
        return this.#result("violation", depth + 1, this.#counterexample(broken.violation, actions));
      }
    }
    return this.#result("holds", depth);
  }

  #result(verdict: ModelResult["verdict"], depth: number, counterexample: Counterexample | null = null): ModelResult {
    const { localStates, messages } = this.#model.sizes;
    const seen = verdict === "violation" ? new Set<string>() : this.#occurrences();
    const { sometimes } = this.#system;
    return {
      verdict,
      states: this.#table.count,
      steps: this.#steps,
      depth,
      localStates,
      messages,
      counterexample,
      seen: sometimes.filter(({ name }) => seen.has(name)),
      notSeen: sometimes.filter(({ name }) => !seen.has(name)),
    };
  }

  #counterexample(violation: Violation, actions: readonly Action<K>[]): Counterexample {
    const replayed = replay(this.#system, 0, actions, this.#bounds.properties, () => CERTAINTY);
    const shape = { shrunkFrom: actions.length, isMinimal: true };
    return asCounterexample(this.#system, violation, replayed.actions, replayed.events, shape);
  }

  /** The states on the way to this one, from the first. */
  #wayTo(state: number): number[] {
    const way: number[] = [];
    for (let at = state; at > 0; at = this.#cameFrom[at] ?? 0) way.push(at);
    return way.reverse();
  }

  #actionsTo(state: number): Action<K>[] {
    return this.#wayTo(state).flatMap((at) => this.#actionsOf(this.#place[at] ?? 0, this.#number[at] ?? 0));
  }

  #actionsOf(place: number, number: number): Action<K>[] {
    const name = this.#system.nodes[place]?.name ?? "";
    return actionsOf(name, this.#model.input(number));
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
    const row = new Int32Array(this.#model.width);
    return this.#wayTo(state).map((at) => {
      this.#table.read(this.#cameFrom[at] ?? 0, row);
      return this.#model.transitionOf(row, this.#place[at] ?? 0, this.#number[at] ?? 0);
    });
  }
}
