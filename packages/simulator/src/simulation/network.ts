import type { NodeId, Random } from "@synod/consensus";
import type { Fault, Microseconds } from "../faults/fault.js";
import { linksOf } from "../faults/links.js";
import { randomFor } from "./seeds.js";

/** How long a message takes where no fault is at work. */
const LEAST_DELAY_US = 1_000;
const MOST_DELAY_US = 10_000;
/** A message that is held back is so for this long at most. */
const MOST_HOLD_US = 100_000;
const MILLION = 1_000_000;

type LinkFault = Extract<Fault, { links: unknown }>;

/** What the faults at work do to one link, and what the link remembers. */
interface Link {
  readonly random: Random;
  cuts: number;
  dropPpm: number;
  duplicatePpm: number;
  reorderPpm: number;
  leastExtraUs: Microseconds;
  mostExtraUs: Microseconds;
  /** When the last message that was not held back arrives. */
  lastArrivalUs: Microseconds;
}

/** When the copies of one message arrive; none if it is lost. */
export type Fate = readonly Microseconds[] | "cut" | "drop";

/**
 * A link from each node to each other one. Without faults it takes 1..10 ms and keeps the order, as one connection does;
 * the faults at work add up. What happens to the n-th message of a link depends on the seed, the link and n alone.
 */
export class Network {
  readonly #names: readonly NodeId[];
  readonly #places: ReadonlyMap<NodeId, number>;
  readonly #links: (Link | undefined)[] = [];
  readonly #seed: number;
  readonly #machineOf: (node: NodeId) => NodeId;

  /** @param machineOf between nodes of the same machine there is no network: nothing is lost there, or takes time */
  constructor(seed: number, names: readonly NodeId[], machineOf: (node: NodeId) => NodeId = (node) => node) {
    this.#seed = seed;
    this.#machineOf = machineOf;
    this.#names = names;
    this.#places = new Map(names.map((name, place) => [name, place]));
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return !this.#isWithin(from, to) && this.#link(from, to).cuts > 0;
  }

  /** Decides what becomes of a message that leaves now. @param isSentOnce it is never repeated, whatever faults there are */
  fateOf(from: NodeId, to: NodeId, nowUs: Microseconds, isSentOnce = false): Fate {
    if (this.#isWithin(from, to)) return [nowUs];
    const link = this.#link(from, to);
    const { random } = link;
    if (link.cuts > 0) return "cut";
    if (link.dropPpm > 0 && random.below(MILLION) < link.dropPpm) return "drop";
    const first = this.#arrival(link, nowUs);
    if (isSentOnce || link.duplicatePpm === 0 || random.below(MILLION) >= link.duplicatePpm) return [first];
    return [first, nowUs + this.#delay(link) + random.below(MOST_HOLD_US)];
  }

  /** Takes a fault up, or back again. */
  apply(fault: LinkFault, begins: boolean): void {
    const sign = begins ? 1 : -1;
    for (const [from, to] of linksOf(fault.links, this.#names)) change(this.#link(from, to), fault, sign);
  }

  #isWithin(from: NodeId, to: NodeId): boolean {
    return from !== to && this.#machineOf(from) === this.#machineOf(to);
  }

  #arrival(link: Link, nowUs: Microseconds): Microseconds {
    const arrivalUs = nowUs + this.#delay(link);
    if (link.reorderPpm > 0 && link.random.below(MILLION) < link.reorderPpm) {
      return arrivalUs + link.random.below(MOST_HOLD_US);
    }
    link.lastArrivalUs = Math.max(arrivalUs, link.lastArrivalUs + 1);
    return link.lastArrivalUs;
  }

  #delay({ random, leastExtraUs, mostExtraUs }: Link): Microseconds {
    const extraUs = mostExtraUs === 0 ? 0 : leastExtraUs + random.below(mostExtraUs - leastExtraUs + 1);
    return LEAST_DELAY_US + random.below(MOST_DELAY_US - LEAST_DELAY_US + 1) + extraUs;
  }

  #link(from: NodeId, to: NodeId): Link {
    const place = (this.#places.get(from) ?? 0) * this.#names.length + (this.#places.get(to) ?? 0);
    const link = this.#links[place];
    if (link) return link;
    const fresh: Link = {
      random: randomFor(this.#seed, `link ${from}>${to}`),
      cuts: 0,
      dropPpm: 0,
      duplicatePpm: 0,
      reorderPpm: 0,
      leastExtraUs: 0,
      mostExtraUs: 0,
      lastArrivalUs: 0,
    };
    this.#links[place] = fresh;
    return fresh;
  }
}

function change(link: Link, fault: LinkFault, sign: 1 | -1): void {
  switch (fault.kind) {
    case "cut":
      link.cuts += sign;
      return;
    case "drop":
      link.dropPpm += sign * fault.partsPerMillion;
      return;
    case "duplicate":
      link.duplicatePpm += sign * fault.partsPerMillion;
      return;
    case "reorder":
      link.reorderPpm += sign * fault.partsPerMillion;
      return;
    case "delay":
      link.leastExtraUs += sign * fault.by.leastUs;
      link.mostExtraUs += sign * fault.by.mostUs;
      return;
  }
}
