import { invariant } from "../core/invariant.js";
import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import { START_TIMER } from "../core/start-timer.js";
import { LearnerAnswers } from "../log/learner-answers.js";
import type { LogMessage } from "../log/log-message.js";
import type { Slot } from "../log/messages.js";
import { SnapshotPace } from "../log/snapshot-pace.js";
import type { LogReply } from "../paxos/messages.js";
import { valuesMeant } from "./accepted-pages.js";
import { CatchUp, type FetchedSnapshot } from "./catch-up.js";
import {
  LEARNER_LIMITS,
  LEARNER_TIMING,
  type LearnerLimits,
  type LearnerTiming,
  type LearnerWrite,
  type LogLearnerOptions,
} from "./learner-options.js";
import { Log } from "./log.js";
import type { Learn, Learned, ReadSnapshot, SnapshotPiece, Sync, SyncReply } from "./messages.js";

const CATCH_UP_TIMER = "catch-up";

type Out = Outbox<LogMessage, LearnerWrite, string>;

/**
 * A learner of the log: applies what is decided, in the order of the slots, each once (Paxos Made Simple §2.3 and §3).
 *
 * The leader tells it. What it lacks it asks of its peers, then of the acceptors, and of a peer's snapshot where the log
 * is truncated. Only its snapshots are durable: everything after them is with the acceptors, who keep what at least two
 * learners do not hold in theirs.
 */
export class LogLearner implements Participant<LogMessage, LearnerWrite, string> {
  readonly #options: LogLearnerOptions;
  readonly #timing: LearnerTiming;
  readonly #limits: LearnerLimits;
  readonly #out: Out = new Outbox();
  #appliedThrough: Slot | 0 = 0;
  /** What was applied last, for peers that lag. */
  #log: Log;
  /** Decisions beyond a slot that is not decided yet, as far as is known here. */
  readonly #ahead = new Map<Slot, string>();
  /** The highest slot that somebody said is decided. */
  #decidedThrough: Slot | 0 = 0;
  #leader: { readonly name: NodeId; readonly id: number } | null = null;
  /** A leader's message whose values are looked up with the acceptor beside this learner. */
  #looked: { readonly from: NodeId; readonly message: Learn } | null = null;
  #snapshot: LearnerWrite | null = null;
  readonly #pace: SnapshotPace;
  readonly #answers: LearnerAnswers;
  readonly #catchUp: CatchUp;
  #isCatchingUp = false;
  /** Messages that contradict what is decided here: somebody broke the rules, and they are ignored. */
  #contradictions = 0;

  /**
   * @param writes every write that earlier lives made durable
   * @throws {Error} if the application cannot read its own last snapshot
   */
  constructor(options: LogLearnerOptions, writes: readonly LearnerWrite[] = []) {
    this.#options = options;
    this.#timing = { ...LEARNER_TIMING, ...options.timing };
    this.#limits = { ...LEARNER_LIMITS, ...options.limits };
    this.#catchUp = new CatchUp(options, this.#limits, this.#out);
    this.#answers = new LearnerAnswers(options, this.#limits, this.#out);
    this.#snapshot = writes.at(-1) ?? null;
    this.#pace = new SnapshotPace(this.#limits, this.#snapshot?.pieces ?? []);
    if (this.#snapshot) options.application.restore(this.#snapshot.pieces, this.#snapshot.through);
    this.#appliedThrough = this.#snapshot?.through ?? 0;
    this.#log = new Log(this.#appliedThrough + 1);
  }

  /** Plain data, for a look from outside. Only the snapshot outlives a crash. */
  get state() {
    return {
      appliedThrough: this.#appliedThrough,
      decidedThrough: Math.max(this.#decidedThrough, this.#appliedThrough),
      snapshotThrough: this.#snapshot?.through ?? 0,
      keptFrom: this.#log.first,
      leader: this.#leader,
      ahead: this.#ahead.size,
      queriesWaiting: this.#answers.waiting,
      isCatchingUp: this.#isCatchingUp,
      contradictions: this.#contradictions,
    };
  }

  step(input: Input<LogMessage>): Ready<LogMessage, LearnerWrite, string> {
    if (input.kind === "timeout") this.#timeout(input.timer);
    if (input.kind === "message") this.#hear(input.from, input.message);
    return this.#out.take();
  }

  #timeout(timer: string): void {
    if (timer === START_TIMER) this.#catchUp.askAll(this.#appliedThrough);
    else if (timer === CATCH_UP_TIMER) this.#askOthers();
    else this.#answers.timeout(timer, this.#appliedThrough);
  }

  #hear(from: NodeId, message: LogMessage): void {
    switch (message.type) {
      case "learn":
        this.#learn(from, message);
        return;
      case "sync":
        this.#out.sendBeforeWrites(from, this.#syncReply(message));
        return;
      case "sync-reply":
        this.#synced(from, message);
        return;
      case "read-snapshot":
        this.#out.sendBeforeWrites(from, this.#pieceOf(message));
        return;
      case "snapshot-piece": {
        const snapshot = this.#catchUp.take(from, message);
        if (snapshot) this.#install(snapshot);
        return;
      }
      case "log":
        if (!this.#look(from, message)) this.#readPage(from, message);
        return;
      case "query":
        this.#answers.ask(from, message, this.#appliedThrough);
        return;
      default:
        // Nothing that a learner is asked.
        return;
    }
  }

  // --- Decisions -----------------------------------------------------------------------------------------------------

  #learn(from: NodeId, message: Learn): void {
    const { leader, id, decidedThrough, from: first, values, atAcceptor } = message;
    if (id >= (this.#leader?.id ?? 0)) this.#leader = { name: leader, id };
    this.#decidedThrough = Math.max(this.#decidedThrough, decidedThrough);
    const { acceptor } = this.#options;
    if (atAcceptor === undefined || acceptor === undefined) {
      this.#take(from, message, values);
      return;
    }
    // Of several the last one counts: a leader waits for the answer before it sends the next.
    this.#looked = { from, message };
    this.#out.send(acceptor, { type: "read-log", from: first, limit: atAcceptor });
  }

  /** The acceptor beside this learner tells what it has accepted. @returns whether that was asked for a leader */
  #look(acceptor: NodeId, { from, page }: LogReply): boolean {
    const looked = this.#looked;
    if (looked === null || acceptor !== this.#options.acceptor || from !== looked.message.from) return false;
    this.#looked = null;
    this.#take(looked.from, looked.message, valuesMeant(looked.message, page, this.#log));
    return true;
  }

  /** Applies what a leader told, and answers it. */
  #take(from: NodeId, { from: first, number, quiet, atAcceptor }: Learn, values: readonly string[]): void {
    for (const [place, value] of values.entries()) this.#told(first + place, value);
    const fresh = this.#apply();
    const results = quiet ? [] : this.#resultsOf(first, values, fresh);
    const { name: learner } = this.#options;
    const isQuestion = values.length === 0 && atAcceptor === undefined;
    const snapshotThrough = isQuestion ? (this.#snapshot?.through ?? 0) : null;
    const appliedThrough = this.#appliedThrough;
    const missingFrom = this.#missingFrom;
    const reply: Learned = { type: "learned", learner, number, appliedThrough, snapshotThrough, results, missingFrom };
    // Results are of decided values: no crash undoes them. Of a snapshot nothing is said before it is on disk.
    if (isQuestion) this.#out.send(from, reply);
    else this.#out.sendBeforeWrites(from, reply);
  }

  /** What came of these values, as far as they are applied and it is still known. */
  #resultsOf(first: Slot, values: readonly string[], fresh: ReadonlyMap<Slot, string>): Learned["results"] {
    const results: { slot: Slot; result: string }[] = [];
    for (const [place, value] of values.entries()) {
      const slot = first + place;
      const result = fresh.get(slot) ?? this.#recall(slot, value);
      if (result !== null) results.push({ slot, result });
    }
    return results;
  }

  /** What came of a value that was applied earlier, if it is the one that was. */
  #recall(slot: Slot, value: string): string | null {
    const isThis = slot <= this.#appliedThrough && (this.#log.at(slot) ?? value) === value;
    return isThis ? this.#options.application.recall(slot, value) : null;
  }

  /** Somebody says what is decided in this slot. */
  #told(slot: Slot, value: string): void {
    const known = slot <= this.#appliedThrough ? this.#log.at(slot) : this.#ahead.get(slot);
    if (known !== undefined) {
      if (known !== value) this.#contradictions++;
      return;
    }
    const isNear = slot > this.#appliedThrough && slot <= this.#appliedThrough + this.#limits.aheadEntries;
    if (isNear) this.#ahead.set(slot, value);
  }

  /** Applies every slot whose turn it is. @returns what came of each */
  #apply(): ReadonlyMap<Slot, string> {
    const fresh = new Map<Slot, string>();
    for (;;) {
      const slot = this.#appliedThrough + 1;
      const value = this.#ahead.get(slot);
      if (value === undefined) break;
      this.#ahead.delete(slot);
      fresh.set(slot, this.#options.application.apply(slot, value));
      invariant(this.#log.push(value) === slot, "slots are applied in order, each once");
      this.#appliedThrough = slot;
      this.#pace.applied(value);
      this.#out.decide(slot, value);
    }
    if (fresh.size > 0) this.#applied();
    else this.#lookForGap();
    return fresh;
  }

  /** More is applied than before: whoever waited for it is answered. */
  #applied(): void {
    this.#catchUp.succeeded();
    this.#answers.applied(this.#appliedThrough);
    if (this.#pace.isDue) this.#keepSnapshot(this.#options.application.snapshot());
    this.#forget();
    this.#lookForGap();
  }

  // --- Snapshots -----------------------------------------------------------------------------------------------------

  #keepSnapshot(pieces: readonly string[]): void {
    const through = this.#appliedThrough;
    invariant(through > (this.#snapshot?.through ?? 0), "a snapshot holds more than the one before it");
    this.#snapshot = { kind: "snapshot", through, pieces };
    this.#pace.begins(pieces);
    this.#out.write(this.#snapshot);
  }

  /** What a snapshot does not hold is never forgotten: a peer needs it after the snapshot. */
  #forget(): void {
    const { keptEntries, keptCharacters } = this.#limits;
    const through = this.#snapshot?.through ?? 0;
    this.#log.forgetThrough(Math.min(through, this.#appliedThrough - keptEntries));
    while (this.#log.characters > keptCharacters && this.#log.first <= through) {
      this.#log.forgetThrough(this.#log.first);
    }
  }

  #pieceOf({ through, piece }: ReadSnapshot): SnapshotPiece {
    const pieces = this.#snapshot?.through === through ? this.#snapshot.pieces : [];
    return { type: "snapshot-piece", through, piece, pieces: pieces.length, text: pieces[piece] ?? null };
  }

  #install({ through, pieces }: FetchedSnapshot): void {
    if (through <= this.#appliedThrough) return;
    try {
      this.#options.application.restore(pieces, through);
    } catch {
      // From outside, and no snapshot: nothing of it was taken.
      this.#contradictions++;
      return;
    }
    this.#appliedThrough = through;
    this.#log = new Log(through + 1);
    for (const slot of this.#ahead.keys()) if (slot <= through) this.#ahead.delete(slot);
    this.#keepSnapshot(pieces);
    if (this.#apply().size === 0) this.#applied();
    this.#catchUp.ask(this.#appliedThrough);
  }

  // --- What it lacks -------------------------------------------------------------------------------------------------

  get #isBehind(): boolean {
    return this.#decidedThrough > this.#appliedThrough || this.#ahead.size > 0;
  }

  get #missingFrom(): Slot | null {
    return this.#isBehind && this.#catchUp.isInVain ? this.#appliedThrough + 1 : null;
  }

  /** Gives the leader some time; then others are asked. */
  #lookForGap(): void {
    if (this.#isCatchingUp || !this.#isBehind) return;
    this.#isCatchingUp = true;
    this.#out.timer(CATCH_UP_TIMER, this.#timing.catchUpMs);
  }

  #askOthers(): void {
    this.#isCatchingUp = false;
    if (!this.#isBehind) return;
    this.#catchUp.ask(this.#appliedThrough);
    this.#lookForGap();
  }

  #syncReply({ from, limit }: Sync): SyncReply {
    const { syncEntries, syncCharacters } = this.#limits;
    const reply = { type: "sync-reply", from, appliedThrough: this.#appliedThrough } as const;
    if (from > this.#appliedThrough) return { ...reply, values: [], snapshot: null };
    if (from < this.#log.first) {
      const { through, pieces } = this.#snapshot ?? { through: 0, pieces: [] };
      invariant(through >= from, "what is not kept is in the snapshot");
      return { ...reply, values: [], snapshot: { through, pieces: pieces.length } };
    }
    return { ...reply, values: this.#log.slice(from, Math.min(limit, syncEntries), syncCharacters), snapshot: null };
  }

  #synced(peer: NodeId, reply: SyncReply): void {
    if (!this.#options.peers.includes(peer)) return;
    const { from, values, appliedThrough } = reply;
    this.#decidedThrough = Math.max(this.#decidedThrough, appliedThrough);
    if (this.#catchUp.fetches(peer, reply, this.#appliedThrough)) {
      this.#lookForGap();
      return;
    }
    for (const [place, value] of values.entries()) this.#told(from + place, value);
    const isFurther = this.#apply().size > 0;
    if (isFurther && appliedThrough > this.#appliedThrough) this.#catchUp.askPeer(peer, this.#appliedThrough);
  }

  #readPage(acceptor: NodeId, reply: LogReply): void {
    const decisions = this.#catchUp.readPage(acceptor, reply, this.#appliedThrough);
    for (const { slot, value } of decisions) this.#told(slot, value);
    // There is more where that came from.
    if (this.#apply().size > 0 && reply.page.next !== null) this.#catchUp.askAcceptors(this.#appliedThrough);
  }
}
