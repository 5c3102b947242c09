import { describe, expect, test } from "vitest";
import {
  exploreModel,
  type ModelBounds,
  PROTOCOLS,
  type Progress,
  type Settings,
  settingsFor,
  storyOf,
} from "../src/index.ts";
import { countStates } from "./plain-explorer.ts";

const [paxos] = PROTOCOLS;

/** Paxos as it is model checked: proposers contact everybody, and try once unless said otherwise. */
function modelOf(settings: Settings, mutation: string | null = null) {
  if (!paxos) throw new Error("there is no Paxos");
  const whole = settingsFor(paxos, { ...paxos.modelSettings(settings), ...settings }, null);
  return paxos.system(whole, mutation);
}

/** No test runs away: a model that is larger than it should be is not finished. */
const notTooMany = ({ states }: Progress) => states < 3_000_000;

const ONCE: ModelBounds = { requests: 1, crashes: 0, duplicates: 0, properties: null };

describe("every state of a small world is visited, and counted once", () => {
  test.each<[string, Settings, Partial<ModelBounds>, number, number]>([
    ["one acceptor, one proposer", { acceptors: 1, proposers: 1 }, {}, 16, 8],
    ["three acceptors, one proposer", { acceptors: 3, proposers: 1 }, {}, 526, 20],
    ["the same with a crash", { acceptors: 3, proposers: 1 }, { crashes: 1 }, 1224, 21],
    ["the same with a message that comes twice", { acceptors: 3, proposers: 1 }, { duplicates: 1 }, 6591, 22],
    ["the same with a learner", { acceptors: 3, proposers: 1, learners: 1 }, {}, 1156, 23],
    ["two acceptors, two proposers", { acceptors: 2, proposers: 2 }, {}, 6286, 25],
    ["the same with a crash", { acceptors: 2, proposers: 2 }, { crashes: 1 }, 18474, 27],
    ["the same with a message that comes twice", { acceptors: 2, proposers: 2 }, { duplicates: 1 }, 104329, 27],
    ["the same with both", { acceptors: 2, proposers: 2 }, { crashes: 1, duplicates: 1 }, 298541, 28],
    ["three acceptors, two proposers", { acceptors: 3, proposers: 2 }, {}, 583952, 35],
  ])("%s, %j, %j: %i states, %i steps deep", (_, settings, bounds, states, depth) => {
    expect(exploreModel(modelOf(settings), { ...ONCE, ...bounds }, notTooMany)).toMatchObject({
      verdict: "holds",
      states,
      depth,
    });
  });

  test.each<[Settings, Partial<ModelBounds>]>([
    [{ acceptors: 1, proposers: 1 }, {}],
    [
      { acceptors: 1, proposers: 1, learners: 1 },
      { crashes: 1, duplicates: 1 },
    ],
    [{ acceptors: 1, proposers: 1, attempts: 2 }, {}],
    [
      { acceptors: 1, proposers: 1 },
      { requests: 2, crashes: 1 },
    ],
    [{ acceptors: 2, proposers: 1 }, { crashes: 1 }],
    [{ acceptors: 2, proposers: 1 }, { duplicates: 1 }],
    [{ acceptors: 1, proposers: 2 }, {}],
  ])("%j, %j: as many as if each were made from the beginning and compared whole", (settings, bounds) => {
    const system = modelOf(settings);
    const whole = { ...ONCE, ...bounds };
    expect(exploreModel(system, whole).states).toBe(countStates(system, whole));
  });

  test("what Paxos is about is reached in it, or the properties would have held of nothing", () => {
    const { seen, notSeen } = exploreModel(modelOf({ acceptors: 2, proposers: 2 }), { ...ONCE, crashes: 1 });
    expect(seen.map(({ name }) => name)).toEqual([
      "values-chosen",
      "pre-emptions",
      "overrides",
      "restarts-after-promise",
    ]);
    expect(notSeen.map(({ name }) => name)).toEqual(["duels"]);
  });

  test("it stops when it is told to, and claims nothing then", () => {
    const { verdict, states } = exploreModel(modelOf({}), ONCE, ({ states }) => states < 10_000);
    expect(verdict).toBe("unknown");
    expect(states).toBeGreaterThan(10_000);
    expect(states).toBeLessThan(100_000);
  });

  test("nodes that draw whom to contact are refused, since the lots would hide what else may happen", () => {
    const model = () => exploreModel(modelOf({ acceptors: 3, "contact-count": 2 }), ONCE);
    expect(model).toThrow("in a model, nodes contact everybody");
  });
});

describe("a planted flaw has a shortest run", () => {
  test.each<[string, Settings, Partial<ModelBounds>, string, number]>([
    ["forgets-promise", {}, { crashes: 1 }, "promises-only-rise", 9],
    ["forgets-accepted", {}, { crashes: 1 }, "promises-tell-all", 16],
    ["answers-before-write", {}, {}, "durable-before-told", 3],
    ["keeps-nothing-accepted", {}, {}, "durable-before-told", 10],
    ["ignores-prepare-check", {}, {}, "promises-only-rise", 7],
    ["ignores-accept-check", {}, {}, "accepts-honour-promises", 14],
    ["reuses-id", {}, { crashes: 1, requests: 2 }, "one-value-an-id", 5],
    ["learner-counts-twice", { learners: 1, proposers: 1 }, { duplicates: 1 }, "learned-is-chosen", 13],
    ["quorum-of-half", { acceptors: 2, proposers: 1 }, {}, "learned-is-chosen", 9],
  ])("%s, %j, %j: %s in %i steps", (mutation, settings, bounds, property, depth) => {
    const result = exploreModel(modelOf(settings, mutation), { ...ONCE, ...bounds }, notTooMany);
    expect(result).toMatchObject({ verdict: "violation", depth, counterexample: { violation: { property } } });
  });

  test("and it is told step by step", () => {
    const { counterexample } = exploreModel(modelOf({}, "forgets-promise"), { ...ONCE, crashes: 1 });
    expect(storyOf(counterexample?.steps ?? [])).toEqual([
      '1. p1 is asked to propose "tea". It has on disk: proposing 1. It sends a1, a2, a3: prepare 1.',
      '2. p2 is asked to propose "soda". It has on disk: proposing 2. It sends a1, a2, a3: prepare 2.',
      "3. a1 hears from p2: prepare 2. It has on disk: promised 2. It sends p2: I promise 2, and have accepted nothing.",
      "4. a1 crashes.",
      "5. a1 restarts with what its disk holds.",
      "6. a1 hears from p1: prepare 1. It has on disk: promised 1. It sends p1: I promise 1, and have accepted nothing.",
    ]);
  });
});
