import { describe, expect, test } from "vitest";
import { Purposes } from "../src/comparison/purposes.ts";
import { ServiceGaps } from "../src/comparison/service-gaps.ts";
import { onNodes } from "../src/faults/on-machines.ts";
import {
  ENGINES,
  type Fault,
  MESSAGES_FOR,
  MESSAGES_OF,
  namesForFaults,
  PURPOSES,
  parseFaults,
  runSeed,
  type System,
  type WorldEvent,
} from "../src/index.ts";
import { Network } from "../src/simulation/network.ts";

/** One of each engine, by its name. */
function systems(nodes = 3, mutation: string | null = null): [name: string, system: System][] {
  return ENGINES.map((engine) => {
    const own = engine.mutations.some(({ name }) => name === mutation) ? mutation : null;
    return [engine.name, engine.system({ nodes, clients: 2 }, own)];
  });
}

function faultsIn(text: string): Fault[] {
  const [[, system]] = systems() as [[string, System]];
  return parseFaults(text, namesForFaults(system)).map(({ line: _, ...fault }) => fault);
}

describe("nodes that share a machine", () => {
  const PLACEMENTS = [
    { machine: "n1", nodes: ["a1", "p1"] },
    { machine: "n2", nodes: ["a2"] },
  ];
  const machineOf = (node: string) => PLACEMENTS.find(({ nodes }) => nodes.includes(node))?.machine ?? node;
  const everything = { from: "*", to: "*", bothWays: false } as const;

  test("hear each other at once, whatever the faults: there is no network between them", () => {
    const network = new Network(1, ["a1", "p1", "a2", "h1"], machineOf);
    network.apply({ kind: "cut", links: everything, atUs: null, forUs: null }, true);
    expect(network.fateOf("a1", "p1", 70)).toEqual([70]);
    expect(network.isCut("a1", "p1")).toBe(false);
    expect(network.fateOf("a1", "a2", 70)).toBe("cut");
    expect(network.isCut("p1", "a2")).toBe(true);
  });

  test("are all meant by a fault that names the machine", () => {
    const [crash, cut] = faultsIn("crash n1; cut n1>n2").map((fault) => onNodes(fault, PLACEMENTS));
    expect(crash).toMatchObject({ nodes: ["a1", "p1"] });
    expect(cut).toMatchObject({ links: { from: ["a1", "p1"], to: ["a2"] } });
  });

  test("are meant by the star, but not those that are placed nowhere", () => {
    const [pause, delay, heal] = faultsIn("pause *; delay by 5ms; heal").map((fault) => onNodes(fault, PLACEMENTS));
    expect(pause).toMatchObject({ nodes: ["a1", "p1", "a2"] });
    expect(delay).toMatchObject({ links: { from: ["a1", "p1", "a2"], to: ["a1", "p1", "a2"] } });
    expect(heal).toEqual({ kind: "heal", atUs: null });
  });
});

describe("two engines in the same world", () => {
  const SEED = 3;
  const seen = systems().map(([name, system]) => {
    const events: WorldEvent[] = [];
    const times: string[] = [];
    const observe = (event: WorldEvent, nowUs: number) => {
      events.push(event);
      if (event.kind === "fault" || event.kind === "fault-ends") times.push(`${nowUs} ${JSON.stringify(event)}`);
      if (event.kind === "request") times.push(`${nowUs} ${event.requestId} ${JSON.stringify(event.command)}`);
    };
    return { name, system, events, times, result: runSeed(system, SEED, { observe }) };
  });
  const [raft, multipaxos] = seen as [(typeof seen)[number], (typeof seen)[number]];

  test("have machines and clients of the same names", () => {
    expect(seen.map(({ name }) => name)).toEqual(["raft", "multipaxos"]);
    expect(namesForFaults(raft.system)).toEqual(["n1", "n2", "n3", "c1", "c2"]);
    expect(namesForFaults(multipaxos.system)).toEqual(namesForFaults(raft.system));
  });

  test("meet the same random faults and are asked for the same, at the same times", () => {
    expect(raft.result.faults.length).toBeGreaterThan(0);
    expect(multipaxos.result.faults).toEqual(raft.result.faults);
    expect(raft.times.length).toBeGreaterThan(100);
    expect(multipaxos.times).toEqual(raft.times);
  });

  test("keep their own rules, of which the whole of the engine's watch is asked", () => {
    expect(seen.map(({ result }) => result.violation)).toEqual([null, null]);
    expect(raft.system.always.map(({ name }) => name)).toContain("leader-completeness");
    expect(multipaxos.system.always.map(({ name }) => name)).toContain("decided-is-chosen");
  });

  test("every message between machines is counted once for its purpose and once for its kind, and no other is", () => {
    for (const { name, system, events, result } of seen) {
      const { counts } = result;
      const sum = (prefix: string) =>
        Object.entries(counts).reduce((total, [what, count]) => total + (what.startsWith(prefix) ? count : 0), 0);
      expect(sum(MESSAGES_OF), name).toBe(counts["messages"]);
      expect(sum(MESSAGES_FOR), name).toBe(counts["messages"]);
      const isWithin = (one: string, other: string) =>
        system.placements?.some(({ nodes }) => nodes.includes(one) && nodes.includes(other)) ?? false;
      const between = events.filter((event) => event.kind === "send" && !isWithin(event.node, event.to));
      // What is sent after the last request has had its time is not looked at.
      expect(between.length, name).toBeGreaterThanOrEqual(counts["messages"] ?? 0);
      expect(between.length, name).toBeLessThan((counts["messages"] ?? 0) * 1.2);
    }
  });

  test("every request has one outcome", () => {
    for (const { name, result } of seen) {
      const { counts } = result;
      const outcomes = ["acknowledged", "refused", "unknown"].flatMap((how) => [
        `writes ${how}`,
        `strong reads ${how}`,
      ]);
      const told = outcomes.reduce((total, outcome) => total + (counts[outcome] ?? 0), counts["not answered"] ?? 0);
      expect(told, name).toBe((counts["writes asked"] ?? 0) + (counts["strong reads asked"] ?? 0));
    }
  });

  test("the same seed counts the same again", () => {
    expect(runSeed(multipaxos.system, SEED)).toEqual(multipaxos.result);
  });
});

describe("faults of machines", () => {
  test("a machine that crashes takes along everything that runs there, and nothing else", () => {
    const faults = faultsIn("crash n2 at 100ms for 100ms");
    const crashed = systems().map(([, system]) => {
      const nodes: string[] = [];
      const observe = (event: WorldEvent) => {
        if (event.kind === "crash") nodes.push(event.node);
      };
      expect(runSeed(system, 1, { faults, observe }).violation).toBeNull();
      return nodes;
    });
    expect(crashed).toEqual([["n2"], ["a2", "p2", "l2"]]);
  });

  test("a follower that was cut off disturbs Multi-Paxos when it is back, and Raft not, which asks before it stands", () => {
    const faults = faultsIn("cut n3<>* at 500ms for 300ms");
    const leaders = systems().map(([name, system]) => [name, runSeed(system, 6, { faults }).counts["leaders"]]);
    expect(leaders).toEqual([
      ["raft", 1],
      ["multipaxos", 2],
    ]);
  });
});

test("a flaw that is planted in an engine is found there", () => {
  const found = systems(3, "forgets-sessions").map(([, system]) => runSeed(system, 1).violation?.property);
  expect(found).toEqual(["snapshots-are-true", "snapshots-are-true"]);
});

describe("the time without a leader that serves", () => {
  test("counts what is longer than three heartbeats, whole, and nothing after the clients' last request", () => {
    const gaps = new ServiceGaps(1_000_000);
    for (const ms of [100, 160, 221, 400, 1_200]) gaps.served(ms * 1000);
    // 0..100, not 100..160, 160..221, 221..400, and 400..1000.
    expect(gaps.totalUs).toBe((100 + 61 + 179 + 600) * 1000);
    expect(gaps.longestUs).toBe(600_000);
  });
});

describe("what a message is for", () => {
  const APPEND = {
    type: "append-entries",
    term: 1,
    leader: "n1",
    previousIndex: 4,
    previousTerm: 1,
    commitIndex: 4,
  } as const;
  const APPENDED = {
    type: "appended",
    term: 1,
    follower: "n2",
    previousIndex: 4,
    matchIndex: 4,
    conflict: null,
  } as const;

  function answered(purposes: Purposes, sequence: number) {
    return purposes.of("n2", "n1", { ...APPENDED, sequence }, "synced");
  }

  test("of messages of Raft that carry nothing: time, a strong read, or the word that something is committed", () => {
    const purposes = new Purposes();
    const empty = { ...APPEND, entries: [] };
    const entries = [{ term: 1, value: "x" }];
    expect(purposes.of("n1", "n2", { ...APPEND, entries, sequence: 1 }, "deliver")).toBe("writes");
    expect(answered(purposes, 1)).toBe("writes");
    expect(purposes.of("n1", "n2", { ...empty, sequence: 2 }, "deliver")).toBe("strong reads");
    expect(answered(purposes, 2)).toBe("strong reads");
    expect(purposes.of("n1", "n2", { ...empty, sequence: 2 }, "deliver")).toBe("writes");
    expect(purposes.of("n1", "n2", { ...empty, sequence: 2 }, "timeout")).toBe("heartbeats");
    expect(answered(purposes, 2)).toBe("heartbeats");
  });

  test("of accepts without values: time, or a strong read", () => {
    const purposes = new Purposes();
    const accept = { type: "accept-log", id: 17, entries: [], sequence: 5 } as const;
    const accepted = { type: "accepted-log", id: 17, instances: [], sequence: 5 } as const;
    expect(purposes.of("p1", "a2", accept, "deliver")).toBe("strong reads");
    expect(purposes.of("a2", "p1", accepted, "deliver")).toBe("strong reads");
    expect(purposes.of("p1", "a2", { ...accept, sequence: 6 }, "timeout")).toBe("heartbeats");
    expect(purposes.of("a2", "p1", { ...accepted, sequence: 6 }, "deliver")).toBe("heartbeats");
    expect(purposes.of("a2", "p1", { ...accepted, instances: [9] }, "synced")).toBe("writes");
  });

  test("an answer to what is no longer remembered is a heartbeat's, and nothing is kept for ever", () => {
    const purposes = new Purposes();
    purposes.of("n1", "n2", { ...APPEND, entries: [{ term: 1, value: "x" }], sequence: 1 }, "deliver");
    for (let sequence = 2; sequence < 2_000; sequence++) {
      purposes.of("n1", "n2", { ...APPEND, entries: [], sequence }, "timeout");
    }
    expect(answered(purposes, 1)).toBe("heartbeats");
  });

  test("has a sentence each", () => {
    expect(Object.keys(PURPOSES)).toEqual(["writes", "strong reads", "elections", "heartbeats", "catching up"]);
  });
});
