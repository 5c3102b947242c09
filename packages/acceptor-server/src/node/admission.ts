import { NotServed, stopping } from "./refusals.js";

export interface AdmissionLimits {
  /** Requests under way, between these bounds: so many are always let in, ... */
  readonly least: number;
  /** ... and never more than so many. */
  readonly most: number;
  /** How long a request that was let in should take, in milliseconds: fewer are let in where it takes longer. */
  readonly targetMs: number;
  /** How long a request waits to be let in before it is refused, in milliseconds. */
  readonly patienceMs: number;
  /** Requests that wait to be let in; more are refused at once. */
  readonly line: number;
  /** Requests that are refused in a second because their patience ended; the others wait a little longer. */
  readonly refusalsPerSecond: number;
}

const LIMITS: AdmissionLimits = {
  least: 256,
  most: 8192,
  targetMs: 500,
  patienceMs: 1000,
  line: 10_000,
  refusalsPerSecond: 2000,
};

/** How many are let in before anything is known of how long they take. */
const AT_FIRST = 512;
/** What is learned of answers comes from so many of them at least, and so many milliseconds. */
const LEARN_FROM = 16;
const LEARN_MS = 100;
/** At most so much more, and less, at a time. */
const GROWTH = 1.25;
const SHRINKAGE = 0.5;
/** How often the line is looked at though nobody has left, in milliseconds. */
const LOOK_MS = 20;

// Made once: refusing must cost little.
const NO_END = overloaded("and so many wait that this one would wait too long");
const TOO_LATE = overloaded("and none of them ended in time for this one");

function overloaded(why: string): NotServed {
  return new NotServed(
    "overloaded",
    `as many requests are under way as can be answered, ${why}; try again in a second`,
  );
}

/** Who waits to be let in. */
export interface InLine {
  /** To be called once: null lets it in, and anything else is why not. */
  readonly go: (refusal: NotServed | null) => void;
  /** Whether whoever asked has gone: then nothing is called. */
  readonly hasGone: () => boolean;
}

/**
 * Keeps a server at its best when more is asked than it can do. Beyond a number of requests under way, those that come
 * wait in a line; who waits too long is refused.
 *
 * - The number follows from how long the answers take: by Little's law, `targetMs` of work is as many requests as are
 *   answered in that time. So a slow machine does not take in what it could not answer before its senders give up.
 * - Refusing is slowed down: a sender that comes again at once would otherwise have the server do nothing but refuse.
 * - Requests that wait for something else than this machine, such as a leader, take a place, but teach nothing.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #line: (InLine & { readonly since: number })[] = [];
  /** The line begins here; what is before it was dealt with. */
  #head = 0;
  #allowed: number;
  #underWay = 0;
  #learned = { count: 0, ms: 0, since: 0 };
  #isLooking = false;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(limits: Partial<AdmissionLimits> = {}, now: () => number = () => performance.now()) {
    this.#limits = { ...LIMITS, ...limits };
    const { least, most } = this.#limits;
    this.#allowed = Math.min(most, Math.max(least, AT_FIRST));
    this.#now = now;
  }

  /** Requests that were let in and are not answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** How many may be under way at the moment. */
  get allowed(): number {
    return this.#allowed;
  }

  /** Requests that wait to be let in. */
  get inLine(): number {
    return this.#line.length - this.#head;
  }

  /** Lets a request in, if there is room. Each that is let in must leave. */
  entersAtOnce(): boolean {
    if (this.#underWay >= this.#allowed || this.#head < this.#line.length) return false;
    this.#underWay++;
    return true;
  }

  /** Why a request that comes now is refused at once, before it is even read; null if it is not. */
  get refusal(): NotServed | null {
    if (this.#stopping) return stopping();
    return this.inLine < this.#limits.line ? null : NO_END;
  }

  /** Lets a request wait until it is let in, or refused. */
  lineUp(one: InLine): void {
    const { refusal } = this;
    if (refusal) {
      one.go(refusal);
      return;
    }
    this.#line.push({ ...one, since: this.#now() });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /**
   * A request that was let in is answered.
   *
   * @param ms how long that took; null where it says nothing about this server, as of a request that was refused
   */
  leave(ms: number | null): void {
    this.#underWay--;
    if (ms !== null) this.#learn(ms);
    if (this.#head < this.#line.length) this.#letInSoon();
  }

  /** Refuses those that wait, and all that come. */
  close(): void {
    this.#stopping = true;
    for (const one of this.#line.splice(0).slice(this.#head)) one.go(stopping());
    this.#head = 0;
  }

  #learn(ms: number): void {
    const learned = this.#learned;
    learned.count++;
    learned.ms += ms;
    if (learned.count < LEARN_FROM) return;
    const now = this.#now();
    if (now - learned.since < LEARN_MS) return;
    const { least, most, targetMs } = this.#limits;
    const factor = (targetMs * learned.count) / learned.ms;
    // Only a line shows that more could be let in.
    const isWanted = factor < 1 || this.#head < this.#line.length;
    const allowed = isWanted ? this.#allowed * Math.min(GROWTH, Math.max(SHRINKAGE, factor)) : this.#allowed;
    this.#allowed = Math.min(most, Math.max(least, Math.round(allowed)));
    this.#learned = { count: 0, ms: 0, since: now };
  }

  /** Not from inside the answer that made room: those that leave together make room for as many. */
  #letInSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      this.#letIn();
    });
  }

  #look(): void {
    this.#letIn();
    this.#refuseImpatient();
    if (this.#first() || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #letIn(): void {
    while (this.#underWay < this.#allowed) {
      const one = this.#first();
      if (!one) return;
      this.#head++;
      this.#underWay++;
      one.go(null);
    }
    this.#tidy();
  }

  #refuseImpatient(): void {
    const { patienceMs, refusalsPerSecond } = this.#limits;
    const latest = this.#now() - patienceMs;
    for (let left = Math.ceil((refusalsPerSecond * LOOK_MS) / 1000); left > 0; left--) {
      const one = this.#first();
      if (!one || one.since > latest) break;
      this.#head++;
      one.go(TOO_LATE);
    }
    this.#tidy();
  }

  /** The first of the line who is still there. */
  #first() {
    while (this.#line[this.#head]?.hasGone()) this.#head++;
    return this.#line[this.#head];
  }

  /** Forgets those that were dealt with, once they are many. */
  #tidy(): void {
    if (this.#head < 1000 && this.#head < this.#line.length) return;
    this.#line.splice(0, this.#head);
    this.#head = 0;
  }
}
