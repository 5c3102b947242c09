import { describe, expect, test } from "vitest";
import {
  counterexampleOf,
  neverHappened,
  parseFaults,
  replay,
  runSeed,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
  storyOf,
  TraceDigest,
  type WorldEvent,
} from "../src/index.ts";
import { RING_MUTATIONS } from "../src/ring/mutations.ts";
import { RING_ALWAYS } from "../src/ring/properties.ts";
import { RING } from "../src/ring/ring-protocol.ts";
import { CAUGHT_RING_FLAWS } from "./ring-flaws.ts";

function systemOf(given: Settings = {}, flaw: string | null = null): System {
  const mutation = RING_MUTATIONS.find(({ name }) => name === flaw) ?? null;
  return RING.system(settingsFor(RING, given, mutation), flaw);
}

describe("a ring, whatever the network, the disks and crashes do", () => {
  test("breaks no property in seeds 1 to 300, and that is no empty promise: all that ought to happen does", () => {
    const summary = runSeeds(systemOf(), 1, 300, {}, true);
    expect(summary.broken).toEqual([]);
    expect(neverHappened(systemOf(), summary)).toEqual([]);
    expect(summary.counts["told-of-a-value"]).toBeGreaterThan(300 * 2);
  });

  test.each<[settings: Settings, last: number]>([
    [{ proposers: 1, acceptors: 1, learners: 1, clients: 1 }, 100],
    [{ proposers: 3, acceptors: 5, learners: 2, clients: 3 }, 60],
    [{ proposers: 2, acceptors: 4, learners: 1, clients: 2 }, 60],
  ])("breaks no property with %j, in seeds 1 to %i", (settings, last) => {
    expect(runSeeds(systemOf(settings), 1, last, {}, true).broken).toEqual([]);
  });

  test("has one leader, who leads in the first election, where nothing fails", () => {
    const { counts } = runSeeds(systemOf(), 1, 20, { faults: [] }, false);
    expect(counts).toMatchObject({ leaders: 20, "elections-again": 0, "nodes-skipped": 0, "leaders-after-another": 0 });
  });

  test("has two that each announce START when the ring is cut in two, and agrees all the same", () => {
    const faults = parseFaults("cut n0,n1,n2,n3<>n4,n5,n6 at 0ms for 600ms");
    const { broken, counts } = runSeeds(systemOf(), 1, 20, { faults }, true);
    expect(broken).toEqual([]);
    expect(counts["leaders-after-another"]).toBeGreaterThan(0);
  });

  test("gives the same run for a seed, to the byte", () => {
    const digestOf = () => {
      const digest = new TraceDigest();
      runSeed(systemOf(), 7, { observe: (event: WorldEvent, nowUs: number) => digest.add(event, nowUs) });
      return digest.text;
    };
    expect(digestOf()).toBe(digestOf());
  });
});

describe("a flaw planted in a ring is found", () => {
  test.each(CAUGHT_RING_FLAWS)("%s, from seed %i on and up to seed %i, as %s", (name, from, within, property) => {
    const [caught] = runSeeds(systemOf({}, name), from, within, {}, false).broken;
    expect(caught?.property).toBe(property);
  });

  test("whichever it is: there is none that is not in this table", () => {
    expect(RING_MUTATIONS.map(({ name }) => name)).toEqual(CAUGHT_RING_FLAWS.map(([name]) => name));
  });

  test("and no property of its own is there for nothing: each is broken by some flaw", () => {
    const own = RING_ALWAYS.map(({ name }) => name).slice(-6);
    const broken = new Set(CAUGHT_RING_FLAWS.map(([, , , property]) => property));
    expect(own.filter((name) => !broken.has(name))).toEqual([]);
  });

  test("that the system it re-implements has, acceptors that keep nothing, loses the agreement itself", () => {
    const options = { properties: ["agreement"] };
    const { broken } = runSeeds(systemOf({}, "acceptor-keeps-nothing"), 1, 60, options, false);
    expect(broken).toMatchObject([{ property: "agreement" }]);
  });

  test("by what it breaks, and by none of its own: flawed members do not stop", () => {
    for (const { name } of RING_MUTATIONS) {
      const { brokenBy } = runSeeds(systemOf({}, name), 1, 15, { properties: ["own-rules"] }, true);
      expect(brokenBy, name).toEqual({});
    }
  });
});

describe("what a ring's simulation tells", () => {
  test("is in words about elections, roles and values", () => {
    const system = systemOf();
    const words = new Set<string>();
    const add = (kind: string, text: string) => words.add(`${kind}: ${text}`);
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      runSeed(system, seed, {
        observe: (event: WorldEvent) => {
          if (event.kind === "request" || event.kind === "apply") add(event.kind, system.commandInWords(event.command));
          if (event.kind === "reply") add("reply", system.replyInWords(event.reply));
          if (event.kind === "store") for (const write of event.writes) add("store", system.writeInWords(write));
          if (event.kind === "send") add("send", system.messageInWords(event.message));
        },
      });
    }
    for (const word of words) expect(word).not.toMatch(/undefined|\[object|NaN/);
    for (const one of [
      /^request: set "tea", by proposer \d first$/,
      /^request: leave$/,
      /^apply: "/,
      /^store: in election 1$/,
      /^store: accepted "/,
      /^send: election 1: 6 stands$/,
      /^send: election 1: 6 leads$/,
      /^send: election 1: I pass on that 6 leads$/,
      /^send: START of election 1, by 6$/,
      /^send: request 1: propose "/,
      /^send: what have you accepted\?$/,
      /^send: "[a-z]+" is chosen$/,
      /^send: all clients are done$/,
      /^reply: "[a-z]+" is chosen, says n[56]$/,
      /^reply: all is told$/,
    ]) {
      expect(
        [...words].some((word) => one.test(word)),
        `${one}`,
      ).toBe(true);
    }
  });

  test("of a flaw is a story, which breaks the same property when it is told again", () => {
    const system = systemOf({ proposers: 1, acceptors: 1, learners: 1, clients: 1 }, "leads-at-once");
    const found = counterexampleOf(system, 1);
    expect(found?.violation.property).toBe("leaders-are-elected");
    expect(storyOf(found?.steps ?? []).join("\n")).toMatch(/START of election 1, by \d/);
    expect(replay(system, 1, found?.actions ?? []).violation).toEqual(found?.violation);
  });

  test("is asked for by its name; a model check has no end, and says so", () => {
    expect(() => RING.system({}, "nonsense")).toThrow(new RangeError("there is no mutation nonsense"));
    expect(() => RING.modelSettings({})).toThrow("ring is simulated only");
    const asked = (given: Settings) => systemOf(given).sometimes.map(({ name }) => name);
    expect(asked({})).toContain("turned-to-the-next");
    expect(asked({ proposers: 1, clients: 1 })).not.toContain("turned-to-the-next");
  });
});
