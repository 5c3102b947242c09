import type { NodeId } from "@synod/consensus";
import type { Fault, Nodes } from "../faults/fault.js";
import { nodesOf } from "../faults/links.js";
import type { Machine } from "./machine.js";
import type { Network } from "./network.js";

/** What faults do beyond the network and the machines. */
export interface FaultHost {
  crash(node: NodeId, tail: Extract<Fault, { kind: "crash" }>["tail"]): void;
  restart(node: NodeId): void;
  /** A paused node goes on. */
  resumed(node: NodeId): void;
  paused(node: NodeId): void;
}

/** One fault at work; of a fault for several nodes, the part of one node. */
interface AtWork {
  readonly fault: Exclude<Fault, { kind: "heal" | "restart" | "resume" }>;
  /** Null for a fault of links. */
  readonly node: NodeId | null;
  over: boolean;
}

/** Begins and ends faults: by their time, by `restart` and `resume`, and all of them by `heal`. */
export class FaultSchedule<J> {
  readonly #names: readonly NodeId[];
  readonly #network: Network;
  readonly #machines: ReadonlyMap<NodeId, Machine<J>>;
  readonly #host: FaultHost;
  #atWork: AtWork[] = [];

  constructor(network: Network, machines: ReadonlyMap<NodeId, Machine<J>>, host: FaultHost) {
    this.#names = [...machines.keys()];
    this.#network = network;
    this.#machines = machines;
    this.#host = host;
  }

  /** Begins a fault. @returns what ends it again, to be called when its time is over */
  begin(fault: Fault): () => void {
    switch (fault.kind) {
      case "heal":
        this.#end(this.#atWork);
        return () => {};
      case "restart":
        this.#endOf("crash", fault.nodes);
        return () => {};
      case "resume":
        this.#endOf("pause", fault.nodes);
        return () => {};
      default: {
        const begun = "nodes" in fault ? this.#nodes(fault.nodes).map((node) => atWork(fault, node)) : [atWork(fault)];
        for (const one of begun) this.#switch(one, true);
        this.#atWork.push(...begun);
        return () => this.#end(begun);
      }
    }
  }

  #nodes(nodes: Nodes): readonly NodeId[] {
    return nodesOf(nodes, this.#names);
  }

  #endOf(kind: "crash" | "pause", nodes: Nodes): void {
    const wanted = new Set(this.#nodes(nodes));
    this.#end(this.#atWork.filter(({ fault, node }) => fault.kind === kind && node !== null && wanted.has(node)));
  }

  #end(some: readonly AtWork[]): void {
    const ending = some.filter(({ over }) => !over);
    for (const one of ending) one.over = true;
    this.#atWork = this.#atWork.filter(({ over }) => !over);
    for (const one of ending) this.#switch(one, false);
  }

  #switch({ fault, node }: AtWork, begins: boolean): void {
    if ("links" in fault) {
      this.#network.apply(fault, begins);
      return;
    }
    if (node === null) return;
    if (fault.kind === "crash") {
      this.#switchCrash(fault, node, begins);
      return;
    }
    const machine = this.#machines.get(node);
    const wasPaused = machine?.isPaused;
    machine?.apply(fault, begins);
    if (machine?.isPaused === wasPaused) return;
    if (begins) this.#host.paused(node);
    else this.#host.resumed(node);
  }

  /** Of several crashes that overlap the last one to end brings the node back. */
  #switchCrash(fault: Extract<Fault, { kind: "crash" }>, node: NodeId, begins: boolean): void {
    if (begins) {
      this.#host.crash(node, fault.tail);
      return;
    }
    const another = this.#atWork.some((one) => one.fault.kind === "crash" && one.node === node);
    if (!another) this.#host.restart(node);
  }
}

function atWork(fault: AtWork["fault"], node: NodeId | null = null): AtWork {
  return { fault, node, over: false };
}
