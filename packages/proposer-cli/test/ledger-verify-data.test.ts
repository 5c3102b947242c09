import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as machines from "@synod/state-machines";
import { type Block, blockRecord, hashOf } from "@synod/state-machines";
import { expect, test } from "vitest";
import { CommonChain } from "../src/chain/agreement.ts";
import { recordLines } from "../src/chain/record-lines.ts";
import { verifySource } from "../src/chain/verify-source.ts";
import { ChainFolder, chainOf, fileOf, someOperations } from "./chain-stage.ts";
import { runCommand } from "./run-command.ts";

function verify(folder: string, ...words: string[]) {
  return runCommand("synod", ["ledger", "verify", "--data", folder, ...words]);
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a check of these bytes says, block by block. */
async function problemsIn(bytes: Uint8Array) {
  const source = {
    ...{ name: "server1", place: "here", difficulty: 0, isLive: false },
    height: async () => 0,
    lines: () => recordLines(inPieces(bytes, 1000)),
    pages: async () => [],
    unfinished: { isProblem: true, what: "unfinished" },
  };
  const common = new CommonChain();
  const signal = new AbortController().signal;
  return verifySource(source, { machines, common, signal, timeoutMs: 1, onProgress: () => {} });
}

test("a whole chain and the snapshot that goes with it are all right, and that one chain alone proves less is said", async () => {
  const folder = new ChainFolder();
  const chain = chainOf(someOperations(12));
  folder.write("server1", fileOf(chain.blocks));
  await folder.writeSnapshot("server1", chainOf(someOperations(9)));
  const { exitCode, stdout, stderr } = await verify(folder.node("server1"));
  expect(stdout).toMatch(/^server1 +12 +[0-9a-f]{12} +8 +compared +all right$/m);
  expect(stderr).toContain("only one chain was looked at");
  expect(exitCode).toBe(0);
});

test("every byte of a chain that is flipped is found, and the block that holds it is named first", async () => {
  const { blocks } = chainOf(someOperations(4));
  const bytes = Buffer.from(fileOf(blocks));
  let height = 1;
  for (let at = 0; at < bytes.length; at++) {
    const right = bytes[at] ?? 0;
    for (const bit of [0x01, 0x02, 0x20, 0x80]) {
      bytes[at] = right ^ bit;
      const { problems, problemCount } = await problemsIn(bytes);
      expect(problemCount, `byte ${at} ^ ${bit}`).toBeGreaterThan(0);
      expect(problems[0]?.height, `byte ${at} ^ ${bit}`).toBe(height);
      // What is wrong in one place is not told of all that follows: its own record, and at most what it breaks in the next.
      expect(problemCount, `byte ${at} ^ ${bit}`).toBeLessThan(6);
    }
    bytes[at] = right;
    if (right === 0x0a) height++;
  }
  expect((await problemsIn(bytes)).problemCount).toBe(0);
});

test("bytes that are no text are found, also where the sign that stands for them would fit", async () => {
  const { blocks } = chainOf([{ type: "put", key: "k", value: "\ufffd" }]);
  const bytes = Buffer.from(fileOf(blocks));
  const at = bytes.indexOf(Buffer.from("\ufffd"));
  bytes[at + 2] = 0x41;
  expect((await problemsIn(bytes)).problems).toEqual([
    { height: 1, what: "its record has bytes that are no text in UTF-8" },
  ]);
});

test("records are read alike in whatever pieces they come, and one that is longer than any block is not kept", async () => {
  const text = `{"ä":"🙂"}\n\n${"x".repeat(600_000)}\nlast`;
  const seen: string[] = [];
  for (const size of [13, 4096, 1_000_000]) {
    const lines = [];
    for await (const some of recordLines(inPieces(Buffer.from(text), size))) lines.push(...some);
    seen.push(JSON.stringify(lines));
    expect(lines.map((line) => line.text)).toEqual(['{"ä":"🙂"}', "", null, "last"]);
    expect(lines.map((line) => line.isWhole)).toEqual([true, true, true, false]);
  }
  expect(new Set(seen).size).toBe(1);
});

test("a flipped byte ends the command with 6, and --json says which block it is", async () => {
  const folder = new ChainFolder();
  const { blocks } = chainOf(someOperations(5));
  const bytes = Buffer.from(fileOf(blocks));
  const at = bytes.indexOf('"height":3');
  bytes[at + 30] = (bytes[at + 30] ?? 0) ^ 1;
  folder.write("server1", bytes);
  const told = await verify(folder.node("server1"));
  expect(told.exitCode).toBe(6);
  expect(told.stdout).toMatch(/^server1, block 3: /m);
  const { exitCode, stdout } = await verify(folder.node("server1"), "--json");
  expect(exitCode).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({
    verified: false,
    servers: [{ name: "server1", height: 5, problems: [{ height: 3 }] }],
  });
});

test("a map is not measured by a chain that is broken before its height", async () => {
  const folder = new ChainFolder();
  const chain = chainOf(someOperations(6));
  folder.write("server1", fileOf(chain.blocks).replace('"place":2', '"place":9'));
  await folder.writeSnapshot("server1", chain);
  const [server] = JSON.parse((await verify(folder.node("server1"), "--json")).stdout).servers;
  expect(server).toMatchObject({ isMapThere: true, isMapCompared: false });
  expect(new Set(server.problems.map(({ height }: { height: number }) => height))).toEqual(new Set([3]));
});

test("a block that is lost, one that is there twice and one whose request was done before are each found", async () => {
  const { blocks } = chainOf(someOperations(6));
  const without = [...blocks.slice(0, 2), ...blocks.slice(3)];
  expect((await problemsIn(Buffer.from(fileOf(without)))).problems.map(({ what }) => what)).toEqual([
    "it says that its height is 4",
    "it does not name the hash of block 2",
  ]);
  const twice = [...blocks.slice(0, 3), ...blocks.slice(2)];
  expect((await problemsIn(Buffer.from(fileOf(twice)))).problems[0]).toEqual({
    height: 4,
    what: "it says that its height is 3",
  });
  const again = rewritten(blocks, 5, (block) => ({ ...block, requestId: blocks[1]?.requestId ?? "" }));
  expect((await problemsIn(Buffer.from(fileOf(again)))).problems).toEqual([
    { height: 5, what: `block 2 was made of the same request, ${blocks[1]?.requestId}` },
  ]);
});

test("an unfinished last record is named with its block, and not passed in silence", async () => {
  const folder = new ChainFolder();
  const whole = fileOf(chainOf(someOperations(5)).blocks);
  folder.write("server1", whole.slice(0, -20));
  const { exitCode, stdout } = await verify(folder.node("server1"));
  expect(stdout).toMatch(/^server1, block 5: its record is unfinished: a crash while it was written, or damage/m);
  expect(exitCode).toBe(6);
});

test("while its server runs, an unfinished last record is a remark", async () => {
  const folder = new ChainFolder();
  folder.write("server1", fileOf(chainOf(someOperations(5)).blocks).slice(0, -20));
  const { writePidFile } = await import("@synod/acceptor-server/pid-file");
  writePidFile(folder.cluster.node("server1").pidFile, { host: "127.0.0.1", port: 1 });
  const { exitCode, stdout, stderr } = await verify(folder.node("server1"));
  expect(stdout).toMatch(/^server1 +4 .*all right$/m);
  expect(stderr).toContain("block 5: its record is unfinished: its server runs, and may be writing it just now");
  expect(exitCode).toBe(0);
});

test("a snapshot that counts on more blocks than there are, on other ones, or that is damaged, is told of", async () => {
  const folder = new ChainFolder();
  const longer = chainOf(someOperations(8));
  folder.write("server1", fileOf(longer.blocks.slice(0, 6)));
  await folder.writeSnapshot("server1", longer);
  const short = await verify(folder.node("server1"));
  expect(short.stdout).toContain("server1: the map is that of 8 blocks, and there are 6\n");
  expect(short.exitCode).toBe(6);
  const other = rewritten(longer.blocks, 3, (block) => ({ ...block, time: block.time + 1 }));
  folder.write("server1", fileOf(other));
  const differs = await verify(folder.node("server1"));
  expect(differs.stdout).toMatch(/server1, block 8: the map belongs to a chain whose block 8 has the hash/);
  writeFileSync(path.join(folder.node("server1"), "learner/journal"), "no journal");
  const damaged = await verify(folder.node("server1"));
  expect(damaged.stdout).toContain("server1: the last snapshot cannot be read: ");
  expect(damaged.exitCode).toBe(6);
});

test("a rewritten tail verifies alone, and is found beside another server, with both hashes of its first block", async () => {
  const folder = new ChainFolder();
  const { blocks } = chainOf(someOperations(7));
  const other = rewritten(blocks, 4, (block) => ({ ...block, time: block.time + 1 }));
  folder.write("server1", fileOf(blocks));
  folder.write("server2", fileOf(other));
  folder.write("server3", fileOf(blocks.slice(0, 3)));
  expect((await verify(folder.node("server2"))).exitCode).toBe(0);
  const { exitCode, stdout } = await verify(folder.cluster.path);
  expect(stdout).toContain(
    `server1 and server2 agree on 3 blocks, and differ from block 4 on: server1 has the hash ${blocks[3]?.hash}, server2 has ${other[3]?.hash}\n`,
  );
  expect(stdout).toMatch(/^server3 +3 .*all right$/m);
  expect(exitCode).toBe(6);
});

test("work that is too little for the cluster's difficulty is found; the cluster's record says how much it must be", async () => {
  const folder = new ChainFolder(6);
  folder.write("server1", fileOf(chainOf(someOperations(4), 0).blocks));
  const weak = await verify(folder.node("server1"));
  expect(weak.stdout).toMatch(/server1, block \d: its nonce \d+ proves no work of difficulty 6/);
  expect(weak.exitCode).toBe(6);
  folder.write("server1", fileOf(chainOf(someOperations(4), 6).blocks));
  expect((await verify(folder.node("server1"))).exitCode).toBe(0);
  rmSync(folder.cluster.recordFile);
  expect((await verify(folder.node("server1"), "--difficulty", "7")).exitCode).toBe(6);
});

test("of many problems the first are told, and how many more there are", async () => {
  const folder = new ChainFolder();
  folder.write("server1", "no block\n".repeat(50));
  const { stdout } = await verify(folder.node("server1"));
  expect(stdout.match(/its record is not a block/g)).toHaveLength(20);
  expect(stdout).toContain("server1: and 30 more problems\n");
});

test("a folder without a chain, and options that do not go together, are usage errors", async () => {
  const folder = new ChainFolder();
  const { exitCode, stderr } = await verify(folder.node("server1"));
  expect(stderr).toContain("holds no chain: name a server's folder, such as .synod/clusters/ledger/server1");
  expect(exitCode).toBe(2);
  expect((await verify(folder.cluster.path, "--server", "1")).exitCode).toBe(2);
  expect((await runCommand("synod", ["ledger", "verify", "--difficulty", "1"])).exitCode).toBe(2);
});

/** The chain with one block changed, and all hashes from there on made anew. */
function rewritten(blocks: readonly Block[], height: number, change: (block: Block) => Block): Block[] {
  const made: Block[] = [];
  for (const block of blocks) {
    const previousHash = made.at(-1)?.hash ?? null;
    const content = block.height === height ? change({ ...block, previousHash }) : { ...block, previousHash };
    made.push({ ...content, hash: hashOf(content) });
  }
  expect(made.map(blockRecord).join()).not.toBe(blocks.map(blockRecord).join());
  return made;
}
