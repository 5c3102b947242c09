import type { NodeId } from "../core/participant.js";
import { isMajority } from "../core/quorum.js";
import type { Cost, ReadBarrier, ReadBarrierPassed, ReadBarrierRefused, Slot, SubmitRefusal } from "../log/messages.js";

interface WaitingRead {
  readonly from: NodeId;
  readonly requestId: string;
  /** The highest slot in use when it arrived. */
  readonly slot: Slot | 0;
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
 *
 * What was decided by then is all that phase 1 found and all that the leader had **sent** by then, as soon as that is
 * decided. What the leader knew to be decided is not enough: acceptors may have accepted more, and a learner that asked
 * them may have shown it to an earlier read.
 */
export class ReadBarriers {
  readonly #acceptors: readonly NodeId[];
  readonly #send: Send;
  #waiting: WaitingRead[] = [];
  #probe: Probe | null = null;
  /** Reads that are confirmed, and whose slot is not decided yet. */
  #confirmed: WaitingRead[] = [];

  constructor(acceptors: readonly NodeId[], send: Send) {
    this.#acceptors = acceptors;
    this.#send = send;
  }

  /** Reads that are not answered. */
  get count(): number {
    return this.#waiting.length + (this.#probe?.reads.length ?? 0) + this.#confirmed.length;
  }

  /** Whether reads wait for the next probe. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The sequence number of the probe under way, and who has not answered it; null if none is under way. */
  get underWay(): { readonly sequence: number; readonly silent: readonly NodeId[] } | null {
    if (this.#probe === null) return null;
    const { sequence, heardFrom } = this.#probe;
    return { sequence, silent: this.#acceptors.filter((node) => !heardFrom.has(node)) };
  }

  /** @param slot the highest slot in use now: found in phase 1, or sent since */
  add(from: NodeId, { requestId }: ReadBarrier, slot: Slot | 0): void {
    this.#waiting.push({ from, requestId, slot });
  }

  /** The probe with this number leaves now, for all reads that wait. */
  begin(sequence: number): void {
    this.#probe = { sequence, heardFrom: new Set(), reads: this.#waiting };
    this.#waiting = [];
  }

  /** @returns whether this ended the probe under way: its reads pass once what they wait for is decided */
  acknowledged(from: NodeId, sequence: number): boolean {
    const probe = this.#probe;
    // An answer to an earlier message proves nothing: it may have been given before the reads arrived.
    if (probe === null || sequence !== probe.sequence) return false;
    probe.heardFrom.add(from);
    if (!isMajority(probe.heardFrom, this.#acceptors.length)) return false;
    this.#probe = null;
    for (const read of probe.reads) this.#confirmed.push(read);
    return true;
  }

  /** Everything up to here is decided: reads that are confirmed and wait for no more pass. @returns whether any does */
  pass(decidedThrough: Slot | 0): boolean {
    if (this.#confirmed.length === 0) return false;
    const passing = this.#confirmed.filter(({ slot }) => slot <= decidedThrough);
    this.#confirmed = this.#confirmed.filter(({ slot }) => slot > decidedThrough);
    const cost: Cost = { messages: 2 * this.#acceptors.length, sharedBy: passing.length };
    for (const { from, requestId, slot } of passing) {
      this.#send(from, { type: "read-barrier-passed", requestId, slot, cost });
    }
    return passing.length > 0;
  }

  refuseAll(reason: SubmitRefusal, leader: NodeId | null): void {
    const reads = [...this.#confirmed, ...(this.#probe?.reads ?? []), ...this.#waiting];
    this.#probe = null;
    this.#waiting = [];
    this.#confirmed = [];
    for (const { from, requestId } of reads) {
      this.#send(from, { type: "read-barrier-refused", requestId, reason, leader });
    }
  }
}
