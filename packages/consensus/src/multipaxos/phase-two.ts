import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import { isMajority } from "../core/quorum.js";
import { type Cost, NO_OP, type Slot } from "../log/messages.js";
import type { Submissions } from "../log/submissions.js";
import type { AcceptLog, DecidedRange } from "../paxos/messages.js";
import type { Found } from "./candidate.js";
import { Log } from "./log.js";
import type { ProposerSettings } from "./options.js";

/** Values of consecutive slots that travel in one accept. */
interface Batch {
  readonly first: Slot;
  readonly values: readonly string[];
  readonly decided: DecidedRange | null;
  readonly acceptedBy: Set<NodeId>;
  isDecided: boolean;
  sentTick: number;
  sends: number;
  /** Messages on its behalf so far. */
  messages: number;
}

/** A batch is sent again after 2 ticks, then 4, 8, and so on up to this many. */
const MOST_TICKS_BETWEEN_SENDS = 16;

/**
 * Phase 2 under one id: a batch of values costs one accept round, several are on their way at a time, and what is decided
 * is told in the order of the slots. First all that phase 1 found is proposed again, the gaps as no-ops; only when that is
 * decided are clients' values taken (Paxos Made Simple §3).
 */
export class PhaseTwo {
  /** Every value that has its slot; forgotten from the front once the learners have it. */
  readonly log: Log;
  readonly #settings: ProposerSettings;
  readonly #id: ProposalId;
  readonly #submissions: Submissions;
  readonly #send: (to: NodeId, message: AcceptLog) => void;
  /** The last slot that phase 1 found something in. */
  readonly #recoverThrough: Slot | 0;
  readonly #foundDecided = new Set<Slot>();
  /** Batches that are not decided, or wait for an earlier one that is not. */
  readonly #batches: Batch[] = [];
  /** Batches whose slots the learners may still ask for. */
  readonly #decidedBatches: Batch[] = [];
  #sentThrough: Slot | 0;
  #decidedThrough: Slot | 0;
  /** Acceptors were told up to here what is decided. */
  #toldDecidedThrough: Slot | 0;

  constructor(
    settings: ProposerSettings,
    id: ProposalId,
    { base, slots }: Found,
    submissions: Submissions,
    send: (to: NodeId, message: AcceptLog) => void,
  ) {
    this.#settings = settings;
    this.#id = id;
    this.#submissions = submissions;
    this.#send = send;
    this.#recoverThrough = base + slots.length - 1;
    this.#sentThrough = base - 1;
    this.#decidedThrough = base - 1;
    this.#toldDecidedThrough = base - 1;
    this.log = new Log(base);
    for (const { value, decided } of slots) {
      const slot = this.log.push(value ?? NO_OP);
      if (decided) this.#foundDecided.add(slot);
    }
  }

  /** Everything up to here is decided, and known here. */
  get decidedThrough(): Slot | 0 {
    return this.#decidedThrough;
  }

  /** Whether all that phase 1 found is decided, so that clients may be served. */
  get isRecovered(): boolean {
    return this.#decidedThrough >= this.#recoverThrough;
  }

  /** The highest slot that may be decided by now: found in phase 1, or sent since. */
  get usedThrough(): Slot | 0 {
    return Math.max(this.#recoverThrough, this.#sentThrough);
  }

  get batchesInFlight(): number {
    return this.#batches.length;
  }

  /** Goes on as far as it can: decided slots are counted, and what waits is proposed while there is room for it. */
  goOn(tick: number): void {
    const { batchesInFlight, batchEntries, batchCharacters } = this.#settings.limits;
    this.#shiftDecided();
    while (this.#batches.length < batchesInFlight) {
      if (this.#sentThrough === this.log.next - 1 && this.isRecovered) {
        this.#submissions.take(batchEntries, batchCharacters, (value) => this.log.push(value));
      }
      const first = this.#sentThrough + 1;
      if (first === this.log.next) return;
      const isDecided = this.#foundDecided.has(first);
      let values = this.log.slice(first, batchEntries, batchCharacters);
      const other = values.findIndex((_, place) => this.#foundDecided.has(first + place) !== isDecided);
      if (other > 0) values = values.slice(0, other);
      this.#propose(first, values, isDecided, tick);
      this.#shiftDecided();
    }
  }

  /** An acceptor has accepted these slots. @returns whether that decided a batch */
  accepted(from: NodeId, instances: readonly Slot[]): boolean {
    const [first] = instances;
    const batch = first === undefined ? undefined : this.#batches.find((one) => one.first === first);
    if (!batch || batch.isDecided || instances.length !== batch.values.length) return false;
    batch.messages++;
    batch.acceptedBy.add(from);
    batch.isDecided = isMajority(batch.acceptedBy, this.#settings.acceptors.length);
    return batch.isDecided;
  }

  /** Sends again what went unanswered for a while. */
  repeat(tick: number): void {
    for (const batch of this.#batches) {
      const pause = Math.min(2 ** batch.sends, MOST_TICKS_BETWEEN_SENDS);
      if (!batch.isDecided && tick - batch.sentTick >= pause) this.#sendBatch(batch, tick);
    }
  }

  /** What was decided under this id since the acceptors were last told so; it is then taken for told. */
  takeUntold(): DecidedRange | null {
    if (this.#toldDecidedThrough >= this.#decidedThrough) return null;
    const range = { from: this.#toldDecidedThrough + 1, through: this.#decidedThrough };
    this.#toldDecidedThrough = this.#decidedThrough;
    return range;
  }

  /** Forgets decided values up to here. */
  forgetThrough(slot: Slot | 0): void {
    this.log.forgetThrough(Math.min(slot, this.#decidedThrough));
    for (const place of this.#foundDecided) {
      if (place >= this.log.first) break;
      this.#foundDecided.delete(place);
    }
    for (let batch = this.#decidedBatches[0]; batch && lastSlotOf(batch) < this.log.first; ) {
      this.#decidedBatches.shift();
      batch = this.#decidedBatches[0];
    }
  }

  /** What the batch of this slot has cost so far. */
  costOf(slot: Slot): Cost {
    // From the end: it is mostly the last one.
    for (let place = this.#decidedBatches.length - 1; place >= 0; place--) {
      const batch = this.#decidedBatches[place];
      if (batch && slot >= batch.first) return { messages: batch.messages, sharedBy: batch.values.length };
    }
    return { messages: 0, sharedBy: 1 };
  }

  #propose(first: Slot, values: readonly string[], isDecided: boolean, tick: number): void {
    invariant(first === this.#sentThrough + 1, "a leader proposes once in each slot");
    this.#sentThrough = first + values.length - 1;
    const batch: Batch = {
      first,
      values,
      isDecided,
      decided: isDecided ? null : this.takeUntold(),
      acceptedBy: new Set(),
      sentTick: tick,
      sends: 0,
      messages: 0,
    };
    this.#batches.push(batch);
    if (!isDecided) this.#sendBatch(batch, tick);
  }

  #sendBatch(batch: Batch, tick: number): void {
    batch.sends++;
    batch.sentTick = tick;
    const { first, values, decided } = batch;
    const message: AcceptLog = {
      type: "accept-log",
      id: this.#id,
      entries: values.map((value, place) => ({ instance: first + place, value })),
      ...(decided ? { decided } : {}),
    };
    for (const node of this.#settings.acceptors) {
      if (batch.acceptedBy.has(node)) continue;
      batch.messages++;
      this.#send(node, message);
    }
  }

  /** Slots are decided in the order of the log. */
  #shiftDecided(): void {
    for (let batch = this.#batches[0]; batch?.isDecided; batch = this.#batches[0]) {
      invariant(batch.first === this.#decidedThrough + 1, "what is decided has no gaps");
      this.#decidedThrough += batch.values.length;
      this.#batches.shift();
      this.#decidedBatches.push(batch);
    }
  }
}

function lastSlotOf({ first, values }: Batch): Slot {
  return first + values.length - 1;
}
