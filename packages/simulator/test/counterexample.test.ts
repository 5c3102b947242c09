import { describe, expect, test } from "vitest";
import {
  type Action,
  counterexampleOf,
  diagramOf,
  faultsOf,
  mermaidOf,
  PROTOCOLS,
  replay,
  runSeed,
  type Step,
  type System,
  settingsFor,
  shrink,
  shrinkFaults,
  stepsOf,
  storyOf,
} from "../src/index.ts";
import { isAction, type WorldEvent } from "../src/world/world-event.ts";

const [paxos] = PROTOCOLS;

function systemWith(mutation: string | null): System {
  const flaw = paxos?.mutations.find(({ name }) => name === mutation) ?? null;
  if (!paxos || (mutation !== null && !flaw)) throw new Error(`there is no mutation ${mutation}`);
  return paxos.system(settingsFor(paxos, {}, flaw), mutation);
}

/** The first seed that breaks a property, and everything that was done in it. */
function brokenRun(mutation: string, properties: readonly string[] | null = null) {
  const system = systemWith(mutation);
  for (let seed = 1; seed <= 3000; seed++) {
    const events: WorldEvent[] = [];
    const result = runSeed(system, seed, { properties, observe: (event) => void events.push(event) });
    if (!result.violation) continue;
    return { system, seed, result, actions: events.filter(isAction), property: result.violation.property };
  }
  throw new Error(`no seed shows ${mutation}`);
}

const FLAWS: readonly (readonly [mutation: string, properties: readonly string[] | null])[] = [
  ["forgets-promise", null],
  ["forgets-accepted", ["agreement"]],
  ["ignores-prepare-check", ["agreement"]],
  ["skips-promise-quorum", ["agreement"]],
  ["takes-first-value", ["agreement"]],
  ["reuses-id", null],
  ["learner-mixes-ids", null],
];

describe("a replay", () => {
  const { system, seed, actions, property, result } = brokenRun("forgets-accepted", ["agreement"]);

  test("of everything that was done, without its times, breaks the same property in the same words", () => {
    const { violation } = replay(system, seed, actions, [property]);
    expect(violation).toEqual({ property, sentence: result.violation?.sentence });
  });

  test("ends with the violation: what a broken system does next proves nothing", () => {
    const { actions: done } = replay(system, seed, [...actions, ...actions], [property]);
    expect(done.length).toBeLessThanOrEqual(actions.length);
  });

  test("passes over what is not possible: messages nobody sent, timers nobody set, restarts of those who are up", () => {
    const strange: Action[] = [
      { kind: "deliver", node: "a1", from: "p1", message: { type: "prepare", id: 1, instance: 1 } },
      { kind: "timeout", node: "p1", timer: "phase" },
      { kind: "synced", node: "a1" },
      { kind: "flush", node: "a1" },
      { kind: "restart", node: "a1" },
      { kind: "crash", node: "nobody", tail: "lost" },
    ];
    expect(replay(systemWith(null), 1, strange)).toMatchObject({ violation: null, actions: [], events: [] });
  });

  test("delivers a message as often as it is told to, once it was sent: networks repeat", () => {
    const begin = actionsUpTo("send");
    const [sent] = replay(systemWith(null), 1, begin).events.flatMap((event) => (event.kind === "send" ? event : []));
    if (!sent) throw new Error("nothing was sent");
    const delivery: Action = { kind: "deliver", node: sent.to, from: sent.node, message: sent.message };
    const { actions: done } = replay(systemWith(null), 1, [...begin, delivery, delivery]);
    expect(done.filter(({ kind }) => kind === "deliver")).toHaveLength(2);
  });

  test("where ids have changed since, delivers the message that takes the place of the one that was", () => {
    const begin = actionsUpTo("send");
    const later = { type: "prepare", id: 4711, instance: 1 };
    const { actions: done } = replay(systemWith(null), 1, [
      ...begin,
      { kind: "deliver", node: "a1", from: "p1", message: later },
      { kind: "deliver", node: "a1", from: "p1", message: later },
    ]);
    // Once: it stands for one message, and that has arrived.
    expect(done.slice(begin.length)).toEqual([
      { kind: "deliver", node: "a1", from: "p1", message: { type: "prepare", id: 1, instance: 1 } },
    ]);
  });

  /** What it takes for p1 to send its first messages. */
  function actionsUpTo(kind: WorldEvent["kind"]): Action[] {
    const command = { instance: 1, value: "tea", id: null };
    const some: Action[] = [
      { kind: "request", node: "p1", requestId: "1", command },
      { kind: "flush", node: "p1" },
      { kind: "synced", node: "p1" },
    ];
    expect(replay(systemWith(null), 3, some).events.map((event) => event.kind)).toContain(kind);
    return some;
  }
});

describe("shrinking", () => {
  test.each(FLAWS)("%s, %j: nothing that is left can be left out, and it still breaks the same property", (...flaw) => {
    const { system, seed, actions, property } = brokenRun(...flaw);
    const shrunk = shrink(system, seed, actions, property);
    if (!shrunk) throw new Error("the run breaks nothing");
    expect(shrunk.isMinimal).toBe(true);
    expect(shrunk.violation?.property).toBe(property);
    expect(shrunk.actions.length).toBeLessThan(actions.length);
    for (const left of shrunk.actions.keys()) {
      const less = shrunk.actions.filter((_, place) => place !== left);
      const again = replay(system, seed, less, [property]);
      const isShorter = again.violation !== null && again.actions.length < shrunk.actions.length;
      expect(isShorter, `without ${JSON.stringify(shrunk.actions[left])}`).toBe(false);
    }
  });

  test("comes to the same every time", () => {
    const { system, seed } = brokenRun("takes-first-value");
    expect(counterexampleOf(system, seed)).toEqual(counterexampleOf(system, seed));
  });

  test("lets disks write at once where it makes no difference, so that one step tells the whole", () => {
    const { system, seed } = brokenRun("forgets-accepted", ["agreement"]);
    const steps = counterexampleOf(system, seed, { properties: ["agreement"] })?.steps ?? [];
    expect(steps.filter(({ kind }) => kind === "synced")).toEqual([]);
  });

  test("makes nothing of a run that breaks nothing", () => {
    expect(shrink(systemWith(null), 1, [], "agreement")).toBeNull();
    expect(counterexampleOf(systemWith(null), 1)).toBeNull();
  });
});

describe("shrinking the faults of a seed", () => {
  test.each(FLAWS.slice(0, 5))("%s, %j: those that are left are all needed", (...flaw) => {
    const { system, seed, property } = brokenRun(...flaw);
    const options = { properties: flaw[1] };
    const breaks = (faults: ReturnType<typeof faultsOf>) =>
      runSeed(system, seed, { ...options, faults }).violation?.property === property;
    const needed = shrinkFaults(system, seed, faultsOf(system, seed), property, options);
    expect(breaks(needed)).toBe(true);
    for (const one of needed) expect(breaks(needed.filter((other) => other !== one))).toBe(false);
  });
});

describe("a counterexample told", () => {
  const { system, seed } = brokenRun("reuses-id");
  const example = counterexampleOf(system, seed);
  const order = system.nodes.map(({ name }) => name);

  test("as numbered prose", () => {
    const story = storyOf(example?.steps ?? []);
    expect(story[0]).toMatch(
      /^1\. p(\d) is asked to propose ".+"\. It has on disk: proposing \1\. It sends a\d(, a\d)+: prepare \1\.$/,
    );
    expect(story.slice(1, 3)).toEqual([
      expect.stringMatching(/^2\. p\d crashes\.$/),
      expect.stringMatching(/^3\. p\d restarts with what its disk holds\.$/),
    ]);
    expect(story).toHaveLength(4);
  });

  const steps: Step[] = [
    { node: "p1", kind: "request", from: null, cause: "is asked to propose", effects: ["sends a1: x"] },
    { node: "a1", kind: "deliver", from: "p1", cause: "prepare 1; #5 <b>", effects: ["has on disk: promised 1"] },
    { node: "p1", kind: "deliver", from: "a2", cause: "hello", effects: ["tells its client: no"] },
    { node: "a1", kind: "crash", from: null, cause: "crashes", effects: [] },
    { node: "p1", kind: "timeout", from: null, cause: "waits", effects: [] },
    { node: "a1", kind: "restart", from: null, cause: "restarts", effects: [] },
    { node: "a1", kind: "synced", from: null, cause: "writes", effects: ["sends p1: x"] },
  ];

  test("as a space-time diagram: a line for each node, an arrow for each message that arrives, no line while down", () => {
    expect(diagramOf(steps, ["a1", "a2", "a3", "p1", "p2"])).toEqual([
      "   a1    a2    p1",
      " 1 │     │     ●  p1 is asked to propose",
      " 2 │◀────┼─────┤  prepare 1; #5 <b>",
      " 3 │     ├────▶│  hello",
      " 4 ✗     │     │  a1 crashes",
      " 5       │     ◷  p1 waits",
      " 6 ○     │     │  a1 restarts",
      " 7 ■     │     │  a1 writes",
    ]);
  });

  test("as a Mermaid diagram, in which nothing that a message says is taken for syntax", () => {
    expect(mermaidOf(steps.slice(0, 4), order)).toEqual([
      "sequenceDiagram",
      "  participant a1",
      "  participant a2",
      "  participant p1",
      "  Note over p1: p1 is asked to propose",
      "  p1->>a1: prepare 1#59; #35;5 #60;b#62;",
      "  Note over a1: has on disk: promised 1",
      "  a2->>p1: hello",
      "  Note over p1: tells its client: no",
      "  Note over a1: a1 crashes",
    ]);
  });

  test("says the same to several once, and everything that follows from a step in that step", () => {
    const events: WorldEvent[] = [
      { kind: "request", node: "p1", requestId: "1", command: { instance: 1, value: "tea", id: null } },
      { kind: "flush", node: "p1" },
      { kind: "synced", node: "p1" },
      { kind: "store", node: "p1", writes: [{ kind: "proposing", id: 1 }] },
      { kind: "send", node: "p1", to: "a1", message: { type: "prepare", id: 1, instance: 1 } },
      { kind: "send", node: "p1", to: "a2", message: { type: "prepare", id: 1, instance: 1 } },
      { kind: "send", node: "p1", to: "a3", message: { type: "prepare", id: 2, instance: 1 } },
    ];
    expect(stepsOf(system, events)).toEqual([
      {
        node: "p1",
        kind: "request",
        from: null,
        cause: 'is asked to propose "tea"',
        effects: ["has on disk: proposing 1", "sends a1, a2: prepare 1", "sends a3: prepare 2"],
      },
    ]);
  });
});
