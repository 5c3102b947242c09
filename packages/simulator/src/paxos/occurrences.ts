import { isMajority, type NodeId, type ProposalId } from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { Occurrences, PropertyText } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { type PaxosKinds, valueIn } from "./paxos-kinds.js";

type Event = WorldEvent<PaxosKinds>;
type Counts = Record<keyof typeof SOMETIMES, number>;

const SOMETIMES = {
  "values-chosen": "a value was chosen",
  "pre-emptions": "a proposer was pre-empted",
  overrides: "a prior value overrode the client's",
  "restarts-after-promise": "an acceptor restarted between its promise and the accept",
  duels: "two proposers pre-empted each other",
  learned: "a learner learned what is chosen",
} as const;

const PAXOS_SOMETIMES: readonly PropertyText[] = Object.entries(SOMETIMES).map(([name, sentence]) => ({
  name,
  sentence,
}));

/**
 * What some run of many must have seen. Without learners nobody learns, a proposer alone has no rival, and what one
 * acceptor alone has accepted is chosen: it overrides nothing.
 */
export function paxosSometimes(pool: {
  readonly acceptors: number;
  readonly proposers: number;
  readonly learners: number;
}): readonly PropertyText[] {
  const impossible = new Set<string>();
  if (pool.learners === 0) impossible.add("learned");
  if (pool.proposers === 1) impossible.add("duels");
  if (pool.acceptors === 1 || pool.proposers === 1) impossible.add("overrides");
  return PAXOS_SOMETIMES.filter(({ name }) => !impossible.has(name));
}

/** Counts what Paxos is about: that these things happen shows that the schedules are worth something. */
export class PaxosOccurrences implements Occurrences<PaxosKinds> {
  readonly counts: Counts = {
    "values-chosen": 0,
    "pre-emptions": 0,
    overrides: 0,
    "restarts-after-promise": 0,
    duels: 0,
    learned: 0,
  };
  readonly longestUs: Record<string, Microseconds> = {};
  readonly #poolSize: number;
  readonly #calmUs: Microseconds;
  /** Proposers that do not know yet, since the last fault was over, what is chosen. */
  readonly #ignorant: Set<NodeId>;
  readonly #wishes = new Map<NodeId, Set<string>>();
  readonly #owners = new Map<ProposalId, NodeId>();
  readonly #proposed = new Set<ProposalId>();
  readonly #preempted = new Map<NodeId, Set<NodeId>>();
  readonly #accepted = new Map<ProposalId, Set<NodeId>>();
  readonly #promisedInThisLife = new Set<NodeId>();
  readonly #promisedInAnEarlierLife = new Set<NodeId>();
  #firstRequestUs: Microseconds | null = null;

  constructor(poolSize: number, proposers: readonly NodeId[], calmUs: Microseconds) {
    this.#poolSize = poolSize;
    this.#calmUs = calmUs;
    this.#ignorant = new Set(proposers);
  }

  get settled(): boolean {
    return this.#ignorant.size === 0;
  }

  observe(event: Event, nowUs: Microseconds): void {
    switch (event.kind) {
      case "request":
        this.#firstRequestUs ??= nowUs;
        addTo(this.#wishes, event.node, valueIn(event.command));
        return;
      case "send":
        this.#sent(event.node, event.message);
        return;
      case "deliver":
        this.#heard(event.node, event.message);
        return;
      case "store":
        // A crash may leave an acceptance on the disk that nobody was told of: it counts all the same.
        for (const write of event.writes) if (write.kind === "accepted") this.#accept(event.node, write.id, nowUs);
        return;
      case "apply":
        this.counts.learned++;
        return;
      case "restart":
        if (this.#promisedInThisLife.delete(event.node)) this.#promisedInAnEarlierLife.add(event.node);
        return;
      case "reply":
        if (event.reply.chosen && nowUs >= this.#calmUs) this.#ignorant.delete(event.node);
        return;
    }
  }

  #sent(node: NodeId, message: PaxosKinds["message"]): void {
    switch (message.type) {
      case "prepare":
        this.#owners.set(message.id, node);
        return;
      case "promise":
        this.#promisedInThisLife.add(node);
        this.#promisedInAnEarlierLife.delete(node);
        return;
      case "accept":
        this.#propose(node, message.id, message.value);
        return;
      case "accepted":
        this.#promisedInThisLife.delete(node);
        if (this.#promisedInAnEarlierLife.delete(node)) this.counts["restarts-after-promise"]++;
        return;
    }
  }

  /** Counted once an id: an accept goes to many. */
  #propose(node: NodeId, id: ProposalId, value: string): void {
    if (this.#proposed.has(id)) return;
    this.#proposed.add(id);
    if (!this.#wishes.get(node)?.has(value)) this.counts.overrides++;
  }

  #accept(node: NodeId, id: ProposalId, nowUs: Microseconds): void {
    const accepted = addTo(this.#accepted, id, node);
    if (this.counts["values-chosen"] > 0 || !isMajority(accepted, this.#poolSize)) return;
    this.counts["values-chosen"]++;
    this.longestUs["to a choice"] = nowUs - (this.#firstRequestUs ?? 0);
  }

  #heard(node: NodeId, message: PaxosKinds["message"]): void {
    if (message.type !== "prepare-ignored" && message.type !== "accept-ignored") return;
    const { id, promisedId } = message;
    // A prepare that is ignored for its own id was only repeated on its way.
    if (promisedId <= id) return;
    this.counts["pre-emptions"]++;
    const rival = this.#owners.get(promisedId);
    if (rival === undefined || rival === node) return;
    addTo(this.#preempted, node, rival);
    if (this.#preempted.get(rival)?.delete(node)) this.counts.duels++;
  }
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): Set<V> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set.add(value);
}
