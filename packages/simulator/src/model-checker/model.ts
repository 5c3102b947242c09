import { invariant } from "@synod/consensus";
import { randomFor } from "../simulation/seeds.js";
import type { Kinds, Request, System, Violation } from "../world/system.js";
import { LocalStates, type ModelInput, type Transition } from "./local-states.js";
import { Mailbox } from "./mail.js";
import { WatchStates } from "./watch-states.js";

/** How large the world of a model is. */
export interface ModelBounds {
  /** How often each node that takes requests is asked. */
  readonly requests: number;
  /** How many crashes there are in all. */
  readonly crashes: number;
  /** How often in all a message arrives and is still on its way. */
  readonly duplicates: number;
  /** The properties that count; null: all. */
  readonly properties: readonly string[] | null;
}

/** One state of the world, as numbers: those of its local states, of its messages, of the watch, and what is used up. */
export type Row = Int32Array;

// The numbers of a node's inputs.
const SYNC = 0;
const RESTART = 1;
const FIRST_TIMER = 2;
const MOST_TIMERS = 30;
const FIRST_REQUEST = FIRST_TIMER + MOST_TIMERS;
const MOST_REQUESTS = 30;
/** From here on even numbers are messages that arrive, odd ones those that arrive and will once more. */
const FIRST_MAIL = FIRST_REQUEST + MOST_REQUESTS;

// The places of a row behind those of the nodes.
const FLIGHT = 0;
const WATCH = 1;
const CRASHES = 2;
const DUPLICATES = 3;
const ASKED = 4;
const PLACES = 5;

/** Hears of a step, of the node at a place; false: enough. */
type Visit = (number: number, place: number, violation: Violation | null) => boolean;

/** A world of few nodes in which everything that may happen is one of a finite number of steps. */
export class Model<K extends Kinds = Kinds> {
  readonly width: number;
  readonly #bounds: ModelBounds;
  readonly #locals: readonly LocalStates<K>[];
  readonly #mailbox: Mailbox<K>;
  readonly #watches: WatchStates<K>;
  readonly #requests: readonly Request<K>[];
  readonly #requestsOfNode: readonly (readonly number[])[];
  readonly #timers: string[] = [];
  #transitions = 0;

  /** @throws {RangeError} if there are more requests in all than a model can have */
  constructor(system: System<K>, bounds: ModelBounds) {
    const names = system.nodes.map(({ name }) => name);
    this.#bounds = bounds;
    this.#mailbox = new Mailbox(names);
    this.#watches = new WatchStates(system, bounds.properties);
    const number = () => this.#transitions++;
    this.#locals = system.nodes.map((plan) => new LocalStates(plan, this.#mailbox, number));
    // Their times do not matter, since everything may come at any time; only what is asked, and of whom.
    const requests = system.requests(randomFor(0, "requests"), 0);
    this.#requests = names.flatMap((name) => requests.filter(({ node }) => node === name).slice(0, bounds.requests));
    const fewest = Math.min(
      ...names.map((name) => requests.filter(({ node }) => node === name).length).filter(Boolean),
    );
    if (bounds.requests > fewest && Number.isFinite(fewest)) {
      throw new RangeError(`a node is asked ${fewest} times at most, not ${bounds.requests}`);
    }
    if (this.#requests.length > MOST_REQUESTS) {
      throw new RangeError(`a model has at most ${MOST_REQUESTS} requests in all, not ${this.#requests.length}`);
    }
    this.#requestsOfNode = names.map((name) =>
      [...this.#requests.keys()].filter((r) => this.#requests[r]?.node === name),
    );
    this.width = names.length + PLACES;
  }

  /** How many different states the nodes were in, and how many different messages there were. */
  get sizes(): { readonly localStates: number; readonly messages: number } {
    const localStates = this.#locals.reduce((sum, { count }) => sum + count, 0);
    return { localStates, messages: this.#mailbox.count };
  }

  /** The world when every node has started. @returns a violation if that alone breaks a property */
  first(): Row | Violation {
    let flight = this.#mailbox.empty;
    let watch = this.#watches.first;
    for (const { start } of this.#locals) {
      flight = this.#mailbox.plus(flight, start.sent);
      const after = this.#watches.follow(watch, start);
      if ("property" in after) return after;
      watch = after;
    }
    return Int32Array.from([...this.#locals.map(({ start }) => start.to.id), flight, watch.id, 0, 0, 0]);
  }

  /**
   * Calls back for each step that is possible in this state and changes anything.
   *
   * @param after is overwritten with the state after each step, unless the step breaks a property
   * @param visit false: enough
   */
  expand(row: Row, after: Row, visit: Visit): void {
    const nodes = this.#locals.length;
    const again = (row[nodes + DUPLICATES] as number) < this.#bounds.duplicates;
    const flight = this.#mailbox.flight(row[nodes + FLIGHT] as number);
    for (const [at, mail] of flight.entries()) {
      // Two of the same are one step.
      if (flight[at - 1] === mail) continue;
      const { to } = this.#mailbox.mail(mail);
      if (!this.#step(row, after, to, FIRST_MAIL + 2 * mail, visit)) return;
      if (again && !this.#step(row, after, to, FIRST_MAIL + 2 * mail + 1, visit)) return;
    }
    // After the messages: of runs that are equally short, the one is told first in which one thing leads to the next.
    for (let place = 0; place < this.#locals.length; place++) {
      for (const number of this.#ownInputs(row, place)) if (!this.#step(row, after, place, number, visit)) return;
    }
  }

  /** @returns false: enough */
  #step(row: Row, after: Row, place: number, number: number, visit: Visit): boolean {
    const nodes = this.#locals.length;
    const states = this.#locals[place] as LocalStates<K>;
    const local = states.get(row[place] as number);
    if (local.isStopped) return true;
    const transition = local.next[number] ?? states.follow(local, number, this.input(number));
    const watch = this.#watches.follow(this.#watches.get(row[nodes + WATCH] as number), transition);
    // A message that nobody heeds may as well be late, and a crash that takes nothing away did not happen.
    if (transition.changesNothing && "id" in watch && watch.id === row[nodes + WATCH]) return true;
    if ("id" in watch) this.#apply(row, after, place, number, transition, watch.id);
    return visit(number, place, "property" in watch ? watch : null);
  }

  /** What happens in this step, from this state. */
  transitionOf(row: Row, place: number, number: number): Transition<K> {
    const states = this.#locals[place] as LocalStates<K>;
    return states.follow(states.get(row[place] as number), number, this.input(number));
  }

  /** The inputs that come from no other node. */
  #ownInputs(row: Row, place: number): number[] {
    const nodes = this.#locals.length;
    const local = (this.#locals[place] as LocalStates<K>).get(row[place] as number);
    const numbers: number[] = [];
    if (local.canSync) numbers.push(SYNC);
    if ((row[nodes + CRASHES] as number) < this.#bounds.crashes) numbers.push(RESTART);
    for (const timer of local.timers) numbers.push(FIRST_TIMER + this.#timerNumber(timer));
    const asked = row[nodes + ASKED] as number;
    // A node is asked one thing after the other.
    const next = (this.#requestsOfNode[place] as readonly number[]).find((request) => (asked & (1 << request)) === 0);
    if (next !== undefined) numbers.push(FIRST_REQUEST + next);
    return numbers;
  }

  #apply(row: Row, after: Row, place: number, number: number, transition: Transition<K>, watch: number): void {
    const nodes = this.#locals.length;
    const flight = row[nodes + FLIGHT] as number;
    after.set(row);
    after[place] = transition.to.id;
    after[nodes + WATCH] = watch;
    let rest = flight;
    if (number === RESTART) after[nodes + CRASHES] = (row[nodes + CRASHES] as number) + 1;
    else if (number >= FIRST_MAIL && number % 2 !== FIRST_MAIL % 2) {
      after[nodes + DUPLICATES] = (row[nodes + DUPLICATES] as number) + 1;
    } else if (number >= FIRST_MAIL) rest = this.#mailbox.minus(flight, (number - FIRST_MAIL) >> 1);
    else if (number >= FIRST_REQUEST) {
      after[nodes + ASKED] = (row[nodes + ASKED] as number) | (1 << (number - FIRST_REQUEST));
    }
    after[nodes + FLIGHT] = this.#mailbox.plus(rest, transition.sent);
  }

  /** The input with this number. */
  input(number: number): ModelInput<K> {
    if (number === SYNC) return { kind: "sync" };
    if (number === RESTART) return { kind: "restart" };
    if (number >= FIRST_MAIL) return { kind: "deliver", mail: this.#mailbox.mail((number - FIRST_MAIL) >> 1) };
    if (number >= FIRST_REQUEST) {
      return { kind: "request", request: this.#requests[number - FIRST_REQUEST] as Request<K> };
    }
    return { kind: "timeout", timer: this.#timers[number - FIRST_TIMER] as string };
  }

  #timerNumber(timer: string): number {
    const known = this.#timers.indexOf(timer);
    if (known >= 0) return known;
    invariant(this.#timers.length < MOST_TIMERS, `a model knows at most ${MOST_TIMERS} names of timers`);
    return this.#timers.push(timer) - 1;
  }
}
