import type { NodeId, Slot } from "@synod/consensus";
import type { GatewayReply } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";

/**
 * How long after the last fault clients still ask what they ask in every run. It is longer than a server waits for a
 * leader: where nobody has wanted to lead for so long, there is one leader.
 */
export const ASKED_AFTER_US: Microseconds = 300_000;

/** Whether a cluster has come to rest after the last fault, one leader, everybody served and every state equally far. */
export class Settling {
  readonly #calmUs: Microseconds;
  /** Clients without a write, or without a strong read, that they asked for after the last fault. */
  readonly #writing: Set<NodeId>;
  readonly #reading: Set<NodeId>;
  /** Requests that were asked since the last fault, and what they are. */
  readonly #asked = new Map<string, "write" | "strong">();
  readonly #holders: () => readonly NodeId[];
  readonly #applied = new Map<NodeId, Slot | 0>();
  /** The highest slot that anybody was told of. */
  #highest: Slot | 0 = 0;
  #stoodUs: Microseconds = 0;
  #nowUs: Microseconds = 0;

  /** @param holders who must have applied the log, by now */
  constructor(clients: readonly NodeId[], holders: () => readonly NodeId[], calmUs: Microseconds) {
    this.#calmUs = calmUs;
    this.#writing = new Set(clients);
    this.#reading = new Set(clients);
    this.#holders = holders;
  }

  get settled(): boolean {
    const isServed = this.#writing.size === 0 && this.#reading.size === 0;
    const isQuiet = this.#nowUs > Math.max(this.#calmUs, this.#stoodUs) + ASKED_AFTER_US;
    if (!isServed || !isQuiet) return false;
    return this.#holders().every((name) => (this.#applied.get(name) ?? 0) >= this.#highest);
  }

  isNow(nowUs: Microseconds): void {
    this.#nowUs = nowUs;
  }

  requested(requestId: string, command: { readonly kind: string; readonly level?: string }): void {
    if (this.#nowUs < this.#calmUs) return;
    if (command.kind === "write") this.#asked.set(requestId, "write");
    if (command.kind === "read" && command.level === "strong") this.#asked.set(requestId, "strong");
  }

  replied(node: NodeId, requestId: string, reply: GatewayReply): void {
    const what = this.#asked.get(requestId);
    if (reply.kind === "written" && what === "write") this.#writing.delete(node);
    if (reply.kind === "read" && what === "strong") this.#reading.delete(node);
    if (reply.kind === "written" || reply.kind === "read") this.#highest = Math.max(this.#highest, reply.slot);
  }

  /** Somebody wants to lead. */
  stood(): void {
    this.#stoodUs = this.#nowUs;
  }

  /** A state has all of the log through this slot. */
  applied(node: NodeId, through: Slot | 0): void {
    this.#applied.set(node, through);
    this.#highest = Math.max(this.#highest, through);
  }
}
