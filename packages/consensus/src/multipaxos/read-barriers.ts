import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { isMajority } from "../core/quorum.js";
import type { Cost, ReadBarrier, ReadBarrierPassed, ReadBarrierRefused, Slot, SubmitRefusal } from "./messages.js";

interface WaitingRead {
  readonly from: NodeId;
  readonly requestId: string;
  /** The highest slot decided when it arrived; null: it arrived before the leader had decided all that it found. */
  slot: Slot | 0 | null;
}

/** A question to the acceptors whether the leader still leads, and the reads that rest on it. */
interface Probe {
  readonly sequence: number;
  readonly heardFrom: Set<NodeId>;
  readonly reads: readonly WaitingRead[];
}

type Send = (to: NodeId, message: ReadBarrierPassed | ReadBarrierRefused) => void;

/**
 * Strong reads, which need no slot of the log: what was decided when the read arrived is enough, if no other leader can
 * have decided more by then. That holds if a majority acknowledges this leader's id after the read arrived, since a later
 * leader needs promises of a majority first (the read index of Ongaro's thesis §6.4, in Paxos' words). No clock is asked.
 */
export class ReadBarriers {
  readonly #acceptors: readonly NodeId[];
  readonly #send: Send;
  #waiting: WaitingRead[] = [];
  #probe: Probe | null = null;

  constructor(acceptors: readonly NodeId[], send: Send) {
    this.#acceptors = acceptors;
    this.#send = send;
  }

  /** Reads that are not answered. */
  get count(): number {
    return this.#waiting.length + (this.#probe?.reads.length ?? 0);
  }

  /** Whether reads wait for the next probe. */
  get hasWaiting(): boolean {
    return this.#waiting.some(({ slot }) => slot !== null);
  }

  /** The sequence number of the probe under way, and who has not answered it; null if none is under way. */
  get underWay(): { readonly sequence: number; readonly silent: readonly NodeId[] } | null {
    if (this.#probe === null) return null;
    const { sequence, heardFrom } = this.#probe;
    return { sequence, silent: this.#acceptors.filter((node) => !heardFrom.has(node)) };
  }

  add(from: NodeId, { requestId }: ReadBarrier, slot: Slot | 0 | null): void {
    this.#waiting.push({ from, requestId, slot });
  }

  /** The leader has decided all that it found; this is the highest slot decided. */
  serve(decidedThrough: Slot | 0): void {
    for (const read of this.#waiting) read.slot ??= decidedThrough;
  }

  /** The probe with this number leaves now, for all reads that wait. */
  begin(sequence: number): void {
    this.#probe = { sequence, heardFrom: new Set(), reads: this.#waiting.filter(({ slot }) => slot !== null) };
    this.#waiting = this.#waiting.filter(({ slot }) => slot === null);
  }

  /** @returns whether this ended the probe under way */
  acknowledged(from: NodeId, sequence: number): boolean {
    const probe = this.#probe;
    // An answer to an earlier message proves nothing: it may have been given before the reads arrived.
    if (probe === null || sequence !== probe.sequence) return false;
    probe.heardFrom.add(from);
    if (!isMajority(probe.heardFrom, this.#acceptors.length)) return false;
    this.#probe = null;
    const cost: Cost = { messages: 2 * this.#acceptors.length, sharedBy: Math.max(1, probe.reads.length) };
    for (const { from: reader, requestId, slot } of probe.reads) {
      invariant(slot !== null, "a read that waits for a confirmation has its slot");
      this.#send(reader, { type: "read-barrier-passed", requestId, slot, cost });
    }
    return true;
  }

  refuseAll(reason: SubmitRefusal, leader: NodeId | null): void {
    const reads = [...(this.#probe?.reads ?? []), ...this.#waiting];
    this.#probe = null;
    this.#waiting = [];
    for (const { from, requestId } of reads) {
      this.#send(from, { type: "read-barrier-refused", requestId, reason, leader });
    }
  }
}
