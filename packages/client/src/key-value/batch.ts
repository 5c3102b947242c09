import type { ServerRequest } from "../calls/servers.js";
import { isProblem } from "../reply-form.js";
import type { Call, Lane, OperationResult } from "./call.js";

/** Calls that were sent together, and are sent again together until each of them is settled. */
export class Batch {
  readonly lane: Lane;
  /** Those that are not settled, in their order. */
  calls: readonly Call[];
  /** Failures in a row. */
  failures = 0;
  /** So many calls travel in one request at most. */
  #most = Number.POSITIVE_INFINITY;

  constructor(lane: Lane, calls: readonly Call[]) {
    this.lane = lane;
    this.calls = calls;
  }

  /**
   * The calls of the next request: from the first on, as long as the numbers of writes follow each other, since a request
   * names only the first of them.
   */
  chunk(): readonly Call[] {
    const { calls, lane } = this;
    const first = calls[0]?.sequence ?? 0;
    const most = Math.min(calls.length, this.#most);
    let end = 1;
    while (end < most && (lane !== "write" || calls[end]?.sequence === first + end)) end++;
    return end === calls.length ? calls : calls.slice(0, end);
  }

  /** A request came back without an answer: the next one is smaller, since it may have been its size that was too much. */
  shrink(): void {
    this.#most = Math.ceil(Math.min(this.#most, this.calls.length) / 2);
  }
}

/** The request that carries these calls. @param token what a session read must have seen */
export function batchRequest(lane: Lane, calls: readonly Call[], withinMs: number, token: number): ServerRequest {
  const operations = calls.map(({ operation }) => operation);
  const [first] = calls;
  const how =
    lane === "write"
      ? { session: first?.session?.position(first.sequence) }
      : { consistency: lane, ...(lane === "session" ? { token } : {}) };
  const body = JSON.stringify({ operations, ordered: false, ...how, timeout_ms: withinMs });
  return { method: "POST", path: "/kv/batch", body };
}

/** The results in an answer, one a call; null if it is no answer to these. */
export function resultsIn(body: unknown, count: number): readonly OperationResult[] | null {
  const { results } = body as { readonly results?: unknown };
  if (!Array.isArray(results) || results.length !== count) return null;
  return results.every(isResult) ? results : null;
}

function isResult(result: unknown): boolean {
  if (typeof result !== "object" || result === null) return false;
  const { slot, error } = result as { readonly slot?: unknown; readonly error?: unknown };
  return error === undefined ? typeof slot === "number" : isProblem(error);
}
