import { LogProposer, NO_OP, Random, START_TIMER } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { ACCEPTORS, Cluster, LEARNERS } from "./log-stage.js";

const NOOP = NO_OP;

describe("phase 1 for all slots at once (Paxos Made Simple §3)", () => {
  test("a leader proposes again, in every slot, the value of the highest id that a majority reports", () => {
    const cluster = new Cluster();
    // As earlier leaders may have left it: nobody was told that anything is chosen.
    cluster.byHand("a1", { type: "accept-log", id: 17, entries: [{ instance: 1, value: "old" }] });
    cluster.byHand("a2", { type: "accept-log", id: 33, entries: [{ instance: 1, value: "new" }] });
    cluster.byHand("a2", { type: "accept-log", id: 33, entries: [{ instance: 2, value: "two" }] });
    cluster.elect("p1");
    expect(cluster.values("l1").slice(0, 2)).toEqual(["1:new", "2:two"]);
    expect(cluster.values("l2")).toEqual(cluster.values("l1"));
  });

  test("slots in which nobody reports anything are filled with no-ops, so that what lies beyond can be applied", () => {
    const cluster = new Cluster();
    cluster.byHand("a1", { type: "accept-log", id: 17, entries: [{ instance: 3, value: "beyond" }] });
    cluster.down.add("a3");
    cluster.elect("p2");
    expect(cluster.values("l1")).toEqual([`1:${NOOP}`, `2:${NOOP}`, "3:beyond"]);
  });

  test("a client's value waits until everything that was found is decided", () => {
    const cluster = new Cluster();
    for (const node of ["a1", "a2"]) {
      cluster.byHand(node, { type: "accept-log", id: 17, entries: [{ instance: 1, value: "found" }] });
    }
    cluster.elect("p1", ({ message }) => message.type === "accept-log");
    cluster.submit("w1", "mine");
    cluster.settle(({ message }) => message.type === "accept-log");
    expect(cluster.proposer("p1")).toMatchObject({ role: "leader", leading: { isServing: false, queued: 1 } });
    for (let tick = 0; tick < 3; tick++) {
      cluster.fire("p1", "tick");
      cluster.settle();
    }
    expect(cluster.values("l1")).toEqual(["1:found", "2:mine"]);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 2 });
  });

  test("a long log is read page by page before anything is proposed", () => {
    const cluster = new Cluster();
    const entries = Array.from({ length: 2500 }, (_, place) => ({ instance: place + 1, value: `v${place + 1}` }));
    for (const node of ACCEPTORS.slice(0, 2)) cluster.byHand(node, { type: "accept-log", id: 17, entries });
    cluster.elect("p1");
    expect(cluster.values("l1")).toHaveLength(2500);
    expect(cluster.values("l2").at(-1)).toBe("2500:v2500");
  });

  test("a page that was read before the promise proves nothing, and is asked for again", () => {
    const cluster = new Cluster();
    cluster.fire("p1", "election");
    const id = cluster.proposer("p1").id ?? 0;
    cluster.letters = [];
    // Both promised, and both promises were lost; the repeats say so, and the log must be read after that.
    for (const node of ["a1", "a2"]) cluster.tell(node, "p1", { type: "prepare-log-ignored", id, promisedId: id });
    const page = { entries: [], next: null, truncatedThrough: 0 };
    for (const node of ["a1", "a2"]) cluster.tell(node, "p1", { type: "log", from: 1, promisedId: id - 1, page });
    expect(cluster.proposer("p1").role).toBe("candidate");
    for (const node of ["a1", "a2"]) cluster.tell(node, "p1", { type: "log", from: 1, promisedId: id, page });
    expect(cluster.proposer("p1").role).toBe("leader");
  });

  test("promises count once each, and only those of acceptors", () => {
    const cluster = new Cluster();
    cluster.fire("p1", "election");
    const id = cluster.proposer("p1").id ?? 0;
    const page = { entries: [], next: null, truncatedThrough: 0 };
    for (const node of ["a1", "a1", "stranger", "l1"]) cluster.tell(node, "p1", { type: "promise-log", id, page });
    expect(cluster.proposer("p1").role).toBe("candidate");
  });

  test("a value that is reported as decided is not proposed again, and learners are told it", () => {
    const cluster = new Cluster();
    for (const node of ["a1", "a2"]) {
      cluster.byHand(node, {
        type: "accept-log",
        id: 17,
        entries: [{ instance: 1, value: "done" }],
        decided: { from: 1, through: 1 },
      });
    }
    const proposed: string[] = [];
    cluster.elect("p1", ({ message }) => {
      if (message.type === "accept-log") proposed.push(...message.entries.map(({ value }) => value));
      return false;
    });
    expect(proposed).toEqual([]);
    expect(cluster.values("l1")).toEqual(["1:done"]);
  });

  test("two values under one id stop a candidate: no choice is safe, and it says so", () => {
    const cluster = new Cluster();
    cluster.byHand("a1", { type: "accept-log", id: 17, entries: [{ instance: 1, value: "one" }] });
    cluster.byHand("a2", { type: "accept-log", id: 17, entries: [{ instance: 1, value: "other" }] });
    cluster.down.add("a3");
    cluster.elect("p2");
    expect(cluster.proposer("p2")).toMatchObject({ role: "follower", obstacle: "value-conflict" });
  });
});

describe("who leads", () => {
  test("a follower that hears a leader does not stand", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    expect(cluster.proposer("p2")).toMatchObject({ role: "follower", leader: "p1" });
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.timers.get("p2 election")).toBeGreaterThanOrEqual(600);
  });

  test("when the leader falls silent, another takes over with all that was decided", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    cluster.submit("w1", "tea");
    cluster.settle();
    cluster.down.add("p1");
    cluster.elect("p2");
    cluster.submit("w2", "milk");
    cluster.settle();
    cluster.fire("c1", "attempt 2");
    cluster.fire("c1", "retry");
    cluster.settle();
    expect(cluster.values("l1")).toEqual(["1:tea", "2:milk"]);
    expect(cluster.outcome("w2")).toMatchObject({ kind: "applied", slot: 2 });
  });

  test("a deposed leader hears of it, also when it has nothing to propose", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    cluster.down.add("p1");
    cluster.elect("p2");
    cluster.down.delete("p1");
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.proposer("p1").role).toBe("follower");
    expect(cluster.proposer("p2").role).toBe("leader");
  });

  test("a candidate does not depose a leader by being one: only a majority of acceptors does", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    cluster.fire("p2", "election");
    cluster.letters = [];
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.proposer("p1").role).toBe("leader");
  });

  test("while acceptors answer a candidate, the others do not stand, however long its phase 1 takes", () => {
    const cluster = new Cluster();
    const entries = Array.from({ length: 1500 }, (_, place) => ({ instance: place + 1, value: "v" }));
    for (const node of ACCEPTORS) cluster.byHand(node, { type: "accept-log", id: 17, entries });
    cluster.elect("p1", ({ message }) => message.type === "log");
    expect(cluster.proposer("p1").role).toBe("candidate");
    cluster.timers.delete("p2 election");
    cluster.fire("p1", "tick");
    cluster.settle(({ message, from }) => message.type === "log" && from !== "a1");
    expect(cluster.proposer("p1").role).toBe("candidate");
    expect(cluster.timers.get("p2 election")).toBeGreaterThanOrEqual(600);
  });

  test("a candidate yields to one with a higher id that acceptors answer; a leader yields to acceptors only", () => {
    const cluster = new Cluster();
    const standing = { type: "heartbeat", leader: "p2", id: 1_000_002, settledThrough: 0, standing: true } as const;
    cluster.fire("p1", "election");
    cluster.tell("p2", "p1", standing);
    expect(cluster.proposer("p1").role).toBe("follower");
    cluster.letters = [];
    cluster.elect("p1");
    cluster.tell("p2", "p1", standing);
    expect(cluster.proposer("p1").role).toBe("leader");
  });

  test("an id is never used again, also not after a restart", () => {
    const cluster = new Cluster();
    cluster.fire("p1", "election");
    const first = cluster.proposer("p1").id ?? 0;
    cluster.letters = [];
    cluster.startProposer("p1", 1);
    cluster.fire("p1", "election");
    const second = cluster.proposer("p1").id ?? 0;
    expect(second).toBeGreaterThan(first);
    expect([first % 16, second % 16]).toEqual([1, 1]);
  });

  test("a person's prepare to two of three pre-empts the leader, which comes back above it and loses nothing", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    cluster.submit("w1", "tea");
    cluster.settle();
    for (const node of ["a1", "a2"]) cluster.byHand(node, { type: "prepare", id: 1_000_000, instance: 1 });
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.proposer("p1")).toMatchObject({ role: "leader", id: 1_000_001 });
    cluster.submit("w2", "milk");
    cluster.settle();
    expect(cluster.values("l2").at(0)).toBe("1:tea");
    expect(cluster.values("l2").at(-1)).toBe(`${cluster.values("l2").length}:milk`);
  });

  test("also a prepare to a single acceptor brings the leader back with a higher id, so that it has all of them", () => {
    const cluster = new Cluster();
    cluster.elect("p1");
    cluster.byHand("a3", { type: "prepare", id: 1_000_000, instance: 1 });
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.proposer("p1")).toMatchObject({ role: "leader", id: 1_000_001, leading: { lost: [] } });
  });

  test("where a majority has promised the last id there is, the proposer says that its ids are exhausted", () => {
    const cluster = new Cluster();
    for (const node of ["a1", "a2"]) {
      cluster.byHand(node, { type: "prepare-log", id: Number.MAX_SAFE_INTEGER, from: 1 });
    }
    cluster.elect("p1");
    expect(cluster.proposer("p1")).toMatchObject({ role: "follower", obstacle: "proposal-ids-exhausted" });
  });

  test.each([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 15])(
    "one acceptor that was made to promise %d does not use up the ids of all, nor depose a leader again and again",
    (id) => {
      const cluster = new Cluster();
      cluster.elect("p1");
      cluster.down.add("p2");
      cluster.byHand("a3", { type: "prepare-log", id, from: 1 });
      for (let tick = 0; tick < 100; tick++) {
        cluster.fire("p1", "tick");
        cluster.settle();
        expect(cluster.proposer("p1").role).toBe("leader");
      }
      expect(cluster.proposer("p1").highestUsedId).toBeLessThan(1000);
      cluster.startProposer("p1", 1);
      cluster.elect("p1");
      expect(cluster.proposer("p1").role).toBe("leader");
    },
  );

  test("where one acceptor has promised the last id there is, the others are enough", () => {
    const cluster = new Cluster();
    cluster.byHand("a1", { type: "prepare-log", id: Number.MAX_SAFE_INTEGER, from: 1 });
    cluster.elect("p1");
    expect(cluster.proposer("p1")).toMatchObject({ role: "leader" });
  });
});

describe("a slot that is marked as decided", () => {
  test("is settled by the mark, whatever somebody put there by hand elsewhere", () => {
    const cluster = new Cluster();
    const entries = [{ instance: 1, value: "chosen" }];
    for (const node of ["a1", "a2"]) {
      cluster.byHand(node, { type: "accept-log", id: 17, entries, decided: { from: 1, through: 1 } });
    }
    cluster.byHand("a3", { type: "accept", id: 1_000_000, instance: 1, value: "by hand" });
    cluster.down.add("a2");
    // The learners hear of it from the leader alone: of an acceptor they would take the mark themselves.
    cluster.elect("p2", ({ from, to }) => LEARNERS.includes(to) && ACCEPTORS.includes(from));
    expect(cluster.proposer("p2").role).toBe("leader");
    expect(cluster.values("l1")[0]).toBe("1:chosen");
  });

  test("with another value at another acceptor, marked as well, stops a candidate: somebody broke the rules", () => {
    const cluster = new Cluster();
    for (const [node, id, value] of [["a1", 17, "one"] as const, ["a2", 33, "other"] as const]) {
      cluster.byHand(node, {
        type: "accept-log",
        id,
        entries: [{ instance: 1, value }],
        decided: { from: 1, through: 1 },
      });
    }
    cluster.down.add("a3");
    cluster.elect("p2");
    expect(cluster.proposer("p2")).toMatchObject({ role: "follower", obstacle: "value-conflict" });
  });
});

describe("truncated slots", () => {
  test("a leader proposes nothing at or below what an acceptor of its majority has truncated", () => {
    const cluster = new Cluster();
    cluster.byHand("a1", { type: "truncate-log", through: 50 });
    cluster.down.add("a3");
    cluster.elect("p1");
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.proposer("p1").leading?.base).toBe(51);
    expect(cluster.byHand("a2", { type: "read-log", from: 1, limit: 10 })).toMatchObject({
      page: { entries: [{ instance: 51, acceptedValue: "tea" }] },
    });
  });

  test("an acceptor that has truncated further than its leader knows makes it begin again above that", () => {
    const cluster = new Cluster();
    cluster.down.add("a1");
    cluster.elect("p1");
    cluster.byHand("a1", { type: "truncate-log", through: 20 });
    cluster.down.delete("a1");
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.proposer("p1").leading?.base).toBe(21);
  });
});

test("a proposer may wait less at its start than for a leader who falls silent", () => {
  const cluster = new Cluster();
  const timing = { firstElectionMs: 100, electionTimeoutMs: 2000 };
  const options = { name: "p9", index: 9, acceptors: ACCEPTORS, rivals: [], learners: [], chance: Random.fromSeed(1) };
  cluster.add("p9", new LogProposer({ ...options, timing }));
  cluster.step("p9", { kind: "timeout", timer: START_TIMER });
  expect(cluster.timers.get("p9 election")).toBeLessThanOrEqual(200);
  cluster.fire("p9", "election");
  expect(cluster.timers.get("p9 election")).toBeGreaterThanOrEqual(2000);
});
