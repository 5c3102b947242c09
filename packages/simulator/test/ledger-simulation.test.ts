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
import { LEDGER } from "../src/ledger/ledger-protocol.ts";
import { LEDGER_MUTATIONS } from "../src/ledger/mutations.ts";
import type { MultiPaxosKinds } from "../src/multipaxos/multipaxos-kinds.ts";
import { FAULTS_FOR_LEDGER_FLAWS, SEEN_IN_THE_CHAIN } from "./ledger-flaws.ts";
import type { ClusterEvent } from "./multipaxos-events.ts";

function systemOf(given: Settings = {}, flaw: string | null = null): System<MultiPaxosKinds> {
  const mutation = LEDGER_MUTATIONS.find(({ name }) => name === flaw) ?? null;
  return LEDGER.system(settingsFor(LEDGER, given, mutation), flaw) as System<MultiPaxosKinds>;
}

describe("the ledger, whatever the network, the disks, the crashes and people do", () => {
  test("breaks no property in seeds 1 to 8, and that is no empty promise: all that ought to happen does", () => {
    // Fewer sessions than clients have, and a busy person: so few seeds see all of it.
    const system = systemOf({ sessions: 2, "hand-accepts": 4 });
    const summary = runSeeds(system, 1, 8, {}, true);
    expect(summary.broken).toEqual([]);
    expect(neverHappened(system, summary)).toEqual([]);
    expect(summary.counts["writes-acknowledged"]).toBeGreaterThan(8 * 150);
    expect(summary.counts["values-told"]).toBeGreaterThan(8 * 50);
  });

  test.each<[settings: Settings, last: number]>([
    [{ acceptors: 5, proposers: 3, learners: 3, clients: 3, operations: 200, difficulty: 4 }, 3],
    [{ learners: 1, "kept-below-snapshot": 0, "snapshot-characters": 1, operations: 100, difficulty: 0 }, 3],
    [{ sessions: 1, "sequences-ahead": 2, "hand-prepares": 60, "hand-accepts": 10, operations: 200 }, 3],
  ])("breaks no property with %j, in seeds 1 to %i", (settings, last) => {
    expect(runSeeds(systemOf(settings), 1, last, {}, true).broken).toEqual([]);
  });

  test("gives the same run for a seed, to the byte", () => {
    const digestOf = () => {
      const digest = new TraceDigest();
      const observe = (event: WorldEvent, nowUs: number) => digest.add(event, nowUs);
      runSeed(systemOf({ operations: 100 }) as unknown as System, 7, { observe });
      return digest.text;
    };
    expect(digestOf()).toBe(digestOf());
  });
});

/** Where the search begins, within how many seeds each flaw is caught, and as what, by those who see the chain alone. */
const CAUGHT: readonly [name: string, from: number, within: number, property: string][] = [
  ["keeps-promises-in-memory", 4, 15, "one-chain"],
  ["never-catches-up", 3, 15, "one-chain"],
  ["chains-copies", 1, 3, "no-request-twice"],
  ["hashes-no-operation", 1, 3, "blocks-verify"],
  ["links-stale-head", 1, 3, "blocks-verify"],
  ["gets-beside-chain", 1, 3, "acknowledged-is-a-block"],
  ["believes-any-nonce", 1, 3, "blocks-verify"],
  ["stamps-when-applied", 2, 10, "one-chain"],
  ["forgets-head", 2, 10, "blocks-verify"],
  ["compares-keys-as-written", 1, 3, "gets-tell-the-chain"],
  ["unknown-is-refused", 1, 5, "refused-is-no-block"],
];

describe("a flaw planted in the ledger is found by its chain alone", () => {
  test.each(CAUGHT)("%s, from seed %i on and up to seed %i, as %s", (name, from, within, property) => {
    const text = FAULTS_FOR_LEDGER_FLAWS[name];
    const faults = text === undefined ? null : parseFaults(text);
    const [caught] = runSeeds(
      systemOf({}, name),
      from,
      within,
      { faults, properties: SEEN_IN_THE_CHAIN },
      false,
    ).broken;
    expect(caught?.property).toBe(property);
  });

  test("whichever it is: there is none that is not in this table", () => {
    expect(LEDGER_MUTATIONS.map(({ name }) => name)).toEqual(CAUGHT.map(([name]) => name));
  });
});

describe("what a ledger's simulation tells", () => {
  test("is in words about operations, nonces and blocks", () => {
    const system = systemOf();
    const words = new Set<string>();
    const add = (kind: string, text: string) => words.add(`${kind}: ${text}`);
    runSeed<MultiPaxosKinds>(system, 3, {
      observe: (event: ClusterEvent) => {
        if (event.kind === "request" || event.kind === "apply") add(event.kind, system.commandInWords(event.command));
        if (event.kind === "reply") add("reply", system.replyInWords(event.reply));
        if (event.kind === "store") for (const write of event.writes) add("store", system.writeInWords(write));
        if (event.kind === "send") add("send", system.messageInWords(event.message));
      },
    });
    for (const word of words) expect(word).not.toMatch(/undefined|\[object|NaN/);
    for (const one of [
      /^request: put "alice" "v\d+" with nonce \d+$/,
      /^request: read \{"type":"head"\}, strong$/,
      /^apply: get \{"first":1,"second":\[2\]\} with nonce \d+ \(.*\/\d+\/\d+\)$/,
      /^apply: open a session for /,
      /^store: accepted put .* with nonce \d+ \(.*\) in slot \d+ under \d+$/,
      /^store: block 1 \([0-9a-f]{8}, the first\): /,
      /^store: block \d+ \([0-9a-f]{8}, after [0-9a-f]{8}\): /,
      /^store: a snapshot through \d+$/,
      /^send: put into the log: .*put "a key - with signs" /,
      /^send: accept under \d+ \d+: /,
      /^reply: success; it is block \d+ \([0-9a-f]{8}\), in slot \d+$/,
      /^reply: "v\d+"; it is block /,
      /^reply: KEY_DOES_NOT_EXIST; it is block /,
    ]) {
      expect(
        [...words].some((word) => one.test(word)),
        `${one}`,
      ).toBe(true);
    }
  });

  test("of a flaw is a short story, which breaks the same property when it is told again", () => {
    const settings = { acceptors: 1, proposers: 1, learners: 1, clients: 1, operations: 10, "hand-prepares": 0 };
    const system = systemOf(settings, "hashes-no-operation") as unknown as System;
    const seed = runSeeds(system, 1, 20, {}, false).broken[0]?.seed ?? 0;
    const found = counterexampleOf(system, seed);
    expect(found?.violation.property).toBe("blocks-verify");
    expect(found?.violation.sentence).toMatch(/^block 1 of l\d: its hash is not the digest of the rest of it$/);
    expect(storyOf(found?.steps ?? []).join("\n")).toMatch(/has on disk: block 1 \([0-9a-f]{8}, the first\): /);
    expect(replay(system, seed, found?.actions ?? []).violation).toEqual(found?.violation);
  });

  test("is asked for by its name, and has the settings of the log and a difficulty", () => {
    expect(Object.keys(LEDGER.settings)).toContain("difficulty");
    expect(() => LEDGER.system({}, "nonsense")).toThrow(new RangeError("there is no mutation nonsense"));
    expect(() => LEDGER.modelSettings({})).toThrow("ledger is simulated only");
    const asked = (given: Settings) => systemOf(given).sometimes.map(({ name }) => name);
    expect(asked({})).toContain("snapshots-linked");
    expect(asked({ learners: 1 })).not.toContain("snapshots-linked");
  });
});
