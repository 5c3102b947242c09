/** The named timers of one participant. They keep no process alive. */
export class Timers {
  readonly #onTimeout: (timer: string) => void;
  readonly #whilePaused: () => Promise<void> | null;
  readonly #running = new Map<string, NodeJS.Timeout>();

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
    clearTimeout(this.#running.get(timer));
    this.#running.delete(timer);
    if (afterMs === null) return;
    const timeout = setTimeout(() => this.#goOff(timer, timeout), afterMs).unref();
    this.#running.set(timer, timeout);
  }

  clear(): void {
    for (const timeout of this.#running.values()) clearTimeout(timeout);
    this.#running.clear();
  }

  #goOff(timer: string, timeout: NodeJS.Timeout): void {
    // Set anew, or taken back, while it waited for the node to go on.
    if (this.#running.get(timer) !== timeout) return;
    const paused = this.#whilePaused();
    if (paused) {
      paused.then(() => this.#goOff(timer, timeout));
      return;
    }
    this.#running.delete(timer);
    this.#onTimeout(timer);
  }
}
