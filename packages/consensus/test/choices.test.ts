import { describe, expect, test } from "vitest";
import { InvariantViolation, invariant } from "../src/core/invariant.js";
import { isProposalId } from "../src/core/proposal-id.js";
import { isMajority, majorityOf } from "../src/core/quorum.js";
import { conflictsIn, Learner } from "../src/paxos/learner.js";
import type { Acceptance } from "../src/paxos/messages.js";
import { chooseValue } from "../src/paxos/value-choice.js";

const pair = (acceptedId: number, acceptedValue: string): Acceptance => ({ acceptedId, acceptedValue });

describe("majorities", () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])("of a pool of %i it takes %i, so that any two of them share an acceptor", (size, majority) => {
    expect(majorityOf(size)).toBe(majority);
    expect(2 * majority).toBeGreaterThan(size);
  });

  test("a node named twice counts once", () => {
    expect(isMajority(["one", "one"], 3)).toBe(false);
    expect(isMajority(["one", "two"], 3)).toBe(true);
  });

  test.each([0, -1, 1.5, Number.NaN])("a pool of %d is none", (size) => {
    expect(() => majorityOf(size)).toThrow(InvariantViolation);
  });
});

describe("the value that a proposer must propose", () => {
  test("is its own choice if nobody has accepted anything", () => {
    expect(chooseValue([])).toEqual({ kind: "free" });
    expect(chooseValue([null, null])).toEqual({ kind: "free" });
  });

  test("is that of the highest id, in whatever order the answers come", () => {
    const answers = [pair(3, "low"), null, pair(0, "zero"), pair(7, "high"), pair(7, "high"), pair(5, "middle")];
    expect(chooseValue(answers)).toEqual({ kind: "bound", by: pair(7, "high") });
    expect(chooseValue([...answers].reverse())).toEqual({ kind: "bound", by: pair(7, "high") });
  });

  test("is bound by a proposal with id 0 too", () => {
    expect(chooseValue([pair(0, "zero"), null])).toEqual({ kind: "bound", by: pair(0, "zero") });
  });

  test("is no safe choice with two values under the highest id", () => {
    const choice = chooseValue([pair(7, "x"), pair(3, "low"), pair(7, "y")]);
    expect(choice).toEqual({ kind: "conflict", between: [pair(7, "x"), pair(7, "y")] });
  });

  test("is not disturbed by two values under a lower id", () => {
    expect(chooseValue([pair(3, "x"), pair(3, "y"), pair(7, "z")])).toEqual({ kind: "bound", by: pair(7, "z") });
  });
});

describe("a learner", () => {
  const hear = (learner: Learner, from: string, id: number, value: string, instance = 1) =>
    learner.step({ kind: "message", from, message: { type: "accepted", id, instance, value } });

  test("tells proposals in the order of ids and values, and their acceptors in order", () => {
    const learner = new Learner(5, 1);
    hear(learner, "two", 10, "x");
    hear(learner, "two", 9, "y");
    hear(learner, "three", 9, "x");
    hear(learner, "one", 9, "x");
    expect(learner.state.tallies).toEqual([
      { ...pair(9, "x"), acceptors: ["one", "three"] },
      { ...pair(9, "y"), acceptors: ["two"] },
      { ...pair(10, "x"), acceptors: ["two"] },
    ]);
  });

  test("pays no attention to other instances", () => {
    const learner = new Learner(1, 2);
    expect(hear(learner, "one", 9, "x", 1).decided).toEqual([]);
    expect(hear(learner, "one", 9, "x", 2).decided).toEqual([{ slot: 2, command: "x" }]);
  });

  test("stays with the first value chosen when a second majority contradicts, and the conflict can be told", () => {
    const learner = new Learner(3, 1);
    for (const name of ["one", "two"]) hear(learner, name, 9, "x");
    for (const name of ["two", "three"]) expect(hear(learner, name, 10, "y").decided).toEqual([]);
    expect(learner.state.chosen).toEqual(pair(9, "x"));
    expect(conflictsIn(learner.state.tallies, 3)).toMatchObject([{ kind: "two-values-chosen" }]);
  });

  test("sees that another value was accepted after one was chosen, which P2b rules out", () => {
    const tallies = [
      { ...pair(9, "x"), acceptors: ["one", "two"] },
      { ...pair(12, "y"), acceptors: ["three"] },
    ];
    expect(conflictsIn(tallies, 3).map(({ kind }) => kind)).toEqual(["accepted-against-chosen"]);
  });

  test("sees no conflict in one value chosen under two ids, nor in a rival under a lower id that no majority accepted", () => {
    const both = ["one", "two"];
    const tallies = [
      { ...pair(9, "x"), acceptors: both },
      { ...pair(10, "x"), acceptors: both },
      { ...pair(8, "y"), acceptors: ["three"] },
    ];
    expect(conflictsIn(tallies, 3)).toEqual([]);
  });
});

describe("ids and invariants", () => {
  test.each([0, 1, 2 ** 53 - 1])("%d is a proposal id", (id) => {
    expect(isProposalId(id)).toBe(true);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, "7", null, undefined])("%s is no proposal id", (id) => {
    expect(isProposalId(id)).toBe(false);
  });

  test("an invariant that does not hold is told in words", () => {
    expect(() => invariant(true, "the rule")).not.toThrow();
    expect(() => invariant(false, "the rule")).toThrow("invariant violated: the rule");
  });
});
