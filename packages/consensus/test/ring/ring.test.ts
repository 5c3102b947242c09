import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { compactedRingWrites } from "../../src/ring/parts.ts";
import { memberName, rolesOf } from "../../src/ring/roles.ts";
import { RingStage } from "./ring-stage.ts";

/** A ring whose members all have started, and whose nodes have their roles. */
function started(plan: ConstructorParameters<typeof RingStage>[0] = {}): RingStage {
  const stage = new RingStage(plan);
  stage.start();
  const nodes = Object.values(rolesOf(stage.plan)).flat();
  expect(stage.until(() => nodes.every((uid) => stage.node(uid).role !== null))).toBe(true);
  return stage;
}

describe("roles", () => {
  test("follow from the plan in the order of UIDs, and the last node is a learner", () => {
    const plan = { proposers: 2, acceptors: 5, learners: 2, clients: 2 };
    expect(rolesOf(plan)).toEqual({ proposers: [0, 1], acceptors: [2, 3, 4, 5, 6], learners: [7, 8] });
    expect([0, 8, 9, 10].map((uid) => memberName(plan, uid))).toEqual(["n0", "n8", "c9", "c10"]);
  });

  test("need a node of each, and no more proposers than there are places in a round of ids", () => {
    const plan = { proposers: 1, acceptors: 1, learners: 1, clients: 0 };
    expect(() => rolesOf({ ...plan, learners: 0 })).toThrow("there is a node of each role");
    expect(() => rolesOf({ ...plan, proposers: 16 })).toThrow("at most 15 proposers");
  });

  test("are given by the node with the highest UID, and each node takes its own", () => {
    const stage = started();
    expect(stage.node(6).started).toMatchObject({ leader: 6, election: 1 });
    expect([0, 1, 2, 3, 4, 5, 6].map((uid) => stage.node(uid).role)).toEqual([
      ...["proposer", "proposer", "acceptor", "acceptor", "acceptor", "learner", "learner"],
    ]);
  });

  test("stay those of the plan when a node is dead from the beginning", () => {
    const stage = new RingStage();
    stage.start("n0", "n1", "n2", "n4", "n5", "n6");
    expect(stage.until(() => stage.node(0).role !== null)).toBe(true);
    expect(stage.node(0).started?.roles).toEqual(rolesOf(stage.plan));
  });

  test("of a START that names others, or comes in another's name, are taken by nobody", () => {
    const stage = new RingStage();
    stage.start("n0");
    const { proposers, acceptors, learners } = rolesOf(stage.plan);
    const start = { type: "start", election: 9, leader: 6, roles: { proposers, acceptors, learners } } as const;
    stage.tell("n6", "n0", { ...start, roles: { proposers, acceptors: acceptors.slice(1), learners } });
    stage.tell("n5", "n0", start);
    stage.tell("n6", "n0", { ...start, election: Number.MAX_SAFE_INTEGER });
    expect(stage.node(0).role).toBeNull();
    stage.tell("n6", "n0", start);
    expect(stage.node(0).role).toBe("proposer");
  });
});

describe("a leader", () => {
  test("that dies before START is replaced by the highest of those that live", () => {
    const stage = new RingStage();
    stage.loses = ({ message }) => message.type === "start";
    stage.start();
    expect(stage.until(() => stage.node(0).election.leader === 6)).toBe(true);
    stage.crash("n6");
    stage.run(100);
    stage.loses = () => false;
    expect(stage.until(() => [0, 1, 2, 3, 4, 5].every((uid) => stage.node(uid).role !== null))).toBe(true);
    expect(stage.node(0).started).toMatchObject({ leader: 5 });
    expect(stage.node(0).started?.election).toBeGreaterThan(1);
  });

  test("that dies in the election is skipped, and the others elect the next one", () => {
    const stage = new RingStage();
    stage.start();
    stage.crash("n6");
    expect(stage.until(() => [0, 1, 2, 3, 4, 5].every((uid) => stage.node(uid).role !== null))).toBe(true);
    expect(stage.node(3).started?.leader).toBe(5);
  });

  test("of an earlier election is not followed: it is told that there is a later one", () => {
    const stage = started();
    const { election } = stage.node(0).election;
    stage.tell("n5", "n0", { type: "elect", election: election + 4, candidate: 5 });
    stage.tell("n6", "n0", { type: "start", election, leader: 6, roles: rolesOf(stage.plan) });
    expect(stage.sent.at(-1)).toMatchObject({ from: "n0", to: "n6", message: { type: "later-election" } });
  });

  test("tells START until all have heard it, however much is lost", () => {
    const stage = new RingStage();
    let place = 0;
    stage.loses = () => place++ % 3 !== 0;
    stage.start();
    expect(stage.until(() => [0, 1, 2, 3, 4, 5, 6].every((uid) => stage.node(uid).role !== null))).toBe(true);
  });
});

describe("a node that restarts", () => {
  test("goes on from its disk: an acceptor keeps what it accepted, a proposer uses no id again", () => {
    const stage = started();
    stage.set("c7", "210");
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    const ids = () => stage.disk("n0").flatMap((write) => (write.kind === "proposing" ? [write.id] : []));
    const before = ids();
    for (const name of ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "c7", "c8"]) stage.crash(name);
    stage.start();
    stage.set("c8", "300");
    expect(stage.until(() => stage.replies.length === 2)).toBe(true);
    expect(stage.replies.map((reply) => reply.kind === "chosen" && reply.value)).toEqual(["210", "210"]);
    expect(Math.min(...ids().slice(before.length))).toBeGreaterThan(Math.max(...before));
  });

  test("comes to the same state by the fewest writes as by all of them", () => {
    const stage = started();
    stage.set("c7", "210");
    stage.set("c8", "300", 1);
    stage.run(5_000);
    for (const name of ["n0", "n1", "n2", "n3", "n4"]) {
      const few = compactedRingWrites(stage.disk(name));
      expect(few.length).toBeLessThanOrEqual(3);
      expect(compactedRingWrites([...few])).toEqual(few);
    }
    const promisedLater = [
      { kind: "accepted", id: 1, instance: 1, value: "a", byHand: true },
      { kind: "promised", id: 2 },
    ] as const;
    expect(compactedRingWrites(promisedLater)).toEqual(promisedLater);
    expect(compactedRingWrites([{ kind: "promised", id: 1 }, ...promisedLater.slice(0, 1)])).toHaveLength(1);
  });
});

describe("a client", () => {
  test("hears the value that is chosen, also when that is another's", () => {
    const stage = started();
    stage.set("c7", "210", 0);
    stage.set("c8", "300", 1);
    expect(stage.until(() => stage.replies.length === 2)).toBe(true);
    const values = stage.replies.map((reply) => (reply.kind === "chosen" ? reply.value : reply));
    expect(new Set(values).size).toBe(1);
    expect(["210", "300"]).toContain(values[0]);
  });

  test("turns to the next proposer when its own is dead", () => {
    const stage = started();
    stage.crash("n0");
    stage.set("c7", "210", 0);
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    expect(stage.replies[0]).toMatchObject({ kind: "chosen", value: "210" });
  });

  test("counts proposers from where it was told, modulo their number", () => {
    const stage = started();
    stage.set("c7", "210", 5);
    stage.run(100);
    expect(stage.sent.find(({ message }) => message.type === "propose")?.to).toBe("n1");
  });

  test("hears it from another learner when one is dead", () => {
    const stage = started();
    stage.crash("n5");
    stage.set("c7", "210");
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    expect(stage.replies[0]).toMatchObject({ kind: "chosen", learner: "n6" });
  });

  test.each([0, 1, 2, 3])("hears it although a minority is dead, and one message of ten is lost (%i)", (first) => {
    const seed = first + 1;
    const random = Random.fromSeed(seed);
    const stage = started({ acceptors: 5 });
    for (const uid of [2 + first, 3 + first]) stage.crash(`n${uid}`);
    stage.loses = () => random.below(10) === 0;
    stage.set("c9", "210", 0, 60_000);
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    expect(stage.replies[0], `seed ${seed}`).toMatchObject({ kind: "chosen", value: "210" });
  });

  test.each(["prepare", "accept"])("hears it whichever minority of acceptors dies of the first %s", (type) => {
    const acceptors = [2, 3, 4, 5, 6].map((uid) => `n${uid}`);
    const minorities = acceptors.flatMap((one) => [
      [one],
      ...acceptors.filter((two) => two > one).map((two) => [one, two]),
    ]);
    expect(minorities).toHaveLength(15);
    for (const dying of minorities) {
      const stage = started({ acceptors: 5 });
      stage.loses = ({ to, message }) => {
        const dies = dying.includes(to) && message.type === type;
        if (dies) stage.crash(to);
        return dies;
      };
      stage.set("c9", "210");
      expect(
        stage.until(() => stage.replies.length === 1),
        `${dying}`,
      ).toBe(true);
      expect(stage.replies[0], `${dying}`).toMatchObject({ kind: "chosen", value: "210" });
    }
  });

  test("hears it although every acceptance that was told to learners was lost: they ask the acceptors", () => {
    const stage = started();
    stage.loses = ({ to, message }) => message.type === "accepted" && (to === "n5" || to === "n6");
    stage.set("c7", "210");
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    expect(stage.replies[0]).toMatchObject({ kind: "chosen", value: "210" });
  });

  test("that starts when all is long over asks for START, and for the value", () => {
    const stage = new RingStage();
    stage.start("n0", "n1", "n2", "n3", "n4", "n5", "n6", "c7");
    stage.set("c7", "210");
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    stage.run(10_000);
    stage.loses = ({ to, message }) => to === "c8" && message.type === "chosen" && place++ < 3;
    let place = 0;
    stage.start("c8");
    stage.set("c8", "300");
    expect(stage.until(() => stage.replies.length === 2)).toBe(true);
    expect(stage.replies[1]).toMatchObject({ kind: "chosen", value: "210" });
  });

  test("is told what was missing: nobody, START, a quorum, or the word of who had its value", () => {
    const why = (stage: RingStage, after: () => void = () => {}): unknown => {
      after();
      stage.set("c7", "210", 0, 4_000);
      expect(stage.until(() => stage.replies.length === 1)).toBe(true);
      const [reply] = stage.replies;
      return reply?.kind === "failed" ? [reply.why, reply.missing[0]] : reply;
    };
    const alone = new RingStage();
    alone.start("c7");
    expect(why(alone)).toEqual(["nobody", "no node was heard"]);

    const leaderless = new RingStage();
    leaderless.loses = ({ message }) => message.type === "start";
    leaderless.start("n0", "c7");
    leaderless.tell("n0", "c7", { type: "done-heard" });
    expect(why(leaderless)).toEqual(["not-started", "no START was heard: the nodes have no leader yet"]);

    const proposerless = started({ proposers: 1 });
    expect(why(proposerless, () => proposerless.crash("n0"))).toEqual(["unknown", "n0 has not said how it ended"]);

    const minority = started();
    const kill = () => ["n2", "n3"].map((name) => minority.crash(name));
    const [told, said] = why(minority, kill) as [string, string];
    expect(["no-quorum", "unknown"]).toContain(told);
    expect(said).toMatch(/^n[01] says no-promise/);
  });

  test("hears each learner once, and is not asked to hear again what it has heard", () => {
    const stage = started();
    stage.set("c7", "210");
    stage.run(20_000);
    expect(stage.decided.filter(([name]) => name === "c7")).toEqual([
      ["c7", "210"],
      ["c7", "210"],
    ]);
    const told = stage.count("chosen");
    stage.run(20_000);
    expect(stage.count("chosen")).toBe(told);
  });

  test("proposes one value at a time", () => {
    const stage = new RingStage();
    stage.start("c7");
    stage.set("c7", "210");
    stage.set("c7", "220");
    expect(stage.replies).toEqual([{ kind: "failed", why: "busy", missing: ["another value is being proposed"] }]);
  });

  test("that leaves is done for every node; the others go on for the next one", () => {
    const stage = started();
    stage.set("c7", "210");
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    stage.leave("c7");
    expect(stage.until(() => stage.replies.length === 2)).toBe(true);
    expect(stage.replies[1]).toEqual({ kind: "left" });
    for (const uid of [0, 1, 2, 3, 4, 5, 6]) expect(stage.node(uid).clientsDone).toEqual(["c7"]);
    stage.set("c8", "300");
    expect(stage.until(() => stage.replies.length === 3)).toBe(true);
    expect(stage.replies[2]).toMatchObject({ kind: "chosen", value: "210" });
  });

  test("that left is known to be done also by a node that was down meanwhile, once all have", () => {
    const stage = started();
    stage.crash("n3");
    stage.leave("c7");
    stage.run(2_000);
    stage.start("n3");
    expect(stage.node(3).clientsDone).toEqual([]);
    stage.leave("c8");
    expect(stage.until(() => stage.node(3).clientsDone.length === 2)).toBe(true);
    expect(stage.node(3).clientsDone).toEqual(["c7", "c8"]);
  });

  test("that leaves does not wait for dead nodes", () => {
    const stage = started();
    stage.crash("n3");
    stage.leave("c7");
    expect(stage.until(() => stage.replies.length === 1, 1_500)).toBe(true);
  });
});

describe("a role", () => {
  test("is heard by those alone who may speak to it: a stranger's word changes nothing", () => {
    const stage = started();
    const accept = { type: "accept", id: 99, instance: 1, value: "evil" } as const;
    stage.tell("c7", "n2", accept);
    stage.tell("n5", "n2", accept);
    stage.tell("n0", "n2", { ...accept, instance: 2 });
    for (const from of ["n0", "n5", "c7"]) {
      for (const to of ["n5", "n6"]) stage.tell(from, to, { type: "accepted", id: 99, instance: 1, value: "evil" });
    }
    for (const from of ["n0", "n2"]) stage.tell(from, "n0", { type: "propose", number: 1, value: "evil" });
    stage.run(1_000);
    expect(stage.disk("n2").filter(({ kind }) => kind === "accepted")).toEqual([]);
    expect([stage.node(5).chosen, stage.node(6).chosen]).toEqual([null, null]);
    expect(stage.disk("n0").filter(({ kind }) => kind === "proposing")).toEqual([]);
  });

  test("of a learner counts distinct acceptors: one that says the same again is one", () => {
    const stage = started();
    for (let times = 0; times < 5; times++) {
      stage.tell("n2", "n5", { type: "accepted", id: 1, instance: 1, value: "210" });
    }
    expect(stage.node(5).chosen).toBeNull();
    stage.tell("n3", "n5", { type: "accepted", id: 1, instance: 1, value: "210" });
    expect(stage.node(5).chosen).toBe("210");
  });

  test("of an acceptor answers what comes too late, and a proposer that hears so waits and tries again", () => {
    const stage = started();
    for (const to of ["n2", "n3", "n4"]) stage.tell("n1", to, { type: "prepare", id: 50, instance: 1 });
    stage.set("c7", "210", 0);
    expect(stage.until(() => stage.replies.length === 1)).toBe(true);
    expect(stage.count("prepare-ignored")).toBe(3);
    const ids = stage.disk("n0").flatMap((write) => (write.kind === "proposing" ? [write.id] : []));
    expect(ids).toEqual([1, 65]);
  });

  test("of a proposer takes one client after the other, and a repeat of a request for one", () => {
    const stage = started();
    for (const client of ["c7", "c8", "c7"]) stage.tell(client, "n0", { type: "propose", number: 1, value: client });
    stage.run(2_000);
    const ended = stage.sent.filter(({ message }) => message.type === "proposed");
    expect(ended.map(({ to }) => to)).toEqual(["c7", "c8"]);
    stage.tell("c7", "n0", { type: "propose", number: 1, value: "c7" });
    expect(stage.sent.at(-1)?.message).toMatchObject({ type: "proposed", number: 1, outcome: "chosen" });
  });
});
