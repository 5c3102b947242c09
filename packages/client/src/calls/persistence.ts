import { setTimeout as delay } from "node:timers/promises";
import { backOffMs } from "./back-off.js";
import { timerMs } from "./deadlines.js";
import type { ServerRequest, Servers } from "./servers.js";
import { type Failure, StoreError } from "./store-errors.js";

/** Who waits for the answer, and how long. */
export interface Patience {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Asks one server after the other until one answers: for requests that may be sent any number of times.
 *
 * @param request for a server that is given so many milliseconds
 * @param isExpected whether a body has the form of the answer; else it is none
 * @throws {StoreError} if none answers in time, or one refuses for good, or the signal ends it
 */
export async function askUntilAnswered(
  servers: Servers,
  request: (withinMs: number) => ServerRequest,
  isExpected: (body: unknown) => boolean,
  { deadline, timeoutMs, signal }: Patience,
): Promise<unknown> {
  let last: Failure | null = null;
  for (let failures = 1; ; failures++) {
    const leftMs = deadline - performance.now();
    if (signal.aborted || leftMs <= 0) throw ended(signal, timeoutMs, last);
    const withinMs = servers.attemptMs(leftMs, failures - 1);
    const answer = await orNull(servers.ask(request(withinMs), withinMs), leftMs, signal);
    if (answer === null) throw ended(signal, timeoutMs, last);
    if (answer.failure === null && isExpected(answer.body)) return answer.body;
    const failure = answer.failure ?? servers.misunderstood(answer.server);
    if (!failure.mayPass) throw new StoreError(failure.code, failure.message, true);
    // Of those that are not there, it is told only if none said anything.
    if (last === null || failure.code !== "unreachable") last = failure;
    const waitMs = Math.min(backOffMs(failures, servers.all.length), Math.max(0, deadline - performance.now()));
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
  }
}

/** What the promise gives; null if the time is up or the signal comes first. */
function orNull<T>(promise: Promise<T>, withinMs: number, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(null);
    const timer = setTimeout(stop, timerMs(withinMs));
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  });
}

function ended({ aborted, reason }: AbortSignal, timeoutMs: number, last: Failure | null): StoreError {
  if (reason instanceof StoreError) return reason;
  if (aborted) return new StoreError("aborted", "the call was given up", true, { cause: reason });
  const why = last === null ? "" : `; the last answer was: ${last.message}`;
  return new StoreError(last?.code ?? "timeout", `no answer within ${timeoutMs} ms${why}`, true);
}
