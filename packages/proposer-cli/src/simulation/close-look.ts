import type { WorldEvent } from "@synod/simulator";
import type { Asked } from "./asked.js";
import { runOptionsOf } from "./experiment.js";

/** One seed, run once more to see everything of it. */
export interface CloseLook {
  readonly seed: number;
  /** Its faults, in their language. */
  readonly faults: readonly string[];
  /** Two runs with the same one are the same run. */
  readonly digest: string;
  /** Every event, as JSON lines; null unless it was asked for. */
  readonly trace: string | null;
}

/** Runs a seed again. @param wantsTrace whether to keep every event */
export function lookCloselyAt({ simulator, system, experiment }: Asked, seed: number, wantsTrace: boolean): CloseLook {
  const { TraceDigest, traceLine, runSeed, faultInWords } = simulator;
  const digest = new TraceDigest();
  const lines: string[] = [];
  const observe = (event: WorldEvent, nowUs: number) => {
    digest.add(event, nowUs);
    if (wantsTrace) lines.push(`${traceLine(event, nowUs)}\n`);
  };
  const { faults } = runSeed(system, seed, { ...runOptionsOf(experiment), observe });
  return {
    seed,
    faults: faults.map(faultInWords),
    digest: digest.text,
    trace: wantsTrace ? lines.join("") : null,
  };
}
