import { type Learn, LogLearner, type LogLearnerOptions, type LogMessage, type Participant } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { ACCEPTORS, LogStage, Shelf } from "./log-stage.js";

type AnyParticipant = Participant<LogMessage, unknown, unknown, unknown>;

/** What an acceptor accepted: the slot, the id, the value. */
type Accepted = readonly [slot: number, id: number, value: string];

/** The ids of two leaders, the later one second, and one of a person in between. */
const [FIRST, PERSON, SECOND] = [17, 32, 34];

/** A learner with an acceptor beside it, for which the test speaks, as for everybody else. */
class Beside extends LogStage {
  readonly shelf = new Shelf();

  constructor(more: Partial<LogLearnerOptions> = { acceptor: "a1" }) {
    super();
    const options = { name: "l1", acceptors: ACCEPTORS, peers: ["l2"], application: this.shelf, ...more };
    this.add("l1", new LogLearner(options) as AnyParticipant);
  }

  /** A leader tells slots alone; it knows no more to be decided than those, unless the test says so. */
  tellPlaces(from: number, atAcceptor: number, more: Partial<Learn> = {}): void {
    const decidedThrough = from + atAcceptor - 1;
    const learn = { type: "learn", leader: "p1", id: FIRST, number: 1, from, values: [], decidedThrough } as const;
    this.tell(more.leader ?? "p1", "l1", { ...learn, atAcceptor, ...more });
  }

  page(acceptor: string, from: number, accepted: readonly Accepted[], truncatedThrough = 0): void {
    const entries = accepted.map(([instance, acceptedId, acceptedValue]) => ({ instance, acceptedId, acceptedValue }));
    const page = { entries, next: null, truncatedThrough };
    this.tell(acceptor, "l1", { type: "log", from, promisedId: SECOND, page });
  }

  /** The letters of this type that have left so far. */
  sent<T extends LogMessage["type"]>(type: T): (LogMessage & { readonly type: T; readonly to: string })[] {
    return this.letters
      .filter(({ message }) => message.type === type)
      .map(({ to, message }) => ({ ...message, to })) as never;
  }
}

describe("a learner that is told slots alone", () => {
  test("asks the acceptor beside it, and no other one, for just these; it says nothing before it has looked", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 2);
    expect(beside.letters).toEqual([{ from: "l1", to: "a1", message: { type: "read-log", from: 1, limit: 2 } }]);
  });

  test("applies what was accepted there under the leader's id, and tells the leader what came of it", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 2, { number: 5 });
    beside.page("a1", 1, [
      [1, FIRST, "a"],
      [2, FIRST, "b"],
    ]);
    expect(beside.shelf.values).toEqual(["1:a", "2:b"]);
    expect(beside.sent("learned")).toMatchObject([
      {
        ...{ to: "p1", number: 5, appliedThrough: 2, snapshotThrough: null },
        results: [
          { slot: 1, result: '"put at 1"' },
          { slot: 2, result: '"put at 2"' },
        ],
      },
    ]);
  });

  test("keeps quiet about the results where another learner tells them", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 1, { quiet: true });
    beside.page("a1", 1, [[1, FIRST, "a"]]);
    expect(beside.shelf.values).toEqual(["1:a"]);
    expect(beside.sent("learned")).toMatchObject([{ appliedThrough: 1, results: [] }]);
  });

  test.each<[what: string, page: readonly Accepted[], truncatedThrough: number, applied: readonly string[]]>([
    ["nothing", [], 0, []],
    ["less than it was told", [[1, FIRST, "a"]], 0, ["1:a"]],
    ["a value of an earlier id", [[1, 1, "old"]], 0, []],
    ["a value of a later id", [[1, SECOND, "new"]], 0, []],
    ["a value that a person put there", [[1, PERSON, "hand"]], 0, []],
    [
      "another id's value after the first",
      [
        [1, FIRST, "a"],
        [2, 1, "old"],
        [3, FIRST, "c"],
      ],
      0,
      ["1:a"],
    ],
    [
      "a gap",
      [
        [1, FIRST, "a"],
        [3, FIRST, "c"],
      ],
      0,
      ["1:a"],
    ],
    [
      "a gap at the beginning",
      [
        [2, FIRST, "b"],
        [3, FIRST, "c"],
      ],
      0,
      [],
    ],
    ["that the acceptor has forgotten the first ones", [[3, FIRST, "c"]], 2, []],
    ["that the acceptor has forgotten all", [], 3, []],
  ])(
    "and finds %s takes no more than what is certain, and says at once how far it is",
    (_, page, truncated, applied) => {
      const beside = new Beside();
      beside.tellPlaces(1, 3, { number: 7 });
      beside.page("a1", 1, page, truncated);
      expect(beside.shelf.values).toEqual(applied);
      const told = { to: "p1", number: 7, appliedThrough: applied.length, snapshotThrough: null };
      expect(beside.sent("learned")).toMatchObject([told]);
      expect(beside.sent("learned")[0]?.results).toHaveLength(applied.length);
    },
  );

  test("takes nothing beyond what the leader knows to be decided, though the acceptor has more under its id", () => {
    const beside = new Beside();
    const all: Accepted[] = [1, 2, 3].map((slot) => [slot, FIRST, `v${slot}`]);
    beside.tellPlaces(1, 3, { decidedThrough: 2 });
    beside.page("a1", 1, all);
    expect(beside.shelf.values).toEqual(["1:v1", "2:v2"]);
    expect(beside.state("l1", LogLearner)).toMatchObject({ ahead: 0, decidedThrough: 2 });
  });

  test("takes no more than it was told", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 1, { decidedThrough: 3 });
    beside.page("a1", 1, [
      [1, FIRST, "a"],
      [2, FIRST, "b"],
    ]);
    expect(beside.shelf.values).toEqual(["1:a"]);
  });

  test("and has learned the values elsewhere meanwhile tells what came of them, though the acceptor lacks them", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 3);
    beside.tell("l2", "l1", { type: "sync-reply", from: 1, values: ["a", "b"], appliedThrough: 2, snapshot: null });
    beside.page("a1", 1, [[3, FIRST, "c"]]);
    expect(beside.shelf.values).toEqual(["1:a", "2:b", "3:c"]);
    expect(beside.sent("learned")[0]?.results.map(({ slot }) => slot)).toEqual([1, 2, 3]);
  });

  test("without an acceptor beside it says at once that it has nothing: the leader is mistaken", () => {
    const beside = new Beside({});
    beside.tellPlaces(1, 2, { number: 3 });
    expect(beside.letters).toMatchObject([{ to: "p1", message: { type: "learned", number: 3, appliedThrough: 0 } }]);
  });
});

describe("of two messages that tell slots alone", () => {
  test("the last counts: a page is read under the id of that leader, and answered to it alone", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 2);
    beside.tellPlaces(1, 2, { leader: "p2", id: SECOND, number: 9 });
    const page: Accepted[] = [
      [1, SECOND, "new"],
      [2, FIRST, "old"],
    ];
    beside.page("a1", 1, page);
    expect(beside.shelf.values).toEqual(["1:new"]);
    expect(beside.sent("learned")).toMatchObject([{ to: "p2", number: 9, appliedThrough: 1 }]);
    // The answer to the first question is none to anything any more.
    beside.page("a1", 1, page);
    expect(beside.shelf.values).toEqual(["1:new"]);
    expect(beside.sent("learned")).toHaveLength(1);
  });

  test("a page of the first one is none of the second", () => {
    const beside = new Beside();
    beside.tellPlaces(1, 1);
    beside.tellPlaces(2, 1, { number: 2 });
    beside.page("a1", 1, [
      [1, FIRST, "a"],
      [2, FIRST, "b"],
    ]);
    expect(beside.sent("learned")).toEqual([]);
    beside.page("a1", 2, [[2, FIRST, "b"]]);
    expect(beside.sent("learned")).toMatchObject([{ number: 2, appliedThrough: 0 }]);
    expect(beside.state("l1", LogLearner).ahead).toBe(1);
  });
});

describe("what a learner looks up and what it catches up with do not mix", () => {
  /** A learner that was told of slot 1, has heard nothing of it, and asks all acceptors. */
  function catchingUp(): Beside {
    const beside = new Beside({ acceptor: "a1", peers: [] });
    beside.tell("p1", "l1", {
      type: "learn",
      leader: "p1",
      id: FIRST,
      number: 1,
      from: 1,
      values: [],
      decidedThrough: 1,
    });
    beside.fire("l1", "catch-up");
    expect(beside.sent("read-log").map(({ to }) => to)).toEqual(ACCEPTORS);
    return beside;
  }

  test("another acceptor's page is none that was looked up", () => {
    const beside = catchingUp();
    beside.tellPlaces(1, 1, { number: 2 });
    beside.page("a2", 1, [[1, FIRST, "a"]]);
    expect(beside.shelf.values).toEqual([]);
    beside.page("a1", 1, [[1, FIRST, "a"]]);
    expect(beside.shelf.values).toEqual(["1:a"]);
    expect(beside.sent("learned").at(-1)).toMatchObject({ number: 2, appliedThrough: 1 });
  });

  test("of two pages of the acceptor beside it, one counts for the leader and one among those of all acceptors", () => {
    const beside = catchingUp();
    beside.tellPlaces(1, 1, { leader: "p2", id: SECOND, number: 2 });
    beside.page("a1", 1, [[1, FIRST, "a"]]);
    expect(beside.sent("learned").at(-1)).toMatchObject({ to: "p2", number: 2, appliedThrough: 0 });
    beside.page("a2", 1, [[1, FIRST, "a"]]);
    // One page, looked up for a leader, is no vote; with the next one a majority has accepted the value.
    expect(beside.shelf.values).toEqual([]);
    beside.page("a1", 1, [[1, FIRST, "a"]]);
    expect(beside.shelf.values).toEqual(["1:a"]);
  });

  test("what the acceptor beside it tells where nothing is looked up is one acceptor's word", () => {
    const beside = catchingUp();
    beside.page("a1", 1, [[1, FIRST, "a"]]);
    expect(beside.shelf.values).toEqual([]);
    expect(beside.sent("learned")).toHaveLength(1);
  });
});
