import type { Learn, LogMessage } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Cluster, type Letter } from "./log-stage.js";

function leading(reporter: string | null, limits: ConstructorParameters<typeof Cluster>[0] = {}): Cluster {
  const cluster = new Cluster(limits, reporter);
  cluster.elect("p1");
  ticks(cluster, 1);
  return cluster;
}

function ticks(cluster: Cluster, count: number, lost?: (letter: Letter) => boolean): void {
  for (let tick = 0; tick < count; tick++) {
    cluster.fire("p1", "tick");
    cluster.settle(lost);
    // A client that was told that nobody knows asks again.
    if (cluster.timers.has("c1 retry")) cluster.fire("c1", "retry");
    cluster.settle(lost);
  }
}

/** Puts a value into the log, and takes down the news that learners are told of it. */
function write(cluster: Cluster, requestId: string, lost: (letter: Letter) => boolean = () => false) {
  const news: Record<string, Learn> = {};
  const results: string[] = [];
  cluster.submit(requestId, requestId);
  cluster.settle((letter) => {
    const { from, to, message } = letter;
    if (message.type === "learn" && message.values.length > 0) news[to] = message;
    if (message.type === "learned" && message.results.length > 0) results.push(from);
    return lost(letter);
  });
  return { news, results };
}

const fromReporter = ({ from, message }: Letter) => from === "l1" && message.type === "learned";

describe("a leader with a learner beside it", () => {
  test("asks that one alone what came of values, while it keeps up", () => {
    const cluster = leading("l1");
    const { news, results } = write(cluster, "w1");
    expect(news["l1"]?.quiet).toBeUndefined();
    expect(news["l2"]).toMatchObject({ quiet: true, values: ["w1"] });
    expect(results).toEqual(["l1"]);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
    expect(cluster.values("l2")).toEqual(["1:w1"]);
  });

  test("tells it again where its answer is lost, and the client hears what came of the value", () => {
    const cluster = leading("l1");
    write(cluster, "w1", fromReporter);
    expect(cluster.outcome("w1")).toBeUndefined();
    ticks(cluster, 4);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
  });

  test("asks all others when it falls silent: no write waits for ever", () => {
    const cluster = leading("l1");
    cluster.down.add("l1");
    expect(write(cluster, "w1").news["l2"]?.quiet).toBe(true);
    ticks(cluster, 12);
    // The first one may be in the log twice: its leader cannot say what came of it, and the client sent it again.
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied" });
    const { news, results } = write(cluster, "w2");
    expect(news["l2"]?.quiet).toBeUndefined();
    expect(results).toEqual(["l2"]);
    expect(cluster.outcome("w2")).toMatchObject({ kind: "applied" });
  });

  test("asks all others while it is silent, although it lacks nothing", () => {
    const cluster = leading("l1");
    cluster.down.add("l1");
    ticks(cluster, 12);
    const { news, results } = write(cluster, "w1");
    expect(news["l2"]?.quiet).toBeUndefined();
    expect(results).toEqual(["l2"]);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
  });

  test("asks all others when it is told something and gets no further", () => {
    const cluster = leading("l1");
    const { news } = write(cluster, "w1", ({ to, message }) => to === "l1" && message.type === "learn");
    const number = news["l1"]?.number ?? 0;
    const stalled = { appliedThrough: 0, snapshotThrough: null, results: [], missingFrom: null };
    cluster.tell("l1", "p1", { type: "learned", learner: "l1", number, ...stalled });
    const { news: next, results } = write(cluster, "w2");
    expect(next["l2"]?.quiet).toBeUndefined();
    expect(results).toContain("l2");
    expect(cluster.outcome("w2")).toMatchObject({ kind: "applied", slot: 2 });
  });

  test("asks all others when it is so far behind that the leader no longer has what it lacks", () => {
    const cluster = leading("l1", { keptEntries: 2 });
    cluster.down.add("l1");
    for (const name of ["w1", "w2", "w3", "w4"]) write(cluster, name);
    ticks(cluster, 1);
    const { news } = write(cluster, "w5");
    expect(news["l2"]?.quiet).toBeUndefined();
    expect(cluster.outcome("w5")).toMatchObject({ kind: "applied" });
  });

  test("asks it alone again when it is back, and has what it missed", () => {
    const cluster = leading("l1");
    cluster.down.add("l1");
    write(cluster, "w1");
    ticks(cluster, 12);
    cluster.down.clear();
    ticks(cluster, 4);
    // The leader no longer has what it missed: its peer has.
    cluster.fire("l1", "catch-up");
    cluster.settle();
    ticks(cluster, 4);
    const { news, results } = write(cluster, "w2");
    expect(news["l2"]?.quiet).toBe(true);
    expect(results).toEqual(["l1"]);
    expect(cluster.values("l1")).toEqual(cluster.values("l2"));
  });

  test("asks it also what came of values that it has found elsewhere meanwhile", () => {
    const cluster = leading("l1");
    const held: Letter[] = [];
    const hold = (letter: Letter) => {
      const isHeld = letter.to === "l1" && letter.message.type === "learn";
      if (isHeld) held.push(letter);
      return isHeld;
    };
    write(cluster, "w1", hold);
    write(cluster, "w2", hold);
    expect(cluster.values("l2")).toEqual(["1:w1", "2:w2"]);
    cluster.tell("l2", "l1", { type: "sync-reply", from: 1, values: ["w1", "w2"], appliedThrough: 2, snapshot: null });
    for (const { from, to, message } of held) cluster.tell(from, to, message);
    cluster.settle();
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
    expect(cluster.outcome("w2")).toMatchObject({ kind: "applied", slot: 2 });
  });

  test("that is none of the learners asks all of them", () => {
    const { news, results } = write(leading("l9"), "w1");
    expect([news["l1"]?.quiet, news["l2"]?.quiet]).toEqual([undefined, undefined]);
    expect(results).toEqual(["l1", "l2"]);
  });
});

describe("learners that nobody waits for", () => {
  test("are told a moment later, in one message, all that was decided meanwhile", () => {
    const cluster = leading("l1");
    const told: Learn[] = [];
    const look = ({ to, message }: Letter) => {
      if (to === "l2" && message.type === "learn") told.push(message);
      return false;
    };
    for (const name of ["w1", "w2", "w3"]) {
      cluster.submit(name, name);
      cluster.deliver(look);
      expect(cluster.outcome(name), "the reporter's word is enough").toMatchObject({ kind: "applied" });
    }
    expect([told, cluster.values("l2")]).toEqual([[], []]);
    cluster.fire("p1", "tell");
    cluster.deliver(look);
    expect(told).toMatchObject([{ from: 1, values: ["w1", "w2", "w3"], quiet: true }]);
    expect(cluster.values("l2")).toEqual(["1:w1", "2:w2", "3:w3"]);
    expect(cluster.timers.has("p1 tell"), "there is nothing more to tell").toBe(false);
  });

  test("are told at once when a strong read passes: it may be answered by any of them", () => {
    const cluster = leading("l1");
    cluster.submit("w1", "w1");
    cluster.deliver();
    cluster.tell("c9", "p1", { type: "read-barrier", requestId: "r1" });
    cluster.deliver();
    expect(cluster.values("l2")).toEqual(["1:w1"]);
  });

  test("are told by whoever leads, and not by one who no longer does when that moment is over", () => {
    const cluster = leading("l1");
    cluster.submit("w1", "w1");
    cluster.deliver();
    cluster.down.add("p1");
    cluster.elect("p2");
    cluster.down.clear();
    cluster.tell("p2", "p1", {
      type: "heartbeat",
      leader: "p2",
      id: cluster.proposer("p2").id ?? 0,
      settledThrough: 0,
    });
    expect(cluster.proposer("p1").role).toBe("follower");
    cluster.letters = [];
    cluster.fire("p1", "tell");
    expect(cluster.letters).toEqual([]);
  });
});

describe("learners that need the same", () => {
  test("are sent the very same message, under one number, so that it is encoded once", () => {
    const { news } = write(leading(null), "w1");
    expect(news["l1"]).toBeDefined();
    expect(news["l2"]).toBe(news["l1"]);
  });

  test("are not where one of them is to be quiet", () => {
    const { news } = write(leading("l1"), "w1");
    expect(news["l2"]?.number).not.toBe(news["l1"]?.number);
  });

  test("get another one with what has been decided since", () => {
    const cluster = leading(null);
    const first = write(cluster, "w1").news["l1"];
    const { news } = write(cluster, "w2");
    expect(news["l1"]).toMatchObject({ from: 2, values: ["w2"] });
    expect(news["l1"]?.number).toBeGreaterThan(first?.number ?? 0);
    expect(news["l2"]).toBe(news["l1"]);
  });

  test("each get what they need where that is not the same", () => {
    const cluster = leading(null);
    write(cluster, "w1", ({ to, message }) => to === "l2" && message.type === "learn");
    const told: LogMessage[] = [];
    ticks(cluster, 4, ({ to, message }) => {
      if (to === "l2" && message.type === "learn" && message.values.length > 0) told.push(message);
      return false;
    });
    expect(told).toMatchObject([{ from: 1, values: ["w1"] }]);
    expect(cluster.values("l2")).toEqual(["1:w1"]);
  });
});
