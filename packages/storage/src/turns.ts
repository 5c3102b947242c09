import type { JournalError } from "./journal.js";

/**
 * The rules of use every journal shares: one operation at a time, none after a failure, none after closing.
 */
export class Turns {
  private underWay: Promise<void> | null = null;
  private failure: JournalError | null = null;
  private closing: Promise<void> | null = null;

  /** `failed` puts what an operation failed with into words. */
  constructor(private readonly failed: (cause: unknown) => JournalError) {}

  /**
   * Runs one operation; it begins before this returns.
   *
   * @throws {Error} (a rejection) if the journal is closed or busy: a host's bug, which does no harm to the journal.
   * @throws {JournalError} `journal-failed` if this operation fails or an earlier one did.
   */
  async take(operation: () => Promise<void>): Promise<void> {
    if (this.closing !== null) throw new Error("the journal is closed");
    if (this.failure !== null) throw this.failed(this.failure.cause);
    if (this.underWay !== null) throw new Error("the journal is busy: one append or checkpoint at a time");
    let done = () => {};
    this.underWay = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await operation();
    } catch (cause) {
      this.failure = this.failed(cause);
      throw this.failure;
    } finally {
      this.underWay = null;
      done();
    }
  }

  /** Takes no more, waits for what is under way, and lets go: once, however often it is called. */
  close(letGo: () => void): Promise<void> {
    this.closing ??= (async () => {
      await this.underWay;
      letGo();
    })();
    return this.closing;
  }
}
