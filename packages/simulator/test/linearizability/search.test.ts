import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Operation, statesAlong } from "../../src/linearizability/operation.ts";
import { runToEnd } from "../../src/linearizability/pausing.ts";
import { type SearchOutcome, searchOrder } from "../../src/linearizability/search.ts";
import { isLinearizable } from "./brute-force.ts";
import { SMALL_HISTORIES } from "./small-histories.ts";

const ENOUGH = { memoryBytes: 2 ** 26 };

function search(initial: string, operations: readonly Operation[]): SearchOutcome {
  return runToEnd(searchOrder({ initial, operations }, ENOUGH));
}

/** Whether an order is one of these operations that keeps real time and leaves out none that returned. */
function keepsRealTime(operations: readonly Operation[], order: readonly number[]): boolean {
  const ordered = order.map((number) => operations[number] as Operation);
  const isWhole = operations.every(({ returnLine }, number) => returnLine === null || order.includes(number));
  const isOnce = new Set(order).size === order.length;
  const inTime = ordered.every(({ callLine }, place) =>
    ordered.slice(place + 1).every(({ returnLine }) => returnLine === null || returnLine > callLine),
  );
  return isWhole && isOnce && inTime;
}

describe("the search, against every order there is", () => {
  test.each(Object.entries(SMALL_HISTORIES))("it finds an order of %s exactly if there is one", (_, sort) => {
    const { initial, operations: drawn } = sort;
    let linearizable = 0;
    let broken = 0;
    fc.assert(
      fc.property(drawn, (operations) => {
        const outcome = search(initial, operations);
        const expected = isLinearizable(initial, operations);
        expect(outcome.verdict).toBe(expected ? "linearizable" : "violation");
        if (expected) linearizable++;
        else broken++;
        if (outcome.verdict !== "linearizable") return;
        expect(keepsRealTime(operations, outcome.order)).toBe(true);
        const ordered = outcome.order.map((number) => operations[number] as Operation);
        expect(statesAlong(initial, ordered)).not.toBeNull();
      }),
      { numRuns: 1500 },
    );
    // Both verdicts must have been drawn often, or the comparison says little.
    expect(Math.min(linearizable, broken)).toBeGreaterThan(150);
  });

  test.each(Object.entries(SMALL_HISTORIES))(
    "what it calls fine of %s is fine, and what it calls broken is",
    (_, sort) => {
      const { initial, operations: drawn } = sort;
      fc.assert(
        fc.property(drawn, (operations) => {
          const outcome = search(initial, operations);
          if (outcome.verdict !== "violation") return;
          expect(isLinearizable(initial, firstReturns(operations, outcome.fine))).toBe(true);
          expect(isLinearizable(initial, firstReturns(operations, outcome.broken))).toBe(false);
        }),
        { numRuns: 800 },
      );
    },
  );
});

/** The history when so many operations have returned: whoever is open then may have taken effect, or not. */
function firstReturns(operations: readonly Operation[], count: number): Operation[] {
  const lines = operations.flatMap(({ returnLine }) => returnLine ?? []).sort((one, other) => one - other);
  const last = lines[count - 1] ?? 0;
  return operations
    .filter(({ callLine }) => callLine < last)
    .map((operation) => ((operation.returnLine ?? 0) > last ? { ...operation, returnLine: null } : operation));
}
