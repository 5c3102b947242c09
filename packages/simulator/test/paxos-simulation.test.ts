import { majorityOf, Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import {
  faultsOf,
  type Nodes,
  neverHappened,
  PROTOCOLS,
  parseFaults,
  type RunResult,
  runSeed,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
} from "../src/index.ts";
import type { PaxosKinds } from "../src/paxos/paxos-kinds.ts";
import type { PaxosEvent } from "./paxos-events.ts";

const [paxos] = PROTOCOLS;
if (!paxos) throw new Error("there is no Paxos");

function systemOf(given: Settings): System<PaxosKinds> {
  return paxos?.system(settingsFor(paxos, given, null), null) as System<PaxosKinds>;
}

function eventsOf(system: System<PaxosKinds>, seed: number, faults: string | null = null): [PaxosEvent[], RunResult] {
  const events: PaxosEvent[] = [];
  const result = runSeed<PaxosKinds>(system, seed, {
    faults: faults === null ? null : parseFaults(faults),
    observe: (event) => void events.push(event),
  });
  return [events, result];
}

describe("Paxos, whatever the network, the disks and the crashes do", () => {
  test.each<[settings: Settings, last: number]>([
    [{ acceptors: 3, proposers: 2 }, 800],
    [{ acceptors: 5, proposers: 3 }, 400],
    [{ acceptors: 4, proposers: 2 }, 400],
    [{ acceptors: 1, proposers: 2 }, 800],
    [{ acceptors: 3, proposers: 1, learners: 0 }, 400],
    [{ acceptors: 3, proposers: 3, attempts: 2 }, 400],
    [{ acceptors: 3, proposers: 2, "contact-count": 2 }, 400],
  ])(
    "breaks no property with %j, in seeds 1 to %i, and that is no empty promise: all that may happen does",
    (settings, last) => {
      const system = systemOf(settings);
      const summary = runSeeds(system, 1, last, {}, true);
      expect(summary.broken).toEqual([]);
      expect(summary).toMatchObject({ schedules: last, brokenCount: 0, brokenBy: {}, neverCalm: 0 });
      expect(neverHappened(system, summary)).toEqual([]);
      expect(summary.counts["values-chosen"]).toBeGreaterThan(0.9 * last);
      for (const name of ["messages-lost", "flushes", "crashes", "restarts"])
        expect(summary.counts[name]).toBeGreaterThan(0);
    },
  );

  test("ends its proposals in every way that there is, where proposers give up early", () => {
    const system = systemOf({ proposers: 3, attempts: 2 });
    const outcomes: Record<string, number> = {};
    let overridden = 0;
    for (let seed = 1; seed <= 300; seed++) {
      for (const event of eventsOf(system, seed)[0]) {
        if (event.kind !== "reply") continue;
        outcomes[event.reply.outcome] = (outcomes[event.reply.outcome] ?? 0) + 1;
        overridden += event.reply.attempts.filter(({ overriddenBy }) => overriddenBy !== null).length;
      }
    }
    expect(Object.keys(outcomes).sort()).toEqual([
      "already-chosen",
      "busy",
      "chosen",
      "no-accept-majority",
      "no-promise-majority",
      "no-promises",
    ]);
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(5);
    expect(overridden).toBeGreaterThan(100);
  });

  test("asks for liveness only where proposers try often enough and ask enough acceptors", () => {
    expect(systemOf({}).liveness?.name).toBe("a-value-is-chosen");
    expect(systemOf({ attempts: 19 }).liveness).toBeNull();
    expect(systemOf({ attempts: 20 }).liveness).not.toBeNull();
    expect(systemOf({ acceptors: 5, "contact-count": 2 }).liveness).toBeNull();
    expect(systemOf({ acceptors: 5, "contact-count": 3 }).liveness).not.toBeNull();
    const hopeless = runSeed(systemOf({ acceptors: 5, "contact-count": 2 }), 1);
    expect([hopeless.violation, hopeless.becameCalm, hopeless.counts["values-chosen"]]).toEqual([null, true, 0]);
  });
});

describe("a pool that is simulated", () => {
  test("has the nodes that its settings ask for", () => {
    const { nodes } = systemOf({ acceptors: 4, proposers: 3, learners: 2 });
    expect(nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      ...["a1 acceptor", "a2 acceptor", "a3 acceptor", "a4 acceptor"],
      ...["p1 proposer", "p2 proposer", "p3 proposer"],
      ...["l1 learner", "l2 learner"],
    ]);
  });

  test("asks each proposer at the start, while there are faults, and twice when they are over", () => {
    const calmUs = 200_000;
    const requests = systemOf({ proposers: 3 }).requests(Random.fromSeed(1), calmUs);
    for (const name of ["p1", "p2", "p3"]) {
      const times = requests.filter(({ node }) => node === name).map(({ atUs }) => atUs);
      expect(times.filter((atUs) => atUs < calmUs)).toHaveLength(6);
      expect(times[0]).toBeLessThan(10_000);
      expect(times.slice(6).map((atUs) => atUs >= calmUs && atUs <= calmUs + 10_000_000)).toEqual([true, true]);
      expect(times[6]).toBeLessThan(calmUs + 20_000);
    }
    expect(requests).toHaveLength(24);
  });

  test("is asked for different values, so that one can tell them apart", () => {
    const requests = systemOf({ proposers: 15 }).requests(Random.fromSeed(1), 0);
    const values = requests.map(({ command }) => (typeof command === "string" ? command : command.value));
    expect(new Set(values).size).toBe(120);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(120);
    expect(values.slice(0, 13)).toEqual([
      ...[
        "tea",
        "coffee",
        "milk",
        "cocoa",
        "juice",
        "water",
        "mate",
        "chai",
        "soda",
        "cider",
        "punch",
        "broth",
        "tea2",
      ],
    ]);
  });

  test("has proposers with ids of their own, and acceptors that tell every learner", () => {
    const [events] = eventsOf(systemOf({ proposers: 3, learners: 2 }), 1, "");
    const prepared = events.flatMap((event) =>
      event.kind === "send" && event.message.type === "prepare" ? [`${event.node} ${event.message.id % 16}`] : [],
    );
    expect([...new Set(prepared)].sort()).toEqual(["p1 1", "p2 2", "p3 3"]);
    const told = events.flatMap((event) =>
      event.kind === "send" && event.message.type === "accepted" ? [event.to] : [],
    );
    expect(told.filter((to) => to === "l1").length).toBe(told.filter((to) => to === "l2").length);
    expect(told).toContain("l1");
  });

  test.each([
    [0, [3, 4, 5]],
    [4, [4]],
  ])("contacts as many acceptors as contact-count %i says: %j of five", (contact, expected) => {
    const found = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const [events] = eventsOf(systemOf({ acceptors: 5, "contact-count": contact }), seed, "crash p1 at 99ms for 1ms");
      const asked = new Map<number, Set<string>>();
      for (const event of events) {
        if (event.kind !== "send" || event.message.type !== "prepare") continue;
        const { id } = event.message;
        asked.set(id, (asked.get(id) ?? new Set()).add(event.to));
      }
      for (const acceptors of asked.values()) found.add(acceptors.size);
    }
    expect([...found].sort()).toEqual(expected);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(majorityOf(5));
  });

  test("cannot contact more acceptors than there are", () => {
    expect(() => systemOf({ acceptors: 3, "contact-count": 4 })).toThrow(
      new RangeError("contact-count 4 is more than the 3 acceptors there are"),
    );
    expect(() => systemOf({ acceptors: 3, "contact-count": 3 })).not.toThrow();
  });

  test("speaks of everything in words", () => {
    const system = systemOf({});
    const [events] = eventsOf(system, 2, "");
    const words = events.flatMap((event) => {
      if (event.kind === "request") return [system.commandInWords(event.command)];
      if (event.kind === "reply") return [system.replyInWords(event.reply)];
      if (event.kind === "apply") return [`${event.command}`];
      if (event.kind === "store") return event.writes.map((write) => system.writeInWords(write));
      return event.kind === "send" ? [system.messageInWords(event.message)] : [];
    });
    const [first] = events.flatMap((event) => (event.kind === "apply" ? [event.command] : []));
    expect(words).toContain(`propose "${first}"`);
    expect(words).toContain("prepare 17");
    expect(words.some((word) => word.startsWith(`chosen: "${first}" under `))).toBe(true);
    expect(words.some((word) => word.startsWith("proposing "))).toBe(true);
    expect(words.some((word) => word.startsWith(`accepted "${first}" under `))).toBe(true);
  });
});

describe("the faults of a seed", () => {
  const system = systemOf({});

  test("are the same each time, others for each seed, and over within 200 ms", () => {
    const plans = Array.from({ length: 200 }, (_, seed) => faultsOf(system, seed));
    expect(plans).toEqual(Array.from({ length: 200 }, (_, seed) => faultsOf(system, seed)));
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBeGreaterThan(170);
    for (const fault of plans.flat()) {
      expect((fault.atUs ?? 0) + ("forUs" in fault ? (fault.forUs ?? Number.NaN) : 0)).toBeLessThanOrEqual(200_000);
    }
  });

  test("are of nodes that there are, of any of them", () => {
    const named = new Set<string>();
    const add = (nodes: Nodes) => void (nodes === "*" || nodes.forEach((node) => void named.add(node)));
    for (let seed = 0; seed < 200; seed++) {
      for (const fault of faultsOf(system, seed)) {
        if ("nodes" in fault) add(fault.nodes);
        if ("links" in fault) add(fault.links.from);
      }
    }
    expect([...named].sort()).toEqual(["a1", "a2", "a3", "l1", "p1", "p2"]);
  });

  test("are what a run has, unless it is given others; none is not the same as not given", () => {
    expect(runSeed(system, 5).faults).toEqual(faultsOf(system, 5));
    expect(runSeed(system, 5, { faults: null }).faults).toEqual(faultsOf(system, 5));
    expect(faultsOf(system, 5)).not.toEqual([]);
    expect(runSeed(system, 5, { faults: [] })).toMatchObject({
      faults: [],
      seed: 5,
      becameCalm: true,
      violation: null,
    });
    const own = parseFaults("crash a1 at 1ms for 1ms");
    expect(runSeed(system, 5, { faults: own })).toMatchObject({ faults: own, counts: { crashes: 1, restarts: 1 } });
  });
});
