import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ClientParts } from "./client.js";
import { type LogOutcome, type LogRequest, REFUSALS_A_PROPOSER } from "./client-options.js";
import { LearnerQuestions, type Read } from "./learner-questions.js";
import type {
  NoAnswer,
  QueryAnswer,
  QueryRefused,
  ReadBarrierPassed,
  ReadBarrierRefused,
  SubmitRefusal,
} from "./messages.js";

/** A question to a proposer that serves every strong read that waited when it left. */
interface Barrier {
  readonly requestId: string;
  readonly to: NodeId;
  readonly reads: readonly Read[];
}

const BARRIER = "barrier";
const BARRIER_RETRY = "barrier retry";

/** A client's reads: a strong one passes a barrier at the leader first, then each is answered by a learner. */
export class ClientReads {
  readonly #parts: ClientParts;
  readonly #open = new Map<string, Read>();
  readonly #questions: LearnerQuestions;
  /** Reads that need no barrier, and have just begun. */
  #fresh: Read[] = [];
  #waiting: Read[] = [];
  #barrier: Barrier | null = null;
  #barriers = 0;
  #barrierRefusals = 0;
  #isPausing = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#questions = new LearnerQuestions(parts, (read, outcome) => this.#end(read, outcome));
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
      isOver: false,
      isBehind: false,
      refusal: null,
      messages: 0,
      sharedBy: 1,
    };
    this.#open.set(requestId, read);
    if (strong) this.#waiting.push(read);
    else this.#fresh.push(read);
  }

  /** What has begun travels together: one barrier serves all strong reads, and one question has many. */
  goOn(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#questions.ask(fresh);
    this.#sendBarrier();
  }

  timeIsUp(requestId: string): void {
    const read = this.#open.get(requestId);
    if (read === undefined) return;
    let reason: (LogOutcome & { kind: "refused" })["reason"] = read.isBehind ? "not-caught-up" : "no-learner";
    if (read.learner === null) reason = read.refusal === "no-quorum" ? "no-quorum" : "no-leader";
    else this.#questions.leave(read.learner);
    this.#end(read, { kind: "refused", reason });
  }

  timeout(timer: string): void {
    if (timer === BARRIER && this.#barrier) this.#barrierFailed(this.#barrier.to, null, null);
    else if (timer === BARRIER_RETRY) {
      this.#isPausing = false;
      this.#sendBarrier();
    } else this.#questions.timeout(timer);
  }

  answered(from: NodeId, message: QueryAnswer): void {
    this.#questions.answered(from, message);
  }

  queryRefused(message: QueryRefused): void {
    this.#questions.refused(message);
  }

  noAnswer({ to, which, arrived }: NoAnswer): void {
    if (to === "query") this.#questions.noAnswer(which, arrived);
    else if (this.#barrier?.requestId === which) this.#barrierFailed(this.#barrier.to, null, null);
  }

  // --- Barriers ------------------------------------------------------------------------------------------------------

  passed(from: NodeId, { requestId, slot, cost }: ReadBarrierPassed): void {
    const barrier = this.#barrier;
    // Only the one under way: the slot of an earlier one may be from before these reads began.
    if (barrier === null || barrier.requestId !== requestId) return;
    this.#endBarrier();
    this.#barrierRefusals = 0;
    this.#parts.leader.leads(from);
    const reads = barrier.reads.filter(({ isOver }) => !isOver);
    for (const read of reads) {
      read.atLeast = Math.max(read.atLeast, slot);
      read.messages += cost.messages;
      read.sharedBy = Math.max(read.sharedBy, cost.sharedBy, barrier.reads.length);
    }
    this.#questions.ask(reads);
    this.#sendBarrier();
  }

  barrierRefused(from: NodeId, { requestId, reason, leader }: ReadBarrierRefused): void {
    if (this.#barrier?.requestId === requestId) this.#barrierFailed(from, reason, leader);
  }

  #sendBarrier(): void {
    const { leader, out, timing } = this.#parts;
    if (this.#barrier !== null || this.#isPausing || this.#waiting.length === 0) return;
    const reads = this.#waiting.filter(({ isOver }) => !isOver);
    const to = leader.target;
    this.#waiting = to === null ? reads : [];
    if (reads.length === 0 || to === null) return;
    const requestId = `barrier-${++this.#barriers}`;
    this.#barrier = { requestId, to, reads };
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
    const reads = (this.#barrier?.reads ?? []).filter(({ isOver }) => !isOver);
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

  #end(read: Read, outcome: LogOutcome): void {
    invariant(this.#open.delete(read.requestId), "a read is answered once");
    read.isOver = true;
    this.#parts.end(read.requestId, outcome);
  }
}
