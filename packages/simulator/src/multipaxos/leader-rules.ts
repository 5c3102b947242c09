import {
  isMajority,
  type LogMessage,
  type LogPage,
  NO_OP,
  type NodeId,
  type ProposalId,
  type ProposerWrite,
  type Slot,
} from "@synod/consensus";
import type { LogRecord } from "./log-record.js";
import type { Report } from "./properties.js";

/** What one acceptor has told a candidate so far. */
interface Told {
  /** Where the page begins that is still to come; null: everything is told. */
  next: Slot | null;
  last: Slot | 0;
}

/** One phase 1, as far as its messages tell. */
interface PhaseOne {
  readonly id: ProposalId;
  readonly from: Slot;
  readonly told: Map<NodeId, Told>;
  /** The last slot that a majority told something of; null while it is no majority. */
  found: Slot | 0 | null;
}

/** Watches proposers, and persons where they propose. */
export class LeaderRules {
  readonly #record: LogRecord;
  readonly #poolSize: number;
  readonly #stored = new Map<NodeId, ProposalId>();
  /** Who asked for promises under each id, and in which life. */
  readonly #prepared = new Map<ProposalId, { readonly by: NodeId; readonly life: number }>();
  readonly #lives = new Map<NodeId, number>();
  /** The value that went out under each id, by slot. */
  readonly #values = new Map<ProposalId, Map<Slot, string>>();
  readonly #known = new Set<string>([NO_OP]);
  readonly #phases = new Map<NodeId, PhaseOne>();

  constructor(record: LogRecord, poolSize: number) {
    this.#record = record;
    this.#poolSize = poolSize;
  }

  restarted(node: NodeId): void {
    this.#lives.set(node, this.#life(node) + 1);
    this.#phases.delete(node);
  }

  stored(node: NodeId, { id }: ProposerWrite): void {
    this.#stored.set(node, Math.max(this.#stored.get(node) ?? -1, id));
  }

  /** Somebody wants this value in the log. */
  wanted(value: string): void {
    this.#known.add(value);
  }

  heard(node: NodeId, from: NodeId, message: LogMessage): void {
    const phase = this.#phases.get(node);
    if (phase === undefined || phase.found !== null) return;
    if (message.type === "promise-log" && message.id === phase.id) {
      if (!phase.told.has(from)) this.#page(phase, from, { next: phase.from, last: 0 }, message.page);
    } else if (message.type === "prepare-log-ignored" && message.promisedId === phase.id && message.id === phase.id) {
      if (!phase.told.has(from)) phase.told.set(from, { next: phase.from, last: 0 });
    } else if (message.type === "log" && message.promisedId === phase.id) {
      const told = phase.told.get(from);
      if (told && told.next === message.from) this.#page(phase, from, told, message.page);
    }
  }

  sent(node: NodeId, message: LogMessage, report: Report): void {
    switch (message.type) {
      case "prepare-log":
        this.#prepares(node, message.id, message.from, report);
        return;
      case "accept":
        this.#proposes(node, message.id, message.instance, message.value, report);
        return;
      case "accept-log":
        for (const { instance, value } of message.entries) {
          this.#proposes(node, message.id, instance, value, report);
          const isNew = instance > (this.#phases.get(node)?.found ?? 0);
          if (isNew) this.#serves(node, `proposed ${value} in slot ${instance}`, report);
        }
        return;
      case "read-barrier-passed":
        this.#serves(node, `answered a strong read with slot ${message.slot}`, report);
        return;
    }
  }

  #prepares(node: NodeId, id: ProposalId, from: Slot, report: Report): void {
    const life = this.#life(node);
    const earlier = this.#prepared.get(id);
    if (earlier === undefined) {
      this.#prepared.set(id, { by: node, life });
      this.#phases.set(node, { id, from, told: new Map(), found: null });
    } else if (earlier.by !== node || earlier.life !== life) {
      const when = earlier.by === node ? "it had done before it restarted" : `${earlier.by} had done`;
      report("one-value-an-id", `${node} asked for promises under ${id}, as ${when}`);
    }
    const stored = this.#stored.get(node);
    if (stored !== undefined && stored < id) {
      report("durable-before-told", `${node} asked for promises under ${id}, and its disk does not hold that id`);
    }
  }

  #proposes(node: NodeId, id: ProposalId, slot: Slot, value: string, report: Report): void {
    let values = this.#values.get(id);
    if (values === undefined) {
      values = new Map();
      this.#values.set(id, values);
    }
    const earlier = values.get(slot);
    if (earlier === value) return;
    values.set(slot, value);
    if (earlier !== undefined) {
      const before = `which had gone out with ${earlier}`;
      report("one-value-an-id", `${node} sent ${value} out for slot ${slot} under ${id}, ${before}`);
    }
    if (!this.#known.has(value)) report("validity", `${node} proposed ${value} in slot ${slot}, which nobody wanted`);
  }

  #serves(node: NodeId, how: string, report: Report): void {
    const { chosenThrough } = this.#record;
    const found = this.#phases.get(node)?.found ?? 0;
    if (found <= chosenThrough) return;
    report(
      "recovers-before-serving",
      `${node} ${how}; it had found slot ${found}, and only ${chosenThrough} is decided`,
    );
  }

  #page(phase: PhaseOne, from: NodeId, told: Told, { entries, next, truncatedThrough }: LogPage): void {
    told.next = next;
    told.last = Math.max(told.last, truncatedThrough, entries.at(-1)?.instance ?? 0);
    phase.told.set(from, told);
    const whole = [...phase.told].filter(([, one]) => one.next === null);
    if (
      !isMajority(
        whole.map(([name]) => name),
        this.#poolSize,
      )
    )
      return;
    phase.found = Math.max(...whole.map(([, { last }]) => last));
  }

  #life(node: NodeId): number {
    return this.#lives.get(node) ?? 0;
  }
}
