import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PROTOCOLS, runSeed, settingsFor, type Violation } from "../src/index.ts";
import type { PaxosKinds } from "../src/paxos/paxos-kinds.ts";
import { PAXOS_ALWAYS, PaxosSafety } from "../src/paxos/safety.ts";
import type { System } from "../src/world/system.ts";
import {
  asks,
  ignoresAccept,
  ignoresPrepare,
  learns,
  type PaxosEvent,
  prepares,
  promises,
  proposes,
  reports,
  restarts,
  stores,
  tellsAccepted,
} from "./paxos-events.ts";

const ACCEPTORS = ["a1", "a2", "a3"];

function violationsIn(events: readonly PaxosEvent[]): Violation[] {
  const watch = new PaxosSafety(ACCEPTORS);
  const found: Violation[] = [];
  for (const event of events) watch.observe(event, (violation) => found.push(violation));
  return found;
}

/** Clients want tea and coffee. */
const WANTED = [asks("p1", "tea"), asks("p2", "coffee")];

/** The acceptor accepts, durably, and says so. */
function accepts(node: string, id: number, value: string): PaxosEvent[] {
  return [stores(node, [id, value]), tellsAccepted(node, id, value)];
}

/** The acceptor promises, durably, and says so. */
function promised(node: string, id: number, accepted: readonly [number, string] | null = null): PaxosEvent[] {
  return [stores(node, id), promises(node, id, accepted)];
}

const TEA_CHOSEN = [...WANTED, stores("a1", [17, "tea"]), stores("a2", [17, "tea"])];

/** For each property what breaks it, and the nearest that does not. */
const CASES: readonly [property: string, why: string, breaks: readonly PaxosEvent[], keeps: readonly PaxosEvent[]][] = [
  [
    "agreement",
    "two values, each accepted by a majority under one id",
    [...TEA_CHOSEN, stores("a2", [18, "coffee"]), stores("a3", [18, "coffee"])],
    [...TEA_CHOSEN, stores("a2", [18, "coffee"]), stores("a3", [19, "coffee"])],
  ],
  [
    "agreement",
    "a majority is one of acceptors, each counted once",
    [...TEA_CHOSEN, stores("a3", [18, "coffee"]), stores("a1", [18, "coffee"])],
    [...TEA_CHOSEN, ...accepts("a3", 18, "coffee"), ...accepts("a3", 18, "coffee")],
  ],
  [
    "agreement",
    "the same value may be chosen under many ids, another one under none, be it the first id again",
    [...TEA_CHOSEN, stores("a2", [17, "coffee"]), stores("a3", [17, "coffee"])],
    [...TEA_CHOSEN, stores("a2", [18, "tea"]), stores("a3", [18, "tea"])],
  ],
  [
    "agreement",
    "proposals of lower ids that come late are counted apart, too",
    [...TEA_CHOSEN, stores("a3", [5, "coffee"]), stores("a2", [6, "tea"], [5, "coffee"])],
    [...TEA_CHOSEN, stores("a3", [5, "coffee"]), stores("a2", [6, "coffee"], [5, "tea"])],
  ],
  [
    "validity",
    "accepted is only what a client asked for: on a disk",
    [asks("p1", "tea"), stores("a1", [17, "milk"])],
    [asks("p1", "tea"), asks("p1", "milk"), stores("a1", [17, "milk"])],
  ],
  [
    "promises-only-rise",
    "a lower promise",
    [...promised("a1", 17), promises("a1", 16)],
    [...promised("a1", 17), ...promised("a1", 18), ...promised("a2", 16)],
  ],
  [
    "promises-only-rise",
    "the same promise again, also after a restart",
    [...promised("a1", 17), restarts("a1"), promises("a1", 17)],
    [stores("a1", 17), restarts("a1"), promises("a1", 17)],
  ],
  [
    "promises-only-rise",
    "the highest promise stands, not the last",
    [...promised("a1", 20), ignoresPrepare("a1", 18, 20), promises("a1", 19)],
    [...promised("a1", 17), ignoresPrepare("a1", 16, 17), ...promised("a1", 19)],
  ],
  [
    "accepts-honour-promises",
    "accepted below a promise",
    [...WANTED, ...promised("a1", 17), ...accepts("a1", 16, "tea")],
    [...WANTED, ...promised("a1", 17), ...promised("a2", 20), ...accepts("a1", 17, "tea")],
  ],
  [
    "accepts-honour-promises",
    "also after a restart",
    [...WANTED, ...promised("a1", 17), restarts("a1"), ...accepts("a1", 16, "tea")],
    [...WANTED, stores("a1", 17), restarts("a1"), ...accepts("a1", 16, "tea")],
  ],
  [
    "accepts-honour-promises",
    "the highest promise counts, not the last",
    [...WANTED, ...promised("a1", 20), promises("a1", 18), ...accepts("a1", 19, "tea")],
    [...WANTED, ...promised("a1", 18), ...promised("a1", 20), ...accepts("a1", 20, "tea")],
  ],
  [
    "promises-tell-all",
    "a promise that names nothing",
    [...WANTED, ...accepts("a1", 17, "tea"), ...promised("a1", 18)],
    [...WANTED, ...accepts("a1", 17, "tea"), ...promised("a1", 18, [17, "tea"]), ...promised("a2", 18)],
  ],
  [
    "promises-tell-all",
    "a promise that names an earlier acceptance",
    [...WANTED, ...accepts("a1", 17, "tea"), ...accepts("a1", 18, "coffee"), ...promised("a1", 19, [17, "tea"])],
    [...WANTED, ...accepts("a1", 17, "tea"), ...accepts("a1", 18, "coffee"), ...promised("a1", 19, [18, "coffee"])],
  ],
  [
    "promises-tell-all",
    "the highest acceptance counts, not the last that was told, and more may be known than was told",
    [...WANTED, ...accepts("a1", 18, "tea"), ...accepts("a1", 17, "coffee"), ...promised("a1", 19, [17, "coffee"])],
    [...WANTED, ...accepts("a1", 17, "tea"), stores("a1", [18, "tea"]), ...promised("a1", 19, [18, "tea"])],
  ],
  [
    "durable-before-told",
    "a promise that is not on the disk",
    [stores("a1", 16), promises("a1", 17)],
    [stores("a1", 17), promises("a1", 17)],
  ],
  [
    "durable-before-told",
    "a promise that is on another disk only",
    [stores("a2", 17), promises("a1", 17)],
    [stores("a2", 17), promises("a2", 17)],
  ],
  [
    "durable-before-told",
    "an acceptance that is not on the disk",
    [...WANTED, stores("a1", 17), tellsAccepted("a1", 17, "tea")],
    [...WANTED, stores("a1", 17, [17, "tea"]), tellsAccepted("a1", 17, "tea")],
  ],
  [
    "durable-before-told",
    "an acceptance of which the disk holds another",
    [...WANTED, stores("a1", [17, "coffee"]), tellsAccepted("a1", 17, "tea")],
    [...WANTED, stores("a1", [17, "coffee"]), tellsAccepted("a1", 17, "coffee")],
  ],
  [
    "durable-before-told",
    "an acceptance that is on another disk only",
    [...WANTED, stores("a2", [17, "tea"]), tellsAccepted("a1", 17, "tea")],
    [...WANTED, stores("a2", [17, "tea"]), tellsAccepted("a2", 17, "tea")],
  ],
  [
    "durable-before-told",
    "a refusal of a prepare that names a promise of which the disk knows nothing",
    [ignoresPrepare("a1", 16, 17)],
    [stores("a1", 17), ignoresPrepare("a1", 16, 17)],
  ],
  [
    "durable-before-told",
    "a refusal of an accept that names such a promise; what was accepted was promised, too",
    [...WANTED, stores("a1", [16, "tea"]), ignoresAccept("a1", 15, 17)],
    [...WANTED, stores("a1", [17, "tea"]), ignoresAccept("a1", 16, 17)],
  ],
  [
    "one-value-an-id",
    "an id that goes out with two values",
    [proposes("p1", 17, "tea"), proposes("p1", 17, "coffee", "a2")],
    [proposes("p1", 17, "tea"), proposes("p1", 17, "tea", "a2"), proposes("p1", 33, "coffee")],
  ],
  [
    "one-value-an-id",
    "an id under which two proposers ask",
    [prepares("p1", 17), prepares("p2", 17)],
    [prepares("p1", 17), prepares("p1", 17, "a2"), prepares("p2", 18)],
  ],
  [
    "one-value-an-id",
    "an id under which a proposer asks again after a restart",
    [prepares("p1", 17), restarts("p1"), prepares("p1", 17, "a2")],
    [prepares("p1", 17), restarts("p2"), prepares("p1", 17, "a2"), restarts("p1"), prepares("p1", 33)],
  ],
  [
    "learned-is-chosen",
    "a learner that learns what only a minority has accepted",
    [...WANTED, ...accepts("a1", 17, "tea"), learns("l1", "tea")],
    [...TEA_CHOSEN, learns("l1", "tea")],
  ],
  [
    "learned-is-chosen",
    "a learner that learns what is not the value that is chosen",
    [...TEA_CHOSEN, learns("l1", "coffee")],
    [...TEA_CHOSEN, stores("a3", [18, "coffee"]), learns("l1", "tea")],
  ],
  [
    "learned-is-chosen",
    "a proposer that reports what is not chosen",
    [...TEA_CHOSEN, reports("p1", [18, "coffee"])],
    [...TEA_CHOSEN, reports("p1", [17, "tea"]), reports("p2", null)],
  ],
];

describe("the safety watch of Paxos", () => {
  test.each(CASES)("sees %s broken, and not in the nearest that keeps it: %s", (property, _, breaks, keeps) => {
    expect(violationsIn(breaks).map((violation) => violation.property)).toContain(property);
    expect(violationsIn(keeps)).toEqual([]);
  });

  test("has a case for each of its properties", () => {
    expect(new Set(CASES.map(([property]) => property))).toEqual(new Set(PAXOS_ALWAYS.map(({ name }) => name)));
  });

  test("counts who said that he accepted as well as whose disk says so", () => {
    const told = (events: readonly PaxosEvent[]) => violationsIn(events).map(({ property }) => property);
    const coffee = [tellsAccepted("a2", 18, "coffee"), stores("a3", [18, "coffee"])];
    expect(told([...TEA_CHOSEN, ...coffee])).toEqual(["durable-before-told", "agreement"]);
    expect(told([asks("p1", "tea"), stores("a1", [17, "tea"]), tellsAccepted("a1", 17, "milk")])).toContain("validity");
    expect(told([...TEA_CHOSEN, tellsAccepted("a3", 18, "milk")])).toContain("validity");
  });

  test("says in a sentence what happened, and who did it", () => {
    const sentences = [
      [...TEA_CHOSEN, ...accepts("a2", 18, "coffee"), ...accepts("a3", 18, "coffee")],
      [stores("a1", [17, "milk"])],
      [...promised("a1", 17), promises("a1", 16)],
      [...WANTED, ...promised("a1", 17), ...accepts("a1", 16, "tea")],
      [...WANTED, ...accepts("a1", 17, "tea"), ...promised("a1", 18)],
      [...WANTED, ...accepts("a1", 17, "tea"), ...accepts("a1", 18, "tea"), ...promised("a1", 19, [17, "tea"])],
      [promises("a1", 17)],
      [stores("a1", 16), ignoresAccept("a1", 15, 17)],
      [...WANTED, tellsAccepted("a1", 17, "tea")],
      [proposes("p1", 17, "tea"), proposes("p2", 17, "coffee")],
      [prepares("p1", 17), restarts("p1"), prepares("p1", 17)],
      [...WANTED, learns("l1", "tea")],
      [...TEA_CHOSEN, reports("p1", [18, "coffee"])],
    ].map((events) => violationsIn(events)[0]?.sentence);
    expect(sentences).toEqual([
      'first "tea" was chosen, accepted under 17 by a1, a2; then "coffee" was chosen, accepted under 18 by a2, a3',
      'a1 accepted "milk", which nobody proposed',
      "a1 promised 16 after it had promised 17",
      'a1 accepted "tea" under 16 although it had promised 17',
      'a1 named nothing with its promise of 18, and had accepted "tea" under 17',
      'a1 named only "tea" under 17 with its promise of 19, and had accepted "tea" under 18',
      "a1 answered that it promised 17, and its disk holds no promise",
      "a1 answered that it promised 17, and its disk holds 16 only",
      'a1 answered that it accepted "tea" under 17, and its disk does not say so',
      'p2 sent "coffee" out under id 17, which had gone out with "tea"',
      "p1 asked for promises under id 17, as it had done before it restarted",
      'l1 took "tea" for chosen, and nothing is',
      'p1 took "coffee" for chosen, and "tea" is',
    ]);
  });

  test("takes the proposal that most accepted for the one that was chosen", () => {
    const events = [...WANTED, stores("a1", [16, "tea"]), ...TEA_CHOSEN.slice(2), stores("a3", [18, "coffee"])];
    const [violation] = violationsIn([...events, stores("a1", [18, "coffee"])]);
    expect(violation?.sentence).toContain('first "tea" was chosen, accepted under 17 by a1, a2; then');
  });

  test("takes no notice of a truncated write", () => {
    const store: PaxosEvent = { kind: "store", node: "a1", writes: [{ kind: "truncated", through: 9 }] };
    expect(violationsIn([store, ...WANTED, promises("a1", 9)]).map(({ property }) => property)).toEqual([
      "durable-before-told",
    ]);
  });
});

describe("what the safety watch remembers", () => {
  const [paxos] = PROTOCOLS;
  if (!paxos) throw new Error("there is no Paxos");

  /** The events of a run of a pool with this flaw. */
  function eventsOf(mutation: string | null, seed: number): PaxosEvent[] {
    const system = paxos?.system(settingsFor(paxos, {}, null), mutation) as System<PaxosKinds>;
    const events: PaxosEvent[] = [];
    runSeed<PaxosKinds>(system, seed, { properties: [], observe: (event) => void events.push(event) });
    return events.slice(0, 400);
  }

  test("is plain data: from a copy of it another watch goes on as this one would", () => {
    const mutations = [null, ...paxos.mutations.map(({ name }) => name)];
    fc.assert(
      fc.property(fc.constantFrom(...mutations), fc.nat(1000), fc.nat(399), (mutation, seed, place) => {
        const events = eventsOf(mutation, seed);
        const whole = new PaxosSafety(ACCEPTORS);
        const first = new PaxosSafety(ACCEPTORS);
        const found: string[][] = [[], []];
        const tell =
          (list = 0) =>
          ({ sentence }: Violation) =>
            void found[list]?.push(sentence);
        for (const event of events) whole.observe(event, tell(0));
        for (const event of events.slice(0, place)) first.observe(event, tell(1));
        const second = new PaxosSafety(ACCEPTORS, JSON.parse(JSON.stringify(first.state)));
        for (const event of events.slice(place)) second.observe(event, tell(1));
        expect(found[1]).toEqual(found[0]);
        expect(second.state).toEqual(whole.state);
      }),
      { numRuns: 60 },
    );
  });

  test("does not depend on the order in which acceptors did the same, nor on how often, so that equal states are found equal", () => {
    const inOrder = (...events: readonly PaxosEvent[]) => {
      const watch = new PaxosSafety(ACCEPTORS);
      for (const event of [...WANTED, ...events]) watch.observe(event, () => {});
      return watch.state;
    };
    const all = [
      stores("a1", [18, "tea"]),
      stores("a3", [17, "tea"]),
      stores("a2", [17, "coffee"]),
      stores("a1", [17, "tea"]),
      tellsAccepted("a3", 17, "tea"),
      tellsAccepted("a1", 17, "tea"),
    ];
    const [first, ...rest] = all;
    if (!first) return;
    const expected = inOrder(...all).proposals;
    expect(expected.map(({ id, value }) => `${id} ${value}`)).toEqual(["17 coffee", "17 tea", "18 tea"]);
    expect(inOrder(...rest, first).proposals).toEqual(expected);
    expect(inOrder(...[...all].reverse()).proposals).toEqual(expected);
    expect(inOrder(...all, ...all).proposals).toEqual(expected);
    const asked = [asks("p1", "b"), asks("p2", "a")];
    expect(inOrder(...asked).requested).toEqual(inOrder(...asked.reverse()).requested);
  });
});
