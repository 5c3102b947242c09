/** What a client does when it ends. */
export interface Ending {
  /** Takes no more calls, waits for those under way, each within its own time, and lets go of the connections. */
  finish(): Promise<void>;
  /** Ends every call that there is, at once. */
  endAll(reason: unknown): void;
}

/** How a client ends, which it does once: because it is closed, or at once, because the signal that it was given says so. */
export class ClientEnd {
  readonly #ending: Ending;
  #finishing: Promise<void> | null = null;
  /** Takes the listener off the signal. */
  #forgetSignal: (() => void) | null = null;

  constructor(ending: Ending, signal: AbortSignal | undefined) {
    this.#ending = ending;
    if (signal === undefined) return;
    const end = () => {
      ending.endAll(signal.reason);
      void this.come();
    };
    signal.addEventListener("abort", end, { once: true });
    this.#forgetSignal = () => signal.removeEventListener("abort", end);
    if (signal.aborted) end();
  }

  /** Brings it about. Resolves when nothing is left. */
  come(): Promise<void> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish(): Promise<void> {
    try {
      await this.#ending.finish();
    } finally {
      this.#forgetSignal?.();
    }
  }
}
