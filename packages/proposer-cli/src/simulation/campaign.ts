import type { CampaignSummary } from "@synod/simulator";
import type { Experiment, SeedRange, Simulator } from "./experiment.js";
import { type Hand, HiredHand, OwnHand } from "./hands.js";
import { Laboratory } from "./laboratory.js";
import { Ledger } from "./ledger.js";

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
const WORTH_HIRING_MS = 200;
const WORTH_ONE_MORE_MS = 100;

/**
 * Runs all seeds, on as many threads as are worth it. The outcome does not depend on how many there are: a violation that
 * is reported is that of the lowest seed.
 */
export async function runCampaign(
  simulator: Simulator,
  experiment: Experiment,
  seeds: SeedRange,
  { workers, interrupted, onProgress }: Manner,
): Promise<Course> {
  const ledger = new Ledger(simulator, seeds, experiment, workers);
  onProgress(() => ledger.soFar);
  const begin = performance.now();
  const isWorthHiring = () => performance.now() - begin > ALONE_MS && ledger.msLeft > WORTH_HIRING_MS;
  const isOver = () => interrupted.aborted;
  await work(new OwnHand(new Laboratory(simulator, experiment)), ledger, () => isOver() || isWorthHiring());
  if (ledger.msLeft > 0 && !isOver()) {
    const hands = Math.min(workers, Math.ceil(ledger.msLeft / WORTH_ONE_MORE_MS));
    await withHands(hands, experiment, interrupted, (hand) => work(hand, ledger, isOver));
  }
  return { summary: ledger.soFar, interrupted: !ledger.isComplete };
}

async function work(hand: Hand, ledger: Ledger, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const chunk = ledger.take();
    if (!chunk) return;
    const begin = performance.now();
    ledger.put(chunk, await hand.runSeeds(chunk), performance.now() - begin);
  }
}

/** Lets so many threads do the same, until all are done or the user interrupts; then there are none left. */
export async function withHands(
  count: number,
  experiment: Experiment,
  interrupted: AbortSignal,
  does: (hand: HiredHand) => Promise<void>,
): Promise<void> {
  const hands = Array.from({ length: count }, () => new HiredHand(experiment));
  try {
    await Promise.race([Promise.all(hands.map(does)), abortOf(interrupted)]);
  } finally {
    await Promise.all(hands.map((hand) => hand.end()));
  }
}

async function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
