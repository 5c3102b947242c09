import { InvariantViolation, Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import {
  endOfFaults,
  type Fault,
  faultInWords,
  linksOf,
  nodesOf,
  parseFaults,
  type RandomPlanOptions,
  randomPlan,
} from "../src/index.ts";

const NODES = ["a1", "a2", "a3", "p1", "p2"];
const UNTIL_US = 2_000_000;
const KINDS = ["crash", "cut", "delay", "drop", "duplicate", "pause", "reorder", "skew", "slow-disk"];

function planOf(seed: number, options: Partial<RandomPlanOptions> = {}, nodes: readonly string[] = NODES): Fault[] {
  return randomPlan(Random.fromSeed(seed), nodes, { untilUs: UNTIL_US, ...options });
}

function kindsIn(plan: readonly Fault[]): string[] {
  return [...new Set(plan.map(({ kind }) => kind))].sort();
}

const plans = Array.from({ length: 5000 }, (_, seed) => planOf(seed));

describe("a random plan", () => {
  test("is the same for the same seed, today and later", () => {
    expect(planOf(1508).map(faultInWords)).toEqual([
      "delay by 1.5ms..7.2ms at 0 for 2s",
      "crash a1,a2 losing tail at 40.7ms for 119.5ms",
      "reorder 64% p2<>* at 193.5ms for 15.3ms",
      "cut p2>a1 at 413.3ms for 216ms",
      "pause a1,a2,p2 at 1.2645s for 4.6ms",
    ]);
  });

  test("is over in time, and says of each fault when", () => {
    for (const plan of plans) {
      expect(endOfFaults(plan, NODES)).toBeLessThanOrEqual(UNTIL_US);
      for (const fault of plan) {
        expect(fault).toMatchObject({ atUs: expect.any(Number), forUs: expect.any(Number) });
      }
    }
  });

  test("comes back from its words, so that a run can be repeated by hand", () => {
    for (const plan of plans) {
      const read = parseFaults(plan.map(faultInWords).join("\n"), NODES);
      expect(read).toEqual(plan.map((fault, place) => ({ ...fault, line: place + 1 })));
    }
  });

  test("is told in the order of its times", () => {
    for (const plan of plans) {
      const times = plan.map(({ atUs }) => atUs ?? -1);
      expect(times).toEqual([...times].sort((one, other) => one - other));
    }
  });

  test("has two dozen faults at most, and now and then none", () => {
    const sizes = plans.map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(24);
    const empty = sizes.filter((size) => size === 0).length / plans.length;
    expect(empty).toBeGreaterThan(0.05);
    expect(empty).toBeLessThan(0.2);
  });

  test("has every kind in some seed, and each kind alone in others", () => {
    expect(kindsIn(plans.flat())).toEqual(KINDS);
    const alone = new Set(plans.map((plan) => kindsIn(plan).join()));
    for (const kind of KINDS) expect(alone).toContain(kind);
  });

  test("cuts and slows something every time: no fault is of no link and no node", () => {
    for (const fault of plans.flat()) {
      if ("links" in fault) expect(linksOf(fault.links, NODES).length).toBeGreaterThan(0);
      if ("nodes" in fault) expect(nodesOf(fault.nodes, NODES).length).toBeGreaterThan(0);
      if ("partsPerMillion" in fault) expect(fault.partsPerMillion).not.toBe(0);
    }
  });

  test("crashes mostly one node, sometimes a majority, sometimes all, and says what becomes of the tail", () => {
    const crashes = plans.flat().flatMap((fault) => (fault.kind === "crash" ? [fault] : []));
    const sizes = crashes.map(({ nodes }) => nodesOf(nodes, NODES).length);
    expect(sizes.filter((size) => size === 1).length / sizes.length).toBeGreaterThan(0.5);
    expect(new Set(sizes)).toEqual(new Set([1, 2, 3, 5]));
    expect(new Set(crashes.map(({ tail }) => tail))).toEqual(new Set(["lost", "kept"]));
  });

  test("cuts a node off, the nodes in two, and one direction", () => {
    const cuts = plans.flat().flatMap((fault) => (fault.kind === "cut" ? [fault.links] : []));
    const shapes = cuts.map(({ from, to, bothWays }) => `${from.length}${bothWays ? "<>" : ">"}${to.length}`);
    expect([...new Set(shapes)].sort()).toEqual(["1<>1", "1<>4", "1>1", "2<>3", "3<>2", "4<>1"]);
  });

  test.each([
    ["shares", 10_000, 640_000],
    ["skews", 10_000, 500_000],
  ])("goes from mild to wild with its %s", (what, least, most) => {
    const sizes = plans.flat().flatMap((fault) => {
      if (!("partsPerMillion" in fault) || (fault.kind === "skew") !== (what === "skews")) return [];
      return [Math.abs(fault.partsPerMillion)];
    });
    expect([Math.min(...sizes), Math.max(...sizes) > most * 0.9, Math.max(...sizes) <= most]).toEqual([
      least,
      true,
      true,
    ]);
  });

  test("never slows a clock to less than a quarter of its speed, however many of its faults do", () => {
    const speeds = plans.flatMap((plan) => {
      const slow = plan.flatMap((one) => (one.kind === "skew" && one.partsPerMillion < 0 ? [one] : []));
      // A clock is slowest when one more fault begins.
      return slow.map(({ atUs, nodes: [node] }) => {
        const atWork = slow.filter((one) => one.nodes[0] === node && (one.atUs ?? 0) <= (atUs ?? 0));
        const lasting = atWork.filter((one) => (one.atUs ?? 0) + (one.forUs ?? 0) > (atUs ?? 0));
        return lasting.reduce((speed, { partsPerMillion }) => speed + partsPerMillion, 1_000_000);
      });
    });
    expect(Math.min(...speeds)).toBeGreaterThanOrEqual(250_000);
    expect(Math.min(...speeds)).toBeLessThan(400_000);
  });

  test("delays from nothing to a quarter of a second", () => {
    const delays = plans.flat().flatMap((fault) => (fault.kind === "delay" ? [fault.by] : []));
    expect(Math.min(...delays.map(({ leastUs }) => leastUs))).toBe(0);
    expect(Math.min(...delays.map(({ mostUs }) => mostUs))).toBeLessThan(1100);
    expect(Math.max(...delays.map(({ mostUs }) => mostUs))).toBeGreaterThan(200_000);
    expect(Math.max(...delays.map(({ mostUs }) => mostUs))).toBeLessThanOrEqual(256_000);
  });

  test("has only the kinds that it may have", () => {
    const some = Array.from({ length: 300 }, (_, seed) => planOf(seed, { kinds: ["crash", "drop"] }));
    expect(kindsIn(some.flat())).toEqual(["crash", "drop"]);
    expect(planOf(1, { kinds: [] })).toEqual([]);
  });

  test("fits any number of nodes and any time", () => {
    const crowds = [[], ["n1"], ["n1", "n2"], Array.from({ length: 99 }, (_, place) => `n${place}`)];
    for (const nodes of crowds) {
      for (const untilUs of [0, 3999, 4000, 10_050, 86_400_000_000]) {
        for (let seed = 0; seed < 200; seed++) {
          const plan = planOf(seed, { untilUs }, nodes);
          expect(endOfFaults(plan, nodes)).toBeLessThanOrEqual(untilUs);
          for (const fault of plan) {
            if ("links" in fault) expect(linksOf(fault.links, nodes)).not.toEqual([]);
          }
        }
      }
    }
  });

  test("is refused for names that its words could not tell", () => {
    expect(() => planOf(1, {}, ["acceptor 1"])).toThrow(InvariantViolation);
    expect(() => planOf(1, { untilUs: 86_400_000_001 })).toThrow(InvariantViolation);
  });
});
