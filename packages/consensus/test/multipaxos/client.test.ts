import type { LogMessage, LogRequest } from "@synod/consensus";
import { LogClient, type Participant } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Cluster, LogStage } from "./log-stage.js";

/** A client alone on a stage, with two proposers and two learners that others speak for. */
class Alone extends LogStage {
  constructor(limits: ConstructorParameters<typeof LogClient>[0]["limits"] = {}) {
    super();
    const client = new LogClient({ proposers: ["p1", "p2"], learners: ["l1", "l2"], limits });
    this.add("c1", client as Participant<LogMessage, unknown, unknown, unknown>);
  }

  ask(requestId: string, command: LogRequest): void {
    this.step("c1", { kind: "propose", requestId, command });
  }

  write(requestId: string): void {
    this.ask(requestId, { kind: "submit", value: requestId, timeoutMs: 5000 });
  }

  read(requestId: string, strong: boolean, atLeast = 0): void {
    this.ask(requestId, { kind: "query", query: "{}", strong, atLeast, timeoutMs: 5000 });
  }

  /** The last message that left, and to whom. */
  get last() {
    const letter = this.letters.at(-1);
    return letter && { to: letter.to, ...letter.message };
  }

  submissions(): (LogMessage & { type: "submit" })[] {
    return this.letters.map(({ message }) => message).filter((message) => message.type === "submit");
  }

  applied(from: string, submission: number, requestId: string): void {
    const cost = { messages: 10, sharedBy: 1 };
    const outcomes = [{ requestId, kind: "applied" as const, slot: 7, result: "{}", cost }];
    this.tell(from, "c1", { type: "submitted", submission, outcomes });
  }

  refused(
    from: string,
    submission: number,
    requestId: string,
    reason: "not-leader" | "no-quorum",
    leader: string | null,
  ) {
    const outcomes = [{ requestId, kind: "refused" as const, reason, leader }];
    this.tell(from, "c1", { type: "submitted", submission, outcomes });
  }
}

describe("a client's writes", () => {
  test("go to the proposer that is said to lead", () => {
    const alone = new Alone();
    alone.write("w1");
    expect(alone.last).toMatchObject({ to: "p1", submission: 1 });
    alone.refused("p1", 1, "w1", "not-leader", "p2");
    expect(alone.last).toMatchObject({ to: "p2", submission: 2, requests: [{ requestId: "w1", value: "w1" }] });
    alone.applied("p2", 2, "w1");
    expect(alone.outcome("w1")).toMatchObject({ kind: "applied", slot: 7 });
    alone.write("w2");
    expect(alone.last).toMatchObject({ to: "p2" });
  });

  test("wait a little where nobody leads, instead of asking round and round", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.refused("p1", 1, "w1", "not-leader", null);
    expect(alone.submissions()).toHaveLength(1);
    alone.fire("c1", "retry");
    expect(alone.last).toMatchObject({ to: "p2", submission: 2 });
  });

  test("are sent to another one when there is no answer, and are the same value again", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.fire("c1", "attempt 1");
    alone.fire("c1", "retry");
    expect(alone.last).toMatchObject({ to: "p2", requests: [{ requestId: "w1", value: "w1" }] });
  });

  test("that wait while others are under way travel together", () => {
    const alone = new Alone({ submissionsInFlight: 1 });
    for (const requestId of ["w1", "w2", "w3"]) alone.write(requestId);
    expect(alone.submissions()).toHaveLength(1);
    alone.applied("p1", 1, "w1");
    expect(
      alone
        .submissions()
        .at(-1)
        ?.requests.map(({ requestId }) => requestId),
    ).toEqual(["w2", "w3"]);
  });

  test("are answered by a late word that they were applied, whichever attempt it belongs to", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.fire("c1", "attempt 1");
    alone.applied("p1", 1, "w1");
    expect(alone.outcome("w1")).toMatchObject({ kind: "applied" });
  });

  test("that were certainly not proposed when their time is up had no effect; of others nobody knows", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.refused("p1", 1, "w1", "not-leader", null);
    alone.fire("c1", "deadline 1");
    expect(alone.outcome("w1")).toEqual({ kind: "refused", reason: "no-leader" });
    alone.write("w2");
    alone.fire("c1", "retry");
    alone.fire("c1", "deadline 2");
    expect(alone.outcome("w2")).toEqual({ kind: "unknown" });
  });

  test("that may have been proposed once are never said to have had no effect, whoever refuses them later", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.tell("p1", "c1", { type: "submitted", submission: 1, outcomes: [{ requestId: "w1", kind: "unknown" }] });
    for (let attempt = 2; attempt < 20; attempt++) {
      if (alone.timers.has("c1 retry")) alone.fire("c1", "retry");
      alone.refused(attempt % 2 ? "p1" : "p2", attempt, "w1", "no-quorum", null);
    }
    alone.fire("c1", "deadline 1");
    expect(alone.outcome("w1")).toEqual({ kind: "unknown" });
  });

  test("that nobody listened to are sent again at once after a pause, and are known not to have arrived", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.tell("p1", "c1", { type: "no-answer", to: "submit", which: "1", arrived: "certainly-not" });
    alone.fire("c1", "deadline 1");
    expect(alone.outcome("w1")).toEqual({ kind: "refused", reason: "no-leader" });
  });

  test("that got no answer, and later found nobody, may have happened all the same", () => {
    const alone = new Alone();
    alone.write("w1");
    alone.tell("p1", "c1", { type: "no-answer", to: "submit", which: "1", arrived: "perhaps" });
    alone.fire("c1", "retry");
    alone.tell("p2", "c1", { type: "no-answer", to: "submit", which: "2", arrived: "certainly-not" });
    alone.fire("c1", "deadline 1");
    expect(alone.outcome("w1")).toEqual({ kind: "unknown" });
  });

  test("more than a client takes are refused", () => {
    const alone = new Alone({ requests: 1 });
    alone.write("w1");
    alone.write("w2");
    expect(alone.outcome("w2")).toEqual({ kind: "refused", reason: "overloaded" });
  });
});

describe("a client's reads", () => {
  const passed = (alone: Alone, requestId: string, slot: number) =>
    alone.tell("p1", "c1", { type: "read-barrier-passed", requestId, slot, cost: { messages: 6, sharedBy: 1 } });

  test("a strong one passes a barrier, and is then answered by a learner that has applied that slot", () => {
    const alone = new Alone();
    alone.read("r1", true);
    expect(alone.last).toMatchObject({ to: "p1", type: "read-barrier", requestId: "barrier-1" });
    passed(alone, "barrier-1", 5);
    expect(alone.last).toMatchObject({ to: "l1", type: "query", atLeast: 5 });
    alone.tell("l1", "c1", { type: "query-answer", requestId: "1", slot: 6, answers: ["[]"] });
    expect(alone.outcome("r1")).toMatchObject({ kind: "answered", slot: 6, learner: "l1", cost: { messages: 8 } });
  });

  test("a strong one that begins while a barrier is under way needs the next one", () => {
    const alone = new Alone();
    alone.read("r1", true);
    alone.read("r2", true);
    alone.read("r3", true);
    passed(alone, "barrier-1", 5);
    expect(alone.last).toMatchObject({ type: "read-barrier", requestId: "barrier-2" });
    passed(alone, "barrier-2", 9);
    const queries = alone.letters.map(({ message }) => message).filter(({ type }) => type === "query");
    expect(queries).toMatchObject([
      { atLeast: 5, queries: ["{}"] },
      { atLeast: 9, queries: ["{}", "{}"] },
    ]);
  });

  test("the word of an earlier barrier serves nobody", () => {
    const alone = new Alone();
    alone.read("r1", true);
    alone.fire("c1", "barrier");
    alone.fire("c1", "barrier retry");
    passed(alone, "barrier-1", 5);
    expect(alone.last).toMatchObject({ type: "read-barrier", requestId: "barrier-2" });
  });

  test("go to the next learner when one does not answer or is behind, and to that one from then on", () => {
    const alone = new Alone();
    alone.read("r1", false, 3);
    alone.tell("l1", "c1", { type: "query-refused", requestId: "1", reason: "behind", appliedThrough: 1 });
    alone.fire("c1", "query retry 2");
    expect(alone.last).toMatchObject({ to: "l2", requestId: "2" });
    // A late answer to the first attempt is none to this one.
    alone.tell("l1", "c1", { type: "query-answer", requestId: "1", slot: 3, answers: ["[]"] });
    expect(alone.outcome("r1")).toBeUndefined();
    alone.read("r2", false);
    expect(alone.last).toMatchObject({ to: "l2" });
  });

  test("an answer from before the slot that was asked for is none", () => {
    const alone = new Alone();
    alone.read("r1", false, 3);
    alone.tell("l1", "c1", { type: "query-answer", requestId: "1", slot: 2, answers: ["[]"] });
    expect(alone.outcome("r1")).toBeUndefined();
  });

  test("say why they cannot be served: nobody leads, no learner answers, or none is far enough", () => {
    const alone = new Alone();
    alone.read("r1", true);
    alone.fire("c1", "deadline 1");
    expect(alone.outcome("r1")).toEqual({ kind: "refused", reason: "no-leader" });
    alone.read("r2", false);
    for (let attempt = 1; attempt <= 4; attempt++) {
      if (attempt > 1) alone.fire("c1", `query retry ${attempt}`);
      const which = `${attempt}`;
      alone.tell("l1", "c1", { type: "no-answer", to: "query", which, arrived: "certainly-not" });
    }
    expect(alone.outcome("r2")).toEqual({ kind: "refused", reason: "no-learner" });
    alone.read("r3", false, 9);
    alone.tell("l1", "c1", { type: "query-refused", requestId: "5", reason: "behind", appliedThrough: 1 });
    alone.fire("c1", "deadline 3");
    expect(alone.outcome("r3")).toEqual({ kind: "refused", reason: "not-caught-up" });
    // The next one is not asked for a read that is over.
    const before = alone.letters.length;
    alone.fire("c1", "query retry 6");
    expect(alone.letters).toHaveLength(before);
    expect([...alone.timers.keys()].filter((timer) => timer.includes("query"))).toEqual([]);
  });

  test("in a whole cluster a strong read sees every write that was acknowledged before it", () => {
    const cluster = new Cluster();
    cluster.elect("p2");
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
    const command: LogRequest = { kind: "query", query: "all", strong: true, atLeast: 0, timeoutMs: 5000 };
    cluster.step("c1", { kind: "propose", requestId: "r1", command });
    cluster.settle();
    expect(cluster.outcome("r1")).toMatchObject({ kind: "answered", slot: 1, answer: expect.stringContaining("tea") });
  });
});
