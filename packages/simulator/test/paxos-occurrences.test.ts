import { describe, expect, test } from "vitest";
import { PaxosOccurrences, paxosSometimes } from "../src/paxos/occurrences.ts";
import {
  asks,
  hearsIgnored,
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

const CALM_US = 1000;

/** What is counted of these events, one each microsecond from `fromUs` on, in a pool of three with two proposers. */
function watched(events: readonly PaxosEvent[], fromUs = 0): PaxosOccurrences {
  const occurrences = new PaxosOccurrences(3, ["p1", "p2"], CALM_US);
  events.forEach((event, place) => {
    occurrences.observe(event, fromUs + place);
  });
  return occurrences;
}

/** For each count what makes it how much, from the least that does to the nearest that does not. */
const CASES: readonly [name: string, why: string, times: number, events: readonly PaxosEvent[]][] = [
  ["values-chosen", "a majority accepted under one id", 1, [stores("a1", [17, "tea"]), stores("a2", [17, "tea"])]],
  ["values-chosen", "of one flush", 1, [stores("a1", 16, [17, "tea"]), stores("a2", 17, [17, "tea"])]],
  ["values-chosen", "ids do not add up", 0, [stores("a1", [17, "tea"]), stores("a2", [18, "tea"])]],
  ["values-chosen", "an acceptor counts once", 0, [stores("a1", [17, "tea"]), stores("a1", [17, "tea"])]],
  ["values-chosen", "promises are none", 0, [stores("a1", 17), stores("a2", 17), stores("a3", 17)]],
  [
    "values-chosen",
    "what was told is not yet kept",
    0,
    [tellsAccepted("a1", 17, "tea"), tellsAccepted("a2", 17, "tea")],
  ],
  [
    "values-chosen",
    "once a run, however often it is accepted",
    1,
    ["a1", "a2", "a3"].flatMap((node) => [stores(node, [17, "tea"]), stores(node, [18, "tea"])]),
  ],

  ["pre-emptions", "a prepare that came too late", 1, [hearsIgnored("p1", 17, 18)]],
  ["pre-emptions", "an accept that came too late", 1, [hearsIgnored("p1", 17, 18, "accept")]],
  ["pre-emptions", "each time it is heard", 2, [hearsIgnored("p1", 17, 18), hearsIgnored("p1", 17, 34)]],
  ["pre-emptions", "not a prepare that was only repeated on its way", 0, [hearsIgnored("p1", 17, 17)]],

  ["overrides", "another value than the client's", 1, [asks("p1", "tea"), proposes("p1", 17, "coffee")]],
  ["overrides", "not the client's own", 0, [asks("p1", "tea"), proposes("p1", 17, "tea")]],
  [
    "overrides",
    "what another client asked of another proposer is none of its own",
    1,
    [asks("p2", "tea"), proposes("p1", 17, "tea")],
  ],
  [
    "overrides",
    "once an id, to however many it goes",
    1,
    [proposes("p1", 17, "tea"), proposes("p1", 17, "tea", "a2"), proposes("p1", 17, "tea", "a3")],
  ],
  ["overrides", "again under another id", 2, [proposes("p1", 17, "tea"), proposes("p1", 33, "tea")]],

  [
    "restarts-after-promise",
    "promise, restart, accepted",
    1,
    [promises("a1", 17), restarts("a1"), tellsAccepted("a1", 17, "tea")],
  ],
  [
    "restarts-after-promise",
    "several restarts are one between",
    1,
    [
      promises("a1", 17),
      restarts("a1"),
      restarts("a1"),
      tellsAccepted("a1", 17, "tea"),
      tellsAccepted("a1", 17, "tea"),
    ],
  ],
  ["restarts-after-promise", "no restart", 0, [promises("a1", 17), tellsAccepted("a1", 17, "tea")]],
  ["restarts-after-promise", "no promise", 0, [restarts("a1"), tellsAccepted("a1", 17, "tea")]],
  [
    "restarts-after-promise",
    "another's restart",
    0,
    [promises("a1", 17), restarts("a2"), tellsAccepted("a1", 17, "tea")],
  ],
  [
    "restarts-after-promise",
    "another's promise",
    0,
    [promises("a2", 17), restarts("a1"), restarts("a2"), tellsAccepted("a1", 17, "tea")],
  ],
  [
    "restarts-after-promise",
    "promised anew after the restart",
    0,
    [promises("a1", 17), restarts("a1"), promises("a1", 33), tellsAccepted("a1", 33, "tea")],
  ],
  [
    "restarts-after-promise",
    "accepted before the restart, and told again after it",
    0,
    [promises("a1", 17), tellsAccepted("a1", 17, "tea"), restarts("a1"), tellsAccepted("a1", 17, "tea")],
  ],

  [
    "duels",
    "each was pre-empted by the other",
    1,
    [
      prepares("p1", 17),
      prepares("p2", 18),
      hearsIgnored("p1", 17, 18),
      prepares("p1", 33),
      hearsIgnored("p2", 18, 33, "accept"),
    ],
  ],
  [
    "duels",
    "to be pre-empted twice by the same takes no second turn",
    1,
    [
      prepares("p1", 17),
      prepares("p2", 18),
      prepares("p1", 33),
      hearsIgnored("p1", 17, 18),
      hearsIgnored("p2", 18, 33),
      hearsIgnored("p2", 18, 33),
    ],
  ],
  [
    "duels",
    "also by one whose accepts are out",
    1,
    [
      prepares("p1", 17),
      prepares("p2", 18),
      proposes("p2", 18, "tea"),
      hearsIgnored("p1", 17, 18),
      prepares("p1", 33),
      proposes("p1", 33, "tea"),
      hearsIgnored("p2", 18, 33),
    ],
  ],
  [
    "duels",
    "each turn after that is another one",
    2,
    [
      prepares("p1", 17),
      prepares("p2", 18),
      prepares("p1", 33),
      hearsIgnored("p1", 17, 18),
      hearsIgnored("p2", 18, 33),
      prepares("p2", 34),
      hearsIgnored("p1", 33, 34),
    ],
  ],
  ["duels", "only one was pre-empted", 0, [prepares("p2", 18), hearsIgnored("p1", 17, 18), hearsIgnored("p1", 17, 18)]],
  ["duels", "by itself", 0, [prepares("p1", 33), hearsIgnored("p1", 17, 33), hearsIgnored("p1", 17, 33)]],
  [
    "duels",
    "by a third",
    0,
    [prepares("p2", 18), prepares("p3", 19), hearsIgnored("p1", 17, 18), hearsIgnored("p2", 18, 19)],
  ],
  ["duels", "by nobody known", 0, [hearsIgnored("p1", 17, 18), hearsIgnored("p2", 18, 33)]],

  ["learned", "a learner learned", 1, [learns("l1", "tea")]],
  ["learned", "each learner for itself", 2, [learns("l1", "tea"), learns("l2", "tea")]],
  ["learned", "a proposer's report is none", 0, [reports("p1", [17, "tea"])]],
];

describe("what ought to happen now and then in Paxos", () => {
  test.each(CASES)("is counted: %s, %s: %i", (name, _, times, events) => {
    const { counts } = watched(events);
    expect((counts as Record<string, number>)[name]).toBe(times);
    // Nothing but what happened is counted. To have a rival one must have been pre-empted.
    const alone = Object.entries(counts).filter(([other, count]) => count > 0 && other !== name);
    expect(alone.filter(([other]) => !(name === "duels" && other === "pre-emptions") && other !== "overrides")).toEqual(
      [],
    );
  });

  test("has cases of each count", () => {
    const all = paxosSometimes({ acceptors: 3, proposers: 2, learners: 1 }).map(({ name }) => name);
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(all));
    expect(new Set(Object.keys(watched([]).counts))).toEqual(new Set(all));
  });

  test("is asked for only where it can happen", () => {
    const missing = (acceptors: number, proposers: number, learners: number) => {
      const all = paxosSometimes({ acceptors: 3, proposers: 2, learners: 1 });
      const some = paxosSometimes({ acceptors, proposers, learners });
      return all.filter((one) => !some.includes(one)).map(({ name }) => name);
    };
    expect(missing(3, 2, 0)).toEqual(["learned"]);
    expect(missing(3, 1, 1)).toEqual(["overrides", "duels"]);
    expect(missing(1, 2, 1)).toEqual(["overrides"]);
    expect(missing(2, 2, 1)).toEqual([]);
  });
});

describe("the time to a choice", () => {
  test("is counted from the first request to the majority", () => {
    const events = [
      restarts("a1"),
      asks("p1", "tea"),
      asks("p2", "tea"),
      stores("a1", [17, "tea"]),
      stores("a2", [17, "tea"]),
    ];
    expect(watched(events, 500).longestUs).toEqual({ "to a choice": 3 });
  });

  test("is not there while nothing is chosen", () => {
    expect(watched([asks("p1", "tea")]).longestUs).toEqual({});
  });
});

describe("a run of Paxos has settled", () => {
  const both = [reports("p1", [17, "tea"]), reports("p2", [17, "tea"])];

  test.each<[string, boolean, readonly PaxosEvent[], number]>([
    ["when every proposer has reported what is chosen", true, both, CALM_US],
    ["not while one of them has not", false, both.slice(1), CALM_US],
    ["not while one of them only knows that it failed", false, [...both.slice(1), reports("p1", null)], CALM_US],
    ["not by what was reported while there were faults", false, both, CALM_US - 1],
    ["not by what learners learn", false, [learns("l1", "tea"), learns("p1", "tea")], CALM_US],
  ])("%s: %s", (_, expected, events, fromUs) => {
    expect(watched(events, fromUs).settled).toBe(expected);
  });
});
