import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomWorld, type WorldOptions } from "./random-world.js";

const POOL_OF_3: WorldOptions = { acceptors: 3, contact: 3, unsafeMinority: false };
const POOL_OF_5: WorldOptions = { acceptors: 5, contact: 4, unsafeMinority: false };
const STEPS = 2000;

const seeds = fc.integer({ min: 0, max: 2 ** 32 });
const pools = fc.constantFrom(POOL_OF_3, POOL_OF_5, { ...POOL_OF_3, contact: 2 });

/** What the proposers of this world said was chosen. */
function reportedIn(world: RandomWorld): Set<string> {
  return new Set(world.reports.flatMap(({ chosen }) => (chosen ? [chosen.acceptedValue] : [])));
}

describe("agreement, whatever the network, the disks and the crashes do", () => {
  test("never do two majorities accept different values, and whoever reports a value reports that one", () => {
    fc.assert(
      fc.property(seeds, pools, (seed, options) => {
        const world = new RandomWorld(seed, options).run(STEPS);
        expect(world.chosenValues.size).toBeLessThanOrEqual(1);
        for (const value of reportedIn(world)) expect(world.chosenValues).toContain(value);
      }),
      { numRuns: 400 },
    );
  });

  test("that is no empty promise: in most of these worlds a value is chosen, and later met by others", () => {
    const worlds = Array.from({ length: 40 }, (_, seed) => new RandomWorld(seed, POOL_OF_3).run(STEPS));
    expect(worlds.filter((world) => world.chosenValues.size === 1).length).toBeGreaterThan(30);
    const replies = worlds.flatMap(({ reports }) => reports);
    for (const outcome of ["chosen", "already-chosen", "no-promise-majority", "no-accept-majority"]) {
      expect(replies.filter((reply) => reply.outcome === outcome).length, outcome).toBeGreaterThan(0);
    }
    const overridden = replies.filter(({ attempts }) => attempts.some(({ overriddenBy }) => overriddenBy !== null));
    expect(overridden.length).toBeGreaterThan(10);
  });

  test("proposers that go on with a minority do choose two values, so the check above can fail", () => {
    const contrary = (options: WorldOptions) => {
      for (let seed = 0; seed < 1000; seed++) {
        if (new RandomWorld(seed, options).run(STEPS).chosenValues.size > 1) return seed;
      }
      return null;
    };
    expect(contrary({ ...POOL_OF_3, contact: 2, unsafeMinority: true })).not.toBeNull();
    expect(contrary({ ...POOL_OF_5, contact: 3, unsafeMinority: true })).not.toBeNull();
  });

  test("the same seed gives the same world, or a failure could not be looked into", () => {
    const [one, other] = [1, 2].map(() => new RandomWorld(7, POOL_OF_5).run(STEPS).reports);
    expect(one).toEqual(other);
    expect(one).not.toEqual([]);
  });
});
