import type { Microseconds } from "../faults/fault.js";
import { type RunOptions, type RunResult, type RunViolation, runSeed } from "../simulation/run-seed.js";
import type { Kinds, PropertyText, System } from "../world/system.js";

/** A seed that broke a property. */
export interface BrokenSeed extends RunViolation {
  readonly seed: number;
}

/** What many schedules came to. Plain data: it travels between threads, and two of them add up to one. */
export interface CampaignSummary {
  readonly schedules: number;
  /** How often each thing happened in all of them together. */
  readonly counts: Readonly<Record<string, number>>;
  /** The longest time that something took, and in which seed. */
  readonly longest: Readonly<Record<string, { readonly us: Microseconds; readonly seed: number }>>;
  /** Virtual time in all of them together. */
  readonly virtualUs: Microseconds;
  /** The seeds that broke something, in their order; at most a hundred are kept. */
  readonly broken: readonly BrokenSeed[];
  readonly brokenCount: number;
  /** How many seeds broke each property. */
  readonly brokenBy: Readonly<Record<string, number>>;
  /** Schedules with a fault that never ends: liveness asks nothing of them. */
  readonly neverCalm: number;
}

export const NOTHING_RUN: CampaignSummary = {
  schedules: 0,
  counts: {},
  longest: {},
  virtualUs: 0,
  broken: [],
  brokenCount: 0,
  brokenBy: {},
  neverCalm: 0,
};

const MOST_BROKEN_KEPT = 100;

/**
 * Runs these seeds one after the other.
 *
 * @param keepsGoing goes on after a seed that breaks a property
 */
export function runSeeds<K extends Kinds>(
  system: System<K>,
  first: number,
  last: number,
  options: RunOptions<K>,
  keepsGoing: boolean,
): CampaignSummary {
  let summary = NOTHING_RUN;
  for (let seed = first; seed <= last; seed++) {
    const result = runSeed(system, seed, options);
    summary = together(summary, summaryOf(result));
    if (result.violation && !keepsGoing) break;
  }
  return summary;
}

function summaryOf({ seed, counts, longestUs, endUs, violation, becameCalm }: RunResult): CampaignSummary {
  const longest = Object.entries(longestUs).map(([name, us]) => [name, { us, seed }] as const);
  return {
    schedules: 1,
    counts,
    longest: Object.fromEntries(longest),
    virtualUs: endUs,
    broken: violation ? [{ ...violation, seed }] : [],
    brokenCount: violation ? 1 : 0,
    brokenBy: violation ? { [violation.property]: 1 } : {},
    neverCalm: becameCalm ? 0 : 1,
  };
}

/** Both, as one. Of equally long times the earlier one is named. */
export function together(one: CampaignSummary, other: CampaignSummary): CampaignSummary {
  const longest = { ...one.longest };
  for (const [name, found] of Object.entries(other.longest)) {
    if (found.us > (longest[name]?.us ?? -1)) longest[name] = found;
  }
  return {
    schedules: one.schedules + other.schedules,
    counts: sumsOf(one.counts, other.counts),
    longest,
    virtualUs: one.virtualUs + other.virtualUs,
    broken: [...one.broken, ...other.broken].slice(0, MOST_BROKEN_KEPT),
    brokenCount: one.brokenCount + other.brokenCount,
    brokenBy: sumsOf(one.brokenBy, other.brokenBy),
    neverCalm: one.neverCalm + other.neverCalm,
  };
}

function sumsOf(one: CampaignSummary["counts"], other: CampaignSummary["counts"]): Record<string, number> {
  const sums: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** The `sometimes` properties of which no schedule saw anything: then the `always` ones have been tested on nothing. */
export function neverHappened(system: System, { counts }: CampaignSummary): readonly PropertyText[] {
  return system.sometimes.filter(({ name }) => !counts[name]);
}
