/** What tells a process from outside to end, beside Ctrl-C. SIGHUP: its terminal is gone. */
const SIGNALS = ["SIGTERM", "SIGHUP"] as const;

/** Hears every way in which a program that has to clean up can be told to end. */
export class EndingSignals {
  readonly #end = new AbortController();
  #heard: (typeof SIGNALS)[number] | null = null;
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.#heard = signal as (typeof SIGNALS)[number];
    this.#end.abort();
  };

  /** @param interrupted aborted by Ctrl-C */
  constructor(interrupted: AbortSignal) {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    if (interrupted.aborted) this.#end.abort();
    else interrupted.addEventListener("abort", () => this.#end.abort(), { once: true });
  }

  /** Aborted when this program is to end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** The signal that it was; null for Ctrl-C, or none so far. */
  get heard(): (typeof SIGNALS)[number] | null {
    return this.#heard;
  }

  /** Lets signals end the process as they usually do. */
  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
