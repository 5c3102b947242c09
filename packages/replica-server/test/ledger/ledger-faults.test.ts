import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { NodeFaults } from "@synod/acceptor-server";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { keyValue } from "../../src/applications/key-value/key-value.ts";
import { PeerRecords } from "../../src/applications/ledger/peer-records.ts";
import { RolesHere } from "../../src/host/roles-here.ts";
import { type Answer, ClusterStage, COMPACT, until } from "../cluster-stage.ts";

/** Snapshots after some ten blocks: what is older is forgotten by acceptors and learners. */
const TINY = {
  learner: { limits: { snapshotCharacters: 2000, keptEntries: 5 } },
  proposer: { limits: { keptBelowSnapshot: 5, keptEntries: 5 } },
  peerTimeoutMs: 500,
};

/** One ledger for all tests of this file: each leaves it whole. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile({ shape: COMPACT, application: "ledger", tuning: TINY });
  return () => stage.end();
});

const NODES = ["node1", "node2", "node3"];

const put = (key: unknown, value: unknown, at = "gateway1", timeout_ms = 30_000): Promise<Answer> =>
  stage.ask(at, "POST /ledger/blocks", { operation: { type: "put", key, value }, timeout_ms });

async function putMany(count: number, at = "gateway1"): Promise<void> {
  for (let number = 0; number < count; number++) {
    expect((await put(`key${number % 7}`, `${number} ${"x".repeat(50)}`, at)).status).toBe(200);
  }
}

const chainAt = async (gateway: string) => (await stage.ask(gateway, "GET /ledger/chain")).body;

/** Waits until these nodes have the same chain, and all of it in their files. @returns the file's text */
async function oneChain(nodes = NODES): Promise<string> {
  await until("all have one chain", async () => {
    const chains = await Promise.all(nodes.map((node) => chainAt(node.replace("node", "gateway"))));
    const [first] = chains;
    return chains.every(({ hash, height, recorded }) => hash === first.hash && recorded === height);
  });
  const texts = nodes.map((node) => readFileSync(`${stage.folder}/${node}/learner/chain/blocks.jsonl`, "utf8"));
  expect(new Set(texts).size).toBe(1);
  return texts[0] ?? "";
}

async function cutOff(node: string): Promise<void> {
  const { status } = await stage.ask(node.replace("node", "gateway"), "POST /faults", { faults: `cut ${node}<>*` });
  expect(status).toBe(200);
}

async function heal(node: string): Promise<void> {
  await stage.ask(node.replace("node", "gateway"), "DELETE /faults");
}

test("a server that was down for a moment gets the blocks that it lacks from the log", async () => {
  await putMany(2);
  await stage.stop("node3");
  await putMany(2);
  await stage.start("node3");
  const text = await oneChain();
  expect(text.split("\n").length - 1).toBe((await chainAt("gateway3")).height);
});

test("a server that was down for long takes a snapshot and fetches the blocks that are no longer in the log", async () => {
  await stage.stop("node3");
  await putMany(60);
  const truncated = async () => (await stage.ask("acceptor1", "GET /status")).body.truncatedThrough;
  await until("the acceptors forget", async () => (await truncated()) > 40);
  await stage.start("node3");
  await oneChain();
  // Its snapshot is kept now, and so it begins with that, and with the blocks that it counts on.
  await until("it has a snapshot", async () => {
    return (await stage.ask("learner3", "GET /status")).body.snapshot_through > 40;
  });
  await stage.stop("node3");
  await stage.start("node3");
  await putMany(1, "gateway3");
  await oneChain();
});

test("a majority that is cut off decides nothing: the client is told in its time, and the block is tentative", async () => {
  const leader = (await stage.leader()).replace("proposer", "node");
  const gateway = leader.replace("node", "gateway");
  // The gateway has a session from here on: what it asks for next is the block itself.
  await putMany(1, gateway);
  const before = await oneChain().then(() => chainAt(gateway));
  await cutOff(leader);
  const waiting = put("lonely", 1, gateway, 1000);
  await until("it waits", async () => (await stage.ask(gateway, "GET /ledger/requests")).body.requests.length === 1);
  await until("its acceptor has it", async () => {
    return (await stage.ask(gateway, "GET /ledger/tentative")).body.entries.length > 0;
  });
  const { entries } = (await stage.ask(gateway, "GET /ledger/tentative")).body;
  const { status, body } = await waiting;
  expect([status, body.code]).toEqual([504, "outcome-unknown"]);
  expect(entries).toEqual([
    expect.objectContaining({ operation: { type: "put", key: "lonely", value: 1 }, proposer: leader }),
  ]);
  expect(await chainAt(gateway)).toMatchObject({ height: before.height, hash: before.hash });
  // The others go on under another leader; the one that was cut off takes their chain when it is heard again.
  const other = NODES.find((node) => node !== leader)?.replace("node", "gateway") ?? "";
  expect((await put("together", 2, other)).status).toBe(200);
  await heal(leader);
  const text = await oneChain();
  expect(text).toContain('"together"');
  expect((await stage.ask(gateway, "GET /ledger/tentative")).body).toEqual({ entries: [] });
});

test("all servers that stop and start have the chain that they had", async () => {
  await putMany(3);
  const before = await oneChain();
  const { hash } = await chainAt("gateway1");
  await stage.stop(...NODES);
  await stage.start(...NODES);
  await until("they have it again", async () => (await chainAt("gateway2")).hash === hash);
  expect(await oneChain()).toBe(before);
});

test("a byte that changes in a server's file is told of with its block, and in what every other server has it is not", async () => {
  const text = await oneChain();
  const place = text.indexOf('"proposer":"node') + '"proposer":"node'.length;
  const height = text.slice(0, place).split("\n").length;
  const file = openSync(`${stage.folder}/node2/learner/chain/blocks.jsonl`, "r+");
  onTestFinished(() => {
    writeSync(file, text[place] ?? "", place);
    closeSync(file);
  });
  writeSync(file, "9", place);
  const { status, body } = await stage.ask("gateway2", `GET /ledger/blocks?from=${height}`);
  expect([status, body.code, body.definite, body.height]).toEqual([500, "chain-damaged", true, height]);
  expect(body.detail).toContain(
    "its hash is not the digest of the rest of it. To see all that is wrong: synod ledger verify",
  );
  const records = async (gateway: string) => (await fetch(stage.url(gateway, "/ledger/records"))).text();
  expect(await records("gateway2")).toBe(`${text.slice(0, place)}9${text.slice(place + 1)}`);
  expect(await records("gateway1")).toBe(text);
  expect((await stage.ask("gateway1", `GET /ledger/blocks?from=${height}`)).status).toBe(200);
});

test("blocks are fetched over links that can be cut, and from servers of this cluster alone", async () => {
  const faults = new NodeFaults({ node: "node1", nodes: NODES });
  const server = stage.server("learner1");
  const context = { topology: stage.topology, server, faults, here: new RolesHere(), application: keyValue };
  /** What each of the two others gives, or why it does not. */
  const asked = async (clusterId: string, peerTimeoutMs = 30_000) => {
    const peers = new PeerRecords({ ...context, clusterId, tuning: { peerTimeoutMs } });
    const { signal } = new AbortController();
    const answers = await Promise.allSettled(peers.sources.map((source) => source.records(1, 2, signal)));
    await peers.close();
    return answers.map((answer) => (answer.status === "fulfilled" ? answer.value.length : String(answer.reason)));
  };
  expect(await asked(stage.clusterId)).toEqual([2, 2]);
  const refused = expect.stringContaining("status 409");
  expect(await asked("another")).toEqual([refused, refused]);
  await faults.add("cut node1>node2");
  const late = expect.stringContaining("TimeoutError");
  expect((await asked(stage.clusterId, 200))[0]).toEqual(late);
  faults.heal();
  await faults.add("cut node1>node3");
  expect((await asked(stage.clusterId, 200))[1]).toEqual(late);
});
