/** Waits so many milliseconds, or until the signal, whichever comes first. Keeps no process alive by itself. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return untilEither((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    return () => clearTimeout(timer);
  }, signal);
}

/** Waits for what never fails, or until the signal, whichever comes first. */
export function orUntil(awaited: Promise<void>, signal: AbortSignal): Promise<void> {
  return untilEither((resolve) => {
    awaited.then(resolve);
    return () => {};
  }, signal);
}

function untilEither(begin: (resolve: () => void) => () => void, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      giveUp();
      resolve();
    };
    signal.addEventListener("abort", done);
    const giveUp = begin(done);
  });
}
