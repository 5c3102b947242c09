import type { NodeId, Slot } from "@synod/consensus";
import type { Json } from "@synod/state-machines";
import { canonicalText } from "../world/canonical.js";
import type { AgreedLog } from "./log-record.js";
import type { Oracle } from "./oracle.js";
import type { StateReport } from "./properties.js";

/** A snapshot as a disk has it. */
interface StoredSnapshot {
  /** The last slot that it holds. */
  readonly through: Slot;
  readonly pieces: readonly string[];
}

/** Watches the states that the log is applied to, wherever they are: what is applied, and the snapshots on the disks. */
export class StateRules {
  readonly #record: AgreedLog;
  readonly #newOracle: () => Oracle;
  /** The last slot that each of them applied in this life, or had in the snapshot that it began with. */
  readonly #applied = new Map<NodeId, Slot | 0>();
  readonly #stored = new Map<NodeId, Set<Slot>>();
  /** Replays the log as far as the learner's last snapshot. */
  readonly #oracles = new Map<NodeId, Oracle>();

  /** @param newOracle makes one that has replayed nothing */
  constructor(record: AgreedLog, newOracle: () => Oracle) {
    this.#record = record;
    this.#newOracle = newOracle;
  }

  restarted(node: NodeId): void {
    this.#applied.set(node, this.#record.snapshots.get(node) ?? 0);
  }

  applied(node: NodeId, slot: Slot, value: string, report: StateReport): void {
    const last = this.#applied.get(node) ?? 0;
    // It may have taken a peer's snapshot in between.
    const follows = slot === last + 1 || (slot > last && this.#stored.get(node)?.has(slot - 1));
    if (!follows) report("applies-the-log", `${node} applied slot ${slot} after slot ${last}`);
    this.#applied.set(node, slot);
    const chosen = this.#record.chosen(slot);
    if (chosen === value) return;
    const instead = chosen === undefined ? "nothing is" : `${chosen} is`;
    report("applies-the-log", `${node} applied ${value} in slot ${slot}, and ${instead} chosen there`);
  }

  stored(node: NodeId, { through, pieces }: StoredSnapshot, report: StateReport): void {
    const { snapshots, chosenThrough } = this.#record;
    snapshots.set(node, Math.max(snapshots.get(node) ?? 0, through));
    const stored = this.#stored.get(node) ?? new Set();
    this.#stored.set(node, stored.add(through));
    if (through > chosenThrough) {
      report("snapshots-are-true", `${node} has a snapshot through ${through}, and only ${chosenThrough} is decided`);
      return;
    }
    const oracle = this.#oracles.get(node) ?? this.#newOracle();
    this.#oracles.set(node, oracle);
    if (oracle.through > through) {
      report("snapshots-are-true", `${node} has a snapshot through ${through} after one through ${oracle.through}`);
      return;
    }
    while (oracle.through < through) oracle.replay(this.#record.chosen(oracle.through + 1) ?? "");
    const [head = "{}", ...rest] = pieces;
    const { sessionPieces = 0, appliedThrough } = JSON.parse(head);
    this.#same(node, `the slot of its snapshot through ${through}`, appliedThrough, through, report);
    const rowsOf = (some: readonly string[]): Json => some.flatMap((piece) => JSON.parse(piece));
    this.#same(
      node,
      `the sessions of its snapshot through ${through}`,
      rowsOf(rest.slice(0, sessionPieces)),
      oracle.sessionRows,
      report,
    );
    this.#same(node, `its snapshot through ${through}`, rowsOf(rest.slice(sessionPieces)), oracle.rows, report);
  }

  #same(node: NodeId, what: string, is: Json, ought: Json, report: StateReport): void {
    if (JSON.stringify(is) === JSON.stringify(ought)) return;
    const [isText, oughtText] = [canonicalText(is), canonicalText(ought)];
    if (isText === oughtText) return;
    report("snapshots-are-true", `${what} of ${node} says ${isText}, and the log leads to ${oughtText}`);
  }
}
