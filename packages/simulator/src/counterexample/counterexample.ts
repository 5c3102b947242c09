import { type RunOptions, runSeed } from "../simulation/run-seed.js";
import type { Kinds, System, Violation } from "../world/system.js";
import { type Action, isAction, type WorldEvent } from "../world/world-event.js";
import { shrink } from "./shrink.js";
import { type Step, stepsOf } from "./steps.js";

/** A run that breaks a property, cut down to what it takes. */
export interface Counterexample {
  readonly violation: Violation;
  readonly steps: readonly Step[];
  /** What was done, in order; `replay` does it again. */
  readonly actions: readonly Action[];
  readonly messages: number;
  readonly crashes: number;
  /** How many actions the run had up to the violation. */
  readonly shrunkFrom: number;
  /** Whether every action left is needed. */
  readonly isMinimal: boolean;
}

/** Runs a seed again that broke an `always` property, and shrinks it. @returns null if it breaks none */
export function counterexampleOf<K extends Kinds>(
  system: System<K>,
  seed: number,
  options: RunOptions<K> = {},
): Counterexample | null {
  const actions: Action<K>[] = [];
  const observe = (event: WorldEvent<K>) => void (isAction(event) && actions.push(event));
  const { violation } = runSeed(system, seed, { ...options, observe });
  if (violation?.kind !== "always") return null;
  const shrunk = shrink(system, seed, actions, violation.property);
  if (!shrunk?.violation) return null;
  return asCounterexample(system, shrunk.violation, shrunk.actions, shrunk.events, {
    shrunkFrom: actions.length,
    isMinimal: shrunk.isMinimal,
  });
}

/** Actions that were found to break a property, and what came of them. */
export function asCounterexample<K extends Kinds>(
  system: System<K>,
  violation: Violation,
  actions: readonly Action<K>[],
  events: readonly WorldEvent<K>[],
  { shrunkFrom, isMinimal }: Pick<Counterexample, "shrunkFrom" | "isMinimal">,
): Counterexample {
  const count = (kind: Action["kind"]) => actions.filter((action) => action.kind === kind).length;
  return {
    violation,
    steps: stepsOf(system, events),
    actions,
    messages: count("deliver"),
    crashes: count("crash"),
    shrunkFrom,
    isMinimal,
  };
}
