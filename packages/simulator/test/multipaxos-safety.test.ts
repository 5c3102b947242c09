import { NO_OP } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { KEY_VALUE } from "../src/multipaxos/key-value-service.ts";
import { MULTIPAXOS_ALWAYS } from "../src/multipaxos/properties.ts";
import { MultiPaxosSafety } from "../src/multipaxos/safety.ts";
import {
  accepted,
  answered,
  applies,
  asks,
  type ClusterEvent,
  chosen,
  hears,
  NAMES,
  OPEN,
  put,
  read,
  replies,
  restarts,
  sends,
  stores,
  together,
  write,
  written,
} from "./multipaxos-events.ts";

/** The properties that these events break, each once, in the order in which they do. */
function brokenBy(events: readonly ClusterEvent[]): string[] {
  const watch = new MultiPaxosSafety(NAMES, {}, KEY_VALUE);
  const broken: string[] = [];
  for (const event of events) watch.observe(event, ({ property }) => void broken.push(property));
  return [...new Set(broken)];
}

const page = (entries: readonly { instance: number; acceptedId: number; acceptedValue: string; decided?: true }[]) => ({
  entries,
  next: null,
  truncatedThrough: 0,
});
const TEA = put(2, "k", "tea");
const MILK = put(3, "k", "milk");
const wanted = (...values: readonly string[]) =>
  sends("c1", "p1", { type: "submit", submission: 1, requests: values.map((value) => ({ requestId: "c1#1", value })) });
const snapshot = (through: number) =>
  ({
    kind: "snapshot",
    through,
    pieces: [
      JSON.stringify({ appliedThrough: through, sessionPieces: 1 }),
      JSON.stringify([["c1-x", 1, 2], ...(through > 1 ? [[2, TEA_REPLY]] : [])]),
      ...(through > 1 ? [JSON.stringify([["k", "tea", 2]])] : []),
    ],
  }) as const;
const CUP = { type: "put", key: "k", value: "cup", previous: true };
const POT = { type: "put", key: "l", value: "pot", previous: true };
/** CUP and POT, as the second and third command. */
const BOTH = together(2, CUP, POT);
const TEA_REPLY = JSON.stringify({ kind: "result", result: { revision: 2, previous: null } });
const TEA_ENTRY = { entry: { key: "k", value: "tea", revision: 2 } };
const accept = (id: number, instance: number, value: string) =>
  sends("p1", "a1", { type: "accept-log", id, entries: [{ instance, value }] });
const promise = (id: number, entries: Parameters<typeof page>[0]) =>
  ({ type: "promise-log", id, page: page(entries) }) as const;
const PREPARE = { type: "prepare-log", id: 33, from: 1 } as const;
const PROMISED = [
  stores("p1", { kind: "proposing", id: 33 }),
  sends("p1", "a1", PREPARE),
  ...["a1", "a2"].map((from) => hears("p1", from, promise(33, [{ instance: 1, acceptedId: 17, acceptedValue: OPEN }]))),
];
const cost = { messages: 0, sharedBy: 1 };
const passed = (slot: number) => sends("p1", "c1", { type: "read-barrier-passed", requestId: "b", slot, cost });
const learned = (snapshotThrough: number, appliedThrough = 0) =>
  sends("l1", "p1", {
    type: "learned",
    number: 1,
    learner: "l1",
    appliedThrough,
    snapshotThrough,
    results: [],
    missingFrom: null,
  });

const CASES: readonly [property: string | null, why: string, events: readonly ClusterEvent[]][] = [
  [
    "agreement",
    "two values are chosen in a slot",
    [...chosen(OPEN), ...["a2", "a3"].map((a) => accepted(a, 1, 33, TEA))],
  ],
  [null, "one value is chosen twice", [...chosen(OPEN), ...["a2", "a3"].map((a) => accepted(a, 1, 33, OPEN))]],
  [
    null,
    "ids do not add up to a choice",
    [accepted("a1", 1, 17, OPEN), accepted("a2", 1, 33, OPEN), accepted("a2", 1, 49, TEA)],
  ],
  ["validity", "a value that nobody wanted", [accept(17, 1, TEA)]],
  [null, "a submitted value and a no-op", [wanted(TEA), accept(17, 1, TEA), accept(17, 2, NO_OP)]],
  [
    "promises-only-rise",
    "an id is promised again",
    [
      stores("a1", { kind: "promised", id: 17 }),
      sends("a1", "p1", promise(17, [])),
      sends("a1", "p1", promise(17, [])),
    ],
  ],
  [
    "accepts-honour-promises",
    "an id below the promise is accepted",
    [stores("a1", { kind: "promised", id: 33 }), sends("a1", "p1", promise(33, [])), accepted("a1", 1, 17, OPEN)],
  ],
  [
    "promises-tell-all",
    "a promise leaves something out",
    [accepted("a1", 1, 17, OPEN), stores("a1", { kind: "promised", id: 33 }), sends("a1", "p1", promise(33, []))],
  ],
  [
    "promises-tell-all",
    "a promise tells of something that was not accepted",
    [
      stores("a1", { kind: "promised", id: 33 }),
      sends("a1", "p1", promise(33, [{ instance: 1, acceptedId: 17, acceptedValue: OPEN }])),
    ],
  ],
  [
    null,
    "a promise tells all from the slot on that was asked for",
    [
      accepted("a1", 1, 17, OPEN),
      accepted("a1", 2, 17, TEA),
      stores("a1", { kind: "promised", id: 33 }),
      hears("a1", "p1", { type: "prepare-log", id: 33, from: 2 }),
      sends("a1", "p1", promise(33, [{ instance: 2, acceptedId: 17, acceptedValue: TEA }])),
    ],
  ],
  ["durable-before-told", "a promise is told and not kept", [sends("a1", "p1", promise(17, []))]],
  [
    "durable-before-told",
    "an acceptance is told and not kept",
    [stores("a1", { kind: "promised", id: 17 }), sends("a1", "p1", { type: "accepted-log", id: 17, instances: [1] })],
  ],
  [
    "durable-before-told",
    "an id is used before it is kept",
    [stores("p1", { kind: "proposing", id: 17 }), sends("p1", "a1", PREPARE)],
  ],
  ["durable-before-told", "a snapshot is told of and not kept", [...chosen(OPEN), learned(1, 1)]],
  [null, "a snapshot is told of that is kept", [...chosen(OPEN), stores("l1", snapshot(1)), learned(1, 1)]],
  [
    "one-value-an-id",
    "an id is used again after a restart",
    [
      stores("p1", { kind: "proposing", id: 33 }),
      sends("p1", "a1", PREPARE),
      restarts("p1"),
      sends("p1", "a1", PREPARE),
    ],
  ],
  ["one-value-an-id", "two proposers use one id", [sends("p1", "a1", PREPARE), sends("p2", "a1", PREPARE)]],
  ["one-value-an-id", "two values go out under one id", [wanted(OPEN, TEA), accept(17, 1, OPEN), accept(17, 1, TEA)]],
  [
    "decided-is-chosen",
    "an acceptor takes a value for decided that is not",
    [accepted("a1", 1, 17, OPEN), stores("a1", { kind: "decided", id: 17, from: 1, through: 1 })],
  ],
  [
    null,
    "what an acceptor has under another id than the decided one is not taken for decided",
    [accepted("a1", 1, 17, OPEN), stores("a1", { kind: "decided", id: 33, from: 1, through: 1 })],
  ],
  [
    "decided-is-chosen",
    "a leader tells a learner what is not chosen",
    [sends("p1", "l1", { type: "learn", leader: "p1", id: 17, number: 1, from: 1, values: [OPEN], decidedThrough: 0 })],
  ],
  ["decided-is-chosen", "a learner claims to have applied more than is chosen", [learned(0, 1)]],
  [
    "truncated-is-kept",
    "what one learner has in a snapshot is forgotten",
    [...chosen(OPEN), stores("l1", snapshot(1)), stores("a1", { kind: "truncated", through: 1 })],
  ],
  [
    null,
    "what two learners have in snapshots is forgotten",
    [
      ...chosen(OPEN),
      stores("l1", snapshot(1)),
      stores("l2", snapshot(1)),
      stores("a1", { kind: "truncated", through: 1 }),
    ],
  ],
  ["recovers-before-serving", "a strong read is answered before what was found is decided", [...PROMISED, passed(0)]],
  [
    "recovers-before-serving",
    "a new value goes out before what was found is decided",
    [wanted(TEA), ...PROMISED, accept(33, 2, TEA)],
  ],
  [
    null,
    "what was found goes out again, and then the leader serves",
    [...PROMISED, wanted(OPEN, TEA), accept(33, 1, OPEN), ...chosen(OPEN), accept(33, 2, TEA), passed(1)],
  ],
  ["applies-the-log", "a learner applies what is not chosen", [...chosen(OPEN), applies("l1", 1, TEA)]],
  ["applies-the-log", "a learner leaves a slot out", [...chosen(OPEN, TEA), applies("l1", 2, TEA)]],
  [
    "applies-the-log",
    "a learner applies a slot twice",
    [...chosen(OPEN), applies("l1", 1, OPEN), applies("l1", 1, OPEN)],
  ],
  [null, "a learner goes on from a snapshot", [...chosen(OPEN, TEA), stores("l1", snapshot(1)), applies("l1", 2, TEA)]],
  [
    null,
    "a learner that restarts goes on from its snapshot",
    [...chosen(OPEN, TEA), stores("l1", snapshot(1)), applies("l1", 2, TEA), restarts("l1"), applies("l1", 2, TEA)],
  ],
  [
    "snapshots-are-true",
    "a snapshot lacks something",
    [...chosen(OPEN, TEA), stores("l1", { ...snapshot(1), through: 2 })],
  ],
  [null, "a snapshot holds what the log leads to", [...chosen(OPEN, TEA), stores("l1", snapshot(2))]],
  [
    "applied-once",
    "one operation became two commands",
    [...chosen(OPEN, TEA, put(3, "k", "tea")), applies("l1", 1, OPEN)],
  ],
  [null, "a copy of a command is in the log", [...chosen(OPEN, TEA, TEA), applies("l1", 1, OPEN)]],
  [
    "acknowledged-is-kept",
    "a write is acknowledged in a slot that holds another one",
    [
      ...chosen(OPEN, TEA, MILK),
      asks("c1", "w", write({ type: "put", key: "k", value: "tea", previous: true })),
      replies("c1", "w", written(3, null)),
    ],
  ],
  [
    "acknowledged-is-kept",
    "a write is told a wrong result",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "w", write({ type: "put", key: "k", value: "tea", previous: true })),
      replies("c1", "w", written(2, { revision: 2, previous: { value: "x", revision: 1 } })),
    ],
  ],
  [
    null,
    "a write is acknowledged as it is",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "w", write({ type: "put", key: "k", value: "tea", previous: true })),
      replies("c1", "w", written(2, { previous: null, revision: 2 })),
    ],
  ],
  [
    null,
    "writes that share a slot are acknowledged, each as it is",
    [
      ...chosen(OPEN, BOTH),
      asks("c1", "v", write(CUP)),
      asks("c1", "w", write(POT)),
      replies("c1", "v", written(2, { revision: 2, previous: null })),
      replies("c1", "w", written(2, { revision: 2, previous: null })),
    ],
  ],
  [
    "acknowledged-is-kept",
    "a write that shares a slot is told what came of the other one",
    [
      ...chosen(OPEN, TEA, together(3, CUP, POT)),
      asks("c1", "w", write(POT)),
      replies("c1", "w", written(3, { revision: 3, previous: { value: "tea", revision: 2 } })),
    ],
  ],
  [
    "acknowledged-is-kept",
    "a write is acknowledged in a slot that two writes of one key share",
    [
      ...chosen(OPEN, together(2, CUP, { ...CUP, value: "can" })),
      asks("c1", "w", write(CUP)),
      replies("c1", "w", written(2, { revision: 2, previous: null })),
    ],
  ],
  [
    "applied-once",
    "one operation became two commands, of which one shares a slot",
    [...chosen(OPEN, BOTH, put(4, "l", "pot")), applies("l1", 1, OPEN)],
  ],
  [
    null,
    "of commands that shared a slot one comes again, and with another one",
    [...chosen(OPEN, BOTH, together(3, POT, { ...CUP, value: "can" })), applies("l1", 1, OPEN)],
  ],
  [
    "strong-reads-are-current",
    "a strong read sees less than one before it",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "r", read("strong")),
      replies("c1", "r", answered(2, TEA_ENTRY)),
      asks("c2", "s", read("strong")),
      replies("c2", "s", answered(1, { entry: null })),
    ],
  ],
  [
    null,
    "of two strong reads at the same time each may be the earlier one",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "r", read("strong")),
      asks("c2", "s", read("strong")),
      replies("c1", "r", answered(2, TEA_ENTRY)),
      replies("c2", "s", answered(1, { entry: null })),
    ],
  ],
  [
    "session-reads-are-monotone",
    "a session sees less than before",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "r", read("eventual")),
      replies("c1", "r", answered(2, TEA_ENTRY)),
      asks("c1", "s", read("session")),
      replies("c1", "s", answered(1, { entry: null })),
    ],
  ],
  [
    null,
    "another session sees less",
    [
      ...chosen(OPEN, TEA),
      asks("c1", "r", read("eventual")),
      replies("c1", "r", answered(2, TEA_ENTRY)),
      asks("c2", "s", read("session")),
      replies("c2", "s", answered(1, { entry: null })),
    ],
  ],
  [
    "reads-are-true",
    "a read tells what was not there",
    [...chosen(OPEN), asks("c1", "r", read("eventual")), replies("c1", "r", answered(1, TEA_ENTRY))],
  ],
  [
    "reads-are-true",
    "a read is of a slot that is not decided",
    [asks("c1", "r", read("eventual")), replies("c1", "r", answered(1, { entry: null }))],
  ],
  [
    "refusals-are-definite",
    "what was refused is carried out",
    [
      asks("c1", "c1#1", write({ type: "put", key: "k", value: "tea", previous: true })),
      wanted(TEA),
      replies("c1", "c1#1", { kind: "refused", reason: "no-leader" }),
      ...chosen(OPEN, TEA),
      applies("l1", 1, OPEN),
    ],
  ],
  [
    "refusals-are-definite",
    "what was refused is carried out in a slot that it shares, for which another request went out",
    [
      asks("c1", "c1#1", write(CUP)),
      asks("c1", "c1#2", write(POT)),
      wanted(BOTH),
      replies("c1", "c1#2", { kind: "refused", reason: "no-leader" }),
      ...chosen(OPEN, BOTH),
      applies("l1", 1, OPEN),
    ],
  ],
  [
    "refusals-are-definite",
    "what was carried out in a slot that it shares is refused",
    [
      asks("c1", "c1#1", write(CUP)),
      asks("c1", "c1#2", write(POT)),
      wanted(BOTH),
      ...chosen(OPEN, BOTH),
      replies("c1", "c1#2", { kind: "refused", reason: "no-leader" }),
    ],
  ],
  [
    null,
    "what is unknown may happen",
    [
      asks("c1", "c1#1", write({ type: "put", key: "k", value: "tea", previous: true })),
      wanted(TEA),
      replies("c1", "c1#1", { kind: "unknown" }),
      ...chosen(OPEN, TEA),
      applies("l1", 1, OPEN),
    ],
  ],
];

describe("the watch of Multi-Paxos", () => {
  test.each(CASES)("says %s where %s", (property, _, events) => {
    expect(brokenBy(events)).toEqual(property === null ? [] : [property]);
  });

  test("has a case for every property", () => {
    const tested = new Set(CASES.map(([property]) => property).filter((property) => property !== null));
    expect([...tested].sort()).toEqual(MULTIPAXOS_ALWAYS.map(({ name }) => name).sort());
  });
});
