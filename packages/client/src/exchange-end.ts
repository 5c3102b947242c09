import type { TransportRequest } from "./transport.js";

/**
 * A signal for what ends an exchange: its caller, or its time. (`AbortSignal.any` over `AbortSignal.timeout` would be
 * shorter; Node 20 collects the time-out while nobody else holds it.)
 */
export function endOfExchange({ signal, timeoutMs }: Pick<TransportRequest, "signal" | "timeoutMs">): AbortSignal {
  const end = new AbortController();
  if (signal?.aborted) end.abort(signal.reason);
  signal?.addEventListener("abort", () => end.abort(signal.reason), { once: true, signal: end.signal });
  if (timeoutMs !== undefined) setTimeout(() => end.abort(timeIsUp(timeoutMs)), timeoutMs).unref();
  return end.signal;
}

export function timeIsUp(ms: number): DOMException {
  return new DOMException(`no answer within ${ms} ms`, "TimeoutError");
}
