import type { Fault } from "../faults/fault.js";
import { type RunOptions, runSeed } from "../simulation/run-seed.js";
import type { Kinds, System } from "../world/system.js";

/**
 * The fewest of these faults with which the seed still breaks the property: leaves out one after the other, as often as
 * one can go. What each link and node draws from the seed does not depend on the faults of others, so that most runs stay
 * what they were.
 */
export function shrinkFaults<K extends Kinds>(
  system: System<K>,
  seed: number,
  faults: readonly Fault[],
  property: string,
  options: RunOptions<K> = {},
): readonly Fault[] {
  const stillBreaks = (some: readonly Fault[]) =>
    runSeed(system, seed, { ...options, faults: some }).violation?.property === property;
  let needed = faults;
  for (let before: readonly Fault[] | null = null; before !== needed; ) {
    before = needed;
    for (const fault of before) {
      const rest = needed.filter((one) => one !== fault);
      if (stillBreaks(rest)) needed = rest;
    }
  }
  return needed;
}
