import type { BrokenSeed, CampaignSummary, PropertyText } from "@synod/simulator";
import type { Asked } from "./asked.js";
import type { Course } from "./campaign.js";
import type { CloseLook } from "./close-look.js";
import type { Inquiry } from "./experiment-runner.js";

/** All that a simulation found, ready to be told. */
export interface Findings extends Course {
  readonly wallMs: number;
  /** The lowest seed that broke something. */
  readonly broken: BrokenSeed | null;
  /** Null if nothing was broken, or the user did not wait for it. */
  readonly inquiry: Inquiry | null;
  /** The seed that broke something; else the only one, or the one whose trace was asked for. */
  readonly closeLook: CloseLook | null;
  /** Why a closer look failed, if it did. */
  readonly troubles: string | null;
}

/** A run of so many schedules must have seen everything that sometimes happens. */
const MANY_SCHEDULES = 1000;

/** What no schedule of a run without violations saw, though some ought to. */
export function neverSeen({ simulator, system }: Asked, { summary }: Findings): readonly PropertyText[] {
  return summary.brokenCount > 0 ? [] : simulator.neverHappened(system, summary);
}

/**
 * Whether what was never seen makes the run a failure. Faults that somebody chose may well keep things from happening, and
 * so may few schedules.
 */
export function provesNothing(asked: Asked, findings: Findings): boolean {
  const isLarge = findings.summary.schedules >= MANY_SCHEDULES && !findings.interrupted;
  return isLarge && asked.experiment.faults === null && neverSeen(asked, findings).length > 0;
}

/** In how many schedules liveness asked for something: those in which faults end, if it counts at all. */
export function livenessAsked({ system, experiment }: Asked, { schedules, neverCalm }: CampaignSummary): number {
  if (system.liveness === null) return 0;
  return (experiment.properties?.includes(system.liveness.name) ?? true) ? schedules - neverCalm : 0;
}

/** How many schedules were to be run. */
export function scheduleCount({ seeds: { first, last } }: Pick<Asked, "seeds">): number {
  return last - first + 1;
}
