import { setTimeout as delay } from "node:timers/promises";
import type { CommonChain, Difference } from "./agreement.js";
import type { MapPage } from "./map-pages.js";
import type { ChainSource } from "./source.js";
import { type ChainProblem, type Machines, type Verdict, Verification } from "./verification.js";

/** What was found of one source. */
export interface SourceVerdict extends Verdict {
  readonly name: string;
  readonly place: string;
  readonly difficulty: number;
  /** The first block in which it differs from a source before it. */
  readonly difference: Difference | null;
  /** What is to be known of it, and is no problem. */
  readonly remarks: readonly string[];
}

export interface VerifyOptions {
  readonly machines: Machines;
  readonly common: CommonChain;
  /** How long blocks are waited for that the map counts on, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Hears now and then how many blocks were checked. */
  readonly onProgress: (height: number) => void;
}

/** How often a server is asked for blocks that it has applied and not yet written, in milliseconds. */
const ASK_AGAIN_MS = 50;

/**
 * Checks all of a chain.
 *
 * @throws {NoAnswer | ProblemAnswer} if its server does not answer to the end
 */
export async function verifySource(source: ChainSource, options: VerifyOptions): Promise<SourceVerdict> {
  const { name, place, difficulty, isLive, unfinished } = source;
  const { machines, common, timeoutMs, signal } = options;
  const comparison = common.compare(name);
  const { pages, problem } = await pagesOf(source);
  const verification = new Verification({ machines, difficulty, pages, comparison });
  if (problem) verification.report(problem);
  const end = performance.now() + timeoutMs;
  for (;;) {
    const isTorn = await takeAll(source, verification, options);
    const isShort = isLive && verification.wantedHeight > verification.height;
    if (!isShort || (isTorn && unfinished.isProblem) || performance.now() > end) {
      const remarks = isTorn && !unfinished.isProblem ? [`block ${verification.height + 1}: ${unfinished.what}`] : [];
      return { name, place, difficulty, ...verification.end(), difference: comparison.difference, remarks };
    }
    await delay(ASK_AGAIN_MS, undefined, { signal });
  }
}

/** Takes all blocks that are there. @returns whether the last record has no end: it was not taken */
async function takeAll(
  source: ChainSource,
  verification: Verification,
  { signal, onProgress }: VerifyOptions,
): Promise<boolean> {
  const { isProblem, what } = source.unfinished;
  for await (const lines of source.lines(verification.height + 1)) {
    signal.throwIfAborted();
    for (const line of lines) {
      if (line.isWhole) verification.take(line);
      else {
        if (isProblem) verification.report({ height: verification.height + 1, what });
        return true;
      }
    }
    onProgress(verification.height);
  }
  return false;
}

/** Errors of a snapshot on disk, whose message says what is wrong with it. By name: their code is loaded apart. */
const DAMAGED = ["JournalError", "NotASnapshot", "SyntaxError"];

async function pagesOf(
  source: ChainSource,
): Promise<{ readonly pages: readonly MapPage[]; readonly problem?: ChainProblem }> {
  try {
    return { pages: await source.pages() };
  } catch (error) {
    if (!(error instanceof Error) || !DAMAGED.includes(error.name)) throw error;
    return { pages: [], problem: { height: null, what: `the last snapshot cannot be read: ${error.message}` } };
  }
}
