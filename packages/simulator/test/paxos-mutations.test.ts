import { describe, expect, test } from "vitest";
import {
  type MutationText,
  neverHappened,
  PROTOCOLS,
  type RunOptions,
  runSeed,
  runSeeds,
  settingsFor,
} from "../src/index.ts";
import { mostFrequent } from "../src/paxos/flawed-proposers.ts";
import { PAXOS_MUTATIONS } from "../src/paxos/mutations.ts";
import { REAL_PARTS } from "../src/paxos/parts.ts";

const [paxos] = PROTOCOLS;
if (!paxos) throw new Error("there is no Paxos");

function systemWith(mutation: MutationText) {
  if (!paxos) throw new Error("there is no Paxos");
  return paxos.system(settingsFor(paxos, {}, mutation), mutation.name);
}

function mutationNamed(name: string): MutationText {
  const mutation = PAXOS_MUTATIONS.find((one) => one.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  return mutation;
}

/** Where the search begins for those that take long to show: docs/testing.md has their first seeds. */
const FROM: Readonly<Record<string, number>> = {
  "counts-stale-promises": 900,
  "learner-counts-twice": 550,
};
const FROM_FOR_AGREEMENT: Readonly<Record<string, number>> = {
  "forgets-promise": 3750,
  "answers-before-write": 200,
  "counts-stale-promises": 900,
};

/** The first seed from there on that breaks something, and what. */
function firstCaught(
  name: string,
  within: number,
  options: RunOptions = {},
  from = FROM[name] ?? 1,
): { seed: number; property: string } | null {
  const system = systemWith(mutationNamed(name));
  for (let seed = from; seed <= within; seed++) {
    const { violation } = runSeed(system, seed, options);
    if (violation) return { seed, property: violation.property };
  }
  return null;
}

/** Within how many seeds each flaw is caught, and as what: about three times as many as it needs. */
const CAUGHT: readonly [name: string, within: number, properties: readonly string[]][] = [
  ["forgets-promise", 330, ["promises-only-rise", "accepts-honour-promises"]],
  ["forgets-accepted", 80, ["promises-tell-all"]],
  ["answers-before-write", 3, ["durable-before-told"]],
  ["answers-failed-write", 3, ["durable-before-told"]],
  ["keeps-nothing-accepted", 3, ["durable-before-told"]],
  ["ignores-prepare-check", 3, ["promises-only-rise"]],
  ["ignores-accept-check", 10, ["accepts-honour-promises"]],
  ["skips-promise-quorum", 60, ["agreement"]],
  ["counts-stale-promises", 3000, ["agreement", "learned-is-chosen"]],
  ["drops-found-value", 10, ["agreement"]],
  ["takes-first-value", 50, ["agreement"]],
  ["takes-most-frequent-value", 120, ["agreement"]],
  ["reuses-id", 80, ["one-value-an-id"]],
  ["sets-no-timer", 3, ["a-value-is-chosen"]],
  ["quorum-of-half", 50, ["learned-is-chosen"]],
  ["learner-counts-twice", 2000, ["learned-is-chosen"]],
  ["learner-mixes-ids", 400, ["learned-is-chosen"]],
];

/** Flaws that can lose agreement itself, and within how many seeds they do. */
const AGREEMENT_LOST: readonly [name: string, within: number][] = [
  ["forgets-promise", 8000],
  ["forgets-accepted", 80],
  ["answers-before-write", 2000],
  ["answers-failed-write", 80],
  ["keeps-nothing-accepted", 10],
  ["ignores-prepare-check", 20],
  ["ignores-accept-check", 10],
  ["skips-promise-quorum", 60],
  ["counts-stale-promises", 3000],
  ["drops-found-value", 10],
  ["takes-first-value", 50],
  ["takes-most-frequent-value", 120],
];

describe("a planted flaw is found", () => {
  test.each(CAUGHT)("%s, within %i seeds, by one of %j", (name, within, properties) => {
    const caught = firstCaught(name, within);
    expect(caught).not.toBeNull();
    expect(properties).toContain(caught?.property);
  });

  test.each(AGREEMENT_LOST)("%s loses agreement itself, within %i seeds", (name, within) => {
    const caught = firstCaught(name, within, { properties: ["agreement"] }, FROM_FOR_AGREEMENT[name] ?? 1);
    expect(caught?.property).toBe("agreement");
  });

  test("in a larger pool, too: a minority of five is no quorum either", () => {
    const settings = settingsFor(paxos, { acceptors: 5 }, null);
    const { brokenBy } = runSeeds(paxos.system(settings, "skips-promise-quorum"), 1, 500, {}, false);
    expect(brokenBy).toEqual({ agreement: 1 });
  });

  test("also where it breaks no rule, but takes away what ought to happen: tells-no-learner", () => {
    const system = systemWith(mutationNamed("tells-no-learner"));
    const summary = runSeeds(system, 1, 300, {}, true);
    expect(summary.brokenCount).toBe(0);
    expect(neverHappened(system, summary).map(({ name }) => name)).toEqual(["learned"]);
  });

  test("whichever it is: there is none that is not in these tables", () => {
    const tested = [...CAUGHT.map(([name]) => name), "tells-no-learner"];
    expect(PAXOS_MUTATIONS.map(({ name }) => name).sort()).toEqual(tested.sort());
  });

  test("by what it breaks, and by none of its own: flawed nodes do not stop", () => {
    for (const mutation of PAXOS_MUTATIONS) {
      const { brokenBy } = runSeeds(systemWith(mutation), 1, 40, { properties: ["own-rules"] }, true);
      expect(brokenBy, mutation.name).toEqual({});
    }
  });
});

describe("a flaw", () => {
  test("has the settings in which it shows: a half is no majority only of an even number", () => {
    expect(mutationNamed("quorum-of-half").settings).toEqual({ acceptors: 4 });
    expect(systemWith(mutationNamed("quorum-of-half")).nodes.filter(({ role }) => role === "acceptor")).toHaveLength(4);
  });

  test("is the one that it is called: the most frequent value is the one that most name, the first of equally many", () => {
    const heard = (...values: readonly string[]) =>
      values.map((acceptedValue, acceptedId) => ({ acceptedId, acceptedValue }));
    expect(mostFrequent(heard("coffee", "tea", "tea"))).toEqual({ acceptedId: 1, acceptedValue: "tea" });
    expect(mostFrequent(heard("coffee", "tea", "milk"))?.acceptedValue).toBe("coffee");
    expect(mostFrequent([])).toBeNull();
  });

  test("that looks into a real proposer is planted in nothing else", () => {
    for (const name of ["counts-stale-promises", "takes-first-value"]) {
      const mutation = PAXOS_MUTATIONS.find((one) => one.name === name);
      const parts = mutation?.plant({ ...REAL_PARTS, proposer: () => ({ step: () => null as never, state: null }) });
      expect(() => parts?.proposer([], {} as never)).toThrow(TypeError);
    }
  });
});
