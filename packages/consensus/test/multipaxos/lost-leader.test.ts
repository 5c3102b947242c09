import { describe, expect, test } from "vitest";
import { Cluster } from "./log-stage.js";

function following(): Cluster {
  const cluster = new Cluster();
  cluster.elect("p1");
  expect(cluster.timers.get("p2 election")).toBeGreaterThanOrEqual(600);
  return cluster;
}

describe("the word that a leader's process is gone", () => {
  test("makes a follower stand within moments, and no longer name a leader", () => {
    const cluster = following();
    cluster.tell("p1", "p2", { type: "gone" });
    expect(cluster.timers.get("p2 election")).toBeGreaterThanOrEqual(1);
    expect(cluster.timers.get("p2 election")).toBeLessThanOrEqual(40);
    expect(cluster.proposer("p2")).toMatchObject({ role: "follower", leader: null });
  });

  test("does not count of somebody else, nor a second time, nor where nobody leads", () => {
    const cluster = following();
    const before = cluster.timers.get("p2 election");
    cluster.tell("p3", "p2", { type: "gone" });
    expect(cluster.timers.get("p2 election")).toBe(before);
    cluster.tell("p1", "p2", { type: "gone" });
    cluster.timers.set("p2 election", 1234);
    cluster.tell("p1", "p2", { type: "gone" });
    expect(cluster.timers.get("p2 election")).toBe(1234);
    const alone = new Cluster();
    alone.timers.set("p2 election", 1234);
    alone.tell("p1", "p2", { type: "gone" });
    expect(alone.timers.get("p2 election")).toBe(1234);
  });

  test("means nothing to a leader, or to who stands already", () => {
    const cluster = following();
    cluster.tell("p2", "p1", { type: "gone" });
    expect(cluster.proposer("p1")).toMatchObject({ role: "leader", leader: "p1" });
    expect(cluster.timers.has("p1 election")).toBe(false);
    cluster.fire("p2", "election");
    const before = cluster.timers.get("p2 election");
    cluster.tell("p1", "p2", { type: "gone" });
    expect(cluster.proposer("p2").role).toBe("candidate");
    expect(cluster.timers.get("p2 election")).toBe(before);
  });

  test("is taken back by the next heartbeat", () => {
    const cluster = following();
    cluster.tell("p1", "p2", { type: "gone" });
    cluster.fire("p1", "tick");
    cluster.settle();
    expect(cluster.proposer("p2").leader).toBe("p1");
    expect(cluster.timers.get("p2 election")).toBeGreaterThanOrEqual(600);
  });

  test("may be wrong: another one leads then, and nothing is lost", () => {
    const cluster = following();
    cluster.submit("w1", "tea");
    cluster.settle();
    cluster.tell("p1", "p2", { type: "gone" });
    cluster.elect("p2");
    expect(cluster.proposer("p2").role).toBe("leader");
    cluster.submit("w2", "milk");
    cluster.settle();
    for (let retry = 0; cluster.timers.has("c1 retry") && retry < 5; retry++) {
      cluster.fire("c1", "retry");
      cluster.settle();
    }
    expect(cluster.outcome("w2")).toMatchObject({ kind: "applied", slot: 2 });
    for (const learner of ["l1", "l2"]) expect(cluster.values(learner)).toEqual(["1:tea", "2:milk"]);
  });
});
