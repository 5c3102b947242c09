import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import type { Slot } from "../log/messages.js";
import type { Log } from "./log.js";
import type { Learn, Learned } from "./messages.js";
import type { ProposerLimits, ProposerSettings } from "./options.js";

/** What a leader knows of one learner. */
interface Hearer {
  /** The slot that it needs next. */
  next: Slot;
  appliedThrough: Slot | 0;
  snapshotThrough: Slot | 0;
  /** When it last answered, in the leader's ticks. */
  heardTick: number;
  /** The message that it has not answered, and when it left; null if there is none. */
  asked: { readonly number: number; readonly tick: number } | null;
  /** When it last told, or was last asked, what its snapshot holds. */
  snapshotTick: number;
  /** It was told what it needs, and is no further: it is asked again with the next tick, not at once. */
  isStalled: boolean;
  /** The last slot whose value it was told with the last message; null if that was only a question. */
  toldThrough: Slot | null;
}

/** A message that nobody has got yet. */
type Draft = { -readonly [Member in keyof Learn]: Learn[Member] };

/** How many ticks a learner may be silent before the log is no longer kept for it. */
const LIVE_TICKS = 10;
/** A learner that always has news to apply is asked so often, in ticks, what its last snapshot holds. */
const SNAPSHOT_TICKS = 10;
/** After so many ticks a message to a learner is taken for lost. */
const ANSWER_TICKS = 3;
/** How many learners must hold a slot in a durable snapshot before acceptors may forget it; all, if there are fewer. */
const SNAPSHOTS_NEEDED = 2;

/** The learners as a leader sees them: who is how far, and who must be told what. */
export class Audience {
  readonly #hearers: ReadonlyMap<NodeId, Hearer>;
  readonly #limits: ProposerLimits;
  readonly #reporter: NodeId | undefined;
  readonly #besideAcceptors: readonly NodeId[];
  /** Numbers the messages to learners: those that are alike have one number, and are one message. */
  #count = 0;
  /** The last message with values, for the next learner that needs the same. */
  #last: Learn | null = null;
  readonly #leader: NodeId;
  readonly #id: ProposalId;
  readonly #send: (to: NodeId, message: Learn) => void;

  constructor(
    { learners, limits, name, reporter, besideAcceptors = [] }: ProposerSettings,
    id: ProposalId,
    base: Slot,
    send: (to: NodeId, message: Learn) => void,
  ) {
    const fresh = (): Hearer => ({
      next: base,
      appliedThrough: 0,
      snapshotThrough: 0,
      heardTick: 0,
      asked: null,
      snapshotTick: 0,
      isStalled: false,
      toldThrough: null,
    });
    this.#hearers = new Map(learners.map((name) => [name, fresh()]));
    this.#limits = limits;
    this.#reporter = reporter;
    this.#besideAcceptors = besideAcceptors;
    this.#leader = name;
    this.#id = id;
    this.#send = send;
  }

  get size(): number {
    return this.#hearers.size;
  }

  /**
   * Tells those who are to say what came of it what has been decided since: the reporter while that keeps up, else all.
   *
   * @returns whether others lack something, who are to be told soon
   */
  tell(log: Log, decidedThrough: Slot | 0, tick: number): boolean {
    if (this.#reporter === undefined || !this.#keepsUp(this.#reporter, log, tick)) {
      this.tellAll(log, decidedThrough, tick);
      return false;
    }
    let isAnyLeft = false;
    for (const [name, hearer] of this.#hearers) {
      if (!isToBeTold(hearer, log, decidedThrough)) continue;
      if (name === this.#reporter) this.#tell(name, hearer, log, decidedThrough, tick);
      else isAnyLeft = true;
    }
    return isAnyLeft;
  }

  /** Tells every learner that waits for nothing what has been decided since. */
  tellAll(log: Log, decidedThrough: Slot | 0, tick: number): void {
    for (const [name, hearer] of this.#hearers) {
      if (isToBeTold(hearer, log, decidedThrough)) this.#tell(name, hearer, log, decidedThrough, tick);
    }
  }

  /** A sign of life to every learner, with what it lacks; again to those who have not answered for a while. */
  remind(log: Log, decidedThrough: Slot | 0, tick: number): void {
    for (const [name, hearer] of this.#hearers) {
      if (tick - hearer.snapshotTick >= SNAPSHOT_TICKS) this.#askForSnapshot(name, hearer, decidedThrough, tick);
      if (hearer.asked !== null && tick - hearer.asked.tick < ANSWER_TICKS) continue;
      this.#tell(name, hearer, log, decidedThrough, tick);
    }
  }

  /** @returns whether this is one of our learners */
  heard(from: NodeId, { number, appliedThrough, snapshotThrough }: Learned, tick: number): boolean {
    const hearer = this.#hearers.get(from);
    if (hearer === undefined) return false;
    hearer.heardTick = tick;
    // A learner whose disk was wiped has lost what it had: the log must be kept for it again.
    if (snapshotThrough !== null) {
      hearer.snapshotThrough = snapshotThrough;
      hearer.snapshotTick = tick;
    }
    // A late answer is good to know; but were it followed by a message, too, each pause would leave one more on its way.
    if (hearer.asked?.number !== number) {
      hearer.appliedThrough = Math.max(hearer.appliedThrough, appliedThrough);
      return true;
    }
    hearer.asked = null;
    hearer.isStalled = hearer.toldThrough !== null && appliedThrough < hearer.next;
    // It may have found more elsewhere; but of that nobody else tells what came of it.
    const { toldThrough } = hearer;
    const isReporter = from === this.#reporter;
    hearer.appliedThrough = isReporter && toldThrough !== null ? Math.min(appliedThrough, toldThrough) : appliedThrough;
    hearer.next = hearer.appliedThrough + 1;
    return true;
  }

  /** Every learner that answers has applied everything up to here; null if none answers. */
  settledThrough(tick: number): Slot | 0 | null {
    const live = [...this.#hearers.values()].filter(({ heardTick }) => tick - heardTick <= LIVE_TICKS);
    return live.length === 0 ? null : Math.min(...live.map(({ appliedThrough }) => appliedThrough));
  }

  /**
   * What acceptors may forget: at least two learners (all, if there are fewer) hold it in durable snapshots. 0: nothing.
   * Where that is all there is of a slot, one disk may fail, and the slot is still known.
   */
  truncatableThrough(): Slot | 0 {
    const needed = Math.min(SNAPSHOTS_NEEDED, this.#hearers.size);
    if (needed === 0) return 0;
    const snapshots = [...this.#hearers.values()].map(({ snapshotThrough }) => snapshotThrough);
    return snapshots.sort((one, other) => other - one)[needed - 1] ?? 0;
  }

  /** Plain data, for a look from outside. */
  get state(): Readonly<Record<NodeId, { appliedThrough: Slot | 0; snapshotThrough: Slot | 0; heardTick: number }>> {
    const seen = [...this.#hearers].map(
      ([name, { appliedThrough, snapshotThrough, heardTick }]) =>
        [name, { appliedThrough, snapshotThrough, heardTick }] as const,
    );
    return Object.fromEntries(seen);
  }

  #tell(name: NodeId, hearer: Hearer, log: Log, decidedThrough: Slot | 0, tick: number): void {
    const { next } = hearer;
    // To one that is silent, a question is enough; and what is no longer kept here it must ask others for.
    const isLive = tick - hearer.heardTick <= LIVE_TICKS;
    const has = isLive && next >= log.first && next <= decidedThrough;
    const message = has ? this.#news(name, hearer, log, decidedThrough, tick) : this.#question(next, decidedThrough);
    hearer.asked = { number: message.number, tick };
    const { from, values, atAcceptor = 0 } = message;
    hearer.toldThrough = has ? from + Math.max(values.length, atAcceptor) - 1 : null;
    this.#send(name, message);
  }

  #question(from: Slot, decidedThrough: Slot | 0): Learn {
    return this.#message(from, [], decidedThrough);
  }

  /** Written out: what a spread makes is slow to make, and slow to read for all who get it (docs/performance.md). */
  #message(from: Slot, values: readonly string[], decidedThrough: Slot | 0): Draft {
    return { type: "learn", leader: this.#leader, id: this.#id, number: ++this.#count, from, values, decidedThrough };
  }

  /** What this learner needs next. Learners that need the same are sent the very same message. */
  #news(name: NodeId, hearer: Hearer, log: Log, decidedThrough: Slot | 0, tick: number): Learn {
    const { next } = hearer;
    const isReporter = name === this.#reporter;
    const isQuiet = !isReporter && this.#keepsUp(this.#reporter, log, tick);
    // What it did not find there the last time it is told in full.
    const isBeside = !isReporter && !hearer.isStalled && hearer.asked === null && this.#besideAcceptors.includes(name);
    const isLike = (last: Learn) =>
      last.from === next &&
      last.decidedThrough === decidedThrough &&
      (last.quiet ?? false) === isQuiet &&
      (last.atAcceptor !== undefined) === isBeside;
    if (this.#last !== null && isLike(this.#last)) return this.#last;
    const most = Math.min(this.#limits.batchEntries, decidedThrough - next + 1);
    const values = isBeside ? [] : log.slice(next, most, this.#limits.batchCharacters);
    invariant(next + values.length - 1 <= decidedThrough, "learners are told decisions only");
    const news = this.#message(next, values, decidedThrough);
    if (isQuiet) news.quiet = true;
    if (isBeside) news.atAcceptor = most;
    this.#last = news;
    return news;
  }

  /** Whether this learner answers, and has all that came before. */
  #keepsUp(learner: NodeId | undefined, log: Log, tick: number): boolean {
    const hearer = learner === undefined ? undefined : this.#hearers.get(learner);
    if (hearer === undefined || hearer.isStalled || hearer.next < log.first) return false;
    return tick - hearer.heardTick <= LIVE_TICKS;
  }

  /** Without values, since of its snapshot a learner tells only when that is on disk. Nobody waits for the answer. */
  #askForSnapshot(name: NodeId, hearer: Hearer, decidedThrough: Slot | 0, tick: number): void {
    hearer.snapshotTick = tick;
    this.#send(name, this.#question(hearer.next, decidedThrough));
  }
}

/** Whether there is news for it, and it has answered what it was told before. */
function isToBeTold({ asked, next, isStalled }: Hearer, log: Log, decidedThrough: Slot | 0): boolean {
  return asked === null && !isStalled && decidedThrough >= next && next >= log.first;
}
