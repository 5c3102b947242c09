import { Acceptor, type AcceptorWrite, applyAcceptorWrite, freshAcceptorState, Random } from "@synod/consensus";
import { expect, test } from "vitest";
import { ACCEPTORS, Cluster, LEARNERS } from "./log-stage.js";

const SEEDS = 80;
const STEPS = 1200;

/** One step of disorder: a letter arrives, is lost or comes twice; time passes; somebody restarts; a person interferes. */
function disturb(cluster: Cluster, random: Random, step: number): void {
  const dice = random.below(100);
  if (dice < 72 && cluster.letters.length > 0) {
    const place = random.below(Math.min(cluster.letters.length, 12));
    const [letter] = cluster.letters.splice(place, 1);
    const fate = random.below(20);
    if (letter === undefined || fate === 0) return;
    if (fate === 1) cluster.letters.push(letter);
    if (cluster.participants.has(letter.to)) cluster.tell(letter.from, letter.to, letter.message);
  } else if (dice < 88) {
    const timers = [...cluster.timers.keys()].filter((name) => !name.includes("deadline"));
    const name = timers[random.below(Math.max(1, timers.length))];
    const cut = name?.indexOf(" ") ?? 0;
    if (name) cluster.fire(name.slice(0, cut), name.slice(cut + 1));
  } else if (dice < 96) cluster.submit(`w${step}`, `value ${step}`);
  else if (dice < 98) restart(cluster, random);
  else {
    const acceptor = ACCEPTORS[random.below(3)] ?? "a1";
    cluster.tell("person", acceptor, { type: "prepare", id: 16 * random.below(40), instance: 1 });
  }
}

function restart(cluster: Cluster, random: Random): void {
  const name = [...ACCEPTORS, ...LEARNERS, "p1", "p2"][random.below(7)] ?? "p1";
  for (const timer of [...cluster.timers.keys()]) if (timer.startsWith(`${name} `)) cluster.timers.delete(timer);
  if (name.startsWith("p")) cluster.startProposer(name, Number(name.slice(1)));
  else if (name.startsWith("l")) cluster.startLearner(name, TINY);
  else {
    const state = freshAcceptorState();
    for (const write of (cluster.disks.get(name) ?? []) as AcceptorWrite[]) applyAcceptorWrite(state, write);
    cluster.add(name, new Acceptor(state, { cluster: { acceptsByHand: true } }) as never);
  }
}

const TINY = { snapshotCharacters: 100, snapshotGrowth: 0, keptEntries: 5 };

test("learners apply the same log, whatever order, loss, repetition, restarts and people do; calm brings progress", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = Random.fromSeed(seed);
    const cluster = new Cluster({ keptBelowSnapshot: 0, batchesInFlight: 3, keptEntries: 20 });
    for (const name of LEARNERS) cluster.startLearner(name, TINY);
    for (let step = 0; step < STEPS; step++) disturb(cluster, random, step);
    const [one = [], other = []] = LEARNERS.map((name) => cluster.values(name));
    const shared = Math.min(one.length, other.length);
    expect(one.slice(0, shared), `seed ${seed}`).toEqual(other.slice(0, shared));
    calmDown(cluster);
    const [after = [], afterOther = []] = LEARNERS.map((name) => cluster.values(name));
    expect(after, `seed ${seed}`).toEqual(afterOther);
    expect(after.slice(0, shared), `seed ${seed}`).toEqual(one.slice(0, shared));
    expect(
      after.some((value) => value.endsWith(":last")),
      `seed ${seed}`,
    ).toBe(true);
    for (const name of LEARNERS) expect(cluster.learner(name).contradictions, `seed ${seed}`).toBe(0);
  }
});

/** Everything arrives from now on, and time passes evenly. */
function calmDown(cluster: Cluster): void {
  cluster.settle();
  cluster.submit("last", "last");
  for (let round = 0; round < 60 && cluster.outcome("last") === undefined; round++) {
    for (const name of ["p1", "p2", "c1", ...LEARNERS]) {
      for (const timer of [...cluster.timers.keys()]) {
        // Time-outs of elections are long; they come when nothing else helps.
        if (!timer.startsWith(`${name} `) || timer.includes("deadline")) continue;
        if (timer.endsWith(" election") && (round % 10 !== 9 || name === "p2")) continue;
        if (cluster.timers.has(timer)) cluster.fire(name, timer.slice(name.length + 1));
        cluster.settle();
      }
    }
  }
  for (let round = 0; round < 10; round++) {
    for (const timer of [...cluster.timers.keys()]) {
      if (!/tick$|catch-up$/.test(timer) || !cluster.timers.has(timer)) continue;
      cluster.fire(timer.slice(0, timer.indexOf(" ")), timer.slice(timer.indexOf(" ") + 1));
      cluster.settle();
    }
  }
}
