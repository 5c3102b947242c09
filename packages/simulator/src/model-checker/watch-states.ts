import { canonicalText } from "../world/canonical.js";
import { Judge } from "../world/judge.js";
import type { Kinds, System, Violation } from "../world/system.js";
import type { Transition } from "./local-states.js";

/** Everything that the watch over the properties remembers. */
export interface WatchState {
  readonly id: number;
  readonly state: unknown;
  /** What follows from each transition of a node, as far as it was asked for. */
  readonly next: Map<number, WatchState | Violation>;
}

/** The states of the watch, each met once: it looks on, and so what it remembers is part of the state of the world. */
export class WatchStates<K extends Kinds> {
  readonly first: WatchState;
  readonly #system: System<K>;
  readonly #properties: readonly string[] | null;
  readonly #byText = new Map<string, WatchState>();
  readonly #byId: WatchState[] = [];

  constructor(system: System<K>, properties: readonly string[] | null) {
    this.#system = system;
    this.#properties = properties;
    this.first = this.#meet(new Judge(system, properties).state);
  }

  get(id: number): WatchState {
    return this.#byId[id] as WatchState;
  }

  /** What the watch makes of this transition: what it remembers then, or which property is broken. */
  follow(from: WatchState, transition: Transition<K>): WatchState | Violation {
    const known = from.next.get(transition.id);
    if (known) return known;
    const judge = new Judge(this.#system, this.#properties, JSON.parse(canonicalText(from.state)));
    for (const event of transition.events) judge.observe(event);
    const after = judge.violation ?? this.#meet(judge.state);
    from.next.set(transition.id, after);
    return after;
  }

  #meet(state: unknown): WatchState {
    const text = canonicalText(state);
    const known = this.#byText.get(text);
    if (known) return known;
    const fresh = { id: this.#byId.length, state: JSON.parse(text), next: new Map() };
    this.#byText.set(text, fresh);
    this.#byId.push(fresh);
    return fresh;
  }
}
