import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import type { LogMessage } from "../log/log-message.js";
import type { Cost, ReadBarrier, Slot, Submit } from "../log/messages.js";
import { Submissions } from "../log/submissions.js";
import type { AcceptLog, DecidedRange } from "../paxos/messages.js";
import { Audience } from "./audience.js";
import type { Found } from "./candidate.js";
import { Following } from "./following.js";
import type { AcceptorToProposer, Learned } from "./messages.js";
import type { ProposerSettings } from "./options.js";
import { PhaseTwo } from "./phase-two.js";
import { ReadBarriers } from "./read-barriers.js";

/** Why a leader cannot go on under its id, or would rather not. */
export type End =
  | { readonly kind: "pre-empted"; readonly by: ProposalId }
  /** It goes on, but some acceptors are lost to this id: above it they could be won back. */
  | { readonly kind: "win-back"; readonly above: ProposalId }
  /** Phase 1 must be done again, from this slot on: an acceptor has truncated beyond what we know, or a learner lacks it. */
  | { readonly kind: "start-over"; readonly from: Slot };

type Send = (to: NodeId, message: LogMessage) => void;

/** How often a learner's lack makes a leader start over, in ticks, at most. */
const TICKS_BETWEEN_REOPENINGS = 20;

/** A proposer whose phase 1 is done: it decides, tells the learners, and answers clients. */
export class Leader {
  readonly id: ProposalId;
  readonly base: Slot;
  readonly #settings: ProposerSettings;
  readonly #send: Send;
  readonly #truncatedThrough: Slot | 0;
  readonly #submissions: Submissions;
  readonly #phaseTwo: PhaseTwo;
  readonly #reads: ReadBarriers;
  readonly #audience: Audience;
  readonly #following: Following;
  /** Asks for a call of `tellOthers` in a moment. */
  readonly #tellSoon: () => void;
  #isToTell = false;
  #settledThrough: Slot | 0;
  #sequence = 0;
  #tick = 0;

  /** @param tellSoon asks for a call of `tellOthers`, in `tellMs` */
  constructor(
    settings: ProposerSettings,
    id: ProposalId,
    found: Found,
    settledThrough: Slot | 0,
    { send, tellSoon }: { readonly send: Send; readonly tellSoon: () => void },
  ) {
    const { acceptors, limits } = settings;
    this.#settings = settings;
    this.#send = send;
    this.#tellSoon = tellSoon;
    this.id = id;
    this.base = found.base;
    this.#truncatedThrough = found.truncatedThrough;
    this.#settledThrough = settledThrough;
    this.#submissions = new Submissions(limits, send);
    this.#phaseTwo = new PhaseTwo(settings, id, found, this.#submissions, send);
    this.#reads = new ReadBarriers(acceptors, send);
    this.#following = new Following(acceptors);
    this.#audience = new Audience(settings, id, found.base, send);
  }

  /** Every learner that answers has applied everything up to here. */
  get settledThrough(): Slot | 0 {
    return this.#settledThrough;
  }

  begin(): void {
    this.#heartbeat();
    this.#audience.remind(this.#phaseTwo.log, this.#phaseTwo.decidedThrough, this.#tick);
    this.#advance();
  }

  submit(from: NodeId, message: Submit): void {
    this.#submissions.add(from, message);
    if (!this.#following.hasQuorum) this.#submissions.refuseQueued("no-quorum", this.#settings.name);
    this.#advance();
  }

  read(from: NodeId, message: ReadBarrier): void {
    const { hasQuorum } = this.#following;
    if (!hasQuorum || this.#reads.count >= this.#settings.limits.waitingReads) {
      const { requestId } = message;
      const reason = hasQuorum ? "overloaded" : "no-quorum";
      this.#send(from, { type: "read-barrier-refused", requestId, reason, leader: this.#settings.name });
      return;
    }
    this.#reads.add(from, message, this.#phaseTwo.usedThrough);
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
        this.#following.truncated(from, message.truncatedThrough);
        return null;
      case "truncated":
        // Decided, and we do not know what: our own value for it may be another one (of a deposed leader, it may).
        return message.truncatedThrough > this.#phaseTwo.decidedThrough
          ? this.#startOver(message.truncatedThrough)
          : null;
      case "refused":
        // Another value under our id, or in a decided slot: somebody broke the rules. A new phase 1 shows what is there.
        return message.id === this.id ? this.#startOver(0) : null;
      default:
        return null;
    }
  }

  /** @returns why it must stop, if so */
  learned(from: NodeId, message: Learned): End | null {
    if (!this.#audience.heard(from, message, this.#tick)) return null;
    for (const { slot, result } of message.results) this.#submissions.applied(slot, result, this.#costOf);
    this.#settle();
    this.#tell();
    return this.#reopening(message.missingFrom);
  }

  /** Tells the learners that nobody waited for what was decided meanwhile. */
  tellOthers(): void {
    this.#isToTell = false;
    this.#audience.tellAll(this.#phaseTwo.log, this.#phaseTwo.decidedThrough, this.#tick);
  }

  /** Time has passed: says that it leads, and sends again what went unanswered. @returns why it must stop, if so */
  tick(): End | null {
    this.#tick++;
    this.#heartbeat();
    this.#phaseTwo.repeat(this.#tick);
    this.#remindAcceptors();
    this.#settle();
    this.#audience.remind(this.#phaseTwo.log, this.#phaseTwo.decidedThrough, this.#tick);
    this.#truncate();
    const lostTo = this.#following.look(this.#tick);
    if (!this.#following.hasQuorum) {
      this.#submissions.refuseQueued("no-quorum", this.#settings.name);
      this.#reads.refuseAll("no-quorum", this.#settings.name);
    }
    return lostTo === null ? null : { kind: "win-back", above: lostTo };
  }

  /** The lead is lost, or given up: clients are told. */
  end(leader: NodeId | null): void {
    this.#submissions.end(leader);
    this.#reads.refuseAll("not-leader", leader);
  }

  /** Plain data, for a look from outside. */
  get state() {
    const { decidedThrough, isRecovered, batchesInFlight, log } = this.#phaseTwo;
    return {
      base: this.base,
      isServing: isRecovered,
      hasQuorum: this.#following.hasQuorum,
      decidedThrough,
      settledThrough: this.#settledThrough,
      nextSlot: log.next,
      queued: this.#submissions.queued,
      proposed: this.#submissions.proposed,
      batchesInFlight,
      readsWaiting: this.#reads.count,
      truncatableThrough: this.#audience.truncatableThrough(),
      lost: this.#following.lost,
      learners: this.#audience.state,
      tick: this.#tick,
    };
  }

  // --- Acceptors -----------------------------------------------------------------------------------------------------

  /** What a value cost beside its client: accepts and their answers; a learner was told, and said so; and the client's. */
  readonly #costOf = (slot: Slot): Cost => {
    const { messages, sharedBy } = this.#phaseTwo.costOf(slot);
    return { messages: messages + 4, sharedBy };
  };

  /** Goes on as far as it can: what is decided is passed on, and what waits is proposed. */
  #advance(): void {
    const phaseTwo = this.#phaseTwo;
    const before = phaseTwo.decidedThrough;
    phaseTwo.goOn(this.#tick);
    if (phaseTwo.decidedThrough > before) this.#tell();
    this.#passReads();
  }

  /**
   * Whoever waits for what comes of a value is told at once. The others a little later: by then more may be decided, and a
   * message that wakes another process costs both of them more than what it says.
   */
  #tell(): void {
    const isAnyLeft = this.#audience.tell(this.#phaseTwo.log, this.#phaseTwo.decidedThrough, this.#tick);
    if (!isAnyLeft || this.#isToTell) return;
    this.#isToTell = true;
    this.#tellSoon();
  }

  /**
   * A read that passes asks a learner next, which may be any: none shall wait for what is decided. (One that owes an answer
   * is told a moment after it has given it.)
   */
  #passReads(): void {
    if (this.#reads.pass(this.#phaseTwo.decidedThrough) && this.#isToTell) this.tellOthers();
  }

  #accepted(from: NodeId, instances: readonly Slot[], sequence: number | undefined): void {
    this.#following.heard(from, this.#tick);
    if (this.#phaseTwo.accepted(from, instances)) this.#advance();
    if (sequence === undefined || !this.#reads.acknowledged(from, sequence)) return;
    this.#passReads();
    this.#probe();
  }

  #ignored(from: NodeId, promisedId: ProposalId): End | null {
    if (promisedId <= this.id) return null;
    this.#following.heard(from, this.#tick);
    const by = this.#following.lose(from, promisedId, this.#tick);
    return by === null ? null : { kind: "pre-empted", by };
  }

  /** Begins a probe for the reads that wait, unless one is under way: the next one serves all that arrive meanwhile. */
  #probe(): void {
    if (this.#reads.underWay !== null || !this.#reads.hasWaiting) return;
    this.#reads.begin(++this.#sequence);
    this.#sendProbe(this.#sequence, this.#settings.acceptors, null);
  }

  /** Asks who still follows: it shows a silent pre-emption, and whether there is a quorum. */
  #remindAcceptors(): void {
    const { acceptors } = this.#settings;
    // What was decided last is told with the next batch; if none comes, now.
    const decided = this.#phaseTwo.batchesInFlight === 0 ? this.#phaseTwo.takeUntold() : null;
    const { underWay } = this.#reads;
    if (underWay) this.#sendProbe(underWay.sequence, decided ? acceptors : underWay.silent, decided);
    else {
      this.#reads.begin(++this.#sequence);
      this.#sendProbe(this.#sequence, acceptors, decided);
    }
  }

  #sendProbe(sequence: number, to: readonly NodeId[], decided: DecidedRange | null): void {
    const probe: AcceptLog = { type: "accept-log", id: this.id, entries: [], sequence };
    for (const node of to) this.#send(node, decided ? { ...probe, decided } : probe);
  }

  /** @param truncatedThrough what is truncated is decided: beginning above it, each new start is progress */
  #startOver(truncatedThrough: Slot | 0): End {
    return { kind: "start-over", from: Math.max(this.#settledThrough, truncatedThrough) + 1 };
  }

  // --- Proposers and learners ----------------------------------------------------------------------------------------

  #heartbeat(): void {
    const { name, rivals } = this.#settings;
    for (const rival of rivals) {
      this.#send(rival, { type: "heartbeat", leader: name, id: this.id, settledThrough: this.#settledThrough });
    }
  }

  /** Forgets what every learner that answers has applied, and, of what is left, the oldest if it is too much. */
  #settle(): void {
    const { log, decidedThrough } = this.#phaseTwo;
    const { keptEntries, keptCharacters } = this.#settings.limits;
    const settled = this.#audience.settledThrough(this.#tick);
    if (settled !== null) {
      // A learner may know more than a leader that was deposed meanwhile.
      const through = Math.min(settled, decidedThrough);
      this.#settledThrough = Math.max(this.#settledThrough, through);
      this.#phaseTwo.forgetThrough(through);
    }
    while ((log.length > keptEntries || log.characters > keptCharacters) && log.first <= decidedThrough) {
      this.#phaseTwo.forgetThrough(log.first);
    }
    this.#submissions.giveUpBelow(log.first);
  }

  /** Lets acceptors forget what enough learners hold durably. */
  #truncate(): void {
    const { keptBelowSnapshot } = this.#settings.limits;
    const through = Math.min(this.#audience.truncatableThrough() - keptBelowSnapshot, this.#phaseTwo.decidedThrough);
    for (const node of this.#following.toTruncate(through, this.#tick)) {
      this.#send(node, { type: "truncate-log", through });
    }
  }

  /** A learner found a slot with no peer and no acceptor: only a leader whose phase 1 begins there can tell it. */
  #reopening(missingFrom: Slot | null): End | null {
    if (missingFrom === null || missingFrom >= this.base || missingFrom <= this.#truncatedThrough) return null;
    if (!this.#phaseTwo.isRecovered || this.#tick < TICKS_BETWEEN_REOPENINGS) return null;
    return { kind: "start-over", from: missingFrom };
  }
}
