import type { NodeId } from "../core/participant.js";
import type { Cost, Slot, Submit, SubmitOutcome, SubmitRefusal, Submitted } from "./messages.js";

/** One submission, and what became of its requests so far. */
interface Submission {
  readonly from: NodeId;
  readonly number: number;
  readonly outcomes: SubmitOutcome[];
  readonly size: number;
}

/** A request that waits for its place in the log, or for what comes of it there. */
interface Waiting {
  readonly submission: Submission;
  readonly requestId: string;
}

/** What bounds the queue. */
interface Limits {
  /** The longest value, in characters. */
  readonly batchCharacters: number;
  /** Values that wait for their place; more are refused. */
  readonly queuedEntries: number;
  /** Their length, in characters. */
  readonly queuedCharacters: number;
}

interface Queued extends Waiting {
  readonly value: string;
}

/**
 * What clients asked a leader to put into the log: first in a queue, then in a slot, until a learner says what came of
 * it. A submission is answered as a whole, once there is an outcome for each of its requests.
 */
export class Submissions {
  readonly #limits: Limits;
  readonly #send: (to: NodeId, message: Submitted) => void;
  #queue: Queued[] = [];
  /** Requests of the queue before this place are taken. */
  #taken = 0;
  #queuedCharacters = 0;
  readonly #inSlots = new Map<Slot, Waiting>();

  constructor(limits: Limits, send: (to: NodeId, message: Submitted) => void) {
    this.#limits = limits;
    this.#send = send;
  }

  get queued(): number {
    return this.#queue.length - this.#taken;
  }

  /** Requests that are proposed and have no outcome yet. */
  get proposed(): number {
    return this.#inSlots.size;
  }

  /** Puts everything into the queue, or refuses what finds no place there. */
  add(from: NodeId, { submission: number, requests }: Submit): void {
    const submission: Submission = { from, number, outcomes: [], size: requests.length };
    for (const { requestId, value } of requests) {
      const fits =
        // Longer than an accept may be, it would never be accepted.
        value.length <= this.#limits.batchCharacters &&
        this.queued < this.#limits.queuedEntries &&
        this.#queuedCharacters + value.length <= this.#limits.queuedCharacters;
      if (!fits) {
        this.#end(submission, { requestId, kind: "refused", reason: "overloaded", leader: null });
        continue;
      }
      this.#queue.push({ submission, requestId, value });
      this.#queuedCharacters += value.length;
    }
    if (requests.length === 0) this.#send(from, { type: "submitted", submission: number, outcomes: [] });
  }

  /**
   * Takes values from the queue for the slots that come next: at most so many, and of about this length, but one at least.
   *
   * @param put puts a value into the next slot, and tells which one that is
   */
  take(most: number, mostCharacters: number, put: (value: string) => Slot): void {
    let characters = 0;
    for (let count = 0; count < most; count++) {
      const next = this.#queue[this.#taken];
      if (next === undefined) break;
      characters += next.value.length;
      if (count > 0 && characters > mostCharacters) break;
      this.#taken++;
      this.#queuedCharacters -= next.value.length;
      this.#inSlots.set(put(next.value), next);
    }
    if (this.#taken > 1024 && this.#taken * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#taken);
      this.#taken = 0;
    }
  }

  /** A learner has applied this slot. The first one that says so answers the client. */
  applied(slot: Slot, result: string, costOf: (slot: Slot) => Cost): void {
    const waiting = this.#inSlots.get(slot);
    if (waiting === undefined) return;
    this.#inSlots.delete(slot);
    const { submission, requestId } = waiting;
    this.#end(submission, { requestId, kind: "applied", slot, result, cost: costOf(slot) });
  }

  /** Nobody will tell any more what came of the slots below this one. */
  giveUpBelow(slot: Slot): void {
    for (const [place, { submission, requestId }] of this.#inSlots) {
      // Slots were put in in their order.
      if (place >= slot) return;
      this.#inSlots.delete(place);
      this.#end(submission, { requestId, kind: "unknown" });
    }
  }

  /** Refuses what was not proposed. */
  refuseQueued(reason: SubmitRefusal, leader: NodeId | null): void {
    const queued = this.#queue.slice(this.#taken);
    this.#queue = [];
    this.#taken = 0;
    this.#queuedCharacters = 0;
    for (const { submission, requestId } of queued) {
      this.#end(submission, { requestId, kind: "refused", reason, leader });
    }
  }

  /** The lead is lost: what was proposed may be chosen all the same. */
  end(leader: NodeId | null): void {
    this.refuseQueued("not-leader", leader);
    this.giveUpBelow(Number.POSITIVE_INFINITY);
  }

  #end(submission: Submission, outcome: SubmitOutcome): void {
    const { from, number, outcomes, size } = submission;
    outcomes.push(outcome);
    if (outcomes.length === size) this.#send(from, { type: "submitted", submission: number, outcomes });
  }
}
