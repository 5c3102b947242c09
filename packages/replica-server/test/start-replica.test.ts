import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINES, type EngineName, type Topology } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import { type Replica, type ReplicaOptions, startReplica } from "../src/index.ts";
import { printTopology } from "../src/topology/print-topology.ts";
import { COMPACT, freeTopology, RAFT } from "./cluster-stage.ts";

/** Three nodes share one process here: a busy machine must not seem to be a dead leader. */
const TUNING = { proposer: { timing: { electionTimeoutMs: 2000 } }, raft: { timing: { electionTimeoutMs: 600 } } };
/** How long calls may take on a machine that has other things to do, in milliseconds. */
const TIMEOUT_MS = 30_000;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "synod-replica-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(cluster: Topology | string, node: string, folder: string, more: Partial<ReplicaOptions> = {}) {
  const store = { timeoutMs: TIMEOUT_MS };
  const replica = await startReplica({ cluster, node, folder, tuning: TUNING, store, ...more });
  onTestFinished(() => replica.close());
  return replica;
}

const NODES = Object.keys(COMPACT);

test("three nodes in one program agree, each with a folder of its own, and go on where they were", async () => {
  const topology = await freeTopology({ shape: COMPACT, chaos: false });
  const folders = NODES.map(newFolder);
  const startAll = () => Promise.all(NODES.map((node, place) => start(topology, node, folders[place] ?? "")));
  const replicas = await startAll();
  const [one, two, three] = replicas as [Replica, Replica, Replica];
  expect(new Set(replicas.map(({ clusterId }) => clusterId)).size).toBe(1);
  const { revision } = await one.store.put("tea", "hot");
  expect(await two.store.get("tea")).toMatchObject({ value: "hot", revision });
  const watch = three.store.watch({ pattern: "t*", from: 1 });
  expect(await watch.next()).toMatchObject({ value: { key: "tea", value: "hot", revision } });
  await watch.return();
  expect((await fetch(`${one.address}/kv/tea`)).status).toBe(200);
  await Promise.all(replicas.map((replica) => replica.close()));
  const [again] = await startAll();
  expect(await again?.store.get("tea")).toMatchObject({ value: "hot", revision });
});

test.each(ENGINES)("its store goes on while another node stops, on %s", async (engine) => {
  const shape = engine === "raft" ? RAFT : COMPACT;
  const topology = await freeTopology({ shape, engine, chaos: false });
  const folder = newFolder();
  const replicas = await Promise.all(NODES.map((node) => start(topology, node, folder)));
  const [one, two] = replicas as [Replica, Replica];
  await one.store.put("a", "1");
  const closed = two.close();
  expect(await one.store.compareAndSet("a", { expected: "1" }, "2")).toMatchObject({ succeeded: true });
  await closed;
  expect(await one.store.get("a")).toMatchObject({ value: "2" });
});

test("a topology file is read, and a node that needs a secret is given one", async () => {
  const topology = await freeTopology({ shape: COMPACT, chaos: false });
  const folder = newFolder();
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, printTopology(topology));
  const secret = "a secret that all of them share";
  const replicas = await Promise.all(NODES.map((node) => start(file, node, folder, { secret })));
  expect(await replicas[0]?.store.put("a", "1")).toMatchObject({ key: "a" });
  expect((await fetch(`${replicas[0]?.address}/kv/a`)).status).toBe(401);
});

test("what a person did wrong is said, with what would be right, and nothing runs", async () => {
  const folder = newFolder();
  const topology = await freeTopology({ shape: COMPACT, chaos: false });
  const wrong = (options: Partial<ReplicaOptions>) =>
    startReplica({ cluster: topology, node: "node1", folder, ...options }).then(
      () => "it started",
      (error: Error) => error.message,
    );
  expect(await wrong({ node: "node4" })).toContain("there is no node node4 in test: there is node1, node2, node3");
  expect(await wrong({ cluster: "kv-compat" })).toContain("no preset (there is kv, kv-compact)");
  expect(await wrong({ cluster: "ledger", node: "server1" })).toContain("startReplica is for key-value stores");
  expect(await wrong({ portOffset: 100 })).toContain("engine, portOffset and chaos are for presets");
  const reachable = JSON.parse(JSON.stringify(topology).replaceAll("127.0.0.1", "0.0.0.0"));
  expect(await wrong({ cluster: reachable, folder: newFolder() })).toContain("one shared secret");
  expect(await wrong({ store: { timeoutMs: -1 } })).toContain(
    "a number of milliseconds above 0 and below 2^31, not -1",
  );
  expect(await wrong({ cluster: "kv", engine: "zab" as EngineName })).toContain("engine: there is paxos and raft");
  for (const none of [undefined, null, {}, { name: "test", nodes: [{}] }]) {
    expect(await wrong({ cluster: none as unknown as Topology })).toContain("cluster: give a preset");
  }
  const running = await start(topology, "node1", folder);
  expect(await wrong({ folder: newFolder() })).toContain("is in use by another program");
  expect(await wrong({ clusterId: "another" })).toContain(`is of the cluster ${running.clusterId}, not of another`);
});

test("a cluster that cannot be is refused before anything is written, so that the right one is started in the same folder", async () => {
  const folder = newFolder();
  const topology = await freeTopology({ shape: COMPACT, chaos: false });
  const wrong = (options: Partial<ReplicaOptions>) =>
    start(topology, "node1", folder, options).then(
      () => "it started",
      (error: Error) => error.message,
    );
  const gateways = topology.nodes.map(({ name, roles }) => ({
    name,
    roles: roles.filter((one) => one.role === "gateway"),
  }));
  expect(await wrong({ cluster: { ...topology, nodes: gateways } })).toContain("none of them is a acceptor");
  expect(await wrong({ clusterId: "my cluster" })).toContain('1 to 64 letters, digits, _ and -, not "my cluster"');
  expect(readdirSync(folder)).toEqual([]);
  expect((await start(topology, "node1", folder)).clusterId).toMatch(/^[0-9a-f]{32}$/);
});
