import type { TentativeReply } from "@synod/api";
import type { Block } from "@synod/state-machines";
import type { ChainSource } from "./source.js";
import type { Machines } from "./verification.js";

/** A record of a chain, and what is wrong with it. */
export interface ShownBlock {
  /** By its place. */
  readonly height: number;
  /** Null if the record is no block. */
  readonly block: Block | null;
  readonly problems: readonly string[];
}

/** A part of a chain, to be drawn. */
export interface ShownChain {
  readonly server: string;
  readonly place: string;
  /** Blocks of the whole chain. */
  readonly height: number;
  /** In their order, without a gap. */
  readonly blocks: readonly ShownBlock[];
  /** What the server has accepted and does not know to be chosen; null if only files were looked at. */
  readonly tentative: TentativeReply["entries"] | null;
}

/** Which part of a chain is meant. */
export interface Part {
  /** The first height; undefined: as many as the limit says, up to the last. */
  readonly from: number | undefined;
  /** Blocks at most. */
  readonly limit: number;
}

/** Reads a part of a chain, and checks it as far as one can who does not know what comes before. */
export async function shownBlocks(
  source: ChainSource,
  { from, limit }: Part,
  { ChainCheck, parseBlockRecord }: Machines,
): Promise<Pick<ShownChain, "server" | "place" | "height" | "blocks">> {
  const { name: server, place, difficulty } = source;
  const height = await source.height();
  const first = from ?? Math.max(1, height - limit + 1);
  // The one before the first says which hash the first must name.
  const before = first > 1 ? 1 : 0;
  const check = new ChainCheck({ difficulty, after: { height: first - before - 1, hash: null } });
  const blocks: ShownBlock[] = [];
  let at = first - before;
  for await (const lines of source.lines(first - before, limit + before)) {
    for (const { text, why, isWhole } of lines) {
      if (blocks.length >= limit) break;
      const found = check.take(text ?? "").map(({ what }) => what);
      const problems = [...(text === null ? [why] : found), ...(isWhole ? [] : [source.unfinished.what])];
      if (at >= first) blocks.push({ height: at, block: text === null ? null : parseBlockRecord(text), problems });
      at++;
    }
    if (blocks.length >= limit) break;
  }
  return { server, place, height: Math.max(height, blocks.at(-1)?.height ?? 0), blocks };
}
