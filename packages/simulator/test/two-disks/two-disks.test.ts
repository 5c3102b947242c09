import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  counterexampleOf,
  exploreModel,
  neverHappened,
  parseFaults,
  runSeed,
  runSeeds,
  type Settings,
  settingsFor,
  stepsOf,
  storyOf,
  type WorldEvent,
} from "../../src/index.ts";
import { TWO_DISKS } from "./two-disks.ts";

/** Small enough to be visited whole. */
const BOUNDS = { requests: 2, crashes: 1, duplicates: 0, properties: null };

function simulated(mutation: string | null = null) {
  return TWO_DISKS.system(settingsFor(TWO_DISKS, {}, null), mutation);
}

function modelled(mutation: string | null = null, given: Settings = {}) {
  return TWO_DISKS.system(settingsFor(TWO_DISKS, { ...TWO_DISKS.modelSettings(given), ...given }, null), mutation);
}

describe("two disks", () => {
  test("break nothing in a thousand schedules, and all that ought to happen does", () => {
    const summary = runSeeds(simulated(), 1, 1000, {}, true);
    expect(summary.broken).toEqual([]);
    expect(neverHappened(simulated(), summary)).toEqual([]);
  });

  test("break nothing in any state of a small world", () => {
    const { verdict, states, notSeen } = exploreModel(modelled(), BOUNDS);
    expect({ verdict, states, notSeen }).toEqual({ verdict: "holds", states: 670, notSeen: [] });
  });

  test("ask for liveness only where main tries often enough", () => {
    expect(modelled(null, { attempts: 99 }).liveness).toBeNull();
    expect(modelled(null, { attempts: 100 }).liveness).not.toBeNull();
  });

  test.each([
    ["takes-any-answer", 10, "told-is-kept"],
    ["copies-before-write", 226, "one-text-a-version"],
    ["copies-once", 4, "client-is-told"],
  ])("with %s are caught in seed %i: %s", (mutation, seed, property) => {
    const { broken } = runSeeds(simulated(mutation), 1, 1000, {}, false);
    expect(broken).toMatchObject([{ seed, property }]);
  });

  test.each([
    ["takes-any-answer", "told-is-kept", 10],
    ["copies-before-write", "one-text-a-version", 6],
  ])("with %s break %s in the model, and no run of fewer than %i steps does", (mutation, property, depth) => {
    const { counterexample, ...result } = exploreModel(modelled(mutation), BOUNDS);
    expect(result).toMatchObject({ verdict: "violation", depth });
    expect(counterexample?.violation.property).toBe(property);
  });

  test("with copies-once break nothing in the model: it says nothing about what must happen", () => {
    expect(exploreModel(modelled("copies-once"), BOUNDS)).toMatchObject({ verdict: "holds", states: 74 });
  });

  test("tell of a flaw in few steps", () => {
    const counterexample = counterexampleOf(simulated("takes-any-answer"), 10);
    expect(storyOf(counterexample?.steps ?? [])).toEqual([
      '1. main is asked to keep "cocoa". It has on disk: version 1, "cocoa". It sends spare: copy version 1, "cocoa".',
      '2. spare hears from main: copy version 1, "cocoa". It has on disk: version 1, "cocoa". It sends main: copied 1.',
      '3. main is asked to keep "tea".',
      '4. main hears from spare: copied 1. It has on disk: version 2, "tea". It sends spare: copy version 2, "tea". It tells its client: "cocoa" is kept.',
      '5. main hears from spare: copied 1. It tells its client: "tea" is kept.',
    ]);
  });
});

describe("the golden trace of two disks", () => {
  const FILE = new URL("two-disks.txt", import.meta.url);
  const FAULTS = "cut main>spare at 0 for 40ms; crash main losing tail at 100ms for 20ms";

  test("a copy is lost and sent again, and main crashes", () => {
    const events: WorldEvent[] = [];
    const system = simulated();
    runSeed(system, 1, { faults: parseFaults(FAULTS), observe: (event) => void events.push(event) });
    const now = [`# Seed 1: ${FAULTS}`, "", ...storyOf(stepsOf(system, events)), ""].join("\n");
    if (process.env["UPDATE_TRACES"] === "1") writeFileSync(FILE, now);
    expect(now).toBe(readFileSync(FILE, "utf8"));
  });
});
