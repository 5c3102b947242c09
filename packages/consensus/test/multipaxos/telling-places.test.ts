import type { Learn } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Cluster, type Letter } from "./log-stage.js";

type Lost = (letter: Letter) => boolean;

interface Given {
  readonly reporter?: string;
  readonly beside?: Readonly<Record<string, string>>;
}

/** A cluster that is led, with an acceptor beside each learner. */
function leading({ reporter, beside = { l1: "a1", l2: "a2" } }: Given = {}): Cluster {
  const cluster = new Cluster({}, reporter ?? null, beside);
  cluster.elect("p1");
  ticks(cluster, 1);
  return cluster;
}

function ticks(cluster: Cluster, count: number, lost?: Lost): Learn[] {
  const news: Learn[] = [];
  for (let tick = 0; tick < count; tick++) {
    cluster.fire("p1", "tick");
    news.push(...settle(cluster, lost));
  }
  return news;
}

/** Delivers all letters. @returns what l2 was told of decided values, in values or in slots */
function settle(cluster: Cluster, lost: Lost = () => false): Learn[] {
  const news: Learn[] = [];
  cluster.settle((letter) => {
    const { to, message } = letter;
    const isNews = message.type === "learn" && (message.values.length > 0 || message.atAcceptor !== undefined);
    if (to === "l2" && isNews) news.push(message);
    return lost(letter);
  });
  return news;
}

function write(cluster: Cluster, value: string, lost?: Lost): Learn[] {
  cluster.submit(value, value);
  return settle(cluster, lost);
}

const acceptToA2: Lost = ({ to, message }) =>
  to === "a2" && message.type === "accept-log" && message.entries.length > 0;

describe("a leader tells a learner beside an acceptor", () => {
  test("slots alone, and its client the result that comes back", () => {
    const cluster = leading();
    expect(write(cluster, "w1")).toMatchObject([{ from: 1, values: [], atAcceptor: 1, decidedThrough: 1 }]);
    expect(cluster.values("l1")).toEqual(["1:w1"]);
    expect(cluster.values("l2")).toEqual(["1:w1"]);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
    // Both have answered: there is nothing left to tell.
    expect(ticks(cluster, 4)).toEqual([]);
  });

  test("values, if it is the one in the leader's own process, and if it has none beside it", () => {
    const told = (given: Given) => {
      const cluster = leading(given);
      const news: Record<string, Learn> = {};
      write(cluster, "w1", ({ to, message }) => {
        if (message.type === "learn") news[to] = message;
        return false;
      });
      expect(cluster.values("l1")).toEqual(cluster.values("l2"));
      return news;
    };
    const all = told({ reporter: "l1" });
    expect(all["l1"]).toMatchObject({ values: ["w1"] });
    expect(all["l1"]).not.toHaveProperty("atAcceptor");
    expect(all["l2"]).toMatchObject({ values: [], atAcceptor: 1, quiet: true });
    const one = told({ beside: { l2: "a2" } });
    expect([one["l1"]?.values, one["l2"]?.values]).toEqual([["w1"], []]);
    const both = told({});
    expect(both["l2"]).toBe(both["l1"]);
  });

  test("in full with the next tick what it did not find, and slots alone again after that", () => {
    const cluster = leading();
    expect(write(cluster, "w1", acceptToA2)).toMatchObject([{ from: 1, atAcceptor: 1 }]);
    expect(cluster.values("l2")).toEqual([]);
    const again = ticks(cluster, 1, acceptToA2);
    expect(again).toMatchObject([{ from: 1, values: ["w1"] }]);
    expect(again[0]).not.toHaveProperty("atAcceptor");
    expect(cluster.values("l2")).toEqual(["1:w1"]);
    expect(write(cluster, "w2")).toMatchObject([{ from: 2, values: [], atAcceptor: 1 }]);
    expect(cluster.values("l2")).toEqual(["1:w1", "2:w2"]);
  });

  test("the rest in full where it found some: it does not ask there without end", () => {
    const cluster = leading();
    cluster.submit("w1", "w1");
    cluster.submit("w2", "w2");
    const isSecond: Lost = ({ to, message }) =>
      to === "a2" && message.type === "accept-log" && message.entries.some(({ value }) => value === "w2");
    const news = settle(cluster, isSecond);
    expect(news.every(({ atAcceptor }) => atAcceptor !== undefined)).toBe(true);
    expect(news.length).toBeLessThanOrEqual(2);
    expect(cluster.values("l2")).toEqual(["1:w1"]);
    expect(ticks(cluster, 1, isSecond)).toMatchObject([{ from: 2, values: ["w2"] }]);
    expect(cluster.values("l2")).toEqual(["1:w1", "2:w2"]);
  });

  const LOST: readonly [what: string, lost: Lost][] = [
    ["the learner's question to its acceptor", ({ from, message }) => from === "l2" && message.type === "read-log"],
    ["the acceptor's answer", ({ to, message }) => to === "l2" && message.type === "log"],
    ["the leader's message", ({ to, message }) => to === "l2" && message.type === "learn"],
    ["the learner's answer", ({ from, message }) => from === "l2" && message.type === "learned"],
  ];
  test.each(LOST)("in full after a few ticks if %s is lost", (_, lost) => {
    const cluster = leading();
    expect(write(cluster, "w1", lost)).toMatchObject([{ atAcceptor: 1 }]);
    const again = ticks(cluster, 4);
    expect(again).toMatchObject([{ from: 1, values: ["w1"] }]);
    expect(again[0]).not.toHaveProperty("atAcceptor");
    expect(cluster.values("l2")).toEqual(["1:w1"]);
    expect(write(cluster, "w2")).toMatchObject([{ from: 2, atAcceptor: 1 }]);
    expect(cluster.values("l2")).toEqual(["1:w1", "2:w2"]);
  });

  test("in full what its acceptor has under another id, whose value it never takes", () => {
    const cluster = leading();
    const isAside: Lost = ({ from, to }) => from === "a2" || to === "a2";
    // A person has got ahead of the leader there, and a value that nobody chose is in the leader's next slot.
    cluster.byHand("a2", { type: "prepare", instance: 1, id: 3200 });
    expect(cluster.byHand("a2", { type: "accept", instance: 1, id: 3200, value: "hand" })).toMatchObject({
      type: "accepted",
    });
    const isRefusal: Lost = ({ from, to }) => from === "a2" && to === "p1";
    expect(write(cluster, "w1", isRefusal)).toMatchObject([{ atAcceptor: 1 }]);
    expect(cluster.values("l2")).toEqual([]);
    expect(ticks(cluster, 1, isAside)).toMatchObject([{ from: 1, values: ["w1"] }]);
    expect(cluster.values("l2")).toEqual(["1:w1"]);
  });

  test("in full what its acceptor has forgotten", () => {
    const cluster = leading();
    const isQuestion: Lost = ({ from, message }) => from === "l2" && message.type === "read-log";
    write(cluster, "w1", isQuestion);
    cluster.tell("p1", "a2", { type: "truncate-log", through: 1 });
    cluster.tell("l2", "a2", { type: "read-log", from: 1, limit: 1 });
    settle(cluster);
    expect(cluster.values("l2")).toEqual([]);
    expect(ticks(cluster, 1)).toMatchObject([{ from: 1, values: ["w1"] }]);
    expect(cluster.values("l2")).toEqual(["1:w1"]);
  });
});
