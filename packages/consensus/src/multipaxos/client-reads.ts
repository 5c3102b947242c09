import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ClientParts } from "./client.js";
import type { LogOutcome, LogRequest } from "./client-options.js";
import type {
  Cost,
  NoAnswer,
  QueryAnswer,
  QueryRefused,
  ReadBarrierPassed,
  ReadBarrierRefused,
  Slot,
  SubmitRefusal,
} from "./messages.js";

interface Read {
  readonly requestId: string;
  readonly query: string;
  readonly timeoutMs: number;
  atLeast: Slot | 0;
  /** Where it is: before its barrier, or at a learner. */
  learner: NodeId | null;
  /** Counts the attempts, so that no answer to an earlier one is taken for one to this. */
  attempts: number;
  /** Learners in a row that nobody listens at. */
  deaf: number;
  isBehind: boolean;
  refusal: SubmitRefusal | null;
  messages: number;
  sharedBy: number;
}

/** A question to a proposer that serves every strong read that waited when it left. */
interface Barrier {
  readonly requestId: string;
  readonly to: NodeId;
  readonly reads: readonly Read[];
}

const BARRIER = "barrier";
const BARRIER_RETRY = "barrier retry";
const QUERY = "query ";
const QUERY_RETRY = "query retry ";
/** A leader without quorum says so this often, per proposer that one could ask instead, before the client believes it. */
const REFUSALS_A_PROPOSER = 3;
/** Nobody listens at any learner, so often in a row: then there is none. */
const DEAF_ROUNDS = 2;

/** A client's reads: a strong one passes a barrier at the leader first, then each is answered by a learner. */
export class ClientReads {
  readonly #parts: ClientParts;
  readonly #open = new Map<string, Read>();
  #waiting: Read[] = [];
  #barrier: Barrier | null = null;
  #barriers = 0;
  #barrierRefusals = 0;
  #isPausing = false;
  #learner = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#open.size;
  }

  begin(requestId: string, { query, strong, atLeast, timeoutMs }: LogRequest & { kind: "query" }): void {
    const read: Read = {
      requestId,
      query,
      timeoutMs,
      atLeast,
      learner: null,
      attempts: 0,
      deaf: 0,
      isBehind: false,
      refusal: null,
      messages: 0,
      sharedBy: 1,
    };
    this.#open.set(requestId, read);
    if (!strong) {
      this.#ask(read);
      return;
    }
    this.#waiting.push(read);
    this.#sendBarrier();
  }

  timeIsUp(requestId: string): void {
    const read = this.#open.get(requestId);
    if (read === undefined) return;
    let reason: (LogOutcome & { kind: "refused" })["reason"] = read.isBehind ? "not-caught-up" : "no-learner";
    if (read.learner === null) reason = read.refusal === "no-quorum" ? "no-quorum" : "no-leader";
    else this.#leave(read.learner);
    this.#end(read, { kind: "refused", reason });
  }

  timeout(timer: string): void {
    if (timer === BARRIER && this.#barrier) this.#barrierFailed(this.#barrier.to, null, null);
    else if (timer === BARRIER_RETRY) {
      this.#isPausing = false;
      this.#sendBarrier();
    } else if (timer.startsWith(QUERY_RETRY)) {
      const read = this.#open.get(timer.slice(QUERY_RETRY.length));
      if (read) this.#ask(read);
    } else if (timer.startsWith(QUERY)) {
      const read = this.#open.get(timer.slice(QUERY.length));
      if (read) this.#askNext(read);
    }
  }

  // --- Barriers ------------------------------------------------------------------------------------------------------

  passed(from: NodeId, { requestId, slot, cost }: ReadBarrierPassed): void {
    const barrier = this.#barrier;
    // Only the one under way: the slot of an earlier one may be from before these reads began.
    if (barrier === null || barrier.requestId !== requestId) return;
    this.#endBarrier();
    this.#barrierRefusals = 0;
    this.#parts.leader.leads(from);
    for (const read of barrier.reads) {
      if (!this.#open.has(read.requestId)) continue;
      read.atLeast = Math.max(read.atLeast, slot);
      this.#pay(read, cost, barrier.reads.length);
      this.#ask(read);
    }
    this.#sendBarrier();
  }

  barrierRefused(from: NodeId, { requestId, reason, leader }: ReadBarrierRefused): void {
    if (this.#barrier?.requestId === requestId) this.#barrierFailed(from, reason, leader);
  }

  #sendBarrier(): void {
    const { leader, out, timing } = this.#parts;
    if (this.#barrier !== null || this.#isPausing) return;
    this.#waiting = this.#waiting.filter(({ requestId }) => this.#open.has(requestId));
    const to = leader.target;
    if (this.#waiting.length === 0 || to === null) return;
    const requestId = `barrier-${++this.#barriers}`;
    this.#barrier = { requestId, to, reads: this.#waiting };
    this.#waiting = [];
    out.send(to, { type: "read-barrier", requestId });
    out.timer(BARRIER, timing.attemptMs);
  }

  #endBarrier(): void {
    this.#barrier = null;
    this.#parts.out.timer(BARRIER, null);
  }

  /** The reads wait for the next barrier. @param reason null: no answer */
  #barrierFailed(from: NodeId, reason: SubmitRefusal | null, leader: NodeId | null): void {
    // Some may have run out of time meanwhile.
    const reads = (this.#barrier?.reads ?? []).filter(({ requestId }) => this.#open.has(requestId));
    this.#endBarrier();
    this.#barrierRefusals++;
    const isSure = this.#barrierRefusals >= REFUSALS_A_PROPOSER * this.#parts.options.proposers.length;
    for (const read of reads) {
      read.refusal = reason ?? read.refusal;
      if (reason === "overloaded" || (reason === "no-quorum" && isSure)) this.#end(read, { kind: "refused", reason });
    }
    // Those that ended are left out when the next barrier leaves.
    this.#waiting = [...reads, ...this.#waiting];
    if (reason !== "overloaded") this.#parts.leader.isNot(from, leader);
    if (reason === null || leader === null || leader === from) this.#pause();
    this.#sendBarrier();
  }

  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#parts.out.timer(BARRIER_RETRY, this.#parts.timing.retryMs);
  }

  // --- Learners ------------------------------------------------------------------------------------------------------

  answered(from: NodeId, { requestId, slot, answer }: QueryAnswer): void {
    const read = this.#current(requestId);
    if (read === null || slot < read.atLeast) return;
    this.#pay(read, { messages: 2, sharedBy: 1 }, 1);
    const { messages, sharedBy } = read;
    this.#end(read, { kind: "answered", slot, answer, learner: from, cost: { messages, sharedBy } });
  }

  queryRefused(_from: NodeId, { requestId, reason }: QueryRefused): void {
    const read = this.#current(requestId);
    if (read === null) return;
    if (reason === "behind") read.isBehind = true;
    this.#askNext(read);
  }

  noAnswer(_from: NodeId, { to, which, arrived }: NoAnswer): void {
    if (to === "read-barrier") {
      if (this.#barrier?.requestId === which) this.#barrierFailed(this.#barrier.to, null, null);
      return;
    }
    const read = this.#current(which);
    if (read === null) return;
    read.deaf = arrived === "certainly-not" ? read.deaf + 1 : 0;
    if (read.deaf >= DEAF_ROUNDS * this.#parts.options.learners.length) {
      this.#end(read, { kind: "refused", reason: "no-learner" });
    } else this.#askNext(read);
  }

  #ask(read: Read): void {
    const { options, out, timing } = this.#parts;
    const learner = options.learners[this.#learner % options.learners.length];
    if (learner === undefined) {
      this.#end(read, { kind: "refused", reason: "no-learner" });
      return;
    }
    read.learner = learner;
    read.attempts++;
    const { requestId, query, atLeast, attempts } = read;
    // Half of its time: a learner's word that it is behind must come before the time is up.
    const waitMs = Math.min(timing.attemptMs, Math.floor(read.timeoutMs / 2));
    out.send(learner, { type: "query", requestId: `${attempts}/${requestId}`, query, atLeast, waitMs });
    // The learner itself waits that long for the slot; and another one must have time after it.
    out.timer(QUERY + requestId, Math.ceil(1.5 * waitMs));
  }

  /** This learner does not help: the next one, a little later. */
  #askNext(read: Read): void {
    const { out, timing } = this.#parts;
    if (read.learner !== null) this.#leave(read.learner);
    out.timer(QUERY + read.requestId, null);
    out.timer(QUERY_RETRY + read.requestId, timing.retryMs);
  }

  /** This learner was of no help: the next read asks another one. */
  #leave(learner: NodeId): void {
    const { learners } = this.#parts.options;
    const place = learners.indexOf(learner);
    if (this.#learner % learners.length === place) this.#learner = place + 1;
  }

  /** The read that this attempt belongs to, if it is its last one. */
  #current(attempt: string): Read | null {
    const cut = attempt.indexOf("/");
    const read = this.#open.get(attempt.slice(cut + 1));
    return read && `${read.attempts}` === attempt.slice(0, cut) ? read : null;
  }

  #pay(read: Read, cost: Cost, sharedBy: number): void {
    read.messages += cost.messages;
    read.sharedBy = Math.max(read.sharedBy, cost.sharedBy, sharedBy);
  }

  #end(read: Read, outcome: LogOutcome): void {
    const { out } = this.#parts;
    invariant(this.#open.delete(read.requestId), "a read is answered once");
    out.timer(QUERY + read.requestId, null);
    out.timer(QUERY_RETRY + read.requestId, null);
    this.#parts.end(read.requestId, outcome);
  }
}
