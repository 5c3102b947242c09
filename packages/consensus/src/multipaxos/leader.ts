import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import { isMajority, majorityOf } from "../core/quorum.js";
import type { AcceptLog, DecidedRange } from "../paxos/messages.js";
import { Audience } from "./audience.js";
import { type Found, isPersonsId } from "./candidate.js";
import { Log } from "./log.js";
import {
  type AcceptorToProposer,
  type Learned,
  type LogMessage,
  NO_OP,
  type ReadBarrier,
  type Slot,
  type Submit,
} from "./messages.js";
import type { ProposerSettings } from "./options.js";
import { ReadBarriers } from "./read-barriers.js";
import { Submissions } from "./submissions.js";

/** Why a leader cannot go on under its id. */
export type End =
  | { readonly kind: "pre-empted"; readonly by: ProposalId }
  /** Phase 1 must be done again, from this slot on: an acceptor has truncated beyond what we know, or a learner lacks it. */
  | { readonly kind: "start-over"; readonly from: Slot };

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

/** How many ticks without an answer of a majority make a leader say so. */
const QUORUM_TICKS = 10;
/** A batch is sent again after 2 ticks, then 4, 8, and so on up to this many. */
const MOST_TICKS_BETWEEN_SENDS = 16;
/** How many ticks a leader goes on with a bare majority before it wants the others back, and proposes under a higher id. */
const TICKS_WITH_LOST = 30;
/** How often a learner's lack makes a leader start over, in ticks, at most. */
const TICKS_BETWEEN_REOPENINGS = 20;
/** How long a truncation may go unanswered, in ticks, before it is sent again. */
const TRUNCATION_TICKS = 10;

/**
 * A proposer whose phase 1 is done. It proposes again what it found, fills the gaps with no-ops, and only then serves
 * (Paxos Made Simple §3). From there on a batch of commands costs one accept round.
 */
export class Leader {
  readonly id: ProposalId;
  readonly base: Slot;
  readonly #settings: ProposerSettings;
  readonly #send: (to: NodeId, message: LogMessage) => void;
  readonly #truncatedThrough: Slot | 0;
  /** The last slot that phase 1 found something in. */
  readonly #recoverThrough: Slot | 0;
  readonly #foundDecided = new Set<Slot>();
  /** Every value that has its slot; forgotten from the front once the learners have it. */
  readonly #log: Log;
  readonly #submissions: Submissions;
  readonly #reads: ReadBarriers;
  readonly #audience: Audience;
  /** Batches that are not decided, or wait for an earlier one that is not. */
  #batches: Batch[] = [];
  #decidedBatches: Batch[] = [];
  #sentThrough: Slot | 0;
  #decidedThrough: Slot | 0;
  /** Acceptors were told up to here what is decided. */
  #toldDecidedThrough: Slot | 0;
  #settledThrough: Slot | 0;
  #sequence = 0;
  #tick = 0;
  readonly #heardTick = new Map<NodeId, number>();
  readonly #lost = new Map<NodeId, ProposalId>();
  #lostSinceTick = 0;
  #hasQuorum = true;
  readonly #truncatedBy = new Map<NodeId, Slot | 0>();
  #truncationTick = Number.NEGATIVE_INFINITY;

  constructor(
    settings: ProposerSettings,
    id: ProposalId,
    found: Found,
    settledThrough: Slot | 0,
    send: (to: NodeId, message: LogMessage) => void,
  ) {
    const { base, slots, truncatedThrough } = found;
    this.#settings = settings;
    this.#send = send;
    this.id = id;
    this.base = base;
    this.#truncatedThrough = truncatedThrough;
    this.#recoverThrough = base + slots.length - 1;
    this.#sentThrough = base - 1;
    this.#decidedThrough = base - 1;
    this.#toldDecidedThrough = base - 1;
    this.#settledThrough = settledThrough;
    this.#log = new Log(base);
    for (const { value, decided } of slots) {
      const slot = this.#log.push(value ?? NO_OP);
      if (decided) this.#foundDecided.add(slot);
    }
    this.#submissions = new Submissions(settings.limits, send);
    this.#reads = new ReadBarriers(settings.acceptors, send);
    this.#audience = new Audience(settings.learners, base, settings.limits, (to, message) =>
      send(to, { ...message, leader: settings.name, id }),
    );
  }

  /** Whether all that phase 1 found is decided, so that clients are served. */
  get isServing(): boolean {
    return this.#decidedThrough >= this.#recoverThrough;
  }

  get settledThrough(): Slot | 0 {
    return this.#settledThrough;
  }

  begin(): void {
    for (const node of this.#settings.acceptors) this.#heardTick.set(node, 0);
    this.#heartbeat();
    this.#audience.remind(this.#log, this.#decidedThrough, this.#tick);
    this.#advance();
  }

  submit(from: NodeId, message: Submit): void {
    this.#submissions.add(from, message);
    if (!this.#hasQuorum) this.#submissions.refuseQueued("no-quorum", this.#settings.name);
    this.#advance();
  }

  read(from: NodeId, message: ReadBarrier): void {
    if (!this.#hasQuorum || this.#reads.count >= this.#settings.limits.waitingReads) {
      const reason = this.#hasQuorum ? "overloaded" : "no-quorum";
      const leader = this.#settings.name;
      this.#send(from, { type: "read-barrier-refused", requestId: message.requestId, reason, leader });
      return;
    }
    this.#reads.add(from, message, this.isServing ? this.#decidedThrough : null);
    this.#probe();
  }

  /** @returns why it must stop, if so */
  hear(from: NodeId, message: AcceptorToProposer): End | null {
    if (!this.#settings.acceptors.includes(from)) return null;
    switch (message.type) {
      case "accepted-log":
        if (message.id === this.id) this.#accepted(from, message.instances, message.sequence);
        return null;
      case "accept-log-ignored":
        return message.id === this.id ? this.#ignored(from, message.promisedId) : null;
      case "log-truncated":
        this.#truncatedBy.set(from, message.truncatedThrough);
        return null;
      case "truncated":
        // Decided, and we do not know what: our own value for it may be another one (of a deposed leader, it may).
        return message.truncatedThrough > this.#decidedThrough ? this.#startOver() : null;
      case "refused":
        // Another value under our id, or in a decided slot: somebody broke the rules. A new phase 1 shows what is there.
        return message.id === this.id ? this.#startOver() : null;
      default:
        return null;
    }
  }

  /** @returns why it must stop, if so */
  learned(from: NodeId, message: Learned): End | null {
    if (!this.#audience.heard(from, message, this.#tick)) return null;
    for (const { slot, result } of message.results) {
      this.#submissions.applied(slot, result, () => this.#costOf(slot));
    }
    this.#settle();
    this.#audience.tell(this.#log, this.#decidedThrough, this.#tick);
    return this.#reopening(message.missingFrom);
  }

  /** Time has passed: says that it leads, and sends again what went unanswered. @returns why it must stop, if so */
  tick(): End | null {
    this.#tick++;
    this.#heartbeat();
    for (const batch of this.#batches) {
      const pause = Math.min(2 ** batch.sends, MOST_TICKS_BETWEEN_SENDS);
      if (!batch.isDecided && this.#tick - batch.sentTick >= pause) this.#sendBatch(batch);
    }
    this.#remindAcceptors();
    this.#settle();
    this.#audience.remind(this.#log, this.#decidedThrough, this.#tick);
    this.#truncate();
    this.#lookForQuorum();
    if (this.#lost.size > 0 && this.#tick - this.#lostSinceTick >= TICKS_WITH_LOST) {
      return { kind: "pre-empted", by: Math.max(...this.#lost.values()) };
    }
    return null;
  }

  /** The lead is lost, or given up: clients are told. */
  end(leader: NodeId | null): void {
    this.#submissions.end(leader);
    this.#reads.refuseAll("not-leader", leader);
  }

  /** Plain data, for a look from outside. */
  get state() {
    return {
      base: this.base,
      isServing: this.isServing,
      hasQuorum: this.#hasQuorum,
      decidedThrough: this.#decidedThrough,
      settledThrough: this.#settledThrough,
      nextSlot: this.#log.next,
      queued: this.#submissions.queued,
      proposed: this.#submissions.proposed,
      batchesInFlight: this.#batches.length,
      readsWaiting: this.#reads.count,
      truncatableThrough: this.#audience.truncatableThrough(),
      lost: [...this.#lost.keys()],
      learners: this.#audience.state,
      tick: this.#tick,
    };
  }

  // --- Phase 2 -------------------------------------------------------------------------------------------------------

  /** Sends batches while there is something to propose and room for more in flight. */
  #fill(): void {
    const { batchesInFlight, batchEntries, batchCharacters } = this.#settings.limits;
    while (this.#batches.length < batchesInFlight) {
      if (this.#sentThrough === this.#log.next - 1 && this.isServing) {
        this.#submissions.take(batchEntries, batchCharacters, (value) => this.#log.push(value));
      }
      const first = this.#sentThrough + 1;
      if (first === this.#log.next) return;
      const isDecided = this.#foundDecided.has(first);
      let values = this.#log.slice(first, batchEntries, batchCharacters);
      const other = values.findIndex((_, place) => this.#foundDecided.has(first + place) !== isDecided);
      if (other > 0) values = values.slice(0, other);
      this.#propose(first, values, isDecided);
      this.#shiftDecided();
    }
  }

  #propose(first: Slot, values: readonly string[], isDecided: boolean): void {
    invariant(first === this.#sentThrough + 1, "a leader proposes once in each slot");
    this.#sentThrough = first + values.length - 1;
    const batch: Batch = {
      first,
      values,
      isDecided,
      decided: isDecided ? null : this.#untoldDecided(),
      acceptedBy: new Set(),
      sentTick: this.#tick,
      sends: 0,
      messages: 0,
    };
    this.#batches.push(batch);
    if (!isDecided) this.#sendBatch(batch);
  }

  #sendBatch(batch: Batch): void {
    batch.sends++;
    batch.sentTick = this.#tick;
    const { first, values, decided } = batch;
    const message: AcceptLog = {
      type: "accept-log",
      id: this.id,
      entries: values.map((value, place) => ({ instance: first + place, value })),
      ...(decided ? { decided } : {}),
    };
    for (const node of this.#settings.acceptors) {
      if (batch.acceptedBy.has(node)) continue;
      batch.messages++;
      this.#send(node, message);
    }
  }

  #accepted(from: NodeId, instances: readonly Slot[], sequence: number | undefined): void {
    this.#heardTick.set(from, this.#tick);
    const [first] = instances;
    const batch = first === undefined ? undefined : this.#batches.find((one) => one.first === first);
    if (batch && instances.length === batch.values.length && !batch.isDecided) {
      batch.messages++;
      batch.acceptedBy.add(from);
      batch.isDecided = isMajority(batch.acceptedBy, this.#settings.acceptors.length);
      if (batch.isDecided) this.#advance();
    }
    if (sequence !== undefined && this.#reads.acknowledged(from, sequence)) this.#probe();
  }

  /** Goes on as far as it can: what is decided is passed on, and what waits is proposed. */
  #advance(): void {
    const before = this.#decidedThrough;
    this.#shiftDecided();
    this.#fill();
    if (this.#decidedThrough > before) this.#audience.tell(this.#log, this.#decidedThrough, this.#tick);
    if (!this.isServing) return;
    this.#reads.serve(this.#decidedThrough);
    this.#probe();
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

  /** What this leader decided under its own id since it last told the acceptors so. */
  #untoldDecided(): DecidedRange | null {
    if (this.#toldDecidedThrough >= this.#decidedThrough) return null;
    const range = { from: this.#toldDecidedThrough + 1, through: this.#decidedThrough };
    this.#toldDecidedThrough = this.#decidedThrough;
    return range;
  }

  // --- Acceptors -----------------------------------------------------------------------------------------------------

  #heartbeat(): void {
    const { name, rivals } = this.#settings;
    for (const rival of rivals) {
      this.#send(rival, { type: "heartbeat", leader: name, id: this.id, settledThrough: this.#settledThrough });
    }
  }

  /** Begins a probe for the reads that wait, unless one is under way: the next one serves all that arrive meanwhile. */
  #probe(): void {
    if (this.#reads.underWay !== null || !this.#reads.hasWaiting) return;
    this.#reads.begin(++this.#sequence);
    this.#sendProbe(this.#sequence, this.#settings.acceptors, null);
  }

  /** Asks who still follows: it shows a silent pre-emption, and whether there is a quorum. */
  #remindAcceptors(): void {
    const { underWay } = this.#reads;
    const decided = this.#batches.length === 0 ? this.#untoldDecided() : null;
    if (underWay) this.#sendProbe(underWay.sequence, decided ? this.#settings.acceptors : underWay.silent, decided);
    else {
      this.#reads.begin(++this.#sequence);
      this.#sendProbe(this.#sequence, this.#settings.acceptors, decided);
    }
  }

  #sendProbe(sequence: number, to: readonly NodeId[], decided: DecidedRange | null): void {
    const message: AcceptLog = {
      type: "accept-log",
      id: this.id,
      entries: [],
      sequence,
      ...(decided ? { decided } : {}),
    };
    for (const node of to) this.#send(node, message);
  }

  #ignored(from: NodeId, promisedId: ProposalId): End | null {
    if (promisedId <= this.id) return null;
    this.#heardTick.set(from, this.#tick);
    if (this.#lost.size === 0) this.#lostSinceTick = this.#tick;
    this.#lost.set(from, promisedId);
    const { acceptors } = this.#settings;
    // Behind a person's id stands nobody who would lead: come back at once.
    const goesOn = !isPersonsId(promisedId) && acceptors.length - this.#lost.size >= majorityOf(acceptors.length);
    return goesOn ? null : { kind: "pre-empted", by: Math.max(...this.#lost.values()) };
  }

  #lookForQuorum(): void {
    const { acceptors, name } = this.#settings;
    const heard = acceptors.filter((node) => this.#tick - (this.#heardTick.get(node) ?? 0) <= QUORUM_TICKS);
    this.#hasQuorum = isMajority(heard, acceptors.length);
    if (this.#hasQuorum) return;
    this.#submissions.refuseQueued("no-quorum", name);
    this.#reads.refuseAll("no-quorum", name);
  }

  // --- Learners ------------------------------------------------------------------------------------------------------

  /** Forgets what every learner that answers has applied, and, of what is left, the oldest if it is too much. */
  #settle(): void {
    const { keptEntries, keptCharacters } = this.#settings.limits;
    const settled = this.#audience.settledThrough(this.#tick);
    if (settled !== null) {
      // A learner may know more than a leader that was deposed meanwhile.
      const through = Math.min(settled, this.#decidedThrough);
      this.#settledThrough = Math.max(this.#settledThrough, through);
      this.#forgetThrough(through);
    }
    while (
      (this.#log.length > keptEntries || this.#log.characters > keptCharacters) &&
      this.#log.first <= this.#decidedThrough
    ) {
      this.#forgetThrough(this.#log.first);
    }
  }

  #forgetThrough(slot: Slot | 0): void {
    if (slot < this.#log.first) return;
    this.#log.forgetThrough(Math.min(slot, this.#decidedThrough));
    this.#submissions.giveUpBelow(this.#log.first);
    for (const place of this.#foundDecided) {
      if (place >= this.#log.first) break;
      this.#foundDecided.delete(place);
    }
    while (lastSlotOf(this.#decidedBatches[0]) < this.#log.first) this.#decidedBatches.shift();
  }

  /** Lets acceptors forget what enough learners hold durably. */
  #truncate(): void {
    const { acceptors, limits } = this.#settings;
    const through = Math.min(this.#audience.truncatableThrough() - limits.keptBelowSnapshot, this.#decidedThrough);
    if (through < 1 || this.#tick - this.#truncationTick < TRUNCATION_TICKS) return;
    for (const node of acceptors) {
      if ((this.#truncatedBy.get(node) ?? 0) >= through) continue;
      this.#truncationTick = this.#tick;
      this.#send(node, { type: "truncate-log", through });
    }
  }

  /** A learner found a slot with no peer and no acceptor: only a leader whose phase 1 begins there can tell it. */
  #reopening(missingFrom: Slot | null): End | null {
    if (missingFrom === null || missingFrom >= this.base || missingFrom <= this.#truncatedThrough) return null;
    if (!this.isServing || this.#tick < TICKS_BETWEEN_REOPENINGS) return null;
    return { kind: "start-over", from: missingFrom };
  }

  #startOver(): End {
    return { kind: "start-over", from: this.#settledThrough + 1 };
  }

  #costOf(slot: Slot) {
    const batch = this.#decidedBatches.find((one) => slot >= one.first && slot <= lastSlotOf(one));
    // Beside the accepts and their answers: the learner was told, and said so; the client asked, and is answered.
    return { messages: (batch?.messages ?? 0) + 4, sharedBy: batch?.values.length ?? 1 };
  }
}

function lastSlotOf(batch: Batch | undefined): Slot {
  return batch ? batch.first + batch.values.length - 1 : Number.POSITIVE_INFINITY;
}
