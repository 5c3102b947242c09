/**
 * Aborts as soon as one of these signals does, or when so many milliseconds have passed. Not `AbortSignal.any` over
 * `AbortSignal.timeout`: of those, Node 20 may collect the timeout as garbage, and then it never fires.
 */
export function endOf(signals: readonly AbortSignal[], spanMs?: number): AbortSignal {
  const end = new AbortController();
  const timer = spanMs === undefined ? undefined : setTimeout(() => end.abort(), spanMs);
  end.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  for (const signal of signals) {
    if (signal.aborted) end.abort(signal.reason);
    else signal.addEventListener("abort", () => end.abort(signal.reason), { once: true, signal: end.signal });
  }
  return end.signal;
}

/** Does something with a signal that ends it in time, and lets go of the timer as soon as it is done. */
export async function inTime<T>(
  signals: readonly AbortSignal[],
  spanMs: number,
  act: (end: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  try {
    return await act(endOf([...signals, done.signal], spanMs));
  } finally {
    done.abort();
  }
}
