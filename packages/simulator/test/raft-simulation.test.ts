import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Random } from "@synod/consensus";
import { Ledger, ReplicatedState, type SessionLimits } from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import {
  neverHappened,
  runSeed,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
  TraceDigest,
  type WorldEvent,
} from "../src/index.ts";
import { ledgerService } from "../src/ledger/ledger-service.ts";
import { REAL_RAFT } from "../src/raft/parts.ts";
import type { RaftKinds } from "../src/raft/raft-kinds.ts";
import { RAFT } from "../src/raft/raft-protocol.ts";
import { raftSystem } from "../src/raft/raft-system.ts";

const GOLDEN = fileURLToPath(new URL("raft-digests.txt", import.meta.url));

function systemOf(given: Settings = {}): System<RaftKinds> {
  return RAFT.system(settingsFor(RAFT, given, null), null) as System<RaftKinds>;
}

describe("Raft, whatever the network, the disks, the crashes and operators do", () => {
  test("breaks no property in some seeds, and that is no empty promise: all that ought to happen does", () => {
    const system = systemOf();
    // Seeds among which there are some with what is rare: docs/testing.md says how many that takes.
    const summary = runSeeds(system, 1830, 1837, {}, true);
    expect(summary.broken).toEqual([]);
    expect(neverHappened(system, summary)).toEqual([]);
    expect(summary.counts["writes-acknowledged"]).toBeGreaterThan(8 * 150);
    expect(summary.counts["strong-reads"]).toBeGreaterThan(8 * 40);
  });

  test.each<[settings: Settings, last: number]>([
    [{ servers: 5, spares: 2, clients: 3, "member-changes": 10, transfers: 6, "by-hand": 10 }, 3],
    [{ servers: 1, spares: 0, clients: 1 }, 3],
    [{ servers: 2, spares: 1, "member-changes": 12, "snapshot-characters": 1 }, 3],
    [{ sessions: 1, "sequences-ahead": 2, "by-hand": 0, transfers: 0, "member-changes": 0 }, 3],
  ])("breaks no property with %j, in seeds 1 to %i", (settings, last) => {
    const { broken } = runSeeds(systemOf(settings), 1, last, {}, true);
    expect(broken).toEqual([]);
  });
});

test("what stands on the log need not know that it is Raft: a ledger on it keeps every property, too", () => {
  const difficulty = 1;
  const application = (limits: Partial<SessionLimits>) => new ReplicatedState(new Ledger({ difficulty }), { limits });
  const settings = { servers: 3, spares: 1, clients: 2, operations: 200, sessions: 8, sequencesAhead: 1024 };
  const operator = { snapshotCharacters: 1500, transfers: 2, memberChanges: 4, byHand: 4 };
  const system = raftSystem({ ...settings, ...operator }, { ...REAL_RAFT, application }, ledgerService(difficulty));
  const { broken, counts } = runSeeds(system, 1, 3, {}, true);
  expect(broken).toEqual([]);
  expect(counts["writes-acknowledged"]).toBeGreaterThan(3 * 50);
});

describe("a cluster of Raft that is simulated", () => {
  test("has the nodes that its settings ask for, and an operator", () => {
    const { nodes } = systemOf({ servers: 2, spares: 1, clients: 1 });
    expect(nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      ...["n1 server", "n2 server", "n3 server", "c1 client", "h1 operator"],
    ]);
  });

  test("is left alone by its operator once the last fault is over, for liveness asks for rest", () => {
    const calmUs = 1_000_000;
    const requests = systemOf({ transfers: 50, "member-changes": 50 }).requests(Random.fromSeed(1), calmUs);
    const ofOperator = requests.filter(({ node }) => node === "h1");
    expect(ofOperator.length).toBeGreaterThan(20);
    expect(ofOperator.every(({ atUs }) => atUs < calmUs)).toBe(true);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(requests.length);
  });

  test("never has a submission repeated on its way: of a repeated one nobody could say that it was refused", () => {
    const { isSentOnce } = systemOf();
    expect(isSentOnce?.({ type: "submit", submission: 1, requests: [] })).toBe(true);
    expect(isSentOnce?.({ type: "read-barrier", requestId: "b" })).toBe(false);
  });

  test("is not for the model checker, and says so", () => {
    expect(() => RAFT.modelSettings({})).toThrow(
      new RangeError("raft is simulated only: its states are too many to visit them all"),
    );
  });

  test("speaks of everything in words", () => {
    const system = systemOf();
    const words = new Set<string>();
    for (let seed = 1830; seed <= 1832; seed++) {
      runSeed<RaftKinds>(system, seed, {
        observe: (event: WorldEvent<RaftKinds>) => {
          if (event.kind === "request") words.add(system.commandInWords(event.command));
          if (event.kind === "reply") words.add(system.replyInWords(event.reply));
          if (event.kind === "store") for (const write of event.writes) words.add(system.writeInWords(write));
          if (event.kind === "send") words.add(system.messageInWords(event.message));
        },
      });
    }
    for (const word of words) expect(word).not.toMatch(/undefined|\[object|NaN/);
    const some = [
      /^would you vote for n\d in term 1\? my log ends with nothing$/,
      /^vote for n\d in term \d+/,
      /^you have my vote in term \d+$/,
      /^append in term 1 after nothing 1: /,
      /^my log is yours through \d+/,
      /^piece 1 of \d+ of my snapshot through /,
      /^(add|remove) the member n\d$/,
      /^hand the lead over to n\d$/,
      /^term \d+, vote for n\d$/,
      /^a snapshot through /,
      /^read .*, strong$/,
    ];
    for (const one of some) {
      expect(
        [...words].some((word) => one.test(word)),
        `${one}`,
      ).toBe(true);
    }
  });
});

test("a seed of Raft gives the same run, to the byte, on every machine", () => {
  const lines = [{}, { servers: 5, spares: 0 }].flatMap((settings) =>
    [1, 2 ** 40 + 1].map((seed) => {
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
  expect(missing({})).toEqual([]);
  expect(missing({ transfers: 0 })).toEqual(["transfers-done"]);
  expect(missing({ "by-hand": 0 })).toEqual(["stale-appends-refused", "votes-by-hand", "stood-by-hand"]);
  expect(missing({ sessions: 1000 })).toEqual(["sessions-expired", "expiries-told"]);
  expect(missing({ "snapshot-characters": 1_000_000 })).toEqual([
    "snapshots-taken",
    "snapshots-installed",
    "snapshots-in-pieces",
  ]);
  expect(missing({ "member-changes": 0 })).toEqual([
    ...["members-added", "members-removed", "changes-under-faults", "leaders-removed", "changes-refused-early"],
  ]);
  expect(missing({ servers: 1, spares: 0 })).toContain("leader-changes");
});
