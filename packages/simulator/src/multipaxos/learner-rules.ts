import type { LogMessage, NodeId, Slot } from "@synod/consensus";
import type { LogRecord } from "./log-record.js";
import type { Report } from "./properties.js";

/** Watches what is told of decided slots, by learners and to them. */
export class LearnerRules {
  readonly #record: LogRecord;

  constructor(record: LogRecord) {
    this.#record = record;
  }

  sent(node: NodeId, message: LogMessage, report: Report): void {
    switch (message.type) {
      case "learn":
        this.#told(node, message.from, message.values, message.decidedThrough, report);
        return;
      case "sync-reply":
        this.#told(node, message.from, message.values, message.appliedThrough, report);
        return;
      case "learned": {
        const { snapshotThrough, appliedThrough } = message;
        this.#told(node, 1, [], appliedThrough, report);
        const stored = this.#record.snapshots.get(node) ?? 0;
        if (snapshotThrough === null || snapshotThrough <= stored) return;
        const has = `its disk has one through ${stored}`;
        report("durable-before-told", `${node} told of a snapshot through ${snapshotThrough}, and ${has}`);
        return;
      }
    }
  }

  #told(node: NodeId, from: Slot, values: readonly string[], through: Slot | 0, report: Report): void {
    const { chosenThrough } = this.#record;
    if (through > chosenThrough) {
      report(
        "decided-is-chosen",
        `${node} told that everything through ${through} is decided, and only ${chosenThrough} is`,
      );
    }
    for (const [place, value] of values.entries()) {
      if (this.#record.chosen(from + place) === value) continue;
      report(
        "decided-is-chosen",
        `${node} told that ${value} is decided in slot ${from + place}, and it is not chosen`,
      );
    }
  }
}
