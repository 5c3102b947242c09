import { copyFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { ledgerInSnapshot } from "../../src/ledger-snapshot.ts";
import { until } from "../cluster-stage.ts";
import { LedgerStage, NODES } from "./ledger-stage.ts";

let stage: LedgerStage;
beforeAll(async () => {
  stage = await LedgerStage.forFile("raft");
  return () => stage.cluster.end();
});

const gatewayAt = (node: string) => node.replace("node", "gateway");

test("a server that was down for long takes the leader's snapshot, fetches the blocks before it, and has both after a restart", async () => {
  await stage.put("first", 1, "gateway1");
  const leader = stage.cluster.server(await stage.cluster.leader()).node;
  const [away = "", other = ""] = NODES.filter((node) => node !== leader);
  await stage.cluster.stop(away);
  for (let number = 0; number < 40; number++) {
    expect((await stage.put(`key${number % 7}`, `${number} ${"x".repeat(50)}`, gatewayAt(other))).status).toBe(200);
  }
  const statusAt = async (node: string) => (await stage.cluster.ask(node.replace("node", "raft"), "GET /status")).body;
  expect((await statusAt(leader)).first_index).toBeGreaterThan(10);
  await stage.cluster.start(away);
  await stage.oneChain();
  await until("it has a snapshot", async () => (await statusAt(away)).snapshot_index > 10);
  await stage.cluster.stop(away);
  const own = stage.folderOf(away);
  expect((await ledgerInSnapshot(own, 0))?.size).toBeGreaterThan(5);
  // Damaged: what it must not lose is not given up for it.
  writeFileSync(`${own}/chain/blocks.jsonl`, "");
  await expect(stage.cluster.start(away)).rejects.toThrow(
    /has 0 whole records.*put the blocks\.jsonl of another one in the place/,
  );
  copyFileSync(stage.chainFile(other), `${own}/chain/blocks.jsonl`);
  await stage.cluster.start(away);
  expect((await stage.put("last", 2, gatewayAt(away))).status).toBe(200);
  expect(await stage.oneChain()).toContain('"last"');
});

test("a block of a leader that is cut off is tentative, under its term, until another leader's entries take its place", async () => {
  const leader = stage.cluster.server(await stage.cluster.leader()).node;
  const gateway = gatewayAt(leader);
  await stage.put("before", 1, gateway);
  const { term } = (await stage.cluster.ask(leader.replace("node", "raft"), "GET /status")).body;
  await stage.cluster.ask(gateway, "POST /faults", { faults: `cut ${leader}<>*` });
  const waiting = stage.put("lonely", 1, gateway, 1500);
  let entries: unknown[] = [];
  await until("its log has it", async () => {
    entries = (await stage.cluster.ask(gateway, "GET /ledger/tentative")).body.entries;
    return entries.length > 0;
  });
  expect(entries[0]).toMatchObject({ operation: { type: "put", key: "lonely", value: 1 }, proposalId: term });
  expect([503, 504]).toContain((await waiting).status);
  const [other = ""] = NODES.filter((node) => node !== leader);
  expect((await stage.put("together", 2, gatewayAt(other))).status).toBe(200);
  await stage.cluster.ask(gateway, "DELETE /faults");
  expect(await stage.oneChain()).toContain('"together"');
  expect((await stage.cluster.ask(gateway, "GET /ledger/tentative")).body).toEqual({ entries: [] });
});
