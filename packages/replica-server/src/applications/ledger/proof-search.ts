import { NotServed, RequestRefused } from "@synod/acceptor-server";
import { type LedgerOperation, nonceFinder } from "@synod/state-machines";

/** Work that is done between two looks at what else there is to do, in milliseconds. */
const TURN_MS = 5;

/** Tries without a look at the time: less than a millisecond, however long the operation is, of which each hashes the end. */
const TRIES = 64;

export interface SoughtProof {
  readonly operation: LedgerOperation;
  /** As `isProof` takes it. */
  readonly difficulty: number;
  /** How long the search may take, in milliseconds. */
  readonly withinMs: number;
  /** Whether anybody waits for it still. */
  readonly isWanted: () => boolean;
}

interface Job extends SoughtProof {
  readonly end: number;
  readonly find: ReturnType<typeof nonceFinder>;
  from: number;
  readonly resolve: (nonce: number) => void;
  readonly reject: (error: Error) => void;
}

/** Does the work of all requests of a server, a little of each in turn, so that everything else goes on beside it. */
export class ProofSearch {
  #jobs: Job[] = [];
  #isScheduled = false;
  #isClosed = false;

  /**
   * The first nonce that proves the work for an operation.
   *
   * @throws {RequestRefused} `no-work` if none was found in time
   * @throws {NotServed} if the server stops
   */
  find(sought: SoughtProof): Promise<number> {
    if (this.#isClosed) return Promise.reject(stopping());
    const find = nonceFinder(sought.operation, sought.difficulty);
    return new Promise((resolve, reject) => {
      const end = performance.now() + sought.withinMs;
      this.#jobs.push({ ...sought, end, find, from: 0, resolve, reject });
      this.#schedule();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#jobs.splice(0)) reject(stopping());
  }

  #schedule(): void {
    if (this.#isScheduled || this.#jobs.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turn();
      this.#schedule();
    });
  }

  #turn(): void {
    const until = performance.now() + TURN_MS;
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      if (!this.#isOver(job)) this.#jobs.push(job);
      if (performance.now() >= until) return;
    }
  }

  /** Does a little of one job. @returns whether it needs no more */
  #isOver(job: Job): boolean {
    const { difficulty, withinMs, from, find, end, isWanted, resolve, reject } = job;
    if (performance.now() >= end || !isWanted()) {
      reject(noWork(difficulty, withinMs));
      return true;
    }
    const nonce = find(from, TRIES);
    job.from = from + TRIES;
    if (nonce !== null) resolve(nonce);
    return nonce !== null;
  }
}

function noWork(difficulty: number, withinMs: number): RequestRefused {
  return new RequestRefused(
    "no-work",
    `nothing was written: no proof of work of difficulty ${difficulty} was found within ${Math.round(withinMs)} ms. Give it ` +
      "more time (timeout_ms, at most 60000; --timeout of a command); each bit of difficulty takes twice as long",
  );
}

function stopping(): NotServed {
  return new NotServed("stopping", "the server is stopping; ask another one");
}
