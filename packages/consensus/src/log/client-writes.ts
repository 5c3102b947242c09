import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ClientParts } from "./client.js";
import { REFUSALS_A_PROPOSER } from "./client-options.js";
import type { NoAnswer, SubmitOutcome, SubmitRefusal, Submitted } from "./messages.js";

interface Write {
  readonly requestId: string;
  readonly value: string;
  place: "queued" | "in-flight" | "ended";
  /** Whether some proposer may have put it into the log. Then only a learner's word ends it before its time. */
  mayBeProposed: boolean;
  /** How often it was certainly not proposed, and why the last time. */
  refusals: number;
  refusal: SubmitRefusal | null;
}

interface Submission {
  readonly to: NodeId;
  readonly writes: readonly Write[];
}

const ATTEMPT = "attempt ";
const RETRY = "retry";

/** A client's writes: those that wait travel together as soon as there is room for another submission in flight. */
export class ClientWrites {
  readonly #parts: ClientParts;
  readonly #open = new Map<string, Write>();
  #queue: Write[] = [];
  readonly #inFlight = new Map<number, Submission>();
  #submissions = 0;
  #isPausing = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#open.size;
  }

  begin(requestId: string, value: string): void {
    const write: Write = { requestId, value, place: "queued", mayBeProposed: false, refusals: 0, refusal: null };
    this.#open.set(requestId, write);
    this.#queue.push(write);
  }

  /** What has begun travels together: one message, one place in the log after the other, one answer. */
  goOn(): void {
    this.#send();
  }

  timeIsUp(requestId: string): void {
    const write = this.#open.get(requestId);
    if (write === undefined) return;
    if (write.mayBeProposed || write.place === "in-flight") this.#parts.end(requestId, { kind: "unknown" });
    else {
      const reason = write.refusal === "no-quorum" || write.refusal === "overloaded" ? write.refusal : "no-leader";
      this.#parts.end(requestId, { kind: "refused", reason });
    }
    write.place = "ended";
    this.#open.delete(requestId);
  }

  timeout(timer: string): void {
    if (timer === RETRY) {
      this.#isPausing = false;
      this.#send();
      return;
    }
    if (!timer.startsWith(ATTEMPT)) return;
    const number = Number(timer.slice(ATTEMPT.length));
    const submission = this.#inFlight.get(number);
    if (submission) this.#unanswered(number, submission, true);
  }

  submitted(from: NodeId, { submission: number, outcomes }: Submitted): void {
    const submission = this.#inFlight.get(number);
    if (submission) this.#land(number);
    for (const outcome of outcomes) this.#came(from, outcome, submission !== undefined);
    this.#send();
  }

  noAnswer(_from: NodeId, { which, arrived }: NoAnswer): void {
    const number = Number(which);
    const submission = this.#inFlight.get(number);
    if (submission) this.#unanswered(number, submission, arrived === "perhaps");
  }

  #came(from: NodeId, outcome: SubmitOutcome, isExpected: boolean): void {
    const write = this.#open.get(outcome.requestId);
    if (write === undefined) return;
    switch (outcome.kind) {
      case "applied":
        // However late it comes, it is true.
        this.#parts.leader.leads(from);
        this.#end(write, { kind: "applied", slot: outcome.slot, result: outcome.result, cost: outcome.cost });
        return;
      case "unknown":
        if (!isExpected) return;
        write.mayBeProposed = true;
        this.#parts.leader.isNot(from, null);
        this.#again(write);
        return;
      case "refused":
        if (isExpected) this.#refused(from, write, outcome.reason, outcome.leader);
        return;
    }
  }

  #refused(from: NodeId, write: Write, reason: SubmitRefusal, leader: NodeId | null): void {
    write.refusals++;
    write.refusal = reason;
    const { proposers } = this.#parts.options;
    const isSure = reason === "overloaded" || write.refusals >= REFUSALS_A_PROPOSER * proposers.length;
    if (!write.mayBeProposed && reason !== "not-leader" && isSure) {
      this.#end(write, { kind: "refused", reason });
      return;
    }
    if (reason !== "overloaded") this.#parts.leader.isNot(from, leader);
    if (leader === null || leader === from) this.#pause();
    this.#again(write);
  }

  #end(write: Write, outcome: Parameters<ClientParts["end"]>[1]): void {
    invariant(this.#open.delete(write.requestId), "a write is answered once");
    write.place = "ended";
    this.#parts.end(write.requestId, outcome);
  }

  #again(write: Write): void {
    if (write.place === "queued") return;
    write.place = "queued";
    this.#queue.push(write);
  }

  /** The submission is no longer waited for. */
  #land(number: number): void {
    this.#inFlight.delete(number);
    this.#parts.out.timer(ATTEMPT + number, null);
  }

  #unanswered(number: number, { to, writes }: Submission, mayBeProposed: boolean): void {
    this.#land(number);
    this.#parts.leader.isNot(to, null);
    for (const write of writes) {
      if (write.place === "ended") continue;
      write.mayBeProposed ||= mayBeProposed;
      this.#again(write);
    }
    this.#pause();
  }

  /** Nobody is known who could help: a little later somebody may be. */
  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#parts.out.timer(RETRY, this.#parts.timing.retryMs);
  }

  #send(): void {
    const { limits, leader, out, timing } = this.#parts;
    while (!this.#isPausing && this.#queue.length > 0 && this.#inFlight.size < limits.submissionsInFlight) {
      const to = leader.target;
      if (to === null) return;
      const writes = this.#takeFromQueue();
      if (writes.length === 0) return;
      const submission = ++this.#submissions;
      this.#inFlight.set(submission, { to, writes });
      const requests = writes.map(({ requestId, value }) => ({ requestId, value }));
      out.send(to, { type: "submit", submission, requests });
      out.timer(ATTEMPT + submission, timing.attemptMs);
    }
  }

  /** Takes as many as travel together; those that ended meanwhile are left out. */
  #takeFromQueue(): Write[] {
    const { submissionEntries, submissionCharacters } = this.#parts.limits;
    const writes: Write[] = [];
    let characters = 0;
    let taken = 0;
    for (const write of this.#queue) {
      if (write.place !== "ended") {
        characters += write.value.length;
        const isFull = writes.length >= submissionEntries || characters > submissionCharacters;
        if (writes.length > 0 && isFull) break;
        write.place = "in-flight";
        writes.push(write);
      }
      taken++;
    }
    this.#queue = this.#queue.slice(taken);
    return writes;
  }
}
