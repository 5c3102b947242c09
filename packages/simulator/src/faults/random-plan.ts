import { invariant, majorityOf, type NodeId, type Random } from "@synod/consensus";
import type { DelayRange, Fault, Links, Microseconds, Nodes, Span } from "./fault.js";
import { EVERY_LINK } from "./links.js";
import { isNodeName } from "./node-name.js";
import { LONGEST_US } from "./quantities.js";

/** The kinds of which random plans are made: those that last, as each fault of a plan says itself when it is over. */
export type RandomKind = Exclude<Fault["kind"], "restart" | "resume" | "heal">;

const LINK_KINDS: readonly RandomKind[] = ["cut", "drop", "duplicate", "reorder", "delay"];
const NODE_KINDS: readonly RandomKind[] = ["crash", "pause", "slow-disk", "skew"];
const ALL_KINDS: readonly RandomKind[] = [...LINK_KINDS, ...NODE_KINDS];

export interface RandomPlanOptions {
  /** Every fault is over by then; at most a day. */
  readonly untilUs: Microseconds;
  /** The kinds that may occur; all unless said. */
  readonly kinds?: readonly RandomKind[];
}

/** Times are whole tenths of a millisecond, so that a person can read and change a plan. */
const TICK_US = 100;
/** No fault is shorter, 2 ms. */
const LEAST_TICKS = 20;
const PERCENT_PPM = 10_000;
const MOST_SKEW_PERCENT = 50;
/** No clock is slower than a quarter of its speed: a timer that is set by one that all but stands outlives the run. */
const SLOWEST_PPM = -75 * PERCENT_PPM;

/** What all faults of one plan have in common. */
interface Plan {
  readonly random: Random;
  readonly nodes: readonly NodeId[];
  readonly ticks: number;
  /** How many doublings lie between the mildest and the wildest of its delays, shares and skews: 1..6. */
  readonly wildness: number;
}

/**
 * A random plan in the manner of swarm testing (Groce et al., "Swarm Testing", ISSTA 2012): each has only some of the
 * kinds of faults, and an intensity of its own. What always happens hides what happens only without it: a node that is
 * always crashed again never gets far enough to be wrong. Some plans are empty. The same generator gives the same plan.
 *
 * @returns the faults in the order of their times, each with `at` and `for`
 */
export function randomPlan(
  random: Random,
  nodes: readonly NodeId[],
  { untilUs, kinds = ALL_KINDS }: RandomPlanOptions,
): Fault[] {
  invariant(untilUs >= 0 && untilUs <= LONGEST_US, "a plan is over within a day");
  invariant(nodes.every(isNodeName), "the language of faults can speak of every node");
  const ticks = Math.floor(untilUs / TICK_US);
  const possible = nodes.length > 1 ? kinds : kinds.filter((kind) => NODE_KINDS.includes(kind));
  if (nodes.length === 0 || possible.length === 0 || ticks < 2 * LEAST_TICKS) return [];
  if (random.below(10) === 0) return [];
  // Few kinds are likelier than many: most flaws need one or two.
  const chosen = random.sample(possible, 1 + random.below(1 + random.below(possible.length)));
  const plan = { random, nodes, ticks, wildness: 1 + random.below(6) };
  const fewest = 2 << random.below(4);
  const faults = Array.from({ length: fewest + random.below((fewest >> 1) + 1) }, () => randomFault(plan, chosen));
  return withoutStandstill(faults.sort((one, other) => (one.atUs ?? 0) - (other.atUs ?? 0)));
}

/** Leaves out what would make a clock too slow, with what slows it at the same time. */
function withoutStandstill(faults: readonly Fault[]): Fault[] {
  const kept: Fault[] = [];
  for (const fault of faults) {
    const slows = (one: Fault): one is Fault & { kind: "skew" } => one.kind === "skew" && one.partsPerMillion < 0;
    if (slows(fault)) {
      const others = kept.filter(slows).filter((one) => one.nodes[0] === fault.nodes[0] && overlap(one, fault));
      const slowestPpm = others.reduce((sum, { partsPerMillion }) => sum + partsPerMillion, fault.partsPerMillion);
      if (slowestPpm < SLOWEST_PPM) continue;
    }
    kept.push(fault);
  }
  return kept;
}

/** Whether a fault is still at work when a later one begins. */
function overlap({ atUs, forUs }: Span, later: Span): boolean {
  return (later.atUs ?? 0) < (atUs ?? 0) + (forUs ?? 0);
}

function randomFault(plan: Plan, kinds: readonly RandomKind[]): Fault {
  const { random, nodes, ticks, wildness } = plan;
  const kind = pick(random, kinds);
  switch (kind) {
    case "cut":
      return { kind, links: linksToCut(plan), ...span(plan) };
    case "drop":
    case "duplicate":
    case "reorder": {
      const partsPerMillion = doubling(random, 10, 10 << wildness) * (PERCENT_PPM / 10);
      return { kind, partsPerMillion, links: someLinks(plan), ...spell(plan) };
    }
    case "delay":
      return { kind, links: someLinks(plan), by: range(random, 10 << (wildness + 2)), ...spell(plan) };
    case "crash":
      return { kind, nodes: victims(plan), tail: random.below(2) === 0 ? "lost" : "kept", ...span(plan) };
    case "pause":
      // Long enough to be taken for dead, but short beside the whole: a run of nothing shows nothing.
      return { kind, nodes: victims(plan), ...span(plan, ticks >> 3) };
    case "slow-disk":
      return { kind, nodes: victims(plan), by: range(random, 10 << wildness), ...spell(plan) };
    case "skew": {
      const percent = Math.min(doubling(random, 1, 1 << wildness), MOST_SKEW_PERCENT);
      const partsPerMillion = (random.below(2) === 0 ? percent : -percent) * PERCENT_PPM;
      return { kind, nodes: [pick(random, nodes)], partsPerMillion, ...spell(plan) };
    }
  }
}

/** A while within the plan, of any order of length; at most half of it. */
function span({ random, ticks }: Plan, mostTicks = ticks >> 1): { atUs: Microseconds; forUs: Microseconds } {
  const length = doubling(random, LEAST_TICKS, Math.max(LEAST_TICKS, mostTicks));
  // Early rather than late: a system has most to lose while it is still at work.
  const latest = ticks - length;
  return { atUs: random.below(random.below(latest + 1) + 1) * TICK_US, forUs: length * TICK_US };
}

/** A while, or the whole time: what makes a run harder, but does not stop it. */
function spell(plan: Plan): { atUs: Microseconds; forUs: Microseconds } {
  return plan.random.below(4) === 0 ? { atUs: 0, forUs: plan.ticks * TICK_US } : span(plan);
}

/** Mostly one node or few; now and then a majority, or all at once, as when the power fails. */
function victims({ random, nodes }: Plan): Nodes {
  const die = random.below(20);
  if (die === 0) return "*";
  if (die <= 2) return some(random, nodes, majorityOf(nodes.length));
  if (die <= 6) return some(random, nodes, 1 + random.below(Math.max(1, nodes.length - majorityOf(nodes.length))));
  return [pick(random, nodes)];
}

/** A node alone, two halves, one direction of one link, a node that nobody hears, a node that hears nobody. */
function linksToCut({ random, nodes }: Plan): Links {
  const die = random.below(10);
  const [one, other] = twoOf(random, nodes);
  if (die < 3) return { from: [one], to: "*", bothWays: true };
  if (die < 6) {
    const half = some(random, nodes, 1 + random.below(nodes.length - 1));
    return { from: half, to: nodes.filter((node) => !half.includes(node)), bothWays: true };
  }
  if (die < 8) return { from: [one], to: [other], bothWays: false };
  return die === 8 ? { from: [one], to: "*", bothWays: false } : { from: "*", to: [one], bothWays: false };
}

/** Every link, those of one node, or one in one direction. */
function someLinks({ random, nodes }: Plan): Links {
  const die = random.below(4);
  if (die < 2) return EVERY_LINK;
  const [one, other] = twoOf(random, nodes);
  return die === 2 ? { from: [one], to: "*", bothWays: true } : { from: [one], to: [other], bothWays: false };
}

/** Up to 1 ms at the mildest, up to `mostTicks` at the wildest. */
function range(random: Random, mostTicks: number): DelayRange {
  const most = doubling(random, 10, mostTicks);
  return { leastUs: random.below(most + 1) * TICK_US, mostUs: most * TICK_US };
}

/** From `least` to `most`: each doubling of the least is equally likely, so that short and long are as frequent. */
function doubling(random: Random, least: number, most: number): number {
  const doublings = 31 - Math.clz32(Math.floor(most / least));
  const from = least << random.below(doublings + 1);
  return from + random.below(Math.max(1, Math.min(from, most - from)));
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

/** Two different ones of at least two. */
function twoOf(random: Random, nodes: readonly NodeId[]): [NodeId, NodeId] {
  const place = random.below(nodes.length);
  const distance = 1 + random.below(nodes.length - 1);
  return [nodes[place] as NodeId, nodes[(place + distance) % nodes.length] as NodeId];
}

/** So many nodes, in their usual order. */
function some(random: Random, nodes: readonly NodeId[], count: number): readonly NodeId[] {
  const chosen = random.sample(nodes, count);
  return nodes.filter((node) => chosen.includes(node));
}
