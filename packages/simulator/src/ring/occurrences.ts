import { type NodeId, nodeNames, type RingMessage, type RingPlan } from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { Occurrences, PropertyText } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import type { RingKinds } from "./ring-kinds.js";

const SOMETIMES = {
  leaders: "a leader announced START",
  "elections-again": "an election was held again",
  "nodes-skipped": "a message went past a node that took nothing",
  "leaders-after-another": "another leader announced START",
  "starts-too-late": "START came from a leader of an earlier election",
  "told-of-a-value": "a client was told a value",
  "told-of-anothers": "a client was told another client's value",
  "turned-to-the-next": "a client asked another proposer",
  "pre-emptions": "a proposer was pre-empted",
  "acceptors-asked": "a learner learned from what acceptors told when they were asked",
  "not-told-in-time": "a client ended without a value",
} as const;

type Counts = Record<keyof typeof SOMETIMES, number>;

/** What some run of many must have seen. A proposer alone has no rival and no successor, and a client alone no other's value. */
export function ringSometimes({ proposers, clients, acceptors }: RingPlan): readonly PropertyText[] {
  const impossible = new Set<string>();
  if (proposers === 1) for (const name of ["pre-emptions", "turned-to-the-next"]) impossible.add(name);
  if (clients === 1 || acceptors === 1) impossible.add("told-of-anothers");
  return Object.entries(SOMETIMES)
    .map(([name, sentence]) => ({ name, sentence }))
    .filter(({ name }) => !impossible.has(name));
}

/** Counts what a ring is about. */
export class RingOccurrences implements Occurrences<RingKinds> {
  readonly counts = Object.fromEntries(Object.keys(SOMETIMES).map((name) => [name, 0])) as Counts;
  readonly longestUs: Record<string, Microseconds> = {};
  readonly #nodes: readonly NodeId[];
  readonly #calmUs: Microseconds;
  /** Clients that were told nothing since the last fault was over. */
  readonly #ignorant: Set<NodeId>;
  readonly #wishes = new Map<string, { readonly value: string; readonly sinceUs: Microseconds }>();
  readonly #asked = new Map<NodeId, NodeId>();
  readonly #states = new Set<NodeId>();
  /** Nodes that have had START in their present life. */
  readonly #begun = new Set<NodeId>();
  readonly #elections = new Set<number>();
  #leader: NodeId | null = null;

  constructor(plan: RingPlan, clients: readonly NodeId[], calmUs: Microseconds) {
    this.#nodes = nodeNames(plan);
    this.#ignorant = new Set(clients);
    this.#calmUs = calmUs;
  }

  get settled(): boolean {
    return this.#ignorant.size === 0 && this.#begun.size === this.#nodes.length;
  }

  observe(event: WorldEvent<RingKinds>, nowUs: Microseconds): void {
    switch (event.kind) {
      case "request":
        if (typeof event.command !== "string" && event.command.kind === "set") {
          this.#wishes.set(event.requestId, { value: event.command.value, sinceUs: nowUs });
        }
        return;
      case "send":
        this.#sent(event.node, event.to, event.message);
        return;
      case "crash":
        this.#begun.delete(event.node);
        return;
      case "deliver":
        this.#heard(event.node, event.message);
        return;
      case "apply":
        if (this.#states.has(event.node)) this.counts["acceptors-asked"]++;
        return;
      case "reply":
        this.#replied(event.node, event.requestId, event.reply, nowUs);
        return;
    }
  }

  #sent(node: NodeId, to: NodeId, message: RingMessage): void {
    switch (message.type) {
      case "elect": {
        const next = this.#nodes[(this.#nodes.indexOf(node) + 1) % this.#nodes.length];
        if (to !== next) this.counts["nodes-skipped"]++;
        if (message.election > 1 && !this.#elections.has(message.election)) this.counts["elections-again"]++;
        this.#elections.add(message.election);
        return;
      }
      case "start": {
        if (node !== this.#nodes[message.leader]) return;
        this.#begun.add(node);
        if (node === this.#leader) return;
        this.counts[this.#leader === null ? "leaders" : "leaders-after-another"]++;
        this.#leader = node;
        return;
      }
      case "started":
        if (this.#nodes.includes(node)) this.#begun.add(node);
        return;
      case "propose":
        if ((this.#asked.get(node) ?? to) !== to) this.counts["turned-to-the-next"]++;
        this.#asked.set(node, to);
        return;
      case "later-election":
        if (to === this.#leader) this.counts["starts-too-late"]++;
        return;
    }
  }

  #heard(node: NodeId, message: RingMessage): void {
    // The last word before a learner learns: what it was told because it had asked, or an acceptance by itself.
    if (message.type === "state") this.#states.add(node);
    else this.#states.delete(node);
    if (message.type !== "prepare-ignored" && message.type !== "accept-ignored") return;
    if (message.promisedId > message.id) this.counts["pre-emptions"]++;
  }

  #replied(client: NodeId, requestId: string, reply: RingKinds["reply"], nowUs: Microseconds): void {
    const wish = this.#wishes.get(requestId);
    if (wish === undefined) return;
    if (reply.kind === "failed") this.counts["not-told-in-time"]++;
    if (reply.kind !== "chosen") return;
    this.counts["told-of-a-value"]++;
    if (reply.value !== wish.value) this.counts["told-of-anothers"]++;
    if (nowUs < this.#calmUs) return;
    this.#ignorant.delete(client);
    const tookUs = nowUs - Math.max(wish.sinceUs, this.#calmUs);
    this.longestUs["to a value, after the faults"] = Math.max(
      this.longestUs["to a value, after the faults"] ?? 0,
      tookUs,
    );
  }
}
