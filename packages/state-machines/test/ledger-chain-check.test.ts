import { describe, expect, test } from "vitest";
import {
  type Block,
  type BlockProblem,
  blockRecord,
  ChainCheck,
  type ChainHead,
  hashOf,
  type Json,
  type LedgerOperation,
  parseBlockRecord,
} from "../src/index.ts";
import { get, put, replicaOf } from "./ledger-log.ts";
import { naiveProof, naiveText } from "./naive-ledger.ts";

/** Short, with characters of every length in UTF-8, one that ends lines elsewhere, and one that stands for damage. */
const OPERATIONS: readonly LedgerOperation[] = [put("é\u2028", "\ufffd"), get("😀"), put([1e21, -1], {}), put("a", 1)];
const { blocks: BLOCKS } = replicaOf(...OPERATIONS);
const RECORDS = BLOCKS.map(blockRecord);
const SECOND = RECORDS[1] as string;

/** What a check says of these records. */
function checked(records: readonly string[], difficulty = 0, after?: ChainHead) {
  const check = new ChainCheck({ difficulty, ...(after ? { after } : {}) });
  const problems = records.flatMap((record) => check.take(record));
  expect(check.isWhole).toBe(problems.length === 0);
  return { problems, check };
}

/**
 * The records of a file: each ends with a line feed. What stands after the last one is taken for a record, too, and what is
 * no UTF-8 for none: a decoder that mends it would not see where a mark of damage stood before, and is damaged now.
 */
function recordsIn(file: Buffer): string[] {
  const records: string[] = [];
  for (let from = 0; from < file.length; ) {
    const end = file.indexOf(0x0a, from);
    const bytes = file.subarray(from, end < 0 ? file.length : end);
    const text = bytes.toString("utf8");
    records.push(Buffer.from(text).equals(bytes) ? text : "");
    from += bytes.length + 1;
  }
  return records;
}

/** The first thing that is wrong with these records; the rest is not looked at. */
function firstProblem(check: ChainCheck, records: readonly string[]): BlockProblem | undefined {
  for (const record of records) {
    const [problem] = check.take(record);
    if (problem) return problem;
  }
  return undefined;
}

/** The records with this one in the place of a block. */
function withRecord(height: number, ...instead: readonly string[]): string[] {
  return [...RECORDS.slice(0, height - 1), ...instead, ...RECORDS.slice(height)];
}

/** The chain with its blocks from here on made anew: whoever does that does it well. */
function rewritten(from: number, change: Partial<Block>): Block[] {
  const blocks = BLOCKS.slice(0, from - 1);
  for (const old of BLOCKS.slice(from - 1)) {
    const isFirst = old.height === from;
    const block = { ...old, ...(isFirst ? change : {}), previousHash: blocks.at(-1)?.hash ?? null };
    blocks.push({ ...block, hash: hashOf(block) });
  }
  return blocks;
}

describe("a check of a chain", () => {
  test("finds nothing wrong with one that is whole, and says what it spells and where it ends", () => {
    const { problems, check } = checked(RECORDS);
    expect(problems).toEqual([]);
    expect(check.head).toEqual({ height: 4, hash: BLOCKS[3]?.hash });
    expect([...check.map.values()].map(({ height }) => height)).toEqual([1, 3, 4]);
    expect(check.map.get('"a"')).toEqual({ valueText: "1", height: 4 });
  });

  test("goes on behind a part that was checked before", () => {
    const { height, hash } = BLOCKS[1] as Block;
    const { problems, check } = checked(RECORDS.slice(2), 0, { height, hash });
    expect([problems, check.head.height]).toEqual([[], 4]);
    expect(checked(RECORDS.slice(2), 0, { height, hash: "0".repeat(64) }).problems).toEqual([
      { height: 3, what: "it does not name the hash of block 2" },
    ]);
  });

  const FILE = Buffer.from(RECORDS.map((record) => `${record}\n`).join(""));
  /** The place of each block's line feed. */
  const ENDS = [...FILE.entries()].flatMap(([place, byte]) => (byte === 0x0a ? [place] : []));

  /** The first block that is found to be wrong where this byte of the file is another one. */
  function foundWith(place: number, byte: number): number | undefined {
    const file = Buffer.from(FILE);
    file[place] = byte;
    return firstProblem(new ChainCheck({ difficulty: 0 }), recordsIn(file))?.height;
  }

  test("finds every bit of a file that is another one, line feeds too, and names the block", () => {
    expect(ENDS).toHaveLength(4);
    for (const [place, byte] of FILE.entries()) {
      const block = 1 + ENDS.findIndex((end) => place <= end);
      for (let bit = 0; bit < 8; bit++) {
        const found = foundWith(place, byte ^ (1 << bit));
        if (found !== block) expect(found, `bit ${bit} of byte ${place}`).toBe(block);
      }
    }
    expect(checked(recordsIn(FILE)).problems).toEqual([]);
  });

  test("finds every other byte in the place of a mark of damage, which decoders put where they find some", () => {
    const mark = FILE.indexOf("\ufffd");
    for (const place of [mark, mark + 1, mark + 2]) {
      for (let byte = 0; byte < 256; byte++) {
        if (byte !== FILE[place]) expect(foundWith(place, byte), `${byte} at ${place}`).toBe(1);
      }
    }
  });

  test.each<[why: string, records: readonly string[], height: number, what: string]>([
    ["a deleted block", withRecord(2), 2, "it says that its height is 3"],
    ["the first one deleted", RECORDS.slice(1), 1, "the first block names one before it"],
    ["a doubled block", withRecord(2, SECOND, SECOND), 3, "block 2 was made of the same request, c/1/3"],
    ["two swapped blocks", [0, 2, 1, 3].map((place) => RECORDS[place] as string), 2, "it says that its height is 3"],
    ["an empty line", withRecord(2, "", SECOND), 2, "its record is not a block in canonical JSON"],
  ])("finds %s", (_, records, height, what) => {
    const { problems } = checked(records);
    expect(problems[0]?.height).toBe(height);
    expect(problems).toContainEqual({ height, what });
  });

  test("finds a block that was changed and given the hash that fits, by the next one's link", () => {
    const second = BLOCKS[1] as Block;
    const forged = { ...second, time: second.time + 1 };
    const records = withRecord(2, blockRecord({ ...forged, hash: hashOf(forged) }));
    expect(checked(records).problems).toEqual([{ height: 3, what: "it does not name the hash of block 2" }]);
    expect(checked(withRecord(2, blockRecord(forged))).problems).toEqual([
      { height: 2, what: "its hash is not the digest of the rest of it" },
    ]);
  });

  test("finds work that was not done, and a request that was carried out twice, however well the hashes fit", () => {
    const other = put("a", 2);
    const nonce = [...Array(20).keys()].find((one) => !naiveProof(other, one, 0)) ?? 0;
    const records = rewritten(4, { operation: other, nonce }).map(blockRecord);
    expect(checked(records).problems).toEqual([
      { height: 4, what: `its nonce ${nonce} proves no work of difficulty 0` },
    ]);
    const twice = rewritten(4, { requestId: "c/1/2" }).map(blockRecord);
    expect(checked(twice).problems).toEqual([{ height: 4, what: "block 1 was made of the same request, c/1/2" }]);
    expect(checked(RECORDS, 24).problems[0]?.what).toContain("proves no work of difficulty 24");
  });

  test("does not find a tail that was rewritten with all its hashes, nor one cut off: another chain's head tells", () => {
    const { problems, check } = checked(rewritten(2, { time: 5 }).map(blockRecord));
    expect(problems).toEqual([]);
    expect(check.head).not.toEqual(checked(RECORDS).check.head);
    expect(check.head.height).toBe(4);
    const cut = checked(RECORDS.slice(0, 3));
    expect([cut.problems, cut.check.head]).toEqual([[], { height: 3, hash: BLOCKS[2]?.hash }]);
  });

  test("takes for a block only what a ledger could have made, to the byte", () => {
    const block = BLOCKS[0] as Block;
    const text = (change: object) => naiveText({ ...block, ...change } as unknown as Json);
    expect(parseBlockRecord(text({}))).toEqual(block);
    const wrong = [
      ` ${text({})}`,
      JSON.stringify(block),
      text({ more: 1 }),
      text({ height: 0 }),
      text({ height: 1.5 }),
      text({ operation: { type: "delete", key: 1 } }),
      text({ requestId: "" }),
      text({ requestId: "r".repeat(419) }),
      text({ proposer: "p".repeat(65) }),
      text({ time: -1 }),
      text({ nonce: -1 }),
      text({ previousHash: "" }),
      text({ hash: block.hash.toUpperCase() }),
      text({}).replace('{"hash"', `{"hash":"${block.hash}","hash"`),
      text({ requestId: "\ud800" }),
      "null",
      "[".repeat(100_000),
    ];
    for (const record of wrong) expect(parseBlockRecord(record), record.slice(0, 80)).toBeNull();
  });
});
