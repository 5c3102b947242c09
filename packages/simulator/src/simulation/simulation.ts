import type { NodeId, Random } from "@synod/consensus";
import type { Fault, Microseconds } from "../faults/fault.js";
import { onNodes } from "../faults/on-machines.js";
import type { SimulatedNode } from "../world/simulated-node.js";
import type { Kinds, Placement, Request, System } from "../world/system.js";
import { World } from "../world/world.js";
import type { WorldEvent } from "../world/world-event.js";
import { EventHeap } from "./event-heap.js";
import { FaultSchedule } from "./fault-schedule.js";
import { Machine } from "./machine.js";
import { Network } from "./network.js";
import { randomFor } from "./seeds.js";

/** Something that reaches a node, and waits while the node is paused. */
type NodeJob<K extends Kinds> =
  | { readonly kind: "arrival"; readonly from: NodeId; readonly message: K["message"] }
  | { readonly kind: "request"; readonly request: Request<K> }
  | { readonly kind: "timer"; readonly timer: string; readonly setting: number }
  /** The flush that began in this life of the node is on disk. */
  | { readonly kind: "synced"; readonly life: number }
  /** A crashed node may start again. */
  | { readonly kind: "restart" };

type Job<K extends Kinds> =
  | { readonly node: SimulatedNode<K>; readonly job: NodeJob<K> }
  | { readonly node: null; readonly act: () => void };

/** Hears of everything that happens, and when. */
export type Observer<K extends Kinds> = (event: WorldEvent<K>, nowUs: Microseconds) => void;

/**
 * The timed world: decides when what happens to which node, from a seed and a list of faults, and nothing else. The same
 * seed, faults and system give the same events on every machine.
 */
export class Simulation<K extends Kinds = Kinds> {
  readonly #world: World<K>;
  readonly #network: Network;
  readonly #machines: ReadonlyMap<NodeId, Machine<NodeJob<K>>>;
  readonly #heap = new EventHeap<Job<K>>();
  readonly #observe: Observer<K>;
  readonly #isSentOnce: System<K>["isSentOnce"];
  readonly #placements: readonly Placement[] | undefined;
  #nowUs: Microseconds = 0;

  constructor(system: System<K>, seed: number, faults: readonly Fault[], observe: Observer<K>) {
    const names = system.nodes.map(({ name }) => name);
    this.#observe = observe;
    this.#isSentOnce = system.isSentOnce;
    this.#placements = system.placements;
    const machines = new Map(system.placements?.flatMap(({ machine, nodes }) => nodes.map((node) => [node, machine])));
    this.#network = new Network(seed, names, (node) => machines.get(node) ?? node);
    this.#machines = new Map(names.map((name) => [name, new Machine(randomFor(seed, `machine ${name}`))]));
    this.#world = new World(system, {
      observe: (event) => this.#happens(event),
      canReach: (node) => this.#machines.has(node),
      timerSet: (node, timer) => this.#planTimer(node, timer),
      chance: (node, life): Random => randomFor(seed, `${node}, life ${life}`),
    });
    this.#planFaults(faults);
  }

  get nowUs(): Microseconds {
    return this.#nowUs;
  }

  /** Plans what clients ask for. */
  plan(requests: readonly Request<K>[]): void {
    for (const request of requests) {
      const node = this.#world.node(request.node);
      this.#heap.plan(request.atUs, { node, job: { kind: "request", request } });
    }
  }

  /** Starts all nodes, and lets things happen until nothing is left to happen, or time is up, or it is told to stop. */
  run(untilUs: Microseconds, isOver: () => boolean): void {
    while (!isOver()) {
      const { nextUs } = this.#heap;
      if (nextUs === null || nextUs > untilUs) return;
      this.#nowUs = nextUs;
      const job = this.#heap.take();
      if (job === undefined) return;
      if (job.node === null) job.act();
      else this.#reach(job.node, job.job);
    }
  }

  /** Everything that the world reports: a message that leaves goes to the network. */
  #happens(event: WorldEvent<K>): void {
    this.#observe(event, this.#nowUs);
    if (event.kind !== "send") return;
    const { node: from, to, message } = event;
    const fate = this.#network.fateOf(from, to, this.#nowUs, this.#isSentOnce?.(message));
    if (typeof fate === "string") {
      this.#lose(from, to, message, fate);
      return;
    }
    const node = this.#world.node(to);
    for (const atUs of fate) this.#heap.plan(atUs, { node, job: { kind: "arrival", from, message } });
  }

  #lose(from: NodeId, node: NodeId, message: K["message"], why: "cut" | "drop" | "down"): void {
    this.#observe({ kind: "lose", node, from, message, why }, this.#nowUs);
  }

  #reach(node: SimulatedNode<K>, job: NodeJob<K>): void {
    // A cut takes along what is on its way.
    if (job.kind === "arrival" && this.#network.isCut(job.from, node.name)) {
      this.#lose(job.from, node.name, job.message, "cut");
      return;
    }
    const machine = this.#machine(node.name);
    // Nothing waits for a node that is down, except its start.
    if (machine.isPaused && (node.isUp || job.kind === "restart")) {
      machine.wait(job);
      return;
    }
    this.#take(node, job);
  }

  #take(node: SimulatedNode<K>, job: NodeJob<K>): void {
    this.#do(node, job);
    this.#planFlush(node);
  }

  #do({ name, isUp, timers, lives }: SimulatedNode<K>, job: NodeJob<K>): void {
    switch (job.kind) {
      case "arrival": {
        const { from, message } = job;
        if (isUp) this.#world.perform({ kind: "deliver", node: name, from, message });
        else this.#lose(from, name, message, "down");
        return;
      }
      case "request": {
        const { requestId, command } = job.request;
        if (isUp) this.#world.perform({ kind: "request", node: name, requestId, command });
        return;
      }
      case "timer":
        // Set anew or taken back in the meantime: then this one no longer exists.
        if (timers.get(job.timer)?.setting !== job.setting) return;
        this.#world.perform({ kind: "timeout", node: name, timer: job.timer });
        return;
      case "synced":
        if (isUp && lives === job.life) this.#world.perform({ kind: "synced", node: name });
        return;
      case "restart":
        if (!isUp) this.#world.perform({ kind: "restart", node: name });
        return;
    }
  }

  /** As a server does: one flush at a time, as soon as there is something to write. */
  #planFlush(node: SimulatedNode<K>): void {
    if (!node.hasWritesToTake) return;
    this.#world.perform({ kind: "flush", node: node.name });
    const atUs = this.#nowUs + this.#machine(node.name).flushUs();
    this.#heap.plan(atUs, { node, job: { kind: "synced", life: node.lives } });
  }

  #planTimer(node: SimulatedNode<K>, timer: string): void {
    const set = node.timers.get(timer);
    if (!set) return;
    const atUs = this.#nowUs + this.#machine(node.name).spanUs(set.afterMs);
    this.#heap.plan(atUs, { node, job: { kind: "timer", timer, setting: set.setting } });
  }

  #planFaults(faults: readonly Fault[]): void {
    const schedule = new FaultSchedule(this.#network, this.#machines, {
      crash: (node, tail) => this.#crash(node, tail),
      restart: (node) => this.#reach(this.#world.node(node), { kind: "restart" }),
      paused: (node) => this.#observe({ kind: "pause", node }, this.#nowUs),
      resumed: (node) => this.#resume(node),
    });
    // Nodes start into a world that has its faults already; but to crash or to be paused one must have started.
    const later = faults.findIndex((fault) => (fault.atUs ?? 0) > 0 || !("links" in fault || fault.kind === "skew"));
    for (const [place, fault] of faults.entries()) {
      if (place === later) this.#heap.plan(0, { node: null, act: () => this.#start() });
      const act = () => {
        this.#observe({ kind: "fault", fault }, this.#nowUs);
        const end = schedule.begin(this.#placements ? onNodes(fault, this.#placements) : fault);
        if (!("forUs" in fault) || fault.forUs === null) return;
        const finish = () => {
          this.#observe({ kind: "fault-ends", fault }, this.#nowUs);
          end();
        };
        this.#heap.plan(this.#nowUs + fault.forUs, { node: null, act: finish });
      };
      this.#heap.plan(fault.atUs ?? 0, { node: null, act });
    }
    if (later < 0) this.#heap.plan(0, { node: null, act: () => this.#start() });
  }

  #start(): void {
    this.#world.start();
    for (const node of this.#world.nodes) this.#planFlush(node);
  }

  #crash(name: NodeId, tail: "lost" | "kept" | "random"): void {
    const machine = this.#machine(name);
    const kept = tail === "random" ? machine.keepsTail() : tail === "kept";
    // What waited for a paused node dies with it; messages are lost.
    for (const job of machine.takeWaiting()) {
      if (job.kind === "arrival") this.#lose(job.from, name, job.message, "down");
    }
    if (!this.#world.node(name).isUp) return;
    this.#world.perform({ kind: "crash", node: name, tail: kept ? "kept" : "lost" });
  }

  #resume(name: NodeId): void {
    this.#observe({ kind: "resume", node: name }, this.#nowUs);
    const node = this.#world.node(name);
    for (const job of this.#machine(name).takeWaiting()) this.#take(node, job);
  }

  #machine(name: NodeId): Machine<NodeJob<K>> {
    return this.#machines.get(name) as Machine<NodeJob<K>>;
  }
}
