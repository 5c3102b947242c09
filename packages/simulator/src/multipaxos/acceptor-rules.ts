import type { AcceptorWrite, LogMessage, LogPage, NodeId, ProposalId, Slot } from "@synod/consensus";
import type { AcceptorSeen, LogRecord } from "./log-record.js";
import type { Report } from "./properties.js";

/** How many learners must hold a slot in a durable snapshot before acceptors forget it; all, if there are fewer. */
const SNAPSHOTS_NEEDED = 2;

/** Watches acceptors: by what they say and what gets to their disks. */
export class AcceptorRules {
  readonly #record: LogRecord;
  /** From which slot on an acceptor was asked to promise an id. */
  readonly #asked = new Map<string, Slot>();

  constructor(record: LogRecord) {
    this.#record = record;
  }

  heard(node: NodeId, message: LogMessage): void {
    if (message.type === "prepare-log") this.#asked.set(`${node} ${message.id}`, message.from);
  }

  stored(node: NodeId, acceptor: AcceptorSeen, write: AcceptorWrite, report: Report): void {
    switch (write.kind) {
      case "promised":
        acceptor.promiseStored = Math.max(acceptor.promiseStored, write.id);
        return;
      case "accepted":
        this.#accepted(node, acceptor, write, report);
        return;
      case "decided":
        this.#decided(node, acceptor, write, report);
        return;
      case "truncated":
        this.#truncated(node, acceptor, write.through, report);
        return;
    }
  }

  sent(node: NodeId, acceptor: AcceptorSeen, message: LogMessage, report: Report): void {
    switch (message.type) {
      case "promise-log":
        if (message.id <= acceptor.promiseTold) {
          report("promises-only-rise", `${node} promised ${message.id} after it had promised ${acceptor.promiseTold}`);
        }
        this.#promised(node, acceptor, message.id, report);
        this.#page(node, acceptor, this.#asked.get(`${node} ${message.id}`) ?? 1, message.id, message.page, report);
        return;
      case "log":
        this.#promised(node, acceptor, message.promisedId, report);
        this.#page(node, acceptor, message.from, message.promisedId, message.page, report);
        return;
      case "prepare-log-ignored":
      case "accept-log-ignored":
        this.#promised(node, acceptor, message.promisedId, report);
        return;
      case "accepted-log":
        for (const slot of message.instances) this.#told(node, acceptor, slot, message.id, report);
        if (message.id < acceptor.promiseTold) {
          const promised = `it had promised ${acceptor.promiseTold}`;
          report("accepts-honour-promises", `${node} acknowledged ${message.id} although ${promised}`);
        }
        this.#promised(node, acceptor, message.id, report);
        return;
      case "accepted":
        this.#told(node, acceptor, message.instance, message.id, report);
        return;
      case "truncated":
      case "log-truncated":
        this.#truncationTold(node, acceptor, message.truncatedThrough, report);
        return;
    }
  }

  // --- What is stored ------------------------------------------------------------------------------------------------

  #accepted(
    node: NodeId,
    acceptor: AcceptorSeen,
    { instance, id, value }: AcceptorWrite & { kind: "accepted" },
    report: Report,
  ): void {
    if (id < acceptor.promiseTold) {
      const promised = `it had promised ${acceptor.promiseTold}`;
      report(
        "accepts-honour-promises",
        `${node} accepted ${value} in slot ${instance} under ${id} although ${promised}`,
      );
    }
    acceptor.promiseStored = Math.max(acceptor.promiseStored, id);
    acceptor.entries.set(instance, { id, value });
    const other = this.#record.accept(node, instance, id, value);
    if (other) report("agreement", `in slot ${instance} first ${other.first} was chosen, then ${value} under ${id}`);
  }

  #decided(
    node: NodeId,
    { entries }: AcceptorSeen,
    { id, from, through }: AcceptorWrite & { kind: "decided" },
    report: Report,
  ): void {
    for (let slot = from; slot <= through; slot++) {
      const entry = entries.get(slot);
      if (entry?.id !== id || this.#record.chosen(slot) === entry.value) continue;
      report("decided-is-chosen", `${node} takes ${entry.value} for decided in slot ${slot}, and it is not chosen`);
    }
  }

  #truncated(node: NodeId, acceptor: AcceptorSeen, through: Slot, report: Report): void {
    const { snapshots, chosenThrough } = this.#record;
    const needed = Math.min(SNAPSHOTS_NEEDED, snapshots.size);
    const holders = [...snapshots].filter(([, held]) => held >= through).map(([name]) => name);
    if (through > chosenThrough) {
      report("truncated-is-kept", `${node} forgot everything through ${through}, and only ${chosenThrough} is decided`);
    }
    if (holders.length < needed) {
      const held = holders.length === 0 ? "no learner holds" : `only ${holders.join(", ")} holds`;
      report("truncated-is-kept", `${node} forgot everything through ${through}, and ${held} it in a durable snapshot`);
    }
    for (let slot = acceptor.truncatedThrough + 1; slot <= through; slot++) acceptor.entries.delete(slot);
    acceptor.truncatedThrough = Math.max(acceptor.truncatedThrough, through);
  }

  // --- What is told --------------------------------------------------------------------------------------------------

  #promised(node: NodeId, acceptor: AcceptorSeen, id: ProposalId | -1, report: Report): void {
    acceptor.promiseTold = Math.max(acceptor.promiseTold, id);
    if (id <= acceptor.promiseStored) return;
    const has = `its disk holds ${acceptor.promiseStored}`;
    report("durable-before-told", `${node} answered that it promised ${id}, and ${has}`);
  }

  #told(node: NodeId, { entries, truncatedThrough }: AcceptorSeen, slot: Slot, id: ProposalId, report: Report): void {
    const entry = entries.get(slot);
    // Taken over or truncated by what was written together with it: it was there.
    if (slot <= truncatedThrough || (entry && entry.id >= id)) return;
    report(
      "durable-before-told",
      `${node} answered that it accepted slot ${slot} under ${id}, and its disk does not say so`,
    );
  }

  #truncationTold(node: NodeId, { truncatedThrough }: AcceptorSeen, told: Slot | 0, report: Report): void {
    if (told <= truncatedThrough) return;
    const has = `its disk says ${truncatedThrough}`;
    report("durable-before-told", `${node} answered that it truncated through ${told}, and ${has}`);
  }

  /** A page tells everything accepted in its range below the id that is promised with it: nothing below comes after that. */
  #page(
    node: NodeId,
    acceptor: AcceptorSeen,
    from: Slot,
    promisedId: ProposalId | -1,
    { entries, next, truncatedThrough }: LogPage,
    report: Report,
  ): void {
    this.#truncationTold(node, acceptor, truncatedThrough, report);
    const told = new Map<Slot, ProposalId>();
    for (const { instance, acceptedId, acceptedValue, decided } of entries) {
      told.set(instance, acceptedId);
      if (!this.#record.hasAccepted(node, instance, acceptedId, acceptedValue)) {
        const named = `${acceptedValue} in slot ${instance} under ${acceptedId}`;
        report("promises-tell-all", `${node} told of ${named}, and had not accepted it`);
      }
      if (decided && this.#record.chosen(instance) !== acceptedValue) {
        report(
          "decided-is-chosen",
          `${node} told that ${acceptedValue} is decided in slot ${instance}, and it is not chosen`,
        );
      }
    }
    for (const [slot, { id, value }] of acceptor.entries) {
      if (slot < from || (next !== null && slot >= next) || id >= promisedId) continue;
      if ((told.get(slot) ?? -1) >= id) continue;
      const has = `it had accepted ${value} there under ${id}`;
      report("promises-tell-all", `${node} told of its log from ${from} on, of slot ${slot} not all, and ${has}`);
    }
  }
}
