import type { NodeId } from "@synod/consensus";
import { canonicalText } from "../world/canonical.js";
import type { SimulatedNode } from "../world/simulated-node.js";
import type { Kinds, NodePlan, Request } from "../world/system.js";
import { World } from "../world/world.js";
import { type Action, isAction, type WorldEvent } from "../world/world-event.js";
import { CERTAINTY } from "./certainty.js";
import type { Mail, Mailbox } from "./mail.js";

/** What can be done to a node in one step of the model. Numbered, so that what follows can be looked up. */
export type ModelInput<K extends Kinds = Kinds> =
  | { readonly kind: "deliver"; readonly mail: Mail<K> }
  | { readonly kind: "request"; readonly request: Request<K> }
  | { readonly kind: "timeout"; readonly timer: string }
  /** A flush, from its beginning to its end. */
  | { readonly kind: "sync" }
  /** A crash that loses what is not on the disk, and the restart after it. */
  | { readonly kind: "restart" };

/** Everything about one node that decides what it will do. */
export interface LocalState<K extends Kinds = Kinds> {
  readonly id: number;
  /** What its disk held when it started, and what was done to it since: doing that again makes the node. */
  readonly disk: readonly K["write"][];
  readonly actions: readonly Action<K>[];
  /** The timers that are set. */
  readonly timers: readonly string[];
  readonly canSync: boolean;
  /** Its own rules were broken: nothing more happens to it. */
  readonly isStopped: boolean;
  /** What follows from each input, as far as it was asked for. */
  readonly next: (Transition<K> | undefined)[];
}

/** What one input does to one local state. */
export interface Transition<K extends Kinds = Kinds> {
  readonly id: number;
  readonly to: LocalState<K>;
  /** The messages sent, as a numbered list. */
  readonly sent: number;
  readonly events: readonly WorldEvent<K>[];
  /** The node is as before, and nothing is sent, written or told. (The watch may remember that it happened.) */
  readonly changesNothing: boolean;
}

/**
 * The local states of one node, each met once, and the transitions between them, each worked out once: a node's next
 * state depends on nothing but its own and the input. So a million states of the world take some thousand steps of the
 * cores, and the same cores as everywhere.
 */
export class LocalStates<K extends Kinds> {
  /** The first start of the node. */
  readonly start: Transition<K>;
  readonly #plan: NodePlan<K>;
  readonly #mailbox: Mailbox<K>;
  readonly #byText = new Map<string, LocalState<K>>();
  readonly #byId: LocalState<K>[] = [];
  readonly #nextTransitionId: () => number;

  constructor(plan: NodePlan<K>, mailbox: Mailbox<K>, nextTransitionId: () => number) {
    this.#plan = plan;
    this.#mailbox = mailbox;
    this.#nextTransitionId = nextTransitionId;
    const { world, events } = this.#wake([], []);
    const to = this.#meet(world, [], []);
    this.start = { id: nextTransitionId(), to, sent: mailbox.listOf(events), events, changesNothing: false };
  }

  /** How many there are. */
  get count(): number {
    return this.#byId.length;
  }

  get(id: number): LocalState<K> {
    return this.#byId[id] as LocalState<K>;
  }

  /** What this input leads to. @param number of the input, the same number for the same input */
  follow(from: LocalState<K>, number: number, input: ModelInput<K>): Transition<K> {
    const known = from.next[number];
    if (known) return known;
    const transition = this.#step(from, input);
    from.next[number] = transition;
    return transition;
  }

  #step(from: LocalState<K>, input: ModelInput<K>): Transition<K> {
    const { world, events } = this.#wake(from.disk, from.actions);
    const before = events.length;
    const actions = actionsOf(this.#plan.name, input);
    for (const action of actions) world.perform(action);
    const happened = events.slice(before);
    const node = world.node(this.#plan.name);
    const to =
      input.kind === "restart"
        ? this.#meet(world, [...node.disk], [])
        : this.#meet(world, from.disk, [...from.actions, ...actions]);
    const sent = this.#mailbox.listOf(happened);
    const mayBeNothing = input.kind === "restart" || input.kind === "deliver";
    const changesNothing = to === from && mayBeNothing && happened.every(isAction);
    return { id: this.#nextTransitionId(), to, sent, events: happened, changesNothing };
  }

  /** The node as it was when all this had been done to it. */
  #wake(disk: readonly K["write"][], actions: readonly Action<K>[]): { world: World<K>; events: WorldEvent<K>[] } {
    const events: WorldEvent<K>[] = [];
    const host = { observe: (event: WorldEvent<K>) => void events.push(event), chance: () => CERTAINTY };
    const world = new World<K>({ nodes: [this.#plan] }, host, new Map([[this.#plan.name, disk]]));
    world.start();
    for (const action of actions) world.perform(action);
    return { world, events };
  }

  #meet(world: World<K>, disk: readonly K["write"][], actions: readonly Action<K>[]): LocalState<K> {
    const node = world.node(this.#plan.name);
    const timers = [...node.timers.keys()].sort();
    const { isUp, participantState, waiting } = node;
    const text = canonicalText({ isUp, state: participantState, disk: node.disk, waiting: asSet(waiting), timers });
    const known = this.#byText.get(text);
    if (known) return known;
    const canSync = node.hasWritesToTake;
    const fresh = { id: this.#byId.length, disk, actions, timers, canSync, isStopped: !isUp, next: [] };
    this.#byText.set(text, fresh);
    this.#byId.push(fresh);
    return fresh;
  }
}

/**
 * What waits for the disk. All of it leaves with the next flush, so its order makes no other state; nor does a message that
 * is held back twice, since the run in which a flush came between the two lets both leave.
 */
function asSet(waiting: SimulatedNode<Kinds>["waiting"]): unknown {
  if (waiting === null) return null;
  const messages = waiting.outputs.flatMap(({ messages }) => messages.map(canonicalText));
  const replies = waiting.outputs.flatMap(({ replies }) => replies);
  const decided = waiting.outputs.flatMap(({ decided }) => decided);
  return { writes: waiting.writes, messages: [...new Set(messages)].sort(), replies, decided };
}

/** The input as the actions that a world performs, and a counterexample consists of. */
export function actionsOf<K extends Kinds>(node: NodeId, input: ModelInput<K>): Action<K>[] {
  switch (input.kind) {
    case "deliver":
      return [{ kind: "deliver", node, from: input.mail.from, message: input.mail.message }];
    case "request": {
      const { requestId, command } = input.request;
      return [{ kind: "request", node, requestId, command }];
    }
    case "timeout":
      return [{ kind: "timeout", node, timer: input.timer }];
    case "sync":
      return [
        { kind: "flush", node },
        { kind: "synced", node },
      ];
    case "restart":
      return [
        { kind: "crash", node, tail: "lost" },
        { kind: "restart", node },
      ];
  }
}
