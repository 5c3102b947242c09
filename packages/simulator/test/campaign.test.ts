import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CampaignSummary,
  NOTHING_RUN,
  neverHappened,
  PROTOCOLS,
  type Protocol,
  parseFaults,
  propertiesOf,
  runSeed,
  runSeeds,
  settingsFor,
  together,
} from "../src/index.ts";
import { letter, obedientSystem, tell } from "./obedient-system.ts";

const [paxos] = PROTOCOLS;
if (!paxos) throw new Error("there is no Paxos");

/** A pool with a flaw that breaks something in some seeds, but not in all. */
const flawed = paxos.system(settingsFor(paxos, {}, null), "skips-promise-quorum");

const names = fc.constantFrom("a", "b", "c");
const counts = fc.dictionary(names, fc.nat(50), { maxKeys: 3, noNullPrototype: true });
const summaries: fc.Arbitrary<CampaignSummary> = fc.record({
  schedules: fc.nat(100),
  counts,
  longest: fc.dictionary(names, fc.record({ us: fc.nat(3), seed: fc.nat(9) }), { noNullPrototype: true }),
  virtualUs: fc.nat(1000),
  broken: fc.array(
    fc.record({
      seed: fc.nat(1000),
      property: names,
      sentence: names,
      kind: fc.constant("always" as const),
      atUs: fc.nat(9),
    }),
    { maxLength: 60 },
  ),
  brokenCount: fc.nat(100),
  brokenBy: counts,
  neverCalm: fc.nat(9),
});

describe("two campaigns together", () => {
  test("are the same however three of them are put together", () => {
    fc.assert(
      fc.property(summaries, summaries, summaries, (one, two, three) => {
        expect(together(together(one, two), three)).toEqual(together(one, together(two, three)));
      }),
    );
  });

  test("are the other where one of them is nothing", () => {
    fc.assert(
      fc.property(summaries, (one) => {
        expect(together(one, NOTHING_RUN)).toEqual(one);
        expect(together(NOTHING_RUN, one)).toEqual(one);
      }),
    );
  });

  test("change neither of the two", () => {
    fc.assert(
      fc.property(summaries, summaries, (one, two) => {
        const before = structuredClone([one, two]);
        together(one, two);
        expect([one, two]).toEqual(before);
      }),
    );
  });

  test("add up, keep what took longest, and of equally long times the first", () => {
    const one = { ...NOTHING_RUN, schedules: 2, counts: { x: 1, y: 2 }, virtualUs: 5, neverCalm: 1 };
    const longest = { a: { us: 5, seed: 1 }, b: { us: 5, seed: 1 }, d: { us: 0, seed: 1 } };
    const others = { a: { us: 5, seed: 2 }, b: { us: 6, seed: 2 }, c: { us: 0, seed: 2 }, d: { us: 0, seed: 2 } };
    const sum = together({ ...one, longest }, { ...one, counts: { y: 3, z: 4 }, longest: others });
    expect(sum).toEqual({
      ...NOTHING_RUN,
      schedules: 4,
      counts: { x: 1, y: 5, z: 4 },
      virtualUs: 10,
      neverCalm: 2,
      longest: { a: { us: 5, seed: 1 }, b: { us: 6, seed: 2 }, c: { us: 0, seed: 2 }, d: { us: 0, seed: 1 } },
    });
  });

  test("keep the first hundred broken seeds, and count the others", () => {
    const broken = (from: number) =>
      Array.from({ length: 60 }, (_, place) => ({
        seed: from + place,
        property: "p",
        sentence: "s",
        kind: "always" as const,
        atUs: 1,
      }));
    const part = (from: number) => ({ ...NOTHING_RUN, broken: broken(from), brokenCount: 60, brokenBy: { p: 60 } });
    const sum = together(part(1), part(61));
    expect(sum.broken.map(({ seed }) => seed)).toEqual(Array.from({ length: 100 }, (_, place) => place + 1));
    expect([sum.brokenCount, sum.brokenBy]).toEqual([120, { p: 120 }]);
  });
});

describe("a campaign", () => {
  const whole = runSeeds(flawed, 1, 120, {}, true);

  test("is the sum of its parts, wherever it is divided, so that threads can share it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 120 }), (place) => {
        const parts = [runSeeds(flawed, 1, place, {}, true), runSeeds(flawed, place + 1, 120, {}, true)] as const;
        expect(together(...parts)).toEqual(whole);
        expect(structuredClone(parts)).toEqual(parts);
      }),
      { numRuns: 4 },
    );
  });

  test("is the sum of its seeds, in their order", () => {
    const results = Array.from({ length: 120 }, (_, place) => runSeed(flawed, place + 1));
    const broken = results.flatMap(({ seed, violation }) => (violation ? [{ ...violation, seed }] : []));
    const sum = (of: (result: (typeof results)[number]) => number) =>
      results.reduce((total, one) => total + of(one), 0);
    expect(broken.length).toBeGreaterThan(3);
    expect(whole).toMatchObject({
      schedules: 120,
      broken,
      brokenCount: broken.length,
      virtualUs: sum(({ endUs }) => endUs),
      neverCalm: 0,
    });
    expect(Object.values(whole.brokenBy).reduce((one, other) => one + other)).toBe(broken.length);
    for (const name of ["messages-sent", "values-chosen", "duels", "crashes"]) {
      expect(whole.counts[name]).toBe(sum((result) => result.counts[name] ?? 0));
    }
    const slowest = results.reduce((one, other) =>
      (other.longestUs["to a choice"] ?? 0) > (one.longestUs["to a choice"] ?? 0) ? other : one,
    );
    expect(whole.longest).toEqual({ "to a choice": { us: slowest.longestUs["to a choice"], seed: slowest.seed } });
  });

  test("stops after the first seed that breaks something, unless it is to go on", () => {
    const first = whole.broken[0]?.seed ?? 0;
    const short = runSeeds(flawed, 1, 120, {}, false);
    expect(short).toEqual(runSeeds(flawed, 1, first, {}, true));
    expect(short).toMatchObject({ schedules: first, brokenCount: 1, broken: [whole.broken[0]] });
  });

  test("of no seeds has run nothing", () => {
    expect(runSeeds(flawed, 5, 4, {}, true)).toEqual(NOTHING_RUN);
  });

  test("counts the runs of which liveness asks nothing, and says which property each broken seed broke", () => {
    const faults = parseFaults("drop 1%");
    expect(runSeeds(obedientSystem(), 1, 3, { faults }, true)).toMatchObject({ neverCalm: 3, brokenBy: {} });
    const summary = runSeeds(obedientSystem(), 1, 3, { faults: [] }, true);
    expect(summary).toMatchObject({ neverCalm: 0, brokenCount: 3, brokenBy: { settles: 3 } });
    expect(summary.broken.map(({ seed, kind }) => [seed, kind])).toEqual([
      [1, "liveness"],
      [2, "liveness"],
      [3, "liveness"],
    ]);
  });

  test("names what ought to happen now and then, and never did", () => {
    const requests = [tell(1, "n1", letter("n2", "greeting"))];
    const never = (system: ReturnType<typeof obedientSystem>) =>
      neverHappened(system, runSeeds(system, 1, 2, { faults: [] }, true)).map(({ name }) => name);
    expect(never(obedientSystem())).toEqual(["greetings"]);
    expect(never(obedientSystem({ requests }))).toEqual([]);
    expect(neverHappened(obedientSystem(), NOTHING_RUN).map(({ name }) => name)).toEqual(["greetings"]);
  });
});

test("the properties of a system are those that never may be broken, the nodes' own rules, and liveness", () => {
  expect(propertiesOf(obedientSystem()).map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
    "no-curse: always",
    "own-rules: always",
    "settles: liveness",
  ]);
  expect(propertiesOf({ ...obedientSystem(), liveness: null }).map(({ name }) => name)).toEqual([
    "no-curse",
    "own-rules",
  ]);
});

describe("the settings of a protocol", () => {
  const protocol: Protocol = {
    name: "tiny",
    summary: "",
    settings: {
      nodes: { sentence: "", default: 3, least: 1, most: 9 },
      rounds: { sentence: "", default: 5, least: 0, most: 5 },
    },
    mutations: [],
    modelSettings: () => ({}),
    system: () => obedientSystem(),
  };
  const mutation = { name: "m", sentence: "", settings: { nodes: 4 } };

  test("are those that are given, else what the mutation needs, else the usual ones", () => {
    expect(settingsFor(protocol, {}, null)).toEqual({ nodes: 3, rounds: 5 });
    expect(settingsFor(protocol, {}, mutation)).toEqual({ nodes: 4, rounds: 5 });
    expect(settingsFor(protocol, { nodes: 7 }, mutation)).toEqual({ nodes: 7, rounds: 5 });
    expect(settingsFor(protocol, { rounds: 0 }, { name: "n", sentence: "" })).toEqual({ nodes: 3, rounds: 0 });
  });

  test.each([[1], [9]])("may be as little and as much as they say: %i", (nodes) => {
    expect(settingsFor(protocol, { nodes }, null)).toMatchObject({ nodes });
  });

  test.each([0, 10, 1.5, Number.NaN, -1, Number.POSITIVE_INFINITY])("are refused out of their range: %d", (nodes) => {
    expect(() => settingsFor(protocol, { nodes }, null)).toThrow(
      new RangeError(`nodes must be a whole number 1..9, not ${nodes}`),
    );
  });

  test.each(["node", "toString", "constructor", ""])("are refused where there are none of that name: %j", (name) => {
    expect(() => settingsFor(protocol, { [name]: 3 }, null)).toThrow(
      new RangeError(`tiny has no setting ${name}; it has nodes, rounds`),
    );
  });

  test("have usual values that are allowed, in every protocol and for every mutation", () => {
    for (const one of PROTOCOLS) {
      expect(() => one.system(settingsFor(one, settingsFor(one, {}, null), null), null)).not.toThrow();
      for (const flaw of one.mutations) {
        expect(() => one.system(settingsFor(one, { ...flaw.settings }, flaw), flaw.name)).not.toThrow();
      }
    }
  });
});
