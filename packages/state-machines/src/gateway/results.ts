import type { LogOutcome } from "@synod/consensus";
import type { Json } from "../state-machine.js";

/** What the learners say of a value that was applied: an `AppliedResult`, not checked. */
export type Result = { readonly [name: string]: Json };

/** What came of a value that was applied; null of any other. */
export function resultOf(outcome: LogOutcome): Result | null {
  return outcome.kind === "applied" ? JSON.parse(outcome.result) : null;
}

/** What came of each of so many commands of one value; null if that is not known. */
export function resultsOf(applied: Result | null, commands: number): readonly Result[] | null {
  if (applied === null) return null;
  if (commands === 1) return [applied];
  const { kind, results } = applied;
  return kind === "results" && Array.isArray(results) && results.length === commands ? results : null;
}

/** What a value cost is shared by all its commands. */
export function sharedAmong(outcome: LogOutcome, commands: number): LogOutcome {
  if (outcome.kind !== "applied" || commands === 1) return outcome;
  const { messages, sharedBy } = outcome.cost;
  return { ...outcome, cost: { messages, sharedBy: sharedBy + commands - 1 } };
}
