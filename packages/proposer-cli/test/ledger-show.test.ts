import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LedgerOperation, parseBlockRecord } from "@synod/state-machines";
import { expect, onTestFinished, test } from "vitest";
import { ChainFolder, chainOf, fakeLedger, fileOf, someOperations } from "./chain-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

function show(...words: string[]) {
  return runCommand("synod", ["ledger", "show", ...words]);
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-show-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a chain is drawn with its links, and what the server has only accepted stands behind it, marked", async () => {
  const chain = chainOf(someOperations(3));
  const server = await fakeLedger("server1", chain);
  const operation = { type: "put", key: "k", value: 1 };
  server.tentative = [{ slot: 9, proposalId: 33, requestId: "c/1/2", operation, proposer: "server2", nonce: 4 }];
  const { exitCode, stdout, stderr } = await show("--servers", server.address);
  const lines = linesOf(stdout);
  expect(lines.filter((line) => line.startsWith("●"))).toHaveLength(3);
  expect(lines[0]).toBe(`● 1  ${chain.blocks[0]?.hash.slice(0, 12)}  put "key-0" = {"place":0,"text":"ä – 🙂 \ufffd"}`);
  expect(lines[1]).toMatch(/^│ {3}by server1, nonce \d+, 2026-11-19 \d\d:00:00\.000Z, request client1\/1\/2$/);
  expect(lines.slice(6)).toEqual([
    '◌ tentative  put "k" = 1',
    "    slot 9, accepted under proposal id 33 for server2; not known to be chosen",
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

test("of a long chain the last 20 are shown, with a word about the others; --from and --limit name a part", async () => {
  const server = await fakeLedger("server1", chainOf(someOperations(30)));
  const heights = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await show("--servers", server.address, ...words);
    const shown = [...stdout.matchAll(/^● (\d+) /gm)].map(([, height]) => Number(height));
    return { shown: [shown[0], shown.at(-1), shown.length], stderr, exitCode };
  };
  expect(await heights()).toEqual({
    shown: [11, 30, 20],
    stderr: "blocks 11 to 30 of 30, from server1; --from and --limit show others\n",
    exitCode: 0,
  });
  expect((await heights("--from", "3", "--limit", "4")).shown).toEqual([3, 6, 4]);
  expect((await heights("--from", "99")).stderr).toBe("the chain of server1 has 30 blocks\n");
  const document = JSON.parse(
    (await show("--servers", server.address, "--from", "2", "--limit", "1", "--json")).stdout,
  );
  expect(document).toMatchObject({ server: "server1", height: 30, blocks: [{ height: 2, problems: [] }] });
});

test("a broken block, the link behind it and a record that is no block are seen, in files as at a server", async () => {
  const folder = new ChainFolder();
  const records = linesOf(fileOf(chainOf(someOperations(5)).blocks));
  records[1] = records[1]?.replace('"nonce":', '"nonce":1') ?? "";
  records[3] = records[3]?.slice(0, 20) ?? "";
  folder.write("server1", `${records.join("\n")}\n`);
  const { exitCode, stdout } = await show("--data", folder.node("server1"));
  expect(stdout).toMatch(/^✗ 2 .*\n│ .*\n│ {3}its hash is not the digest of the rest of it$/m);
  expect(stdout).toMatch(/^✗ 4 {2}\(no block\)\n╳ {3}its record is not a block in canonical JSON$/m);
  expect(exitCode).toBe(6);
});

/** What would do harm where it is shown as it is. */
const WILD: readonly LedgerOperation[] = [
  { type: "put", key: "<script>alert(1)</script>", value: '"><img src=x onerror=alert(1)>' },
  { type: "get", key: "\u001b[2J\u202e" },
  { type: "put", key: "long", value: "🙂".repeat(500) },
];

test("nothing that a key or a value holds is obeyed by a terminal or a browser", async () => {
  const server = await fakeLedger("server1", chainOf(WILD));
  const { stdout } = await show("--servers", server.address);
  expect(stdout).toContain(String.raw`get "\u001b[2J\u202e"`);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toContain(`put "long" = "${"🙂".repeat(59)}…`);
  const file = path.join(newFolder(), "chain.html");
  expect((await show("--servers", server.address, "--html", file)).stdout).toBe("");
  const page = readFileSync(file, "utf8");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  for (const wild of ["<script", "<img", "\u202e", "\u001b"]) expect(page).not.toContain(wild);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test("a page says which blocks are broken, shows at most 1,000, and says how many are left out", async () => {
  const server = await fakeLedger("server1", chainOf(someOperations(1003)));
  const records = linesOf(String(server.file));
  const last = parseBlockRecord(records[1002] ?? "");
  records[1002] = records[1002]?.replace(`"time":${last?.time}`, `"time":${Number(last?.time) + 1}`) ?? "";
  server.file = `${records.join("\n")}\n`;
  const folder = newFolder();
  const file = path.join(folder, "chain.html");
  const { exitCode, stderr } = await show(
    "--servers",
    server.address,
    "--html",
    file,
    "--from",
    "1",
    "--limit",
    "2000",
  );
  expect(stderr).toContain("a page has room for 1000 blocks: the first 3 are left out\n");
  expect(exitCode).toBe(6);
  const page = readFileSync(file, "utf8");
  expect(page.match(/<h2>Block /g)).toHaveLength(1000);
  expect(page).toContain("Blocks 4 to 1003 of 1003. 3 are left out.");
  expect(page).toContain('Broken: block <a href="#block-1003">1003</a>.');
  expect(page).toContain('<li id="block-1003" class="block broken">');
  expect(readdirSync(folder)).toEqual(["chain.html"]);
});

test("if no server answers it is 3, and a cluster that is no ledger is told from one", async () => {
  const server = await fakeLedger("server1", chainOf([]));
  expect((await show("--servers", server.address)).stderr).toBe("the chain of server1 is empty\n");
  await server.close();
  const { exitCode, stderr } = await show("--servers", server.address);
  expect(stderr).toContain(`nobody listens at ${server.address}. To start a ledger here: synod cluster start ledger`);
  expect(exitCode).toBe(3);
});
