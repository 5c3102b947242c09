import { heardByMany } from "./heard-by-many.js";

/**
 * An end that comes with the first of several signals, or by itself. (`AbortSignal.any` would be shorter; Node 20 collects a
 * signal of `AbortSignal.timeout` while nobody else holds it.)
 */
export class LinkedEnd {
  readonly #own = new AbortController();
  readonly #unlink: (() => void)[] = [];

  constructor(signals: readonly (AbortSignal | undefined)[]) {
    for (const signal of signals) {
      if (signal === undefined) continue;
      const end = () => this.#own.abort(signal.reason);
      if (signal.aborted) end();
      heardByMany(signal).addEventListener("abort", end, { once: true });
      this.#unlink.push(() => signal.removeEventListener("abort", end));
    }
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  get hasCome(): boolean {
    return this.#own.signal.aborted;
  }

  /** Brings it about. */
  come(): void {
    this.#own.abort();
  }

  /** Lets go of the signals. */
  unlink(): void {
    for (const unlink of this.#unlink) unlink();
  }
}
