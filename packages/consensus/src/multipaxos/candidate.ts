import type { NodeId } from "../core/participant.js";
import { IDS_PER_ROUND, LAST_CAREFREE_ID, PERSON_INDEX, type ProposalId } from "../core/proposal-id.js";
import { isMajority, majorityOf } from "../core/quorum.js";
import type { Slot } from "../log/messages.js";
import { PAGE_LIMIT } from "../paxos/log-page.js";
import type { LogAcceptance, LogPage } from "../paxos/messages.js";
import { chooseValue } from "../paxos/value-choice.js";
import type { AcceptorToProposer, ProposerToAcceptor } from "./messages.js";

/** What phase 1 found, and what a leader must therefore propose. */
export interface Found {
  /** The first slot that this leader proposes in. All below are decided. */
  readonly base: Slot;
  /** Everything at or below is truncated at some acceptor of the quorum: decided, and told by snapshots only. */
  readonly truncatedThrough: Slot | 0;
  /** From `base` on, without gaps: the value to propose, null where nothing was accepted; and whether it is chosen already. */
  readonly slots: readonly { readonly value: string | null; readonly decided: boolean }[];
}

export type Verdict =
  | { readonly kind: "elected"; readonly found: Found }
  /** Too many acceptors have promised a higher id; the highest of them. */
  | { readonly kind: "pre-empted"; readonly by: ProposalId }
  /** Two values were reported under one id, or another one beside the decided: no choice is safe. */
  | { readonly kind: "value-conflict"; readonly slot: Slot };

/** What one acceptor that promised has reported so far. */
interface Report {
  readonly entries: LogAcceptance[];
  /** Where the page begins that is still to come; null: the report is whole. */
  next: Slot | null;
  truncatedThrough: Slot | 0;
}

type Send = (to: NodeId, message: ProposerToAcceptor) => void;

/** Whether one goes above this id at once: it belongs to people, behind whom no proposer stands that would go on to lead. */
export function isToBeOutdone(id: ProposalId): boolean {
  return id % IDS_PER_ROUND === PERSON_INDEX && id < LAST_CAREFREE_ID;
}

/**
 * Phase 1 for all slots from one on, under one id (Paxos Made Simple §3: "phase 1 for infinitely many instances"). A
 * promise counts once everything that the acceptor has accepted from there on has been read, page by page.
 */
export class Candidate {
  readonly id: ProposalId;
  readonly from: Slot;
  readonly #acceptors: readonly NodeId[];
  readonly #send: Send;
  readonly #reports = new Map<NodeId, Report>();
  readonly #ignoredBy = new Map<NodeId, ProposalId>();

  constructor(id: ProposalId, from: Slot, acceptors: readonly NodeId[], send: Send) {
    this.id = id;
    this.from = from;
    this.#acceptors = acceptors;
    this.#send = send;
  }

  /** Acceptors whose report is whole. */
  get promisedBy(): readonly NodeId[] {
    return this.#acceptors.filter((node) => this.#reports.get(node)?.next === null);
  }

  /** Asks, or asks again, whoever has not told everything. */
  ask(): void {
    for (const node of this.#acceptors) {
      const report = this.#reports.get(node);
      if (report === undefined) this.#send(node, { type: "prepare-log", id: this.id, from: this.from });
      else this.#readOn(node, report);
    }
  }

  /** @returns what it comes to; null while that is open */
  hear(from: NodeId, message: AcceptorToProposer): Verdict | null {
    if (!this.#acceptors.includes(from)) return null;
    switch (message.type) {
      case "promise-log":
        if (message.id !== this.id || this.#reports.has(from)) return null;
        return this.#report(from, { entries: [], next: this.from, truncatedThrough: 0 }, message.page);
      case "prepare-log-ignored":
        return message.id === this.id ? this.#ignored(from, message.promisedId) : null;
      case "log":
        return this.#page(from, message);
      default:
        return null;
    }
  }

  #ignored(from: NodeId, promisedId: ProposalId): Verdict | null {
    // Our own id: not a pre-emption, but a repeat of our prepare. The promise stands, and what comes with it can be read.
    if (promisedId === this.id && !this.#reports.has(from)) {
      const report: Report = { entries: [], next: this.from, truncatedThrough: 0 };
      this.#reports.set(from, report);
      this.#readOn(from, report);
    }
    return promisedId > this.id ? this.#lost(from, promisedId) : null;
  }

  #page(from: NodeId, message: AcceptorToProposer & { type: "log" }): Verdict | null {
    const report = this.#reports.get(from);
    if (report === undefined || report.next !== message.from) return null;
    if (message.promisedId > this.id) return this.#lost(from, message.promisedId);
    // Read before the promise: it may lack what was accepted in between.
    if (message.promisedId < this.id) return null;
    return this.#report(from, report, message.page);
  }

  #report(from: NodeId, report: Report, page: LogPage): Verdict | null {
    this.#reports.set(from, report);
    for (const entry of page.entries) report.entries.push(entry);
    report.truncatedThrough = Math.max(report.truncatedThrough, page.truncatedThrough);
    report.next = page.next;
    this.#readOn(from, report);
    return isMajority(this.promisedBy, this.#acceptors.length) ? this.#elected() : null;
  }

  #readOn(node: NodeId, { next }: Report): void {
    if (next !== null) this.#send(node, { type: "read-log", from: next, limit: PAGE_LIMIT });
  }

  #lost(from: NodeId, promisedId: ProposalId): Verdict | null {
    this.#reports.delete(from);
    this.#ignoredBy.set(from, promisedId);
    const left = this.#acceptors.length - this.#ignoredBy.size;
    if (!isToBeOutdone(promisedId) && left >= majorityOf(this.#acceptors.length)) return null;
    return { kind: "pre-empted", by: Math.max(...this.#ignoredBy.values()) };
  }

  /** P2c for every slot: the value of the highest-numbered proposal that any of the majority has accepted there. */
  #elected(): Verdict {
    const reports = this.promisedBy.flatMap((node) => this.#reports.get(node) ?? []);
    const truncatedThrough = Math.max(0, ...reports.map((report) => report.truncatedThrough));
    const base = Math.max(this.from, truncatedThrough + 1);
    const bySlot = new Map<Slot, LogAcceptance[]>();
    let last = base - 1;
    for (const { entries } of reports) {
      for (const entry of entries) {
        if (entry.instance < base) continue;
        const known = bySlot.get(entry.instance);
        if (known) known.push(entry);
        else bySlot.set(entry.instance, [entry]);
        last = Math.max(last, entry.instance);
      }
    }
    const slots: Found["slots"][number][] = [];
    for (let slot = base; slot <= last; slot++) {
      const entries = bySlot.get(slot) ?? [];
      const decided = entries.filter((entry) => entry.decided);
      // A mark says that this very proposal is chosen: that settles it, whatever else somebody put there by hand.
      const choice = chooseValue(decided.length > 0 ? decided : entries);
      const values = new Set(decided.map(({ acceptedValue }) => acceptedValue));
      if (choice.kind === "conflict" || values.size > 1) return { kind: "value-conflict", slot };
      const value = choice.kind === "bound" ? choice.by.acceptedValue : null;
      slots.push({ value, decided: decided.length > 0 });
    }
    return { kind: "elected", found: { base, truncatedThrough, slots } };
  }
}
