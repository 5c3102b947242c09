import { describe, expect, test } from "vitest";
import { explainLead, type RaftObservation } from "../../src/index.js";

const VOTERS = ["a", "b", "c", "d", "e"];

/** A server whose log has entries of these terms, and that knows the first so many of them to be committed. */
function seen(server: string, terms: readonly number[], more: Partial<RaftObservation> = {}): RaftObservation {
  const entries = terms.map((term, place) => ({ index: place + 1, term, value: `"${term}.${place + 1}"` }));
  const lastTerm = terms.at(-1) ?? 0;
  const log = { lastIndex: terms.length, lastTerm, entries };
  return { server, term: lastTerm, votedFor: null, state: "FOLLOWER", commitIndex: 0, ...log, ...more };
}

describe("why there is a leader, or none", () => {
  test("who leads has the votes of a majority in the latest term", () => {
    const explanation = explainLead(VOTERS, [
      seen("a", [1], { term: 2, state: "LEADER", votedFor: "a" }),
      seen("b", [1], { term: 2, votedFor: "a" }),
      seen("c", [1], { term: 2, votedFor: "a" }),
      seen("d", [], { term: 2, votedFor: "d" }),
    ]);
    expect(explanation).toMatchObject({ verdict: "led", leader: "a", term: 2, majority: 3, unreachable: ["e"] });
    expect(explanation.votes).toEqual([
      { candidate: "a", voters: ["a", "b", "c"] },
      { candidate: "d", voters: ["d"] },
    ]);
  });

  test("of two that say they lead, the one of the later term does: the other was deposed, which is allowed", () => {
    const old = seen("a", [1], { term: 1, state: "LEADER" });
    const explanation = explainLead(VOTERS, [old, seen("b", [1, 2], { term: 2, state: "LEADER" })]);
    expect(explanation).toMatchObject({ verdict: "led", leader: "b", conflicts: [] });
  });

  test.each([
    ["no-quorum", [seen("a", [1]), seen("b", [1], { state: "CANDIDATE" })]],
    ["electing", [seen("a", [1]), seen("b", [1], { state: "CANDIDATE" }), seen("c", [1])]],
    ["leaderless", [seen("a", [1]), seen("b", [1]), seen("c", [1])]],
  ])("nobody leads: %s", (verdict, observations) => {
    expect(explainLead(VOTERS, observations)).toMatchObject({ verdict, leader: null });
  });

  test("a server that has no vote does not count, whatever it says", () => {
    const observations = [seen("a", [1]), seen("b", [1]), seen("stranger", [9], { votedFor: "stranger" })];
    const { verdict, votes, prospects } = explainLead(VOTERS, observations);
    expect([verdict, votes, prospects.map(({ server }) => server)]).toEqual(["no-quorum", [], ["a", "b"]]);
  });
});

test("nobody votes for a log behind its own: the later last term wins, then the longer log (§3.6.1)", () => {
  const explanation = explainLead(VOTERS, [
    seen("a", [1, 1, 1, 1]),
    seen("b", [1, 2]),
    seen("c", [1, 1, 1]),
    seen("d", [1, 1, 1]),
  ]);
  const told = explanation.prospects.map(({ server, supporters, opponents, wouldWin }) => [
    server,
    supporters.join(""),
    opponents.join(""),
    wouldWin,
  ]);
  expect(told).toEqual([
    ["a", "acd", "b", true],
    ["b", "abcd", "", true],
    ["c", "cd", "ab", false],
    ["d", "cd", "ab", false],
  ]);
});

describe("what no run of Raft allows is said", () => {
  test.each([
    [
      "two leaders in one term",
      [seen("a", [1], { state: "LEADER" }), seen("b", [1], { state: "LEADER" })],
      { kind: "two-leaders-in-one-term", term: 1, servers: ["a", "b"] },
    ],
    [
      "two values under one index and term",
      [seen("a", [1]), seen("b", [1], { entries: [{ index: 1, term: 1, value: '"another"' }] })],
      { kind: "one-entry-two-values", index: 1, term: 1, servers: ["a", "b"] },
    ],
    [
      "two entries committed under one index",
      [seen("a", [1, 2], { commitIndex: 2 }), seen("b", [1, 3], { commitIndex: 2 })],
      { kind: "two-entries-committed", index: 2, servers: ["a", "b"] },
    ],
  ])("%s", (_, observations, conflict) => {
    expect(explainLead(VOTERS, observations)).toMatchObject({ verdict: "broken", conflicts: [conflict] });
  });

  test("logs that differ beyond what is committed are as they may be", () => {
    const observations = [seen("a", [1, 2], { commitIndex: 1 }), seen("b", [1, 3], { commitIndex: 2 }), seen("c", [1])];
    expect(explainLead(VOTERS, observations)).toMatchObject({ verdict: "leaderless", committedThrough: 2 });
  });
});
