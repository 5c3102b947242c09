import { invariant } from "../core/invariant.js";
import type { Input, NodeId } from "../core/participant.js";
import type { Random } from "../core/random.js";
import { START_TIMER } from "../core/start-timer.js";
import { RingElection } from "./election.js";
import type { ElectionMessage, RingId } from "./messages.js";
import { RING_TIMING } from "./timing.js";

/** What one election on a ring where nothing fails came to. */
export interface CountedElection {
  readonly leader: RingId;
  /** Members that know who leads. */
  readonly informed: number;
  /** `elect` messages: what the paper counts. */
  readonly messages: number;
  /** `elected` messages: the announcement, one for each member. */
  readonly announcements: number;
}

/**
 * Holds an election between members with these ids, in this order along the ring, and counts its messages. Each message
 * arrives, in the order in which they were sent.
 *
 * @param starters the places of those that begin; default: all
 */
export function countElection(ids: readonly RingId[], starters?: readonly number[]): CountedElection {
  const ring = ids.map((id) => ({ id, name: String(id) }));
  const chance = { below: () => 0, sample: <T>(items: readonly T[], count: number) => items.slice(0, count) };
  const options = { ring, timing: RING_TIMING, chance, starts: true };
  const elections = new Map(ring.map(({ name }) => [name, new RingElection({ ...options, own: name })]));
  const letters: { from: NodeId; to: NodeId; message: ElectionMessage }[] = [];
  const step = (name: NodeId, input: Input<ElectionMessage>) => {
    const election = elections.get(name);
    invariant(election !== undefined, "who takes part is on the ring");
    const { messages } = election.step(input);
    for (const { to, message } of messages) if (message.type !== "passed") letters.push({ from: name, to, message });
  };
  for (const place of starters ?? ids.keys()) step(ring[place]?.name ?? "", { kind: "timeout", timer: START_TIMER });
  // A list that grows while one goes along it: what was sent first arrives first.
  for (const { from, to, message } of letters) step(to, { kind: "message", from, message });
  const states = [...elections.values()].map(({ state }) => state);
  const [leader = null] = states.map((state) => state.leader);
  invariant(leader !== null, "an election in which nothing fails has a winner");
  return {
    leader,
    informed: states.filter((state) => state.leader === leader).length,
    messages: states.reduce((sum, { sent }) => sum + sent.elect, 0),
    announcements: states.reduce((sum, { sent }) => sum + sent.elected, 0),
  };
}

/** Messages of elections on rings of one size, and what theory says of them. */
export interface RingStatistics {
  readonly nodes: number;
  /** Elections held on random rings. */
  readonly rings: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** n times the n-th harmonic number: the mean over all arrangements (Chang and Roberts 1979). */
  readonly meanInTheory: number;
  /** Counted where ids fall along the ring, and n(n+1)/2. */
  readonly worst: number;
  readonly worstInTheory: number;
  /** Counted where ids rise along the ring, and 2n-1. */
  readonly best: number;
  readonly bestInTheory: number;
}

/** Holds elections on `rings` random rings of this many nodes, in which all begin. */
export function ringStatistics(nodes: number, rings: number, random: Random): RingStatistics {
  const ids = Array.from({ length: nodes }, (_, id) => id);
  const counts = Array.from({ length: rings }, () => countElection(random.sample(ids, nodes)).messages);
  let harmonic = 0;
  for (const id of ids) harmonic += 1 / (id + 1);
  return {
    nodes,
    rings,
    mean: counts.reduce((sum, count) => sum + count, 0) / rings,
    least: Math.min(...counts),
    most: Math.max(...counts),
    meanInTheory: nodes * harmonic,
    worst: countElection([...ids].reverse()).messages,
    worstInTheory: (nodes * (nodes + 1)) / 2,
    best: countElection(ids).messages,
    bestInTheory: 2 * nodes - 1,
  };
}
