import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, blockRecord, hashOf, isProof } from "@synod/state-machines";
import { expect, onTestFinished, test } from "vitest";
import { ChainFile } from "../../src/applications/ledger/chain-file.ts";
import { type BlockSource, PeerGapFiller } from "../../src/applications/ledger/gap-filler.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { chainOf, fileText, headOf } from "./chain-of.ts";

const blocks = chainOf(350);
const own = blocks.slice(0, 20);
const goal = headOf(blocks);

/** A source that has this chain. @param change what it makes of its records */
function source(
  name: string,
  chain: readonly Block[],
  change: (records: string[], from: number) => readonly string[] = (records) => records,
): BlockSource & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    name,
    asked,
    records: async (from, limit) => {
      asked.push(from);
      return change(chain.slice(from - 1, from - 1 + limit).map(blockRecord), from);
    },
  };
}

const silent: BlockSource = { name: "silent", records: () => Promise.reject(new Error("no answer")) };

/** Fills the gap from these sources. @returns what the file holds then, and who was complained of */
async function filled(sources: readonly BlockSource[], signal = new AbortController().signal) {
  const file = await ChainFile.open(join(temporaryFolder(), "chain", "blocks.jsonl"), 0);
  onTestFinished(() => file.close());
  await file.append(own.map(blockRecord));
  const warnings: Record<string, unknown>[] = [];
  const logger = { info: () => {}, warn: (what: Record<string, unknown>) => warnings.push(what) } as never;
  const filler = new PeerGapFiller({ sources, difficulty: 0, logger, timing: { pauseMs: 1 } });
  const isFilled = await filler.fill(file, headOf(own), goal, signal);
  return { isFilled, text: readFileSync(file.path, "utf8"), warnings };
}

test("the blocks come from the first server that has them, a page at a time, and end where the snapshot does", async () => {
  const longer = chainOf(360);
  const first = source("learner2", longer);
  const { isFilled, text, warnings } = await filled([first]);
  expect([isFilled, text === fileText(blocks), warnings]).toEqual([true, true, []]);
  expect(first.asked).toEqual([21, 121, 221, 321]);
});

test("a server that has no more, or does not answer, is followed by the next one, who goes on there", async () => {
  const short = source("learner2", blocks.slice(0, 200));
  const whole = source("learner4", blocks);
  const { isFilled, text } = await filled([short, silent, whole]);
  expect([isFilled, text === fileText(blocks)]).toEqual([true, true]);
  expect(whole.asked[0]).toBe(201);
});

const forged = chainOf(350, (height) => `forged ${height}`);

test.each([
  ["blocks of another chain", source("liar", forged), 21, /does not name the hash of block 20/],
  [
    "a whole other chain on top of what is here",
    source("liar", branch()),
    350,
    /its hash is not .* to which the snapshot/,
  ],
  [
    "a value that was changed",
    source("liar", blocks, (some) => [...some.slice(0, 3), (some[3] ?? "").replace('"24"', '"25"')]),
    24,
    /digest/,
  ],
  ["a nonce that proves nothing", source("liar", blocks, unproved), 21, /proves no work/],
  ["records that are none", source("liar", blocks, () => ["{}"]), 21, /not a block/],
  ["blocks out of order", source("liar", blocks, (some) => [...some].reverse()), 21, /says that its height is/],
  ["a block twice", source("liar", blocks, (some) => [some[0] ?? "", some[0] ?? ""]), 22, /says that its height is 21/],
])("a server that gives %s is passed over, and nothing of it is kept", async (_what, liar, height, why) => {
  const { isFilled, text, warnings } = await filled([liar, source("learner3", blocks)]);
  expect([isFilled, text === fileText(blocks)]).toEqual([true, true]);
  expect(warnings).toEqual([{ source: "liar", height, what: expect.stringMatching(why) }]);
});

test("a liar that gives good blocks first has all of them fetched anew: nobody knows who is right about the last", async () => {
  const liar = source("liar", blocks, (records, from) => (from > 200 ? ["no"] : records));
  const honest = source("learner3", blocks);
  const { text } = await filled([liar, honest]);
  expect(text).toBe(fileText(blocks));
  expect(honest.asked[0]).toBe(21);
});

test("while nobody gives them the others are asked again and again, which is complained of ever less, until it is ended", async () => {
  const end = new AbortController();
  let rounds = 0;
  const nothing = source("learner2", [], (records) => {
    if (++rounds === 20) end.abort();
    return records;
  });
  const { isFilled, text, warnings } = await filled([nothing, silent], end.signal);
  expect([isFilled, text]).toEqual([false, fileText(own)]);
  expect(warnings).toEqual([4, 8, 16].map(() => ({ from: 21, through: 350, sources: ["learner2", "silent"] })));
});

/** A chain that begins as this one does, and goes on in another way, with all hashes and all work right. */
function branch(): readonly Block[] {
  return chainOf(350, (height) => (height <= 20 ? String(height) : `branch ${height}`));
}

/** The first of them without its work; its hash is right. */
function unproved(records: string[]): string[] {
  const block: Block = JSON.parse(records[0] ?? "");
  let nonce = block.nonce;
  while (isProof(block.operation, nonce, 0)) nonce++;
  const lazy = { ...block, nonce };
  return [blockRecord({ ...lazy, hash: hashOf(lazy) })];
}
