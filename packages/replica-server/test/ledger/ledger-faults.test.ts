import { NodeFaults } from "@synod/acceptor-server";
import { beforeAll, expect, test } from "vitest";
import { keyValue } from "../../src/applications/key-value/key-value.ts";
import { PeerRecords } from "../../src/applications/ledger/peer-records.ts";
import { RolesHere } from "../../src/host/roles-here.ts";
import { until } from "../cluster-stage.ts";
import { LedgerStage, NODES } from "./ledger-stage.ts";

let stage: LedgerStage;
beforeAll(async () => {
  stage = await LedgerStage.forFile("paxos");
  return () => stage.cluster.end();
});

async function cutOff(node: string): Promise<void> {
  const { status } = await stage.cluster.ask(node.replace("node", "gateway"), "POST /faults", {
    faults: `cut ${node}<>*`,
  });
  expect(status).toBe(200);
}

async function heal(node: string): Promise<void> {
  await stage.cluster.ask(node.replace("node", "gateway"), "DELETE /faults");
}

test("a majority that is cut off decides nothing: the client is told in its time, and the block is tentative", async () => {
  const leader = (await stage.cluster.leader()).replace("proposer", "node");
  const gateway = leader.replace("node", "gateway");
  // The gateway has a session from here on: what it asks for next is the block itself.
  await stage.putMany(1, gateway);
  await stage.oneChain();
  const before = await stage.chainAt(gateway);
  await cutOff(leader);
  const waiting = stage.put("lonely", 1, gateway, 1000);
  await until(
    "it waits",
    async () => (await stage.cluster.ask(gateway, "GET /ledger/requests")).body.requests.length === 1,
  );
  await until("its acceptor has it", async () => {
    return (await stage.cluster.ask(gateway, "GET /ledger/tentative")).body.entries.length > 0;
  });
  const { entries } = (await stage.cluster.ask(gateway, "GET /ledger/tentative")).body;
  const { status, body } = await waiting;
  expect([status, body.code]).toEqual([504, "outcome-unknown"]);
  expect(entries).toEqual([
    expect.objectContaining({ operation: { type: "put", key: "lonely", value: 1 }, proposer: leader }),
  ]);
  expect(await stage.chainAt(gateway)).toMatchObject({ height: before.height, hash: before.hash });
  // The others go on under another leader; the one that was cut off takes their chain when it is heard again.
  const other = NODES.find((node) => node !== leader)?.replace("node", "gateway") ?? "";
  expect((await stage.put("together", 2, other)).status).toBe(200);
  await heal(leader);
  const text = await stage.oneChain();
  expect(text).toContain('"together"');
  expect((await stage.cluster.ask(gateway, "GET /ledger/tentative")).body).toEqual({ entries: [] });
});

test("blocks are fetched over links that can be cut, and from servers of this cluster alone", async () => {
  const faults = new NodeFaults({ node: "node1", nodes: NODES });
  const server = stage.cluster.server("learner1");
  const context = { topology: stage.cluster.topology, server, faults, here: new RolesHere(), application: keyValue };
  /** What each of the two others gives, or why it does not. */
  const asked = async (clusterId: string, peerTimeoutMs = 30_000) => {
    const peers = new PeerRecords({ ...context, clusterId, tuning: { peerTimeoutMs } });
    const { signal } = new AbortController();
    const answers = await Promise.allSettled(peers.sources.map((source) => source.records(1, 2, signal)));
    await peers.close();
    return answers.map((answer) => (answer.status === "fulfilled" ? answer.value.length : String(answer.reason)));
  };
  expect(await asked(stage.cluster.clusterId)).toEqual([2, 2]);
  const refused = expect.stringContaining("status 409");
  expect(await asked("another")).toEqual([refused, refused]);
  await faults.add("cut node1>node2");
  const late = expect.stringContaining("TimeoutError");
  expect((await asked(stage.cluster.clusterId, 200))[0]).toEqual(late);
  faults.heal();
  await faults.add("cut node1>node3");
  expect((await asked(stage.cluster.clusterId, 200))[1]).toEqual(late);
});
