import { setTimeout as delay, setImmediate as otherWork } from "node:timers/promises";
import { type BlockProblem, ChainCheck, type ChainHead } from "@synod/state-machines";
import type { FastifyBaseLogger } from "fastify";
import type { ChainFile } from "./chain-file.js";
import type { GapFiller } from "./chain-store.js";

/** Another server that has blocks. */
export interface BlockSource {
  /** For messages. */
  readonly name: string;
  /**
   * Records of its chain from this height on, at most so many; fewer if it has no more.
   *
   * @throws {Error} if it does not answer
   */
  records(from: number, limit: number, signal: AbortSignal): Promise<readonly string[]>;
}

export interface PeerGapFillerOptions {
  readonly sources: readonly BlockSource[];
  /** As `isProof` takes it. */
  readonly difficulty: number;
  readonly logger?: FastifyBaseLogger | undefined;
  readonly timing?: Partial<GapTiming>;
}

export interface GapTiming {
  /** How long to wait after all were asked without success, in milliseconds. */
  readonly pauseMs: number;
}

const TIMING: GapTiming = { pauseMs: 500 };

/** Records in one answer: with the longest values, six megabytes. */
const PAGE_RECORDS = 100;

/** What is missing for so long is complained of, and again after as many rounds, twice as many, and so on. */
const ROUNDS_UNTIL_WARNING = 4;

/** Characters of records that are checked before other work has its turn. */
const STRIDE_CHARACTERS = 128 * 1024;

/** What came of asking one source. */
type Outcome = "further" | "nothing" | "wrong";

/**
 * Fetches blocks from other servers, one after the other. Each block is checked, and that they lead to the hash that the
 * snapshot named: until then they count for nothing. Of a source that gives wrong ones nothing is kept.
 */
export class PeerGapFiller implements GapFiller {
  readonly #options: PeerGapFillerOptions;
  readonly #timing: GapTiming;

  constructor(options: PeerGapFillerOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  async fill(file: ChainFile, from: ChainHead, goal: ChainHead, signal: AbortSignal): Promise<boolean> {
    const { sources, logger } = this.#options;
    logger?.info({ from: from.height + 1, through: goal.height }, "blocks that this server lacks are fetched");
    let head = from;
    for (let round = 1, warnAt = ROUNDS_UNTIL_WARNING; !signal.aborted; round++) {
      for (const source of sources) {
        let outcome: Outcome = "further";
        while (outcome === "further" && head.height < goal.height && !signal.aborted) {
          [outcome, head] = await this.#page(source, file, head, goal, signal);
        }
        if (outcome === "wrong") {
          await file.cut(from.height);
          head = from;
        } else if (head.height === goal.height) {
          logger?.info({ from: from.height + 1, through: goal.height }, "the blocks that this server lacked are here");
          return true;
        }
      }
      if (round === warnAt) {
        const what = { from: head.height + 1, through: goal.height, sources: sources.map(({ name }) => name) };
        logger?.warn(what, "no other server gives the blocks that this one lacks: its chain and its snapshots wait");
        warnAt *= 2;
      }
      await delay(this.#timing.pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
    return false;
  }

  /** Takes the next blocks of a source. */
  async #page(
    source: BlockSource,
    file: ChainFile,
    head: ChainHead,
    goal: ChainHead,
    signal: AbortSignal,
  ): Promise<[Outcome, ChainHead]> {
    const limit = Math.min(PAGE_RECORDS, goal.height - head.height);
    let records: readonly string[];
    try {
      records = (await source.records(head.height + 1, limit, signal)).slice(0, limit);
    } catch {
      // Another one is asked; who asks in vain for long says so.
      return ["nothing", head];
    }
    if (records.length === 0) return ["nothing", head];
    const check = new ChainCheck({ difficulty: this.#options.difficulty, after: head });
    const problem = await firstProblem(check, records);
    const isElsewhere = check.head.height === goal.height && check.head.hash !== goal.hash;
    if (problem || isElsewhere) {
      const height = problem?.height ?? goal.height;
      const what = problem?.what ?? `its hash is not ${goal.hash}, to which the snapshot leads`;
      this.#options.logger?.warn(
        { source: source.name, height, what },
        "a server gives a wrong block: it is passed over",
      );
      return ["wrong", head];
    }
    await file.append(records);
    return ["further", check.head];
  }
}

async function firstProblem(check: ChainCheck, records: readonly string[]): Promise<BlockProblem | null> {
  let characters = 0;
  for (const record of records) {
    const [problem] = check.take(record);
    if (problem) return problem;
    characters += record.length;
    if (characters < STRIDE_CHARACTERS) continue;
    characters = 0;
    await otherWork();
  }
  return null;
}
