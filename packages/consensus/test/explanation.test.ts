import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { majorityOf } from "../src/core/quorum.js";
import { explain, MAJORITIES_SHOWN, type NextChoice, type Observation } from "../src/paxos/explanation.js";
import type { Acceptance } from "../src/paxos/messages.js";

const POOL_OF_3 = ["one", "two", "three"];

/** An acceptor that accepted these, in this order, and remembers all. */
function seen(acceptor: string, ...history: Acceptance[]): Observation {
  const accepted = history.at(-1) ?? null;
  return { acceptor, promisedId: accepted?.acceptedId ?? -1, accepted, history, missingThroughId: -1 };
}

function pair(acceptedId: number, acceptedValue: string): Acceptance {
  return { acceptedId, acceptedValue };
}

describe("what is said of an instance", () => {
  test("open: nobody has accepted anything, and every majority leaves a proposer free", () => {
    const explanation = explain(
      POOL_OF_3,
      1,
      POOL_OF_3.map((name) => seen(name)),
    );
    expect(explanation).toMatchObject({ verdict: "open", chosen: null, proposals: [], mayBeChosen: [], conflicts: [] });
    expect(explanation).toMatchObject({ poolSize: 3, majority: 2, unreachable: [], mayBeUnseen: false });
    expect(explanation.next).toMatchObject([{ choice: { kind: "free" }, count: 3 }]);
  });

  test("open: one of three accepted, and both others are seen not to have", () => {
    const explanation = explain(POOL_OF_3, 1, [seen("one", pair(9, "x")), seen("two"), seen("three")]);
    expect(explanation.verdict).toBe("open");
    expect(explanation.proposals).toEqual([{ ...pair(9, "x"), acceptors: ["one"], uncertain: [] }]);
  });

  test("chosen: a majority accepted one proposal", () => {
    const explanation = explain(POOL_OF_3, 1, [seen("three", pair(9, "x")), seen("one", pair(9, "x"))]);
    expect(explanation).toMatchObject({ verdict: "chosen", chosen: pair(9, "x"), unreachable: ["two"] });
    expect(explanation.proposals).toEqual([{ ...pair(9, "x"), acceptors: ["one", "three"], uncertain: ["two"] }]);
  });

  test("chosen: a majority once had it, though each holds the value under another id by now", () => {
    const observations = [seen("one", pair(9, "x"), pair(16, "x")), seen("two", pair(9, "x")), seen("three")];
    expect(explain(POOL_OF_3, 1, observations)).toMatchObject({ verdict: "chosen", chosen: pair(9, "x") });
  });

  test("equal values under different ids are not chosen", () => {
    const observations = [seen("one", pair(9, "x")), seen("two", pair(10, "x")), seen("three", pair(11, "x"))];
    expect(explain(POOL_OF_3, 1, observations)).toMatchObject({ verdict: "open", chosen: null });
  });

  test("may be chosen: the server that is down could complete the majority", () => {
    const explanation = explain(POOL_OF_3, 1, [seen("one", pair(9, "x")), seen("two")]);
    expect(explanation).toMatchObject({ verdict: "may-be-chosen", chosen: null, mayBeUnseen: false });
    expect(explanation.mayBeChosen).toEqual([{ ...pair(9, "x"), acceptors: ["one"], uncertain: ["three"] }]);
  });

  test("may be chosen: so many servers are down that they may have chosen what nobody else has heard of", () => {
    const explanation = explain(POOL_OF_3, 1, [seen("one")]);
    expect(explanation).toMatchObject({ verdict: "may-be-chosen", mayBeChosen: [], mayBeUnseen: true });
  });

  test("may be chosen: a history that is cut at or above the id cannot vouch that it was never accepted", () => {
    const forgetful = (missingThroughId: number) => ({ ...seen("two", pair(20, "y")), missingThroughId });
    const explain9 = (missingThroughId: number) =>
      explain(POOL_OF_3, 1, [seen("one", pair(9, "x")), forgetful(missingThroughId), seen("three")]);
    expect(explain9(9)).toMatchObject({
      verdict: "may-be-chosen",
      mayBeChosen: [{ acceptedId: 9, uncertain: ["two"] }],
    });
    expect(explain9(8)).toMatchObject({ verdict: "open", mayBeChosen: [] });
  });

  test("may be chosen: a cut history and a server that is down together may have chosen something unseen", () => {
    const cut = { ...seen("two", pair(20, "y")), missingThroughId: 12 };
    expect(explain(POOL_OF_3, 1, [seen("one"), cut]).mayBeUnseen).toBe(true);
    expect(explain(POOL_OF_3, 1, [seen("one"), cut, seen("three")]).mayBeUnseen).toBe(false);
  });

  test("broken: two majorities accepted different values, at whatever time", () => {
    const observations = [
      seen("one", pair(9, "x")),
      seen("two", pair(9, "x"), pair(10, "y")),
      seen("three", pair(10, "y")),
    ];
    const explanation = explain(POOL_OF_3, 1, observations);
    expect(explanation.verdict).toBe("broken");
    expect(explanation.conflicts).toMatchObject([
      { kind: "two-values-chosen", between: [{ acceptedId: 9 }, { acceptedId: 10 }] },
    ]);
  });

  test("two values under one id are a broken rule, but neither need be chosen", () => {
    const explanation = explain(POOL_OF_3, 1, [seen("one", pair(9, "x")), seen("two", pair(9, "y")), seen("three")]);
    expect(explanation.verdict).toBe("open");
    expect(explanation.conflicts).toMatchObject([{ kind: "two-values-under-one-id" }]);
    expect(explanation.next.map(({ choice, majorities }) => [choice.kind, majorities])).toEqual([
      ["bound", [["one", "three"]]],
      ["bound", [["two", "three"]]],
      ["conflict", [["one", "two"]]],
    ]);
  });

  test("no majority answers: there is no next choice to tell of", () => {
    expect(explain(POOL_OF_3, 1, [seen("one", pair(9, "x"))]).next).toEqual([]);
    expect(explain(POOL_OF_3, 1, []).next).toEqual([]);
  });
});

interface Truth {
  readonly pool: readonly string[];
  readonly observations: readonly Observation[];
  /** Everything that each acceptor ever accepted, known to the test alone. */
  readonly records: ReadonlyMap<string, readonly Acceptance[]>;
}

const acceptorTruth = fc.record({
  ids: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
  values: fc.array(fc.constantFrom("x", "y", "z"), { minLength: 5, maxLength: 5 }),
  answers: fc.boolean(),
  forgotten: fc.integer({ min: 0, max: 3 }),
});

/** What really happened in a pool, by the rules of one value an id or not, and what can be seen of it. */
const truth: fc.Arbitrary<Truth> = fc
  .record({ acceptors: fc.array(acceptorTruth, { minLength: 1, maxLength: 7 }), lawful: fc.boolean() })
  .map(({ acceptors, lawful }) => {
    const [first] = acceptors;
    const records = new Map<string, readonly Acceptance[]>();
    const observations = acceptors.flatMap(({ ids, values, answers, forgotten }, index): Observation[] => {
      const source = (lawful ? first?.values : values) ?? values;
      const record = [...ids].sort((a, b) => a - b).map((id) => pair(id, source[id] ?? "x"));
      records.set(`${index}`, record);
      const missingThroughId = record.slice(0, forgotten).at(-1)?.acceptedId ?? -1;
      const history = record.slice(forgotten);
      return answers ? [{ ...seen(`${index}`, ...record), history, missingThroughId }] : [];
    });
    return { pool: acceptors.map((_, index) => `${index}`), observations, records };
  });

/** Proposals that a majority of the pool really accepted. */
function chosenIn({ pool, records }: Truth): string[] {
  const told = [...records.values()].flatMap((record) => record.map((accepted) => JSON.stringify(accepted)));
  return [...new Set(told)].filter((one) => told.filter((other) => other === one).length >= majorityOf(pool.length));
}

describe("what is said is true of whatever may have happened", () => {
  test("chosen was chosen, open was not, and all that was chosen is named unless it may be unseen", () => {
    fc.assert(
      fc.property(truth, (world) => {
        const { verdict, chosen, mayBeChosen, mayBeUnseen } = explain(world.pool, 1, world.observations);
        const truly = chosenIn(world);
        if (chosen) expect(truly).toContain(JSON.stringify(chosen));
        if (verdict === "open") expect(truly).toEqual([]);
        if (verdict === "chosen" || verdict === "broken") expect(chosen).not.toBeNull();
        if (verdict === "broken") expect(truly.length).toBeGreaterThan(1);
        if (verdict === "may-be-chosen") expect(mayBeChosen.length > 0 || mayBeUnseen).toBe(true);
        if (truly.length > 0 && chosen === null && !mayBeUnseen) {
          const named = mayBeChosen.map(({ acceptedId, acceptedValue }) =>
            JSON.stringify(pair(acceptedId, acceptedValue)),
          );
          expect(named).toEqual(expect.arrayContaining(truly));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("who is seen to have accepted a proposal, and who is uncertain, are just those", () => {
    fc.assert(
      fc.property(truth, (world) => {
        const { proposals, unreachable } = explain(world.pool, 1, world.observations);
        for (const { acceptedId, acceptedValue, acceptors, uncertain } of proposals) {
          for (const name of world.pool) {
            const observation = world.observations.find(({ acceptor }) => acceptor === name);
            const told = observation ? [...observation.history, observation.accepted] : [];
            const sure = told.some((one) => one?.acceptedId === acceptedId && one.acceptedValue === acceptedValue);
            expect(acceptors.includes(name)).toBe(sure);
            const mayHave = !observation || observation.missingThroughId >= acceptedId;
            expect(uncertain.includes(name)).toBe(!sure && mayHave);
            expect(unreachable.includes(name)).toBe(!observation);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("what the next proposer will find", () => {
  test("the groups of majorities are those found by going through every single one", () => {
    fc.assert(
      fc.property(truth, ({ pool, observations }) => {
        const { next, majority } = explain(pool, 1, observations);
        const found = byBruteForce(observations, majority);
        expect(next.map(({ choice }) => keyOf(choice)).sort()).toEqual([...found.keys()].sort());
        for (const { choice, count, majorities } of next) {
          const all = found.get(keyOf(choice)) ?? [];
          expect(count).toBe(all.length);
          expect(majorities).toHaveLength(Math.min(count, MAJORITIES_SHOWN));
          expect(new Set(majorities.map(String)).size).toBe(majorities.length);
          for (const names of majorities) expect(all).toContain(String(names));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("they come in the order of ids, the highest first and free last", () => {
    fc.assert(
      fc.property(truth, ({ pool, observations }) => {
        const ids = explain(pool, 1, observations).next.map(({ choice }) => idOf(choice));
        expect(ids).toEqual([...ids].sort((one, other) => other - one));
      }),
    );
  });
});

/** Every subset of the size of a majority, under what it would leave to a proposer. */
function byBruteForce(observations: readonly Observation[], majority: number): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (let bits = 0; bits < 2 ** observations.length; bits++) {
    const members = observations.filter((_, index) => (bits >> index) & 1);
    if (members.length !== majority) continue;
    const highest = Math.max(...members.map(({ accepted }) => accepted?.acceptedId ?? -1));
    const top = members.flatMap(({ accepted }) => (accepted?.acceptedId === highest ? [accepted.acceptedValue] : []));
    const [value] = top;
    const isBound = new Set(top).size === 1;
    const key = value === undefined ? "free" : isBound ? `bound ${highest} ${value}` : `conflict ${highest}`;
    found.set(key, [...(found.get(key) ?? []), String(members.map(({ acceptor }) => acceptor))]);
  }
  return found;
}

function keyOf(choice: NextChoice["choice"]): string {
  if (choice.kind === "bound") return `bound ${choice.by.acceptedId} ${choice.by.acceptedValue}`;
  return choice.kind === "free" ? "free" : `conflict ${idOf(choice)}`;
}

function idOf(choice: NextChoice["choice"]): number {
  if (choice.kind === "free") return -1;
  return choice.kind === "bound" ? choice.by.acceptedId : choice.between[0].acceptedId;
}
