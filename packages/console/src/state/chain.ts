import { effect, signal } from "@preact/signals";
import type { BlockReply, BlocksReply, Problem, TentativeReply } from "@synod/api";
import { ask } from "../server/ask.js";
import type { Outcome } from "../server/outcome.js";
import { cluster } from "./cluster.js";

/** Blocks that are shown at first, and that are added on demand. */
const SOME_BLOCKS = 20;
/** Blocks that the page keeps at most: who wants to see older ones is told how. */
export const MOST_KEPT = 1000;
/** Blocks that may have come since the last look: beyond that, the list begins anew. */
const MOST_NEW = 200;

/** The part of the chain that is shown: the oldest first, without a gap. */
export const blocks = signal<readonly BlockReply[]>([]);
/** How long the chain of this page's server is; null before the first look. */
export const chainHeight = signal<number | null>(null);
/** What this page's server has accepted and does not know to be chosen. */
export const tentative = signal<TentativeReply["entries"]>([]);
/** Why the chain cannot be shown; null if it can. */
export const chainTrouble = signal<Problem | null>(null);

let isFollowing = false;

/** Follows the chain, with each look at the cluster. @returns an end for it */
export function followChain(): () => void {
  return effect(() => {
    if (cluster.value) void follow();
  });
}

/** The hash of a block that is shown. */
export function hashAt(height: number): string | undefined {
  return blocks.value[height - (blocks.value[0]?.height ?? 1)]?.hash;
}

/** Adds older blocks to those that are shown. */
export async function showOlder(): Promise<void> {
  const first = blocks.value[0];
  if (!first || first.height === 1) return;
  const from = Math.max(1, first.height - SOME_BLOCKS);
  const outcome = await askForAll(from, first.height - 1);
  // Meanwhile the list may have begun anew.
  if (blocks.value[0]?.height === first.height && outcome.kind === "answered") {
    blocks.value = [...outcome.body.blocks, ...blocks.value];
  }
  tell(outcome);
}

async function follow(): Promise<void> {
  if (isFollowing) return;
  isFollowing = true;
  const behind = (blocks.value.at(-1)?.height ?? 0) + 1;
  const [outcome, accepted] = await Promise.all([
    askForBlocks(behind, MOST_NEW),
    ask<TentativeReply>({ method: "GET", path: "/ledger/tentative" }),
  ]);
  if (accepted.kind === "answered") tentative.value = accepted.body.entries;
  if (outcome.kind === "answered") await take(outcome.body, behind);
  tell(outcome);
  isFollowing = false;
}

async function take(reply: BlocksReply, behind: number): Promise<void> {
  const { height } = reply;
  chainHeight.value = height;
  const isAnew = height < behind - 1 || blocks.value.length === 0 || reply.next !== null;
  if (!isAnew) {
    if (reply.blocks.length > 0) blocks.value = [...blocks.value, ...reply.blocks].slice(-MOST_KEPT);
    return;
  }
  const last = await askForAll(Math.max(1, height - SOME_BLOCKS + 1), height);
  if (last.kind === "answered") blocks.value = last.body.blocks;
}

/** All of these blocks: long ones come in several answers. */
async function askForAll(from: number, through: number): Promise<Outcome<BlocksReply>> {
  const all: BlockReply[] = [];
  for (;;) {
    const outcome = await askForBlocks(from + all.length, through - from - all.length + 1);
    if (outcome.kind !== "answered") return outcome;
    all.push(...outcome.body.blocks);
    if (outcome.body.blocks.length === 0 || from + all.length > through) {
      return { ...outcome, body: { ...outcome.body, blocks: all } };
    }
  }
}

function askForBlocks(from: number, limit: number): Promise<Outcome<BlocksReply>> {
  return ask<BlocksReply>({ method: "GET", path: `/ledger/blocks?from=${from}&limit=${limit}` });
}

function tell(outcome: Outcome<unknown>): void {
  if (outcome.kind === "answered") chainTrouble.value = null;
  else if (outcome.kind === "refused") chainTrouble.value = outcome.problem;
}
