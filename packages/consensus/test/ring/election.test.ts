import { describe, expect, test } from "vitest";
import type { NodeId } from "../../src/core/participant.ts";
import { Random } from "../../src/core/random.ts";
import { START_TIMER } from "../../src/core/start-timer.ts";
import { HOP_TIMER, RingElection } from "../../src/ring/election.ts";
import type { ElectionMessage } from "../../src/ring/messages.ts";
import { countElection, ringStatistics } from "../../src/ring/ring-stats.ts";
import { RING_TIMING } from "../../src/ring/timing.ts";

function permutations(ids: readonly number[]): number[][] {
  if (ids.length <= 1) return [[...ids]];
  return ids.flatMap((id) => permutations(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]));
}

describe("an election in which nothing fails", () => {
  test("is won by the highest id, and all know it, whatever the ids and whoever begins", () => {
    const seed = 4;
    const random = Random.fromSeed(seed);
    for (let round = 0; round < 200; round++) {
      const size = 2 + random.below(12);
      const drawn = new Set<number>();
      while (drawn.size < size) drawn.add(random.below(1000) - 500);
      const ids = random.sample([...drawn], size);
      const starters = random.sample([...ids.keys()], 1 + random.below(size));
      const counted = countElection(ids, starters);
      const told = `seed ${seed}, round ${round}: ${ids} from ${starters}`;
      expect(counted, told).toMatchObject({ leader: Math.max(...ids), informed: size, announcements: size });
    }
  });

  test.each([2, 3, 4, 5, 6, 7])(
    "of %i takes n·H(n) messages on the average over all rings, to the message",
    (nodes) => {
      const ids = Array.from({ length: nodes }, (_, id) => id);
      const rings = permutations(ids);
      const messages = rings.reduce((sum, ring) => sum + countElection(ring).messages, 0);
      // n·H(n) times n!, as a whole number.
      const expected = ids.reduce((sum, id) => sum + (nodes * rings.length) / (id + 1), 0);
      expect(messages).toBe(Math.round(expected));
    },
  );

  test.each([3, 10, 50, 200])("of %i takes n(n+1)/2 messages at worst and 2n-1 at best", (nodes) => {
    const random = Random.fromSeed(1);
    const { worst, worstInTheory, best, bestInTheory, least, most } = ringStatistics(nodes, 5, random);
    expect([worst, best]).toEqual([worstInTheory, bestInTheory]);
    expect([worst, best]).toEqual([(nodes * (nodes + 1)) / 2, 2 * nodes - 1]);
    expect(least).toBeGreaterThanOrEqual(best);
    expect(most).toBeLessThanOrEqual(worst);
  });

  test("needs ids that differ", () => {
    expect(() => countElection([1, 2, 1])).toThrow("an id is on the ring once");
  });
});

/** Node 2 of a ring of 1, 2, 3 and 4, which sends to 3. */
function nodeTwo(election = 0) {
  const ring = [1, 2, 3, 4].map((id) => ({ id, name: `n${id}` }));
  const options = { ring, own: "n2", starts: true, timing: RING_TIMING, chance: Random.fromSeed(1) };
  const node = new RingElection(options, election);
  const outputs = ({ messages, writes }: ReturnType<RingElection["step"]>) => [
    ...writes.map((write) => write.election),
    ...messages.map(({ to, message }) => `${to} ${wordOf(message)}`),
  ];
  return {
    node,
    fire: (timer: string) => outputs(node.step({ kind: "timeout", timer })),
    hear: (from: NodeId, message: ElectionMessage) => outputs(node.step({ kind: "message", from, message })),
    settle: (number: number, leader: number) => outputs(node.settle(number, leader)),
  };
}

function wordOf(message: ElectionMessage): string {
  if (message.type === "elect") return `elect/${message.election} ${message.candidate}`;
  if (message.type === "elected") return `elected/${message.election} ${message.leader}`;
  return `${message.type} ${message.election}`;
}

const SILENT_TRIES = RING_TIMING.patienceMs / RING_TIMING.resendMs;

describe("a node in an election", () => {
  test("stands, lets a higher id pass, and keeps a lower one", () => {
    const { fire, hear } = nodeTwo();
    expect(fire(START_TIMER)).toEqual([1, "n3 elect/1 2"]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 1 })).toEqual(["n1 passed 1"]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 4 })).toEqual(["n1 passed 1", "n3 elect/1 4"]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 3 })).toEqual(["n1 passed 1"]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 4 })).toEqual(["n1 passed 1"]);
  });

  test("does not lead by its own id that comes back late, when a higher one has gone by", () => {
    const { fire, hear, node } = nodeTwo();
    fire(START_TIMER);
    hear("n1", { type: "elect", election: 1, candidate: 4 });
    hear("n1", { type: "elect", election: 1, candidate: 2 });
    expect(node.state.leader).toBeNull();
  });

  test("sends again until the next node has taken it, and says once who leads", () => {
    const { fire, hear, node } = nodeTwo();
    fire(START_TIMER);
    expect(fire(HOP_TIMER)).toEqual(["n3 elect/1 2"]);
    hear("n3", { type: "passed", of: "elect", election: 1, id: 2 });
    expect(fire(HOP_TIMER)).toEqual([]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 2 })).toEqual(["n1 passed 1", "n3 elected/1 2"]);
    expect(hear("n1", { type: "elect", election: 1, candidate: 2 })).toEqual(["n1 passed 1"]);
    expect(node.state).toMatchObject({ leader: 2, sent: { elect: 1, elected: 1 } });
  });

  test("waits for a node that it never heard, since that may be late, and skips one that fell silent", () => {
    const { fire, hear } = nodeTwo();
    fire(START_TIMER);
    for (let tries = 0; tries < 2 * SILENT_TRIES; tries++) expect(fire(HOP_TIMER)).toEqual(["n3 elect/1 2"]);
    hear("n3", { type: "later-election", election: 1 });
    expect(fire(HOP_TIMER)).toEqual(["n4 elect/1 2"]);
  });

  test("skips a node that never came once it has waited for all", () => {
    const { fire } = nodeTwo();
    fire(START_TIMER);
    fire("gather");
    for (let tries = 1; tries < SILENT_TRIES; tries++) expect(fire(HOP_TIMER)).toEqual(["n3 elect/1 2"]);
    expect(fire(HOP_TIMER)).toEqual(["n4 elect/1 2"]);
  });

  test("sends to a node that it skipped as soon as it hears it again", () => {
    const { fire, hear, node } = nodeTwo();
    fire(START_TIMER);
    fire("gather");
    for (let tries = 0; tries < SILENT_TRIES; tries++) fire(HOP_TIMER);
    expect(node.state.skipped).toEqual(["n3"]);
    hear("n3", { type: "elect", election: 2, candidate: 3 });
    expect(node.state.skipped).toEqual([]);
  });

  test("sends to a candidate that it skipped, so that the id of a node that is back gets back to it", () => {
    const { fire, hear, node } = nodeTwo();
    fire(START_TIMER);
    fire("gather");
    for (let tries = 0; tries < SILENT_TRIES; tries++) fire(HOP_TIMER);
    expect(node.state.skipped).toEqual(["n3"]);
    expect(hear("n1", { type: "elect", election: 2, candidate: 3 })).toEqual([2, "n1 passed 2", "n3 elect/2 3"]);
  });

  test("holds the election again when the candidate whose id it should hand on to is itself gone", () => {
    const { fire, hear } = nodeTwo();
    fire(START_TIMER);
    hear("n1", { type: "elect", election: 1, candidate: 3 });
    fire("gather");
    for (let tries = 1; tries < SILENT_TRIES; tries++) fire(HOP_TIMER);
    expect(fire(HOP_TIMER)).toEqual([2, "n4 elect/2 2"]);
  });

  test("leads alone when nobody else lives", () => {
    const { fire, node } = nodeTwo();
    fire(START_TIMER);
    fire("gather");
    for (let tries = 0; tries < 3 * SILENT_TRIES; tries++) fire(HOP_TIMER);
    expect(node.state).toMatchObject({ leader: 2, skipped: ["n3", "n4", "n1"] });
  });

  test("never enters an election of an earlier life, and goes along with later ones", () => {
    const { fire, hear } = nodeTwo(6);
    expect(fire(START_TIMER)).toEqual([7, "n3 elect/7 2"]);
    expect(hear("n1", { type: "elect", election: 6, candidate: 4 })).toEqual(["n1 later-election 7"]);
    expect(hear("n1", { type: "elect", election: 9, candidate: 1 })).toEqual([9, "n1 passed 9", "n3 elect/9 2"]);
    expect(hear("n1", { type: "later-election", election: 12 })).toEqual([13, "n3 elect/13 2"]);
    expect(hear("n1", { type: "later-election", election: 12 })).toEqual([]);
  });

  // Found by the simulation: such a node went on as the leader of an election that it had not even stood in.
  test("that led leads no longer when there is a later election", () => {
    const { fire, hear, node } = nodeTwo();
    fire(START_TIMER);
    hear("n1", { type: "elect", election: 1, candidate: 2 });
    expect(hear("n3", { type: "later-election", election: 2 })).toEqual([2]);
    expect(node.state).toMatchObject({ election: 2, leader: null });
  });

  test("holds another one when nobody was found in time, and none when somebody was", () => {
    const { fire, hear, settle } = nodeTwo();
    fire(START_TIMER);
    fire("gather");
    expect(fire("election")).toEqual([2, "n3 elect/2 2"]);
    hear("n1", { type: "elected", election: 2, leader: 4 });
    expect(fire("election")).toEqual([]);
    expect(settle(5, 3)).toEqual([5]);
    expect(fire("election")).toEqual([]);
  });

  test("hears members of its ring alone, and of candidates that are on it, in elections that may be", () => {
    const { hear, settle } = nodeTwo();
    expect(hear("n1", { type: "elect", election: 1, candidate: 9 })).toEqual([]);
    expect(hear("n1", { type: "elected", election: 1, leader: 9 })).toEqual([]);
    expect(hear("n1", { type: "elect", election: Number.MAX_SAFE_INTEGER, candidate: 4 })).toEqual([]);
    expect(hear("n1", { type: "later-election", election: Number.MAX_SAFE_INTEGER })).toEqual([]);
    expect(settle(Number.MAX_SAFE_INTEGER, 4)).toEqual([]);
    expect(hear("n9", { type: "elect", election: 9, candidate: 9 })).toEqual([]);
    expect(hear("n2", { type: "elect", election: 9, candidate: 9 })).toEqual([]);
  });
});
