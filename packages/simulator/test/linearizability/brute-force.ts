import { applyEffect } from "../../src/linearizability/effect.ts";
import type { Operation } from "../../src/linearizability/operation.ts";

/**
 * The definition of linearizability, tried out: every subset of the operations that may be left out, in every order
 * that keeps real time. Knows nothing of what the search knows.
 */
export function isLinearizable(initial: string, operations: readonly Operation[]): boolean {
  if (operations.every(({ returnLine }) => returnLine === null)) return true;
  return operations.some((operation, index) => {
    const others = operations.filter((_, other) => other !== index);
    if (others.some(({ returnLine }) => returnLine !== null && returnLine < operation.callLine)) return false;
    const next = applyEffect(operation.effect, initial);
    return next !== null && isLinearizable(next, others);
  });
}
