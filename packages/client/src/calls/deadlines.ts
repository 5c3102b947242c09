/** The longest that Node's timers count: what is longer would go off at once. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** What to set a timer to that is to go off in so many milliseconds: timers count whole ones, and must not be early. */
export function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms) + 1, MOST_TIMER_MS);
}

/** Of a call, when its time is up: on the clock of `performance.now()`. */
interface Timed {
  readonly deadline: number;
}

/**
 * Ends each call when its time is up, with one timer for all: mostly a call is answered long before, so that the timer
 * goes off about once in the usual time-out, looks at those that are still open, and waits for the first of them.
 */
export class Deadlines<Call extends Timed> {
  readonly #open = new Set<Call>();
  readonly #onTimeUp: (call: Call) => void;
  #timer: NodeJS.Timeout | null = null;
  #goesOffAt = Number.POSITIVE_INFINITY;

  constructor(onTimeUp: (call: Call) => void) {
    this.#onTimeUp = onTimeUp;
  }

  /** Calls that are not settled. */
  get open(): ReadonlySet<Call> {
    return this.#open;
  }

  add(call: Call): void {
    this.#open.add(call);
    if (call.deadline < this.#goesOffAt) this.#goOffAt(call.deadline);
  }

  remove(call: Call): void {
    this.#open.delete(call);
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#goesOffAt = Number.POSITIVE_INFINITY;
  }

  #goOffAt(time: number): void {
    this.clear();
    this.#goesOffAt = time;
    this.#timer = setTimeout(() => this.#look(), timerMs(time - performance.now()));
    // Nobody has to wait for this: what is open has a request under way, or a timer of its own.
    this.#timer.unref();
  }

  #look(): void {
    this.clear();
    const now = performance.now();
    let first = Number.POSITIVE_INFINITY;
    for (const call of this.#open) {
      if (call.deadline <= now) this.#onTimeUp(call);
      else if (call.deadline < first) first = call.deadline;
    }
    if (first !== Number.POSITIVE_INFINITY) this.#goOffAt(Math.min(first, this.#goesOffAt));
  }
}
