import type { NodeId } from "../core/participant.js";
import type { ReadBarrier, ReadBarrierPassed, ReadBarrierRefused, SubmitRefusal } from "../log/messages.js";
import type { Configuration } from "./configuration.js";
import { isMajorityOf } from "./configuration.js";
import type { Index } from "./messages.js";

interface WaitingRead {
  readonly from: NodeId;
  readonly requestId: string;
}

/** A question to the members whether the leader still leads, and the reads that rest on it. */
interface Round {
  readonly sequence: number;
  readonly readIndex: Index;
  readonly heardFrom: Set<NodeId>;
  readonly reads: readonly WaitingRead[];
}

type Send = (to: NodeId, message: ReadBarrierPassed | ReadBarrierRefused) => void;

/**
 * Strong reads that need no entry of the log (§6.4): a read may be answered from a state that has applied the commit index of
 * when it arrived, if the leader still led after that. A majority says so, by answers to what was sent since. Before the
 * leader has committed an entry of its own term its commit index may be too low: reads wait for that.
 */
export class ReadIndexQueue {
  readonly #send: Send;
  #waiting: WaitingRead[] = [];
  #round: Round | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Reads that are not answered. */
  get count(): number {
    return this.#waiting.length + (this.#round?.reads.length ?? 0);
  }

  /** Whether a round could begin: reads wait, and none is under way. */
  get isDue(): boolean {
    return this.#round === null && this.#waiting.length > 0;
  }

  add(from: NodeId, { requestId }: ReadBarrier): void {
    this.#waiting.push({ from, requestId });
  }

  /** Everything sent from now on carries this number, and its answers confirm the reads that wait now. */
  begin(sequence: number, readIndex: Index, leader: NodeId, configuration: Configuration): void {
    this.#round = { sequence, readIndex, heardFrom: new Set([leader]), reads: this.#waiting };
    this.#waiting = [];
    this.#endIfConfirmed(configuration);
  }

  /** A member answered what was sent under this number, or later. */
  heard(from: NodeId, sequence: number, configuration: Configuration): void {
    // An answer to an earlier message proves nothing: it may have been given before the reads arrived.
    if (this.#round === null || sequence < this.#round.sequence) return;
    this.#round.heardFrom.add(from);
    this.#endIfConfirmed(configuration);
  }

  /** The members are others than before: those that answered may be a majority now. */
  followMembers(configuration: Configuration): void {
    this.#endIfConfirmed(configuration);
  }

  /** The lead is lost. */
  end(reason: SubmitRefusal, leader: NodeId | null): void {
    for (const { from, requestId } of [...(this.#round?.reads ?? []), ...this.#waiting]) {
      this.#send(from, { type: "read-barrier-refused", requestId, reason, leader });
    }
    this.#waiting = [];
    this.#round = null;
  }

  #endIfConfirmed(configuration: Configuration): void {
    const round = this.#round;
    if (round === null || !isMajorityOf(configuration, round.heardFrom)) return;
    this.#round = null;
    const cost = { messages: 2 * (configuration.voters.length - 1), sharedBy: round.reads.length };
    for (const { from, requestId } of round.reads) {
      this.#send(from, { type: "read-barrier-passed", requestId, slot: round.readIndex, cost });
    }
  }
}
