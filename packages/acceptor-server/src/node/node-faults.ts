import { randomInt } from "node:crypto";
import { Random } from "@synod/consensus";
import type { FastifyBaseLogger } from "fastify";
import { type ReadFault, readFaults } from "./fault-text.js";
import { type Fate, LinkFaults, UNHARMED } from "./link-faults.js";
import { RequestRefused } from "./refusals.js";

export interface NodeFaultsOptions {
  /** The name of this node. */
  readonly node: string;
  /** The names of all nodes of the cluster, this one included. */
  readonly nodes: readonly string[];
  /** Decides what is left to chance. Default: another one each time. */
  readonly seed?: number;
  readonly logger?: FastifyBaseLogger | undefined;
}

/** A fault at work. */
export interface FaultRecord {
  /** 1, 2, 3, ... in this process. */
  readonly id: number;
  /** In the language of docs/faults.md. */
  readonly text: string;
  /** Milliseconds until it is over; null if only healing ends it. */
  readonly endsInMs: number | null;
  /** Whether it does anything at this node: a fault of a link acts where the link begins, a cut also where it ends. */
  readonly actsHere: boolean;
}

interface AtWork extends ReadFault {
  readonly id: number;
  /** By `performance.now()`; null if only healing ends it. */
  readonly endsAtMs: number | null;
  readonly timer: NodeJS.Timeout | null;
}

/** Faults at work at a time. */
const MOST_AT_WORK = 1000;

/**
 * The faults at work in one process, which all servers of its roles share. Everybody may be told of every fault of a
 * cluster: of each, a node does its own part. A fault of the link a>b acts at a, on what a sends to b. A cut of it also
 * acts at b, which takes nothing from a: so a node can cut itself off by its own part alone.
 */
export class NodeFaults {
  readonly node: string;
  /** Together with the faults and the messages it decides everything that is left to chance. */
  readonly seed: number;
  readonly #nodes: readonly string[];
  readonly #random: Random;
  readonly #logger: FastifyBaseLogger | undefined;
  readonly #links = new Map<string, LinkFaults>();
  /** How many cuts there are of the link from another node to this one. */
  readonly #cutsFrom = new Map<string, number>();
  readonly #onChange: (() => void)[] = [];
  #atWork: AtWork[] = [];
  #lastId = 0;
  #pauses = 0;
  #paused: { readonly untilOver: Promise<void>; readonly over: () => void } | null = null;

  constructor({ node, nodes, seed = randomInt(2 ** 48 - 1), logger }: NodeFaultsOptions) {
    this.node = node;
    this.seed = seed;
    this.#nodes = nodes;
    this.#random = Random.fromSeed(seed);
    this.#logger = logger;
  }

  /**
   * Begins every fault of a text, in the language of docs/faults.md; or none, if anything is wrong with it.
   *
   * @throws {RequestRefused} `bad-request`, naming everything that is wrong
   */
  async add(text: string): Promise<FaultRecord[]> {
    const faults = await readFaults(text, this.#nodes);
    if (this.#atWork.length + faults.length > MOST_AT_WORK) {
      throw new RequestRefused("bad-request", `at most ${MOST_AT_WORK} faults are at work at a time; heal some first`);
    }
    return faults.map((fault) => this.#recordOf(this.#begin(fault)));
  }

  /** The faults at work, oldest first. */
  list(): FaultRecord[] {
    return this.#atWork.map((fault) => this.#recordOf(fault));
  }

  /** Ends the fault of this id, or all of them. @returns the ids of those that were at work */
  heal(id?: number): number[] {
    const ending = this.#atWork.filter((fault) => id === undefined || fault.id === id);
    for (const fault of ending) this.#end(fault);
    return ending.map((fault) => fault.id);
  }

  /** Has this called whenever a fault begins or is over. */
  onChange(hear: () => void): void {
    this.#onChange.push(hear);
  }

  /** Whether no fault is at work. */
  get isIdle(): boolean {
    return this.#atWork.length === 0;
  }

  /** What becomes of a message that leaves now. Only what this node sends to another one is in its hands. */
  fateOf(from: string, to: string): Fate {
    if (from !== this.node || this.isIdle) return UNHARMED;
    return this.#links.get(to)?.fateOf(performance.now()) ?? UNHARMED;
  }

  /** Whether nothing gets through on this link, as far as this node decides it. */
  isCut(from: string, to: string): boolean {
    if (to === this.node) return (this.#cutsFrom.get(from) ?? 0) > 0;
    return from === this.node && (this.#links.get(to)?.isCut ?? false);
  }

  /** How much longer a flush that begins now takes, in milliseconds. */
  slowDiskMs(): number {
    let sumUs = 0;
    for (const { fault, nodes } of this.#atWork) {
      if (fault.kind !== "slow-disk" || !nodes.includes(this.node)) continue;
      const { leastUs, mostUs } = fault.by;
      sumUs += leastUs + this.#random.below(mostUs - leastUs + 1);
    }
    return sumUs / 1000;
  }

  /** Null while the node does its work; else what resolves once it goes on. Another pause may begin at once. */
  whilePaused(): Promise<void> | null {
    return this.#paused?.untilOver ?? null;
  }

  #begin(read: ReadFault): AtWork {
    const id = ++this.#lastId;
    const lengthMs = read.fault.forUs === null ? null : read.fault.forUs / 1000;
    const endsAtMs = lengthMs === null ? null : performance.now() + lengthMs;
    const timer = lengthMs === null ? null : setTimeout(() => this.heal(id), lengthMs);
    // A fault keeps no process from ending.
    timer?.unref();
    const fault: AtWork = { ...read, id, endsAtMs, timer };
    this.#atWork.push(fault);
    this.#switch(fault, 1);
    for (const hear of this.#onChange) hear();
    this.#logger?.warn({ fault: fault.text, id, seed: this.seed }, "a fault begins, on purpose");
    return fault;
  }

  #end(fault: AtWork): void {
    if (fault.timer) clearTimeout(fault.timer);
    this.#atWork = this.#atWork.filter((one) => one !== fault);
    this.#switch(fault, -1);
    for (const hear of this.#onChange) hear();
    this.#logger?.warn({ fault: fault.text, id: fault.id }, "a fault is over");
  }

  #switch({ fault, links, nodes }: AtWork, sign: 1 | -1): void {
    if ("links" in fault) {
      for (const [from, to] of links) {
        if (from === this.node) this.#link(to).apply(fault, sign);
        else if (to === this.node && fault.kind === "cut") {
          this.#cutsFrom.set(from, (this.#cutsFrom.get(from) ?? 0) + sign);
        }
      }
    }
    if (fault.kind === "pause" && nodes.includes(this.node)) this.#switchPause(sign);
  }

  /** Of several pauses that overlap the last one to end lets the node go on. */
  #switchPause(sign: 1 | -1): void {
    this.#pauses += sign;
    if (this.#pauses === 0) {
      this.#paused?.over();
      this.#paused = null;
    } else {
      this.#paused ??= pause();
    }
  }

  #link(to: string): LinkFaults {
    const known = this.#links.get(to);
    if (known) return known;
    const fresh = new LinkFaults(this.#random);
    this.#links.set(to, fresh);
    return fresh;
  }

  #recordOf({ id, text, fault, endsAtMs, links, nodes }: AtWork): FaultRecord {
    const endsInMs = endsAtMs === null ? null : Math.max(0, Math.ceil(endsAtMs - performance.now()));
    const actsHere =
      nodes.includes(this.node) ||
      links.some(([from, to]) => from === this.node || (fault.kind === "cut" && to === this.node));
    return { id, text, endsInMs, actsHere };
  }
}

function pause(): { untilOver: Promise<void>; over: () => void } {
  let over = () => {};
  const untilOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  return { untilOver, over };
}
