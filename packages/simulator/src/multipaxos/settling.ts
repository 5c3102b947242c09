import type { NodeId, Slot } from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { WorldEvent } from "../world/world-event.js";
import type { MultiPaxosKinds } from "./multipaxos-kinds.js";
import type { ClusterNames } from "./multipaxos-system.js";

/**
 * How long after the last fault clients still ask what they ask in every run. It is longer than a proposer waits for a
 * leader: where nobody has wanted to lead for so long, there is one leader.
 */
export const ASKED_AFTER_US: Microseconds = 300_000;

/** Whether a cluster has come to rest after the last fault, one leader, everybody served and every learner equally far. */
export class Settling {
  readonly #calmUs: Microseconds;
  /** Clients without a write, or without a strong read, that they asked for after the last fault. */
  readonly #writing: Set<NodeId>;
  readonly #reading: Set<NodeId>;
  /** Requests that were asked since the last fault, and what they are. */
  readonly #asked = new Map<string, "write" | "strong">();
  readonly #applied: Map<NodeId, Slot | 0>;
  /** The highest slot that anybody was told of. */
  #highest: Slot | 0 = 0;
  #preparedUs: Microseconds = 0;
  #nowUs: Microseconds = 0;

  constructor({ clients, learners }: ClusterNames, calmUs: Microseconds) {
    this.#calmUs = calmUs;
    this.#writing = new Set(clients);
    this.#reading = new Set(clients);
    this.#applied = new Map(learners.map((name) => [name, 0]));
  }

  get settled(): boolean {
    const isServed = this.#writing.size === 0 && this.#reading.size === 0;
    const isQuiet = this.#nowUs > Math.max(this.#calmUs, this.#preparedUs) + ASKED_AFTER_US;
    if (!isServed || !isQuiet) return false;
    for (const slot of this.#applied.values()) if (slot < this.#highest) return false;
    return true;
  }

  observe(event: WorldEvent<MultiPaxosKinds>, nowUs: Microseconds): void {
    this.#nowUs = nowUs;
    switch (event.kind) {
      case "request": {
        const { command, requestId } = event;
        if (nowUs < this.#calmUs || typeof command === "string") return;
        if (command.kind === "write") this.#asked.set(requestId, "write");
        if (command.kind === "read" && command.level === "strong") this.#asked.set(requestId, "strong");
        return;
      }
      case "reply": {
        const { node, requestId, reply } = event;
        const what = this.#asked.get(requestId);
        if (reply.kind === "written" && what === "write") this.#writing.delete(node);
        if (reply.kind === "read" && what === "strong") this.#reading.delete(node);
        if (reply.kind === "written" || reply.kind === "read") this.#highest = Math.max(this.#highest, reply.slot);
        return;
      }
      case "send":
        if (event.message.type === "prepare-log") this.#preparedUs = nowUs;
        if (event.message.type !== "learned") return;
        this.#applied.set(event.node, event.message.appliedThrough);
        this.#highest = Math.max(this.#highest, event.message.appliedThrough);
        return;
    }
  }
}
