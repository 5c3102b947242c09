import { type Chance, invariant, type NodeId } from "@synod/consensus";
import { SimulatedNode } from "./simulated-node.js";
import type { Kinds, NodePlan, System } from "./system.js";
import type { Action, WorldEvent } from "./world-event.js";

/** Something failed that is no node: no fault of a protocol may be made of it. */
export class BesideTheNodes extends RangeError {
  override readonly name: string = "BesideTheNodes";
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** What a world reports to. */
export interface WorldHost<K extends Kinds = Kinds> {
  /** Everything that happens, in order; a message that is sent is nowhere else. */
  observe(event: WorldEvent<K>): void;
  /** A timer was set, in place of an earlier one of that name. */
  timerSet?(node: SimulatedNode<K>, timer: string): void;
  /** Whether there is a node of this name; absent: whoever holds this world knows of more nodes than are in it. */
  canReach?(node: NodeId): boolean;
  /** For one life of one node. */
  chance(node: NodeId, life: number): Chance;
}

/**
 * The nodes of a system, and what can be done to them. It has neither time nor network: whoever holds it decides which
 * message arrives when. So the timed simulation, the replay of a counterexample and the model checker run the same code.
 */
export class World<K extends Kinds = Kinds> {
  readonly nodes: readonly SimulatedNode<K>[];
  readonly #byName: ReadonlyMap<NodeId, SimulatedNode<K>>;
  readonly #host: WorldHost<K>;

  /** @param disks what the disks of some nodes hold at the beginning; the others are empty */
  constructor(
    { nodes }: Pick<System<K>, "nodes">,
    host: WorldHost<K>,
    disks: ReadonlyMap<NodeId, readonly K["write"][]> = new Map(),
  ) {
    this.#host = host;
    this.nodes = nodes.map((plan) => this.#create(plan, disks.get(plan.name)));
    this.#byName = new Map(this.nodes.map((node) => [node.name, node]));
    invariant(this.#byName.size === this.nodes.length, "nodes have different names");
  }

  /** Starts every node for the first time. */
  start(): void {
    for (const node of this.nodes) this.#carefully(node, () => node.start(this.#host.chance(node.name, node.lives)));
  }

  node(name: NodeId): SimulatedNode<K> {
    const node = this.#byName.get(name);
    invariant(node !== undefined, `there is a node ${name}`);
    return node;
  }

  /** Whether this could be done now. Whether a message is there to be delivered is the caller's knowledge. */
  isPossible(action: Action<K>): boolean {
    const node = this.#byName.get(action.node);
    if (!node) return false;
    switch (action.kind) {
      case "request":
      case "deliver":
      case "crash":
        return node.isUp;
      case "timeout":
        return node.timers.has(action.timer);
      case "flush":
        return node.hasWritesToTake;
      case "synced":
        return node.isFlushing;
      case "restart":
        return !node.isUp;
    }
  }

  /** Does this to its node, and reports it and whatever follows. */
  perform(action: Action<K>): void {
    const node = this.node(action.node);
    this.#report(action);
    this.#carefully(node, () => this.#do(node, action));
  }

  #do(node: SimulatedNode<K>, action: Action<K>): void {
    switch (action.kind) {
      case "request":
        node.step({ kind: "propose", requestId: action.requestId, command: action.command });
        return;
      case "deliver":
        node.step({ kind: "message", from: action.from, message: action.message });
        return;
      case "timeout":
        node.step({ kind: "timeout", timer: action.timer });
        return;
      case "flush":
        node.beginFlush();
        return;
      case "synced":
        node.endFlush((writes) => this.#store(node.name, writes));
        return;
      case "crash":
        this.#store(node.name, node.crash(action.tail === "kept"));
        return;
      case "restart":
        node.start(this.#host.chance(node.name, node.lives));
        return;
    }
  }

  #store(node: NodeId, writes: readonly K["write"][]): void {
    if (writes.length > 0) this.#report({ kind: "store", node, writes });
  }

  /** A node whose own rules are broken stops, as a server would; that is an event like others, and never passes unseen. */
  #carefully(node: SimulatedNode<K>, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof BesideTheNodes) throw error;
      node.crash(false);
      this.#report({ kind: "break", node: node.name, error: String(error) });
    }
  }

  #report(event: WorldEvent<K>): void {
    try {
      this.#host.observe(event);
    } catch (error) {
      if (error instanceof BesideTheNodes) throw error;
      throw new BesideTheNodes(`what looks on failed at a ${event.kind}: ${String(error)}`, error);
    }
  }

  #create(plan: NodePlan<K>, disk: readonly K["write"][] | undefined): SimulatedNode<K> {
    const { name } = plan;
    const report = (event: WorldEvent<K>) => this.#report(event);
    const host = {
      send: (to: NodeId, message: K["message"]) => {
        invariant(this.#host.canReach?.(to) ?? true, `there is a node ${to}, to which ${name} sends`);
        report({ kind: "send", node: name, to, message });
      },
      reply: (requestId: string, reply: K["reply"]) => report({ kind: "reply", node: name, requestId, reply }),
      apply: (slot: number, command: K["command"]) => report({ kind: "apply", node: name, slot, command }),
      timerSet: (timer: string) => this.#host.timerSet?.(node, timer),
    };
    const node: SimulatedNode<K> = new SimulatedNode(plan, host, disk);
    return node;
  }
}
