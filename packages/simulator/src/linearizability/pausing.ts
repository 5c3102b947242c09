/**
 * A computation that pauses now and then, tells how far it is, and hears whether to go on. So the caller has the clock,
 * and its other work is not kept waiting. Told to stop, it ends soon, with what it knows by then.
 */
export type Pausing<Result, Progress = number> = Generator<Progress, Result, "go on" | "stop">;

/** Runs a computation to its end without a break. @param mayGoOn asked at every pause */
export function runToEnd<Result, Progress>(
  computation: Pausing<Result, Progress>,
  mayGoOn: (progress: Progress) => boolean = () => true,
): Result {
  let next = computation.next("go on");
  while (!next.done) next = computation.next(mayGoOn(next.value) ? "go on" : "stop");
  return next.value;
}
