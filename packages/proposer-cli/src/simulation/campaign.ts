import type { CampaignSummary, Protocol } from "@synod/simulator";
import { type Experiment, isPath, type SeedRange, type Simulator } from "./experiment.js";
import { ExperimentRunner } from "./experiment-runner.js";
import { SeedChunks } from "./seed-chunks.js";
import { type SeedRunner, ThisThread, WorkerThread } from "./threads.js";

/** What a campaign came to. */
export interface Course {
  readonly summary: CampaignSummary;
  /** Whether the user ended it before its time. */
  readonly interrupted: boolean;
}

/** How a campaign is run; none of it changes what comes of it. */
export interface Manner {
  /** How many threads at most. */
  readonly workers: number;
  readonly interrupted: AbortSignal;
  /** Is told what there is so far, now and then. */
  readonly onProgress: (soFar: () => CampaignSummary) => void;
}

/** How long this thread works alone: many runs are done by then, and after it one knows how much is left. */
const ALONE_MS = 100;
/** So much work is worth the start of other threads, and so much of it that of one more. */
const WORTH_THREADS_MS = 200;
const WORTH_ONE_MORE_MS = 100;

/**
 * Runs all seeds, on as many threads as are worth it. The outcome does not depend on how many there are: a violation that
 * is reported is that of the lowest seed.
 */
export async function runCampaign(
  simulator: Simulator,
  protocol: Protocol,
  experiment: Experiment,
  seeds: SeedRange,
  { workers, interrupted, onProgress }: Manner,
): Promise<Course> {
  const chunks = new SeedChunks(simulator, seeds, experiment, workers);
  onProgress(() => chunks.soFar);
  const isOver = () => interrupted.aborted;
  const onThreads = (count: number) =>
    withThreads(count, experiment, interrupted, (thread) => work(thread, chunks, isOver));
  if (isPath(experiment.protocol)) {
    // What a file does is not known: a thread of its own can be ended, whatever it does.
    await onThreads(Math.min(workers, seeds.last - seeds.first + 1));
  } else {
    const begin = performance.now();
    const isWorthThreads = () => performance.now() - begin > ALONE_MS && chunks.msLeft > WORTH_THREADS_MS;
    const runner = new ExperimentRunner(simulator, protocol, experiment);
    await work(new ThisThread(runner), chunks, () => isOver() || isWorthThreads());
    if (chunks.msLeft > 0 && !isOver())
      await onThreads(Math.min(workers, Math.ceil(chunks.msLeft / WORTH_ONE_MORE_MS)));
  }
  return { summary: chunks.soFar, interrupted: !chunks.isComplete };
}

async function work(thread: SeedRunner, chunks: SeedChunks, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const chunk = chunks.take();
    if (!chunk) return;
    const begin = performance.now();
    chunks.put(chunk, await thread.runSeeds(chunk), performance.now() - begin);
  }
}

/** Lets so many threads do the same, until all are done or the user interrupts; then there are none left. */
export async function withThreads(
  count: number,
  experiment: Experiment,
  interrupted: AbortSignal,
  does: (thread: WorkerThread) => Promise<void>,
): Promise<void> {
  const threads = Array.from({ length: count }, () => new WorkerThread(experiment));
  try {
    await Promise.race([Promise.all(threads.map(does)), abortOf(interrupted)]);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

async function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
