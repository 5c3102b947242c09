import { applyEffect } from "../../src/linearizability/effect.ts";
import type { Operation } from "../../src/linearizability/operation.ts";

/**
 * The search of Wing, Gong and Lowe as the papers have it, without any foresight: quick enough for histories that are
 * far too long to try every order.
 */
export function plainlyLinearizable(initial: string, operations: readonly Operation[]): boolean {
  const seen = new Set<string>();
  const lifted = new Set<number>();
  const search = (state: string): boolean => {
    const open = [...operations.keys()].filter((number) => !lifted.has(number));
    const end = Math.min(...open.map((number) => operations[number]?.returnLine ?? Number.MAX_SAFE_INTEGER));
    if (end >= Number.MAX_SAFE_INTEGER) return true;
    const configuration = `${open.join()} ${state}`;
    if (seen.has(configuration)) return false;
    seen.add(configuration);
    for (const number of open) {
      const { effect, callLine } = operations[number] as Operation;
      if (callLine > end) break;
      const next = applyEffect(effect, state);
      if (next === null) continue;
      lifted.add(number);
      if (search(next)) return true;
      lifted.delete(number);
    }
    return false;
  };
  return search(initial);
}
