import { InvariantViolation, Random } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Action, canonicalText, Judge, OWN_RULES, type Violation, World, type WorldEvent } from "../src/index.ts";
import { isAction } from "../src/world/world-event.ts";
import {
  happenings,
  letter,
  type ObedientKinds,
  type ObedientOptions,
  type Order,
  obedientSystem,
  story,
  tell,
} from "./obedient-system.ts";

/** A world without time, and all that it reports. */
function worldOf(options: ObedientOptions = {}, disks?: ReadonlyMap<string, readonly string[]>) {
  const seen: (WorldEvent<ObedientKinds> & { atUs: number })[] = [];
  const lives: string[] = [];
  const host = {
    observe: (event: WorldEvent<ObedientKinds>) => void seen.push({ ...event, atUs: 0 }),
    chance: (node: string, life: number) => {
      lives.push(`${node} ${life}`);
      return Random.fromSeed(life);
    },
  };
  const world = new World(obedientSystem(options), host, disks);
  world.start();
  const ask = (node: string, command: Order) => world.perform({ kind: "request", node, requestId: "r", command });
  return { world, seen, lives, ask };
}

const POSSIBLE: readonly Action<ObedientKinds>[] = [
  { kind: "request", node: "n1", requestId: "r", command: {} },
  { kind: "deliver", node: "n1", from: "n2", message: { text: "hello" } },
  { kind: "timeout", node: "n1", timer: "t" },
  { kind: "flush", node: "n1" },
  { kind: "synced", node: "n1" },
  { kind: "crash", node: "n1", tail: "lost" },
  { kind: "restart", node: "n1" },
];

function possibleIn({ world }: ReturnType<typeof worldOf>, node = "n1"): string[] {
  return POSSIBLE.filter((action) => world.isPossible({ ...action, node })).map(({ kind }) => kind);
}

describe("what can be done to a node", () => {
  test("is told for each state that it can be in", () => {
    const stage = worldOf();
    const { world, ask } = stage;
    expect(possibleIn(stage)).toEqual(["request", "deliver", "crash"]);
    ask("n1", { writes: ["w"], timers: [{ timer: "t", afterMs: 1 }] });
    expect(possibleIn(stage)).toEqual(["request", "deliver", "timeout", "flush", "crash"]);
    world.perform({ kind: "flush", node: "n1" });
    expect(possibleIn(stage)).toEqual(["request", "deliver", "timeout", "synced", "crash"]);
    ask("n1", { writes: ["w2"] });
    expect(possibleIn(stage)).toEqual(["request", "deliver", "timeout", "synced", "crash"]);
    world.perform({ kind: "timeout", node: "n1", timer: "t" });
    world.perform({ kind: "synced", node: "n1" });
    expect(possibleIn(stage)).toEqual(["request", "deliver", "flush", "crash"]);
    ask("n1", { timers: [{ timer: "t", afterMs: 1 }] });
    world.perform({ kind: "crash", node: "n1", tail: "lost" });
    expect(possibleIn(stage)).toEqual(["restart"]);
    expect(possibleIn(stage, "n2")).toEqual(["request", "deliver", "crash"]);
    expect(possibleIn(stage, "nobody")).toEqual([]);
  });

  test("is done to that node alone, and is reported before what follows from it", () => {
    const { seen, ask } = worldOf();
    ask("n2", { ...letter("n3", "hello"), reply: "done" });
    expect(story(seen, "request", "send", "reply")).toEqual(["n2 request", "n2 send hello", "n2 reply done"]);
  });

  test("leaves a node that is down as it is", () => {
    const { world, seen, ask } = worldOf();
    world.perform({ kind: "crash", node: "n1", tail: "lost" });
    ask("n1", { reply: "here" });
    world.perform({ kind: "flush", node: "n1" });
    world.perform({ kind: "synced", node: "n1" });
    expect(story(seen, "reply", "store", "break")).toEqual([]);
    expect([world.node("n1").isUp, world.node("n1").participantState, world.node("n1").waiting]).toEqual([
      false,
      null,
      null,
    ]);
  });

  test("a flush that begins while another is under way does nothing to that one", () => {
    const { world, seen, ask } = worldOf();
    ask("n1", { writes: ["w1"] });
    world.perform({ kind: "flush", node: "n1" });
    ask("n1", { writes: ["w2"] });
    world.perform({ kind: "flush", node: "n1" });
    world.perform({ kind: "synced", node: "n1" });
    world.perform({ kind: "synced", node: "n1" });
    expect(story(seen, "store")).toEqual(["n1 store w1"]);
  });

  test("a look from outside shows its disk, its memory and what it holds back", () => {
    const { world, ask } = worldOf({}, new Map([["n1", ["old"]]]));
    ask("n1", { writes: ["new"], reply: "done" });
    const node = world.node("n1");
    expect(node.disk).toEqual(["old"]);
    expect(node.participantState).toEqual({ known: ["old", "new"], timers: {} });
    expect(node.waiting).toMatchObject({ writes: ["new"], outputs: [{ replies: [{ reply: "done" }] }] });
    world.perform({ kind: "flush", node: "n1" });
    world.perform({ kind: "synced", node: "n1" });
    expect([node.disk, node.waiting]).toEqual([["old", "new"], { writes: [], outputs: [] }]);
  });
});

describe("a world", () => {
  test("gives each life of each node a part of chance, and tells which life it is", () => {
    const { world, lives } = worldOf({ nodes: ["n1", "n2"] });
    world.perform({ kind: "crash", node: "n2", tail: "lost" });
    world.perform({ kind: "restart", node: "n2" });
    expect(lives).toEqual(["n1 0", "n2 0", "n2 1"]);
    expect([world.node("n1").lives, world.node("n2").lives]).toEqual([1, 2]);
  });

  test("has nodes of different names, and knows no others", () => {
    expect(() => worldOf({ nodes: ["n1", "n1"] })).toThrow(InvariantViolation);
    expect(() => worldOf().world.node("n9")).toThrow(InvariantViolation);
  });

  test("tells what is done to nodes from what follows and what the surroundings do", () => {
    for (const action of POSSIBLE) expect(isAction(action)).toBe(true);
    const faults = "crash n1 at 5ms for 1ms; pause n2 at 1ms for 9ms; cut n1>n3 at 1ms for 20ms";
    const seen = happenings([tell(1.5, "n1", { writes: ["w"], ...letter("n3", "x"), reply: "y" })], faults);
    const others = seen.filter((event) => !isAction(event)).map(({ kind }) => kind);
    expect(new Set(others)).toEqual(
      new Set(["fault", "fault-ends", "pause", "resume", "store", "send", "reply", "lose"]),
    );
  });
});

describe("a node whose own rules are broken", () => {
  const failing = tell(5, "n1", { fail: "own rule" });

  test.each([
    ["own rule", "InvariantViolation: invariant violated: my own rule"],
    ["type", "TypeError: no such thing"],
  ] as const)("stops, and that never passes unseen: %s", (fail, error) => {
    const requests = [tell(1, "n1", { fail }), tell(9, "n1", { reply: "here" }), tell(9, "n2", { reply: "here" })];
    expect(story(happenings(requests), "break", "reply")).toEqual([`n1 break ${error}`, "n2 reply here"]);
  });

  test("stops also where a message, a timer or the start breaks it", () => {
    const requests = [
      tell(1, "n2", letter("n1", "evil", { fail: "type" })),
      tell(1, "n3", { timers: [{ timer: "t", afterMs: 50, order: { fail: "type" } }] }),
    ];
    const seen = happenings(requests, "", { nodes: ["n1", "n2", "n3", "n4"], first: { n4: { fail: "own rule" } } });
    expect(story(seen, "break").map((line) => line.slice(0, 8))).toEqual(["n4 break", "n1 break", "n3 break"]);
  });

  test("stops when it sends to somebody who does not exist", () => {
    const seen = happenings([tell(1, "n1", letter("n9", "hello"))]);
    expect(story(seen, "break")).toEqual([expect.stringContaining("there is a node n9")]);
  });

  test("loses its memory, its timers and what waited, and keeps its disk", () => {
    const { world, ask } = worldOf();
    ask("n1", { writes: ["w"] });
    world.perform({ kind: "flush", node: "n1" });
    world.perform({ kind: "synced", node: "n1" });
    ask("n1", { writes: ["lost"], timers: [{ timer: "t", afterMs: 1 }] });
    world.perform({ kind: "flush", node: "n1" });
    ask("n1", { fail: "own rule" });
    const node = world.node("n1");
    expect([node.isUp, node.isFlushing, node.timers.size, node.disk]).toEqual([false, false, 0, ["w"]]);
  });

  test("starts again after a crash that was to come anyway", () => {
    const again = tell(50, "n1", { reply: "here" });
    expect(story(happenings([failing, again], "crash n1 at 10ms for 10ms"), "restart", "reply", "crash")).toEqual([
      "n1 restart",
      "n1 reply here",
    ]);
  });
});

describe("a judge", () => {
  const curse: WorldEvent<ObedientKinds> = { kind: "send", node: "n1", to: "n2", message: { text: "curse" } };
  const broke: WorldEvent<ObedientKinds> = { kind: "break", node: "n2", error: "Error: x" };
  const judge = (properties?: readonly string[] | null, state?: unknown) =>
    new Judge<ObedientKinds>(obedientSystem(), properties, state);

  test("keeps the first violation, and looks no further: what a broken system does next proves nothing", () => {
    const one = judge();
    expect(one.violation).toBeNull();
    one.observe(curse);
    one.observe({ ...curse, node: "n3" });
    one.observe(broke);
    expect(one.violation).toEqual({ property: "no-curse", sentence: "n1 cursed" });
    expect(one.state).toEqual(["n1"]);
  });

  test("keeps the first also of what one event breaks, of those that count", () => {
    const report = (name: string) => ({ property: name, sentence: name });
    const system = {
      ...obedientSystem(),
      watch: () => ({
        state: null,
        observe: (_: unknown, tell: (violation: Violation) => void) => ["a", "b", "c"].map(report).forEach(tell),
      }),
    };
    for (const [properties, expected] of [
      [null, "a"],
      [["c", "b"], "b"],
    ] as const) {
      const one = new Judge<ObedientKinds>(system, properties);
      one.observe(curse);
      expect(one.violation?.property).toBe(expected);
    }
  });

  test("takes a node that broke for a violation of its own rules", () => {
    const one = judge();
    one.observe(broke);
    expect(one.violation).toEqual({ property: OWN_RULES, sentence: "n2 stopped: Error: x" });
  });

  test("lets only those properties count that it is told of", () => {
    for (const [properties, expected] of [
      [["no-curse"], "no-curse"],
      [[OWN_RULES], OWN_RULES],
      [[], undefined],
      [null, OWN_RULES],
    ] as const) {
      const one = judge(properties);
      one.observe(broke);
      one.observe(curse);
      expect(one.violation?.property).toBe(expected);
    }
  });

  test("goes on from what an earlier one remembered", () => {
    const one = judge(null, ["n9"]);
    one.observe(curse);
    expect(one.state).toEqual(["n9", "n1"]);
  });
});

describe("plain data as text", () => {
  const data = fc.jsonValue();

  test("is the same in whatever order the properties were set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), data), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalText(turned)).toBe(canonicalText(object));
        expect(canonicalText([{ inner: turned }])).toBe(canonicalText([{ inner: object }]));
      }),
    );
  });

  test("is JSON, so that different data has different text", () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(JSON.parse(canonicalText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalText({ b: [1, null, "x"], a: { d: true, c: undefined } })).toBe(
      '{"a":{"d":true},"b":[1,null,"x"]}',
    );
  });

  test.each([
    ["a Set", new Set([1]), "a Set is no plain data"],
    ["a Map within", { held: new Map() }, "a Map is no plain data"],
    ["an object of a class", new (class Ballot {})(), "a Ballot is no plain data"],
    ["what JSON makes null of", [Number.NEGATIVE_INFINITY], "-Infinity is no plain data"],
    ["nothing in a list", [undefined], "undefined is no plain data"],
    ["a function", { act: () => 1 }, "is no plain data"],
  ])("refuses %s, since JSON would take for equal what is not", (_, value, complaint) => {
    expect(() => canonicalText(value)).toThrow(complaint);
  });
});
