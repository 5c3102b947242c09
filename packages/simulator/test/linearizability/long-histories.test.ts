import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHistory } from "../../src/linearizability/history-reader.ts";
import type { ModelName } from "../../src/linearizability/models.ts";
import type { KeyHistory } from "../../src/linearizability/operation.ts";
import { runToEnd } from "../../src/linearizability/pausing.ts";
import { type SampleOptions, sampleHistory } from "../../src/linearizability/sample-history.ts";
import { searchOrder } from "../../src/linearizability/search.ts";
import { planOf } from "../../src/linearizability/search-plan.ts";
import { check, ENOUGH, history } from "./history-lines.ts";
import { plainlyLinearizable } from "./plain-search.ts";

const anyStore: fc.Arbitrary<SampleOptions> = fc.record({
  seed: fc.nat(),
  model: fc.constantFrom("register" as const, "key-value" as const),
  operations: fc.integer({ min: 20, max: 40 }),
  clients: fc.integer({ min: 2, max: 6 }),
  keys: fc.constant(1),
  values: fc.constantFrom(0, 3),
  lostPerThousand: fc.constantFrom(0, 100),
  stalePerThousand: fc.constantFrom(0, 100),
});

describe("histories of a simulated store", () => {
  test("the search agrees with the search that looks ahead at nothing", () => {
    const seen = { linearizable: 0, violation: 0 };
    fc.assert(
      fc.property(anyStore, (options) => {
        const { model, keys } = readHistory(options.model, sampleHistory(options).join("\n"));
        const [key = { initial: model.initial, operations: [] }] = keys;
        const { verdict } = runToEnd(searchOrder(key, ENOUGH));
        expect(verdict).toBe(plainlyLinearizable(key.initial, key.operations) ? "linearizable" : "violation");
        if (verdict !== "unknown") seen[verdict]++;
      }),
      { numRuns: 600 },
    );
    expect(seen.violation).toBeGreaterThan(60);
    expect(seen.linearizable).toBeGreaterThan(200);
  });

  test("a store that never forgets is linearizable, whatever its clients lose sight of", () => {
    fc.assert(
      fc.property(anyStore, (options) => {
        const text = sampleHistory({ ...options, operations: 200, keys: 2, stalePerThousand: 0 }).join("\n");
        expect(check(readHistory(options.model, text)).verdict).toBe("linearizable");
      }),
      { numRuns: 80 },
    );
  });
});

/** Steps are counted and not time, so that a slow machine fails no test and a slow search does. */
describe("50 clients and 5000 operations are checked in few steps", () => {
  const large = { seed: 7, operations: 5000, clients: 50 };

  test.each<[string, Omit<SampleOptions, "seed" | "operations" | "clients">, number]>([
    ["a register, every value written once", { model: "register", keys: 1, values: 0 }, 6_000],
    ["the same with lost operations", { model: "register", keys: 1, values: 0, lostPerThousand: 20 }, 6_000],
    ["a register with five values, and cas", { model: "register", keys: 1, values: 5 }, 40_000],
    ["the same with lost operations", { model: "register", keys: 1, values: 5, lostPerThousand: 20 }, 10_000],
    ["a register with twenty values, and cas", { model: "register", keys: 1, values: 20 }, 3_000_000],
    ["ten registers", { model: "register", keys: 10, values: 5 }, 7_000],
    ["a key, every text put or appended once", { model: "key-value", keys: 1, values: 0 }, 6_000],
    ["the same with lost operations", { model: "key-value", keys: 1, values: 0, lostPerThousand: 20 }, 6_000],
    ["ten keys, three texts", { model: "key-value", keys: 10, values: 3 }, 10_000],
  ])("%s: %j", (_, options, mostSteps) => {
    const { keys, verdict } = check(readHistory(options.model, sampleHistory({ ...large, ...options }).join("\n")));
    expect(verdict).toBe("linearizable");
    expect(keys.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThan(mostSteps);
  });

  test.each<[string, Omit<SampleOptions, "seed" | "operations" | "clients">, number]>([
    ["a register, every value written once", { model: "register", keys: 1, values: 0 }, 10],
    ["ten registers with five values", { model: "register", keys: 10, values: 5 }, 10_000],
    ["a key, every text put or appended once", { model: "key-value", keys: 1, values: 0 }, 6_000],
    ["ten keys, three texts", { model: "key-value", keys: 10, values: 3 }, 15_000],
  ])("with a few stale reads it is a violation: %s", (_, options, mostSteps) => {
    const text = sampleHistory({ ...large, ...options, stalePerThousand: 3 }).join("\n");
    const { keys, verdict, violation } = check(readHistory(options.model, text));
    expect(verdict).toBe("violation");
    expect(keys.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThan(mostSteps);
    expect(violation?.breach.isFirst).toBe(true);
    expect(violation?.breach.order?.length).toBeGreaterThan(0);
  });
});

/** Each of these takes a search that lacks one part of its foresight longer than anybody would wait. */
describe("what the search need not try", () => {
  const clients = Array.from({ length: 24 }, (_, client) => client + 10);
  const stepsOf = (model: ModelName, ...events: string[]) => {
    const report = check(history(model, ...events));
    return { verdict: report.verdict, steps: report.keys[0]?.steps ?? 0 };
  };

  test("orders of writes at the same time that nobody sees, while two readers contradict each other", () => {
    const events = [
      ...clients.map((client) => `${client} invoke write ${client}`),
      ...["1 invoke write 1", "2 invoke write 2", "3 invoke read", "4 invoke read"],
      ...["3 ok read 1", "4 ok read 2", "3 invoke read", "4 invoke read", "3 ok read 2", "4 ok read 1"],
      ...clients.map((client) => `${client} ok write`),
    ];
    const { verdict, steps } = stepsOf("register", ...events);
    expect(verdict).toBe("violation");
    expect(steps).toBeLessThan(100);
  });

  test("anything, where a value was read that nobody wrote, or that was surely overwritten", () => {
    const text = sampleHistory({ seed: 3, model: "register", operations: 2000, clients: 50, keys: 1, values: 20 });
    for (const value of [99, null]) {
      const late = [`{"process":"x","type":"invoke","f":"read","key":"k0"}`];
      late.push(`{"process":"x","type":"ok","f":"read","key":"k0","value":${value}}`);
      const report = runToEnd(searchOrder(keyOf("register", [...text, ...late]), ENOUGH));
      expect(report).toMatchObject({ verdict: "violation", steps: 0 });
    }
  });

  test("anything, where texts that are written once were seen as they cannot have been", () => {
    const written = ['1 invoke append "a"', '2 invoke put "b"', '3 invoke append "c"', "4 invoke get"];
    for (const seen of ["d", "ab", "cc"]) {
      expect(stepsOf("key-value", ...written, `4 ok get "${seen}"`), seen).toEqual({ verdict: "violation", steps: 0 });
    }
    const contradiction = ['4 ok get "ac"', "4 invoke get", '4 ok get "ca"'];
    expect(stepsOf("key-value", ...written, ...contradiction)).toEqual({ verdict: "violation", steps: 0 });
  });

  test("an empty text adds nothing, and ends nothing", () => {
    expect(stepsOf("key-value", '1 invoke append ""', "2 invoke get", '2 ok get "x"').verdict).toBe("violation");
    expect(stepsOf("key-value", '1 invoke append ""', "2 invoke get", '2 ok get ""').verdict).toBe("linearizable");
  });

  test("with more bits than operations are open at a time", () => {
    const options = { seed: 3, model: "register", operations: 2000, clients: 50, keys: 1, values: 5 } as const;
    expect(planOf(keyOf("register", sampleHistory(options))).slots).toBeLessThanOrEqual(50);
  });
});

function keyOf(model: ModelName, lines: readonly string[]): KeyHistory {
  return readHistory(model, lines.join("\n")).keys[0] as KeyHistory;
}
