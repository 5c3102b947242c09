import type { LogMessage } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Cluster, type Letter } from "./log-stage.js";

function leading(limits?: ConstructorParameters<typeof Cluster>[0]): Cluster {
  const cluster = new Cluster(limits);
  cluster.elect("p1");
  return cluster;
}

/** The letters of this type that were sent so far, without delivering any. */
function sent<T extends LogMessage["type"]>(cluster: Cluster, type: T): (LogMessage & { type: T })[] {
  return cluster.letters.map(({ message }) => message).filter((message) => message.type === type) as never;
}

function ticks(cluster: Cluster, count: number, lost?: (letter: Letter) => boolean): void {
  for (let tick = 0; tick < count; tick++) {
    cluster.fire("p1", "tick");
    cluster.settle(lost);
  }
}

describe("a leader's batches", () => {
  test("values that are submitted together travel in one accept, each in a slot of its own", () => {
    const cluster = leading();
    const requests = ["tea", "milk", "mate"].map((value) => ({ requestId: value, value }));
    cluster.tell("someone", "p1", { type: "submit", submission: 1, requests });
    const accepts = sent(cluster, "accept-log");
    expect(accepts).toHaveLength(3);
    expect(accepts[0]?.entries.map(({ instance, value }) => `${instance} ${value}`)).toEqual([
      "1 tea",
      "2 milk",
      "3 mate",
    ]);
  });

  test("several batches are on their way at a time, and what comes when there is no room travels together later", () => {
    const cluster = leading({ batchesInFlight: 2 });
    for (let number = 1; number <= 5; number++) {
      const requests = [{ requestId: `r${number}`, value: `v${number}` }];
      cluster.tell("someone", "p1", { type: "submit", submission: number, requests });
    }
    expect(cluster.proposer("p1").leading).toMatchObject({ batchesInFlight: 2, queued: 3 });
    cluster.settle();
    expect(cluster.values("l1")).toEqual(["1:v1", "2:v2", "3:v3", "4:v4", "5:v5"]);
  });

  test("a batch that is decided before an earlier one is not told before it: learners hear of slots in their order", () => {
    const cluster = leading({ batchesInFlight: 2 });
    for (const number of [1, 2]) {
      const requests = [{ requestId: `r${number}`, value: `v${number}` }];
      cluster.tell("someone", "p1", { type: "submit", submission: number, requests });
    }
    cluster.settle(({ message }) => message.type === "accept-log" && message.entries[0]?.instance === 1);
    expect(cluster.values("l1")).toEqual([]);
    ticks(cluster, 3);
    expect(cluster.values("l1")).toEqual(["1:v1", "2:v2"]);
  });

  test("an accept that got lost is sent again, to those who have not answered", () => {
    const cluster = leading();
    cluster.submit("w1", "tea");
    cluster.settle(({ message }) => message.type === "accept-log");
    expect(cluster.values("l1")).toEqual([]);
    ticks(cluster, 3);
    expect(cluster.outcome("w1")).toMatchObject({ kind: "applied", slot: 1 });
  });

  test("an acceptor that answers twice counts once", () => {
    const cluster = leading();
    cluster.down.add("a2").add("a3");
    cluster.submit("w1", "tea");
    cluster.settle();
    const id = cluster.proposer("p1").id ?? 0;
    for (let count = 0; count < 3; count++) {
      cluster.tell("a1", "p1", { type: "accepted-log", id, instances: [1] });
      cluster.tell("stranger", "p1", { type: "accepted-log", id, instances: [1] });
    }
    expect(cluster.proposer("p1").leading?.decidedThrough).toBe(0);
  });

  test("what finds no place in the queue is refused, and is certainly not proposed", () => {
    const cluster = leading({ queuedEntries: 2, batchesInFlight: 1 });
    const requests = ["a", "b", "c", "d"].map((value) => ({ requestId: value, value }));
    cluster.tell("someone", "p1", { type: "submit", submission: 1, requests });
    cluster.settle();
    expect(cluster.values("l1")).toEqual(["1:a", "2:b"]);
  });

  test("a submission is answered as a whole, and each request by a learner that applied it", () => {
    const cluster = leading();
    const requests = ["a", "b"].map((value) => ({ requestId: value, value }));
    cluster.tell("someone", "p1", { type: "submit", submission: 7, requests });
    let answers: LogMessage[] = [];
    cluster.settle(({ to, message }) => {
      if (to === "someone") answers = [...answers, message];
      return false;
    });
    expect(answers).toMatchObject([
      {
        type: "submitted",
        submission: 7,
        outcomes: [
          { requestId: "a", kind: "applied", slot: 1, result: '"put at 1"', cost: { sharedBy: 2 } },
          { requestId: "b", kind: "applied", slot: 2 },
        ],
      },
    ]);
  });

  test("where no learner answers, a write that is decided has no outcome, and the client says that it is unknown", () => {
    const cluster = leading();
    cluster.down.add("l1").add("l2");
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.proposer("p1").leading?.decidedThrough).toBe(1);
    cluster.fire("c1", "deadline 1");
    expect(cluster.outcome("w1")).toEqual({ kind: "unknown" });
  });

  test("a leader that loses its lead says of what it proposed that it is unknown, and of what waited that it was refused", () => {
    const cluster = leading({ batchesInFlight: 1 });
    cluster.down.add("a1").add("a2").add("a3");
    cluster.tell("someone", "p1", { type: "submit", submission: 1, requests: [{ requestId: "sent", value: "x" }] });
    cluster.tell("someone", "p1", { type: "submit", submission: 2, requests: [{ requestId: "waits", value: "y" }] });
    cluster.letters = [];
    cluster.tell("p2", "p1", { type: "heartbeat", leader: "p2", id: 1_000_002, settledThrough: 0 });
    expect(sent(cluster, "submitted").flatMap(({ outcomes }) => outcomes)).toEqual([
      { requestId: "waits", kind: "refused", reason: "not-leader", leader: "p2" },
      { requestId: "sent", kind: "unknown" },
    ]);
  });

  test("a leader that hears no majority says so at once to whoever asks, and serves again when it does", () => {
    const cluster = leading();
    cluster.down.add("a1").add("a2");
    ticks(cluster, 12);
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.proposer("p1").leading?.hasQuorum).toBe(false);
    // The client asks the other one, too, and believes it after a few times.
    for (let retry = 0; cluster.timers.has("c1 retry"); retry++) {
      expect(retry).toBeLessThan(10);
      cluster.fire("c1", "retry");
      cluster.settle();
    }
    expect(cluster.outcome("w1")).toEqual({ kind: "refused", reason: "no-quorum" });
    cluster.down.clear();
    ticks(cluster, 2);
    cluster.submit("w2", "milk");
    cluster.settle();
    expect(cluster.values("l1")).toEqual(["1:milk"]);
  });
});

describe("decided marks", () => {
  test("acceptors are told with the next batch, or, if none comes, with the next sign of life", () => {
    const cluster = leading();
    cluster.submit("w1", "tea");
    cluster.settle();
    expect(cluster.byHand("a1", { type: "read-log", from: 1, limit: 9 })).not.toMatchObject({
      page: { entries: [{ decided: true }] },
    });
    ticks(cluster, 1);
    for (const node of ["a1", "a2", "a3"]) {
      expect(cluster.byHand(node, { type: "read-log", from: 1, limit: 9 })).toMatchObject({
        page: { entries: [{ instance: 1, decided: true }] },
      });
    }
  });

  test("a mark says nothing of a value that was accepted there under an older id", () => {
    const cluster = leading();
    cluster.byHand("a3", { type: "accept-log", id: 17, entries: [{ instance: 1, value: "stale" }] });
    cluster.byHand("a3", {
      type: "accept-log",
      id: 33,
      entries: [{ instance: 2, value: "two" }],
      decided: { from: 1, through: 2 },
    });
    expect(cluster.byHand("a3", { type: "read-log", from: 1, limit: 9 })).toMatchObject({
      page: {
        entries: [
          { instance: 1, acceptedValue: "stale" },
          { instance: 2, decided: true },
        ],
      },
    });
    const log = cluster.byHand("a3", { type: "read-log", from: 1, limit: 1 });
    expect(log.type === "log" && log.page.entries[0]).not.toHaveProperty("decided");
  });
});

describe("strong reads", () => {
  const asked = (cluster: Cluster, requestId: string) =>
    cluster.tell("reader", "p1", { type: "read-barrier", requestId });
  const answers = (cluster: Cluster) => {
    const found = cluster.letters.filter(({ to }) => to === "reader").map(({ message }) => message);
    return found as (LogMessage & { type: "read-barrier-passed" })[];
  };

  test("a barrier passes when a majority has acknowledged the leader after the read arrived, and names what was decided", () => {
    const cluster = leading();
    cluster.submit("w1", "tea");
    cluster.settle();
    asked(cluster, "r1");
    const [probe] = sent(cluster, "accept-log");
    expect(probe).toMatchObject({ entries: [], id: cluster.proposer("p1").id });
    cluster.letters = [];
    const sequence = probe?.sequence ?? 0;
    const id = cluster.proposer("p1").id ?? 0;
    cluster.tell("a1", "p1", { type: "accepted-log", id, instances: [], sequence });
    cluster.tell("a1", "p1", { type: "accepted-log", id, instances: [], sequence });
    expect(answers(cluster)).toEqual([]);
    cluster.tell("a2", "p1", { type: "accepted-log", id, instances: [], sequence });
    expect(answers(cluster)).toMatchObject([{ type: "read-barrier-passed", requestId: "r1", slot: 1 }]);
  });

  test("an answer to a probe from before the read confirms nothing", () => {
    const cluster = leading();
    cluster.fire("p1", "tick");
    const earlier = sent(cluster, "accept-log")[0]?.sequence ?? 0;
    cluster.letters = [];
    asked(cluster, "r1");
    const id = cluster.proposer("p1").id ?? 0;
    for (const node of ["a1", "a2"]) {
      cluster.tell(node, "p1", { type: "accepted-log", id, instances: [], sequence: earlier });
    }
    expect(answers(cluster)).toEqual([]);
    cluster.settle(({ to }) => to === "reader");
    expect(cluster.proposer("p1").leading?.readsWaiting).toBe(0);
  });

  test("one round of messages serves all reads that wait", () => {
    const cluster = leading();
    cluster.fire("p1", "tick");
    for (let read = 0; read < 50; read++) asked(cluster, `r${read}`);
    let probes = 0;
    let served = 0;
    cluster.settle(({ to, message }) => {
      if (message.type === "accept-log" && to === "a1") probes++;
      if (to === "reader") served++;
      return false;
    });
    expect({ probes, served }).toEqual({ probes: 2, served: 50 });
  });

  test("a read that comes before all that was found is decided waits for that, and then names it", () => {
    const cluster = new Cluster();
    for (const node of ["a1", "a2"]) {
      cluster.byHand(node, { type: "accept-log", id: 17, entries: [{ instance: 1, value: "found" }] });
    }
    const hold = ({ message }: Letter) => message.type === "accept-log" && message.entries.length > 0;
    cluster.elect("p1", hold);
    asked(cluster, "r1");
    cluster.settle(hold);
    expect(cluster.proposer("p1").leading).toMatchObject({ isServing: false, readsWaiting: 1 });
    const found: LogMessage[] = [];
    for (let tick = 0; tick < 4; tick++) {
      cluster.fire("p1", "tick");
      cluster.settle(({ to, message }) => {
        if (to === "reader") found.push(message);
        return false;
      });
    }
    expect(found).toMatchObject([{ type: "read-barrier-passed", requestId: "r1", slot: 1 }]);
  });

  test("what was sent when the read arrived counts: learners may have it from the acceptors before the leader knows", () => {
    const cluster = leading();
    cluster.submit("w1", "tea");
    cluster.settle(({ message }) => message.type === "accepted-log");
    asked(cluster, "r1");
    const passed: LogMessage[] = [];
    const note = ({ to, message }: Letter) => {
      if (to === "reader") passed.push(message);
      return message.type === "accepted-log" && message.instances.length > 0;
    };
    cluster.settle(note);
    ticks(cluster, 2, note);
    expect(passed).toEqual([]);
    ticks(cluster, 4, (letter) => note(letter) && false);
    expect(passed).toMatchObject([{ type: "read-barrier-passed", slot: 1 }]);
  });

  test("a leader that was deposed in silence passes no barrier", () => {
    const cluster = leading();
    cluster.down.add("p1");
    cluster.elect("p2");
    cluster.down.delete("p1");
    const passed: LogMessage[] = [];
    asked(cluster, "r1");
    cluster.settle(({ to, message }) => {
      if (to === "reader") passed.push(message);
      return false;
    });
    expect(passed).toMatchObject([{ type: "read-barrier-refused", reason: "not-leader" }]);
  });
});

describe("truncation", () => {
  const snapshotOf = (cluster: Cluster, learner: string, through: number) =>
    cluster.tell(learner, "p1", {
      type: "learned",
      learner,
      number: 0,
      appliedThrough: 10,
      snapshotThrough: through,
      results: [],
      missingFrom: null,
    });

  function withTenSlots(): Cluster {
    const cluster = leading({ keptBelowSnapshot: 0 });
    for (let number = 1; number <= 10; number++) cluster.submit(`w${number}`, `v${number}`);
    cluster.settle();
    ticks(cluster, 1);
    return cluster;
  }

  test("one durable snapshot is not enough: the log is kept", () => {
    const cluster = withTenSlots();
    snapshotOf(cluster, "l1", 9);
    cluster.fire("p1", "tick");
    expect(sent(cluster, "truncate-log")).toEqual([]);
  });

  test("what two learners hold in durable snapshots is truncated at every acceptor, and nothing beyond it", () => {
    const cluster = withTenSlots();
    snapshotOf(cluster, "l1", 9);
    snapshotOf(cluster, "l2", 6);
    cluster.fire("p1", "tick");
    expect(sent(cluster, "truncate-log")).toEqual(Array(3).fill({ type: "truncate-log", through: 6 }));
    cluster.settle();
    expect(cluster.byHand("a2", { type: "read-state", instance: 6 })).toMatchObject({ type: "truncated" });
    expect(cluster.byHand("a2", { type: "read-state", instance: 7 })).toMatchObject({
      accepted: { acceptedValue: "v7" },
    });
  });
});

describe("learners that are busy", () => {
  test("are asked what their snapshots hold, so that the log is truncated under load, too", () => {
    const cluster = new Cluster({ keptBelowSnapshot: 0 });
    for (const name of ["l1", "l2"]) {
      cluster.startLearner(name, { snapshotCharacters: 100, snapshotGrowth: 0, keptEntries: 5 });
    }
    cluster.elect("p1");
    ticks(cluster, 1);
    const answers: Letter[] = [];
    const hold = (letter: Letter) => letter.message.type === "learned" && answers.push(letter) > 0;
    let count = 0;
    const submit = () => {
      const requests = [{ requestId: `r${++count}`, value: `value ${count}` }];
      cluster.tell("someone", "p1", { type: "submit", submission: count, requests });
      cluster.settle(hold);
    };
    submit();
    for (let round = 0; round < 400; round++) {
      // More is decided before each answer of a learner comes.
      submit();
      if (round % 5 === 0) cluster.fire("p1", "tick");
      cluster.settle(hold);
      for (const { from, to, message } of answers.splice(0)) cluster.tell(from, to, message);
      cluster.settle(hold);
    }
    const log = cluster.byHand("a1", { type: "read-log", from: 1, limit: 1000 });
    expect(log.type === "log" && log.page.entries.length).toBeLessThan(200);
  });

  test("that pause have one message on its way, not one more with each pause", () => {
    const cluster = leading();
    ticks(cluster, 1);
    let count = 0;
    const submit = () => {
      const requests = [{ requestId: `r${++count}`, value: "v" }];
      cluster.tell("someone", "p1", { type: "submit", submission: count, requests });
    };
    const held: Letter[] = [];
    const hold = (letter: Letter) => letter.from === "l1" && held.push(letter) > 0;
    for (let pause = 0; pause < 3; pause++) {
      for (let tick = 0; tick < 10; tick++) {
        submit();
        cluster.fire("p1", "tick");
        cluster.settle(hold);
      }
      for (const { from, to, message } of held.splice(0)) cluster.tell(from, to, message);
      submit();
      cluster.settle(hold);
    }
    const asked = held.filter(({ message }) => message.type === "learned" && message.results.length > 0);
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
