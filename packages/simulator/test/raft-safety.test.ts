import { NO_OP } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { KEY_VALUE } from "../src/multipaxos/key-value-service.ts";
import { RAFT_ALWAYS } from "../src/raft/properties.ts";
import { RaftSafety } from "../src/raft/safety.ts";
import { answered, OPEN, read, write, written } from "./multipaxos-events.ts";
import {
  agreed,
  answers,
  appends,
  applies,
  asks,
  cost,
  elected,
  entries,
  entry,
  has,
  members,
  ofTwo,
  type RaftEvent,
  restarts,
  sends,
  snapshot,
  stands,
  stores,
  TEA,
  term,
  votes,
  wanted,
} from "./raft-events.ts";

/** The properties that these events break, each once, in the order in which they do. */
function brokenBy(events: readonly RaftEvent[]): string[] {
  const watch = new RaftSafety({ voters: ["n1", "n2", "n3"], spares: ["n4"] }, {}, KEY_VALUE);
  const broken: string[] = [];
  for (const event of events) watch.observe(event, ({ property }) => void broken.push(property));
  return [...new Set(broken)];
}

const appliedBy = (node: string, ...values: readonly string[]) =>
  values.map((value, place) => applies(node, place + 1, value));

const CASES: readonly [property: string | null, why: string, events: readonly RaftEvent[]][] = [
  [null, "one leader after the other", [...elected("n1", "n2", 1), ...elected("n2", "n3", 2)]],
  ["election-safety", "two leaders in a term", [...elected("n1", "n2", 1), ...elected("n3", "n2", 1)]],
  [
    "one-vote-a-term",
    "another vote after a restart",
    [
      stores("n2", term(1, "n1")),
      votes("n2", "n1", 1),
      restarts("n2"),
      stores("n2", term(1, "n3")),
      votes("n2", "n3", 1),
    ],
  ],
  [null, "the same vote again", [stores("n2", term(1, "n1")), votes("n2", "n1", 1), votes("n2", "n1", 1)]],
  [null, "a pre-vote for everybody", ["n1", "n3"].map((to) => votes("n2", to, 1, { preVote: true }))],
  [
    "elected-by-majority",
    "a leader nobody voted for",
    [stores("n1", term(1, "n1")), stands("n1", 1), appends("n1", 1)],
  ],
  [
    "terms-only-rise",
    "a term that was told is forgotten",
    [stores("n1", term(2)), has("n1", "n2", 2, null), restarts("n1"), has("n1", "n2", 1, null)],
  ],
  ["durable-before-told", "a vote that is not on the disk", [votes("n2", "n1", 1)]],
  ["durable-before-told", "a candidate without a disk", [stands("n1", 1)]],
  ["durable-before-told", "entries that are not on the disk", [stores("n2", term(1)), has("n2", "n1", 1, 1)]],
  ["durable-before-told", "a term that is not on the disk", [has("n2", "n1", 1, null)]],
  [
    "leader-append-only",
    "a leader begins its log anew",
    [...elected("n1", "n2", 1), stores("n1", entries(1, entry(1)), entries(1, entry(1)))],
  ],
  [
    "log-matching",
    "two entries of one index and term",
    [wanted(TEA), stores("n1", entries(1, entry(1))), stores("n2", entries(1, entry(1, TEA)))],
  ],
  [
    "log-matching",
    "the same entry after different ones",
    [stores("n1", entries(1, entry(1), entry(3))), stores("n2", entries(1, entry(2), entry(3)))],
  ],
  [
    null,
    "different entries of different terms",
    [stores("n1", entries(1, entry(1))), stores("n2", entries(1, entry(2)))],
  ],
  [
    "leader-completeness",
    "a leader without what is committed",
    [
      ...agreed(OPEN),
      stores("n2", term(2, "n3")),
      stores("n3", term(2, "n3")),
      stands("n3", 2),
      votes("n2", "n3", 2),
      appends("n3", 2),
    ],
  ],
  [
    null,
    "a leader without an entry of an earlier term that a majority came to have later (figure 3.7)",
    [
      ...elected("n1", "n2", 1),
      stores("n1", entries(1, entry(1))),
      stores("n3", term(2, "n3"), entries(1, entry(2))),
      stores("n2", term(3, "n1"), entries(1, entry(1))),
      ...elected("n3", "n2", 4),
      stores("n2", entries(1, entry(2), entry(4))),
    ],
  ],
  [
    "committed-is-kept",
    "a committed entry is taken out",
    [...agreed(OPEN), stores("n2", term(2), entries(1, entry(2)))],
  ],
  [
    "agreement",
    "two entries are committed at an index",
    [...agreed(OPEN), stores("n3", term(2), entries(1, entry(2))), stores("n2", term(2), entries(1, entry(2)))],
  ],
  [
    "appended-is-true",
    "a follower says that its log is the leader's",
    [
      stores("n2", term(1), entries(1, entry(1))),
      stores("n1", term(2), entries(1, entry(2))),
      stores("n2", term(2)),
      has("n2", "n1", 2, 1),
    ],
  ],
  [
    "members-one-by-one",
    "two voters are gone at once",
    [...agreed(OPEN), stores("n1", entries(2, entry(1, NO_OP, members("n1"))))],
  ],
  [
    "members-in-turn",
    "members are changed before anything of the term is committed (the flaw of 2015)",
    [...elected("n1", "n2", 1), appends("n1", 1, { entries: [entry(1, NO_OP, members("n1", "n2"))] })],
  ],
  [
    "members-in-turn",
    "members are changed before the last change is committed",
    [
      ...agreed(OPEN),
      stores("n1", entries(2, entry(1, NO_OP, members("n1", "n2")))),
      stores("n1", entries(3, entry(1, NO_OP, members("n1")))),
    ],
  ],
  [
    null,
    "members are changed in turn",
    [...agreed(OPEN), stores("n1", entries(2, entry(1, NO_OP, members("n1", "n2"))))],
  ],
  [
    null,
    "a leader that was asked to remove a server counts without it before anybody sees that",
    [...ofTwo(), stores("n1", entries(3, entry(1, TEA))), asks("remove", "n2"), ...appliedBy("n1", OPEN, NO_OP, TEA)],
  ],
  [
    null,
    "a leader that was asked to add a server counts with it before anybody sees that",
    [
      ...ofTwo(),
      asks("add", "n4"),
      stores("n2", entries(3, entry(1, TEA))),
      stores("n4", term(1), entries(1, entry(1, OPEN), entry(1, NO_OP, members("n1", "n2")), entry(1, TEA))),
      ...appliedBy("n2", OPEN, NO_OP, TEA),
    ],
  ],
  [
    "applies-the-log",
    "a leader that refused to remove a server counts without it",
    [
      ...ofTwo(),
      stores("n1", entries(3, entry(1, TEA))),
      asks("remove", "n2"),
      answers("busy"),
      ...appliedBy("n1", OPEN, NO_OP, TEA),
    ],
  ],
  ["validity", "a value that nobody wanted", [stores("n1", entries(1, entry(1, TEA)))]],
  [
    null,
    "values that clients wanted, applied in order",
    [...agreed(OPEN, TEA), applies("n1", 1, OPEN), applies("n1", 2, TEA)],
  ],
  [
    "applies-the-log",
    "a value that is not committed",
    [wanted(OPEN), stores("n1", term(1), entries(1, entry(1, OPEN))), applies("n1", 1, OPEN)],
  ],
  [
    "applies-the-log",
    "an entry of an earlier term that a majority has (figure 3.7)",
    [
      wanted(OPEN),
      stores("n1", term(1), entries(1, entry(1, OPEN))),
      stores("n1", term(2)),
      stores("n2", term(2), entries(1, entry(1, OPEN))),
      applies("n2", 1, OPEN),
    ],
  ],
  ["applies-the-log", "a gap", [...agreed(OPEN, TEA), applies("n1", 2, TEA)]],
  [null, "a snapshot of what is committed", [...agreed(OPEN), stores("n1", snapshot(1, 1))]],
  ["snapshots-are-true", "a snapshot without the last term", [...agreed(OPEN), stores("n3", snapshot(1, 0))]],
  [
    "snapshots-are-true",
    "a snapshot with other members",
    [...agreed(OPEN), stores("n3", snapshot(1, 1, members("n1")))],
  ],
  ["snapshots-are-true", "a snapshot of what is not committed", [stores("n3", snapshot(1, 1))]],
  [
    "durable-before-told",
    "a snapshot that is not on the disk",
    [
      ...elected("n1", "n2", 1),
      sends("n1", "n3", {
        ...{ type: "install-snapshot", term: 1, leader: "n1", lastIndex: 1, lastTerm: 1 },
        ...{ configuration: members("n1", "n2", "n3"), piece: 0, pieces: 1, text: "", sequence: 0 },
      }),
      stores("n3", term(1)),
      sends("n3", "n1", { type: "snapshot-taken", term: 1, follower: "n3", lastIndex: 1, nextPiece: 1, sequence: 0 }),
    ],
  ],
  [
    "strong-reads-are-current",
    "a barrier below what was acknowledged before",
    [
      ...agreed(OPEN, TEA),
      {
        kind: "request",
        node: "c1",
        requestId: "c1#1",
        command: write({ type: "put", key: "k", value: "tea", previous: true }),
      },
      ...["n1", "n2"].flatMap((node) => [applies(node, 1, OPEN), applies(node, 2, TEA)]),
      { kind: "reply", node: "c1", requestId: "c1#1", reply: written(2, { revision: 2, previous: null }) },
      sends("c1", "n1", { type: "read-barrier", requestId: "b" }),
      sends("n1", "c1", { type: "read-barrier-passed", requestId: "b", slot: 1, cost }),
    ],
  ],
  [
    "reads-are-true",
    "an answer that the log does not lead to",
    [
      ...agreed(OPEN, TEA),
      applies("n1", 1, OPEN),
      applies("n1", 2, TEA),
      { kind: "request", node: "c1", requestId: "c1#1", command: read("eventual") },
      { kind: "reply", node: "c1", requestId: "c1#1", reply: answered(2, { entry: null }) },
    ],
  ],
  [
    null,
    "what an operator sends by hand, whatever it says",
    [sends("h1", "n1", { type: "timeout-now", term: 7, leader: "h1" }), ...elected("n1", "n2", 1)],
  ],
];

describe("the watch of Raft", () => {
  test.each(CASES)("%s: %s", (property, _, events) => {
    const broken = brokenBy(events);
    if (property === null) expect(broken).toEqual([]);
    else expect(broken).toContain(property);
  });

  test("has a case for every property that is Raft's own", () => {
    const tested = new Set(CASES.map(([property]) => property));
    const clients = ["applied-once", "acknowledged-is-kept", "session-reads-are-monotone", "refusals-are-definite"];
    expect(RAFT_ALWAYS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual(clients);
  });
});
