/** A timer that is so late, in milliseconds, says that the whole process stood still. */
const STOOD_STILL_MS = 100;
/** How long it then listens before the timer goes off. */
const HEARING_MS = 20;

/** The named timers of one participant. They keep no process alive. */
export class Timers {
  readonly #onTimeout: (timer: string) => void;
  readonly #whilePaused: () => Promise<void> | null;
  readonly #running = new Map<string, NodeJS.Timeout>();
  /** Timers of no length: they go off once everything that has arrived by now is heard. */
  readonly #soon = new Map<string, NodeJS.Immediate>();

  /**
   * @param onTimeout hears of each timer that goes off
   * @param whilePaused null while the node does its work; else what resolves once it goes on: timers wait for that
   */
  constructor(onTimeout: (timer: string) => void, whilePaused: () => Promise<void> | null = () => null) {
    this.#onTimeout = onTimeout;
    this.#whilePaused = whilePaused;
  }

  /** Sets the timer of this name, in place of one that is running; null takes it back. */
  set(timer: string, afterMs: number | null): void {
    this.#take(timer);
    if (afterMs === null) return;
    if (afterMs === 0) {
      const immediate = setImmediate(() => this.#goOff(timer, this.#soon, immediate));
      this.#soon.set(timer, immediate);
    } else {
      const dueMs = performance.now() + afterMs;
      const timeout = setTimeout(() => this.#isDue(timer, timeout, dueMs), afterMs).unref();
      this.#running.set(timer, timeout);
    }
  }

  clear(): void {
    for (const timer of [...this.#running.keys(), ...this.#soon.keys()]) this.#take(timer);
  }

  #take(timer: string): void {
    const timeout = this.#running.get(timer);
    if (timeout !== undefined) {
      clearTimeout(timeout);
      this.#running.delete(timer);
    }
    const immediate = this.#soon.get(timer);
    if (immediate !== undefined) {
      clearImmediate(immediate);
      this.#soon.delete(timer);
    }
  }

  /**
   * Where the process stood still, what arrived meanwhile is heard first: a heartbeat that waits there takes a timer back
   * that would depose a leader who never was silent.
   */
  #isDue(timer: string, timeout: NodeJS.Timeout, dueMs: number): void {
    if (performance.now() - dueMs < STOOD_STILL_MS) this.#goOff(timer, this.#running, timeout);
    else setTimeout(() => this.#goOff(timer, this.#running, timeout), HEARING_MS).unref();
  }

  #goOff<T>(timer: string, kind: Map<string, T>, running: T): void {
    // Set anew, or taken back, while it waited for the node to go on.
    if (kind.get(timer) !== running) return;
    const paused = this.#whilePaused();
    if (paused) {
      paused.then(() => this.#goOff(timer, kind, running));
      return;
    }
    kind.delete(timer);
    this.#onTimeout(timer);
  }
}
