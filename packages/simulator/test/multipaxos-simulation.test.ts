import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import {
  faultsOf,
  neverHappened,
  PROTOCOLS,
  runSeed,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
  TraceDigest,
  type WorldEvent,
} from "../src/index.ts";
import type { MultiPaxosKinds } from "../src/multipaxos/multipaxos-kinds.ts";
import type { ClusterEvent } from "./multipaxos-events.ts";

const GOLDEN = fileURLToPath(new URL("multipaxos-digests.txt", import.meta.url));

const protocol = PROTOCOLS.find(({ name }) => name === "multipaxos");
if (!protocol) throw new Error("there is no Multi-Paxos");

function systemOf(given: Settings = {}): System<MultiPaxosKinds> {
  if (!protocol) throw new Error("there is no Multi-Paxos");
  return protocol.system(settingsFor(protocol, given, null), null) as System<MultiPaxosKinds>;
}

describe("Multi-Paxos, whatever the network, the disks, the crashes and people do", () => {
  test("breaks no property in seeds 1 to 40, and that is no empty promise: all that ought to happen does", () => {
    const system = systemOf();
    const summary = runSeeds(system, 1, 40, {}, true);
    expect(summary.broken).toEqual([]);
    expect(neverHappened(system, summary)).toEqual([]);
    expect(summary.counts["writes-acknowledged"]).toBeGreaterThan(40 * 150);
    expect(summary.counts["strong-reads"]).toBeGreaterThan(40 * 50);
    expect(summary.counts["messages-delivered"]).toBeLessThan(40 * 10_000);
  });

  test.each<[settings: Settings, last: number]>([
    [{ acceptors: 5, proposers: 3, learners: 3, clients: 3, "hand-accepts": 4 }, 10],
    [{ acceptors: 1, proposers: 1, learners: 1, clients: 1 }, 10],
    [{ acceptors: 4, learners: 1, "kept-below-snapshot": 0, "snapshot-characters": 1 }, 10],
    [{ sessions: 1, "sequences-ahead": 2, "hand-prepares": 0 }, 10],
    [{ "hand-prepares": 60, sessions: 3 }, 10],
  ])("breaks no property with %j, in seeds 1 to %i", (settings, last) => {
    const { broken } = runSeeds(systemOf(settings), 1, last, {}, true);
    expect(broken).toEqual([]);
  });
});

describe("a cluster that is simulated", () => {
  test("has the nodes that its settings ask for, and a person", () => {
    const { nodes } = systemOf({ acceptors: 2, proposers: 2, learners: 1, clients: 1 });
    expect(nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      ...["a1 acceptor", "a2 acceptor", "p1 proposer", "p2 proposer", "l1 learner", "c1 client", "h1 person"],
    ]);
  });

  test("is asked for as many writes and reads as its settings say, most of them before the last fault is over", () => {
    const calmUs = 1_000_000;
    const requests = systemOf({ operations: 500 }).requests(Random.fromSeed(1), calmUs);
    const operations = requests.filter(({ command }) => typeof command !== "string" && "timeoutMs" in command);
    const underFaults = operations.filter(({ atUs }) => atUs < calmUs).length;
    expect(operations.length).toBeGreaterThanOrEqual(500);
    expect(underFaults).toBeGreaterThan(300);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(requests.length);
  });

  test("has faults for a second and a half, where single-decree Paxos has them for a fifth of one", () => {
    const lasts = Array.from({ length: 100 }, (_, seed) => faultsOf(systemOf(), seed)).flat();
    const ends = lasts.map((fault) => (fault.atUs ?? 0) + ("forUs" in fault ? (fault.forUs ?? 0) : 0));
    expect(Math.max(...ends)).toBeGreaterThan(1_000_000);
    expect(Math.max(...ends)).toBeLessThanOrEqual(1_500_000);
  });

  test("never has a submission repeated on its way: of a repeated one nobody could say that it was refused", () => {
    const { isSentOnce } = systemOf();
    expect(isSentOnce?.({ type: "submit", submission: 1, requests: [] })).toBe(true);
    expect(isSentOnce?.({ type: "read-barrier", requestId: "b" })).toBe(false);
  });

  test("is not for the model checker, and says so", () => {
    expect(() => protocol.modelSettings({})).toThrow(
      new RangeError("multipaxos is simulated only: its states are too many to visit them all"),
    );
  });

  test("speaks of everything in words", () => {
    const system = systemOf();
    const words = new Set<string>();
    for (let seed = 1; seed <= 5; seed++) {
      runSeed<MultiPaxosKinds>(system, seed, {
        observe: (event: ClusterEvent) => {
          if (event.kind === "request") words.add(system.commandInWords(event.command));
          if (event.kind === "reply") words.add(system.replyInWords(event.reply));
          if (event.kind === "store") for (const write of event.writes) words.add(system.writeInWords(write));
          if (event.kind === "send") words.add(system.messageInWords(event.message));
        },
      });
    }
    for (const word of words) expect(word).not.toMatch(/undefined|\[object|NaN/);
    const some = [
      /^prepare 1 for all slots from 1 on$/,
      /^accept under \d+ 1: /,
      /^I lead under /,
      /^written in slot /,
    ];
    for (const one of [...some, /^a snapshot through /, /^forget everything through /, /^read .*, strong$/]) {
      expect(
        [...words].some((word) => one.test(word)),
        `${one}`,
      ).toBe(true);
    }
  });
});

test("a seed of Multi-Paxos gives the same run, to the byte, on every machine", () => {
  const lines = [{}, { acceptors: 5, proposers: 3, learners: 3 }].flatMap((settings) =>
    [0, 1, 7, 2 ** 40 + 1].map((seed) => {
      const digest = new TraceDigest();
      const observe = (event: WorldEvent, nowUs: number) => digest.add(event, nowUs);
      runSeed(systemOf(settings) as unknown as System, seed, { observe });
      return `${digest.text}  ${JSON.stringify(settings)}, random faults, seed ${seed}`;
    }),
  );
  const now = `${lines.join("\n")}\n`;
  if (process.env["UPDATE_TRACES"]) writeFileSync(GOLDEN, now);
  expect(now).toBe(readFileSync(GOLDEN, "utf8"));
});

test("what cannot happen with some settings is not asked for", () => {
  const asked = (given: Settings) => systemOf(given).sometimes.map(({ name }) => name);
  const usual = asked({});
  const missing = (given: Settings) => usual.filter((name) => !asked(given).includes(name));
  expect(missing({ proposers: 1 })).toEqual(["leader-changes", "rumours-heard", "rumours-followed"]);
  expect(missing({ learners: 1 })).toEqual(["snapshots-installed", "learned-from-peers", "quiet-learners"]);
  expect(missing({ acceptors: 1 })).toEqual(["gaps-filled"]);
  expect(missing({ "hand-accepts": 0 })).toEqual(["values-by-hand"]);
  expect(missing({ "hand-accepts": 0, "hand-prepares": 0 })).toEqual(["pre-empted-by-hand", "values-by-hand"]);
  expect(missing({ sessions: 1000 })).toEqual(["sessions-expired", "expiries-told"]);
  expect(missing({ "snapshot-characters": 1_000_000 })).toEqual([
    "snapshots-taken",
    "snapshots-installed",
    "truncations",
  ]);
});
