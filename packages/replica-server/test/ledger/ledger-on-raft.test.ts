import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { ClusterStage, RAFT, until } from "../cluster-stage.ts";

/** Snapshots after some ten blocks: what is older is in no log any more. */
const TINY = { raft: { limits: { snapshotCharacters: 2000, keptEntries: 5 } }, peerTimeoutMs: 500 };

/** One ledger for all tests of this file: each leaves it whole. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile({ engine: "raft", shape: RAFT, application: "ledger", tuning: TINY });
  return () => stage.end();
});

const NODES = ["node1", "node2", "node3"];
const gatewayAt = (node: string) => node.replace("node", "gateway");

const put = (key: unknown, value: unknown, at: string, timeout_ms = 30_000) =>
  stage.ask(at, "POST /ledger/blocks", { operation: { type: "put", key, value }, timeout_ms });

const chainAt = async (node: string) => (await stage.ask(gatewayAt(node), "GET /ledger/chain")).body;

/** Waits until all nodes have the same chain, and all of it in their files. @returns the file's text */
async function oneChain(): Promise<string> {
  await until("all have one chain", async () => {
    const chains = await Promise.all(NODES.map(chainAt));
    return chains.every(({ hash, height, recorded }) => hash === chains[0]?.hash && recorded === height);
  });
  const texts = NODES.map((node) => readFileSync(`${stage.folder}/${node}/raft/chain/blocks.jsonl`, "utf8"));
  expect(new Set(texts).size).toBe(1);
  return texts[0] ?? "";
}

test("a server that was down for long takes the leader's snapshot, fetches the blocks before it, and has both after a restart", async () => {
  await put("first", 1, "gateway1");
  const leader = stage.server(await stage.leader()).node;
  const [away = "", other = ""] = NODES.filter((node) => node !== leader);
  await stage.stop(away);
  for (let number = 0; number < 40; number++) {
    expect((await put(`key${number % 7}`, `${number} ${"x".repeat(50)}`, gatewayAt(other))).status).toBe(200);
  }
  const statusAt = async (node: string) => (await stage.ask(node.replace("node", "raft"), "GET /status")).body;
  expect((await statusAt(leader)).first_index).toBeGreaterThan(10);
  await stage.start(away);
  await oneChain();
  await until("it has a snapshot", async () => (await statusAt(away)).snapshot_index > 10);
  await stage.stop(away);
  await stage.start(away);
  expect((await put("last", 2, gatewayAt(away))).status).toBe(200);
  expect(await oneChain()).toContain('"last"');
});

test("a block of a leader that is cut off is tentative, under its term, until another leader's entries take its place", async () => {
  const leader = stage.server(await stage.leader()).node;
  const gateway = gatewayAt(leader);
  await put("before", 1, gateway);
  const { term } = (await stage.ask(leader.replace("node", "raft"), "GET /status")).body;
  await stage.ask(gateway, "POST /faults", { faults: `cut ${leader}<>*` });
  const waiting = put("lonely", 1, gateway, 1500);
  let entries: unknown[] = [];
  await until("its log has it", async () => {
    entries = (await stage.ask(gateway, "GET /ledger/tentative")).body.entries;
    return entries.length > 0;
  });
  expect(entries[0]).toMatchObject({ operation: { type: "put", key: "lonely", value: 1 }, proposalId: term });
  expect([503, 504]).toContain((await waiting).status);
  const [other = ""] = NODES.filter((node) => node !== leader);
  expect((await put("together", 2, gatewayAt(other))).status).toBe(200);
  await stage.ask(gateway, "DELETE /faults");
  expect(await oneChain()).toContain('"together"');
  expect((await stage.ask(gateway, "GET /ledger/tentative")).body).toEqual({ entries: [] });
});
