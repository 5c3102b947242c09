import type { Problem } from "@synod/api";

/**
 * Why there is no answer. After any of these but `refused` the request may have had its effect all the same.
 *
 * `refused`: nobody listens there. `timeout`: no answer within the time given. `broken`: the connection broke.
 * `wrong-server`: another server answered than the one expected. `no-acceptor`: something else than an acceptor did.
 * `cancelled`: the caller stopped waiting.
 */
export type NoAnswerReason = "refused" | "timeout" | "broken" | "wrong-server" | "no-acceptor" | "cancelled";

/** There is no answer to a call. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  constructor(
    readonly reason: NoAnswerReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Puts a failed exchange into words. @param timedOutAfterMs the time-out, if it was that */
  static because(cause: unknown, address: string, timedOutAfterMs: number | null): NoAnswer {
    const code = codeOf(cause);
    if (timedOutAfterMs !== null) {
      return new NoAnswer("timeout", `no answer from ${address} within ${timedOutAfterMs} ms`, { cause });
    }
    if (code === "ECONNREFUSED") return new NoAnswer("refused", `nobody listens at ${address}`, { cause });
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
      return new NoAnswer("refused", `the host of ${address} is unknown`, { cause });
    }
    if (cause instanceof Error && cause.name === "AbortError") {
      return new NoAnswer("cancelled", `the call to ${address} was given up`, { cause });
    }
    const detail = cause instanceof Error ? cause.message : String(cause);
    return new NoAnswer("broken", `the connection to ${address} broke: ${detail}`, { cause });
  }
}

/** The server answered with an error (RFC 9457). */
export class ProblemAnswer extends Error {
  override readonly name = "ProblemAnswer";
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Node's error code; of several addresses that were tried, the first one's. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : codeOf(error.cause);
}
