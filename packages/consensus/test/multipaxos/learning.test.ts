import { LogLearner, type LogMessage, type Participant } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { ACCEPTORS, Cluster, LogStage, Shelf } from "./log-stage.js";

type AnyParticipant = Participant<LogMessage, unknown, unknown, unknown>;
type Limits = ConstructorParameters<typeof LogLearner>[0]["limits"];

/** A learner alone on a stage. */
class Alone extends LogStage {
  shelf = new Shelf();

  constructor(readonly limits: Limits = {}) {
    super();
    this.start();
  }

  start(): void {
    this.shelf = new Shelf();
    const options = {
      name: "l1",
      acceptors: ACCEPTORS,
      peers: ["l2"],
      application: this.shelf,
      limits: this.limits ?? {},
    };
    const disk = (this.disks.get("l1") ?? []) as ConstructorParameters<typeof LogLearner>[1];
    this.add("l1", new LogLearner(options, disk) as AnyParticipant);
  }

  learn(from: number, values: readonly string[], decidedThrough = from + values.length - 1): void {
    this.tell("p1", "l1", { type: "learn", leader: "p1", id: 17, number: 1, from, values, decidedThrough });
  }

  /** The messages of this type that have left so far. */
  said<T extends LogMessage["type"]>(type: T): (LogMessage & { type: T })[] {
    return this.letters.map(({ message }) => message).filter((message) => message.type === type) as never;
  }

  get applied() {
    return this.state("l1", LogLearner).appliedThrough;
  }
}

describe("a learner applies", () => {
  test("what is decided, in the order of the slots, whatever order it is told in", () => {
    const alone = new Alone();
    alone.learn(2, ["b", "c"]);
    expect(alone.shelf.values).toEqual([]);
    alone.learn(1, ["a"]);
    expect(alone.shelf.values).toEqual(["1:a", "2:b", "3:c"]);
  });

  test("each slot once, however often it is told", () => {
    const alone = new Alone();
    for (let count = 0; count < 3; count++) alone.learn(1, ["a", "b"]);
    expect(alone.shelf.values).toEqual(["1:a", "2:b"]);
  });

  test("what it is told to keep quiet about, and says how far it is, and nothing of the results", () => {
    const alone = new Alone();
    const learn = {
      type: "learn",
      leader: "p1",
      id: 17,
      number: 3,
      from: 1,
      values: ["a"],
      decidedThrough: 1,
    } as const;
    alone.tell("p1", "l1", { ...learn, quiet: true });
    expect(alone.shelf.values).toEqual(["1:a"]);
    expect(alone.said("learned")).toMatchObject([{ number: 3, appliedThrough: 1, results: [] }]);
    // Whoever asks later hears them all the same.
    alone.tell("p1", "l1", { ...learn, number: 4 });
    expect(alone.said("learned").at(-1)).toMatchObject({ number: 4, results: [{ slot: 1, result: '"put at 1"' }] });
  });

  test("and says with each message how far it is, and what came of its values, also of those applied before", () => {
    const alone = new Alone();
    alone.learn(1, ["a"]);
    alone.learn(1, ["a", "b"]);
    expect(alone.said("learned").at(-1)).toMatchObject({
      appliedThrough: 2,
      results: [
        { slot: 1, result: '"put at 1"' },
        { slot: 2, result: '"put at 2"' },
      ],
    });
  });

  test("and takes no second value for a slot, whoever tells it: somebody broke the rules, and it goes on", () => {
    const alone = new Alone();
    alone.learn(1, ["a"]);
    alone.learn(1, ["other", "b"]);
    expect(alone.shelf.values).toEqual(["1:a", "2:b"]);
    expect(alone.state("l1", LogLearner).contradictions).toBe(1);
    expect(alone.said("learned").at(-1)?.results).toEqual([{ slot: 2, result: '"put at 2"' }]);
  });

  test("and keeps no decision that is too far ahead", () => {
    const alone = new Alone({ aheadEntries: 5 });
    alone.learn(1_000_000, ["far"]);
    expect(alone.state("l1", LogLearner).ahead).toBe(0);
  });
});

describe("a learner that lacks something", () => {
  test("gives the leader some time, then asks its peers, then the acceptors", () => {
    const alone = new Alone();
    alone.learn(2, ["b"]);
    expect(alone.said("sync")).toEqual([]);
    alone.fire("l1", "catch-up");
    expect(alone.said("sync")).toMatchObject([{ from: 1 }]);
    alone.fire("l1", "catch-up");
    expect(alone.letters.filter(({ message }) => message.type === "read-log").map(({ to }) => to)).toEqual(ACCEPTORS);
  });

  test("and finds it nowhere, says so to the leader", () => {
    const alone = new Alone();
    alone.learn(2, ["b"]);
    for (let question = 0; question < 4; question++) alone.fire("l1", "catch-up");
    alone.learn(2, []);
    expect(alone.said("learned").at(-1)).toMatchObject({ missingFrom: 1 });
  });

  test("takes a value for chosen that a majority of acceptors has accepted under one id", () => {
    const alone = new Alone();
    alone.learn(2, ["b"]);
    for (let question = 0; question < 2; question++) alone.fire("l1", "catch-up");
    const page = (acceptedId: number) => ({
      type: "log" as const,
      from: 1,
      promisedId: 99,
      page: { entries: [{ instance: 1, acceptedId, acceptedValue: "a" }], next: null, truncatedThrough: 0 },
    });
    alone.tell("a1", "l1", page(17));
    alone.tell("a1", "l1", page(17));
    alone.tell("stranger", "l1", page(17));
    // The same value under another id does not add up.
    alone.tell("a2", "l1", page(33));
    expect(alone.applied).toBe(0);
    alone.tell("a3", "l1", page(17));
    expect(alone.shelf.values).toEqual(["1:a", "2:b"]);
  });

  test("takes the word of one acceptor that knows a value to be decided", () => {
    const alone = new Alone();
    alone.learn(2, ["b"]);
    for (let question = 0; question < 2; question++) alone.fire("l1", "catch-up");
    const entries = [{ instance: 1, acceptedId: 17, acceptedValue: "a", decided: true as const }];
    const page = { entries, next: null, truncatedThrough: 0 };
    alone.tell("a2", "l1", { type: "log", from: 1, promisedId: 99, page });
    expect(alone.applied).toBe(2);
  });

  test("catches up by itself when it starts, also where nobody leads", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    for (let number = 1; number <= 5; number++) cluster.submit(`w${number}`, `v${number}`);
    cluster.settle();
    cluster.down.add("p1").add("p2").add("l2");
    cluster.startLearner("l1");
    cluster.settle();
    for (let question = 0; question < 2 && cluster.timers.has("l1 catch-up"); question++) {
      cluster.fire("l1", "catch-up");
      cluster.settle();
    }
    cluster.down.delete("l2");
    cluster.startLearner("l1");
    cluster.settle();
    expect(cluster.values("l1")).toEqual(cluster.values("l2"));
  });
});

describe("snapshots", () => {
  const limits = { snapshotCharacters: 4, snapshotGrowth: 0, keptEntries: 0 };

  test("a learner starts with its last one, and is told the rest", () => {
    const alone = new Alone(limits);
    alone.learn(1, ["a", "b", "c", "d", "e"]);
    expect(alone.state("l1", LogLearner).snapshotThrough).toBe(5);
    alone.learn(6, ["f"]);
    alone.start();
    expect(alone.shelf.values).toEqual(["1:a", "2:b", "3:c", "4:d", "5:e"]);
    alone.learn(6, ["f"]);
    expect(alone.shelf.values.at(-1)).toBe("6:f");
  });

  test("of one that is not on disk yet the leader hears nothing, while results leave at once", () => {
    const shelf = new Shelf();
    const learner = new LogLearner({ name: "l1", acceptors: ACCEPTORS, peers: [], application: shelf, limits });
    const learn = {
      type: "learn",
      leader: "p1",
      id: 17,
      number: 1,
      from: 1,
      values: ["abcde"],
      decidedThrough: 1,
    } as const;
    const { writes, messages } = learner.step({ kind: "message", from: "p1", message: learn });
    expect(writes).toMatchObject([{ kind: "snapshot", through: 1 }]);
    expect(messages).toMatchObject([
      { beforeWrites: true, message: { snapshotThrough: null, results: [{ slot: 1 }] } },
    ]);
    const life = { ...learn, from: 2, values: [] };
    const answer = learner.step({ kind: "message", from: "p1", message: life });
    expect(answer.messages).toMatchObject([{ message: { snapshotThrough: 1 } }]);
    expect(answer.messages[0]).not.toHaveProperty("beforeWrites");
  });

  test("a learner behind what its peer still keeps gets the peer's snapshot, piece by piece, and then the rest", () => {
    const cluster = new Cluster({ keptBelowSnapshot: 0 });
    cluster.startLearner("l1", limits);
    cluster.startLearner("l2", limits);
    cluster.elect("p1");
    cluster.down.add("l2");
    for (let number = 1; number <= 20; number++) {
      cluster.submit(`w${number}`, `value ${number}`);
      cluster.settle();
    }
    // The leader no longer has what all learners that answer have applied.
    for (let tick = 0; tick < 15; tick++) {
      cluster.fire("p1", "tick");
      cluster.settle();
    }
    let pieces = 0;
    cluster.down.delete("l2");
    cluster.startLearner("l2", limits);
    const count = ({ message }: { message: LogMessage }) => {
      if (message.type === "snapshot-piece") pieces++;
      return false;
    };
    cluster.settle(count);
    for (let tick = 0; tick < 5; tick++) {
      cluster.fire("p1", "tick");
      cluster.settle(count);
    }
    expect(pieces).toBeGreaterThan(3);
    expect(cluster.values("l2")).toEqual(cluster.values("l1"));
    expect(cluster.values("l2")).toHaveLength(20);
  });

  test("a peer's snapshot that is none is not taken, and stops nobody", () => {
    const alone = new Alone();
    alone.shelf.restore = () => {
      throw new Error("no snapshot");
    };
    alone.learn(9, ["i"]);
    alone.fire("l1", "catch-up");
    const snapshot = { through: 8, pieces: 1 };
    alone.tell("l2", "l1", { type: "sync-reply", from: 1, values: [], appliedThrough: 8, snapshot });
    alone.tell("l2", "l1", { type: "snapshot-piece", through: 8, piece: 0, pieces: 1, text: "rubbish" });
    expect(alone.applied).toBe(0);
    expect(alone.state("l1", LogLearner).contradictions).toBe(1);
  });
});

describe("questions to a learner", () => {
  const query = (atLeast: number, waitMs = 100) =>
    ({ type: "query", requestId: "q1", queries: ["{}"], atLeast, waitMs }) as const;

  test("are answered at once if it is far enough, and name the slot of the answer", () => {
    const alone = new Alone();
    alone.learn(1, ["a"]);
    alone.tell("c1", "l1", query(1));
    expect(alone.said("query-answer")).toMatchObject([{ requestId: "q1", slot: 1 }]);
  });

  test("are answered each by itself, as of one slot; what is too long for one message is left out, but the first", () => {
    const alone = new Alone({ answerCharacters: 100 });
    alone.learn(1, ["a"]);
    const length = alone.shelf.read("1").length;
    const queries = ["1", "2", "3", "4", "5"];
    alone.tell("c1", "l1", { ...query(1), queries });
    const room = Math.floor(100 / length);
    const answers = queries.slice(0, room).map((one) => alone.shelf.read(one));
    expect(room).toBeGreaterThan(1);
    expect(alone.said("query-answer")).toEqual([{ type: "query-answer", requestId: "q1", slot: 1, answers }]);
    const narrow = new Alone({ answerCharacters: 1 });
    narrow.tell("c1", "l1", { ...query(0), queries });
    expect(narrow.said("query-answer")).toMatchObject([{ slot: 0, answers: [narrow.shelf.read("1")] }]);
  });

  test("wait for the slot that they ask for", () => {
    const alone = new Alone();
    alone.tell("c1", "l1", query(2));
    alone.learn(1, ["a"]);
    expect(alone.said("query-answer")).toEqual([]);
    alone.learn(2, ["b"]);
    expect(alone.said("query-answer")).toMatchObject([{ slot: 2 }]);
    expect([...alone.timers.keys()].filter((timer) => timer.includes("query"))).toEqual([]);
  });

  test("are refused when their time is up, never answered with less", () => {
    const alone = new Alone();
    alone.tell("c1", "l1", query(2));
    alone.fire("l1", "query 1");
    alone.learn(1, ["a", "b"]);
    expect(alone.said("query-answer")).toEqual([]);
    expect(alone.said("query-refused")).toMatchObject([{ reason: "behind", appliedThrough: 0 }]);
  });
});
