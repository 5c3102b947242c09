import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writePidFile } from "@synod/acceptor-server/pid-file";
import { PoolFolder } from "@synod/acceptor-server/pool-folder";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { expect, onTestFinished, test } from "vitest";
import { startPool, type TestPool } from "./acceptor-pool.ts";
import { runCommand } from "./run-command.ts";

/** Nobody listens there. */
const NOBODY = { host: "127.0.0.1", port: 1 };

function temporaryHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), "synod-acceptors-here-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** A cluster of this home whose acceptors are those of a pool, away from the usual ports; its nodes run, as far as can be told. */
function addCluster(home: string, pool: TestPool, name: string, runs = true): void {
  const usual = preset("kv", { cluster: name });
  const nodes = usual.nodes.map((node, place) => ({
    ...node,
    roles: node.roles.map((role) => {
      const acceptorAt = role.role === "acceptor" ? pool.addresses[role.number - 1] : undefined;
      return { ...role, address: acceptorAt ?? { ...NOBODY, port: place + 1 } };
    }),
  }));
  const folder = new ClusterFolder(name, home);
  folder.readOrCreate({ ...usual, nodes });
  const record = JSON.parse(readFileSync(folder.recordFile, "utf8"));
  writeFileSync(folder.recordFile, JSON.stringify({ ...record, clusterId: name }));
  if (!runs) return;
  const { folder: nodeFolder, pidFile } = folder.node("acceptor2");
  mkdirSync(nodeFolder, { recursive: true });
  writePidFile(pidFile, NOBODY);
}

async function stateAt(home: string, env: Record<string, string> = {}) {
  const { exitCode, stdout } = await runCommand("get-state", [], { env: { SYNOD_HOME: home, ...env } });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout)["1"]?.acceptedValue;
}

test("messages by hand go to the cluster that runs in this home, on whatever ports", async () => {
  const [home, pool] = [temporaryHome(), await startPool(3, { poolId: "mine" })];
  addCluster(home, pool, "mine");
  await pool.accept([1, 2], 5, "tea");
  expect(await stateAt(home)).toBe("tea");
  const explained = await runCommand("synod", ["explain", "--json"], { env: { SYNOD_HOME: home } });
  expect(JSON.parse(explained.stdout)).toMatchObject({ serverCount: 3, verdict: "chosen" });
  const prepare = ["--id", "16", "--server-ids", "1", "2", "3"];
  expect((await runCommand("send-prepare", prepare, { env: { SYNOD_HOME: home } })).exitCode).toBe(0);
  expect(pool.allRequests().filter((request) => request === "POST /prepare")).toHaveLength(3);
});

test("servers that are named are stronger, and so is a pool that runs here; one that is down is not", async () => {
  const cluster = await startPool(3, { poolId: "mine" });
  const [home, pool, named] = [temporaryHome(), await startPool(3, { poolId: "pool" }), await startPool(3)];
  for (const [one, value] of [
    [cluster, "cluster"],
    [pool, "pool"],
    [named, "named"],
  ] as const) {
    await one.accept([1, 2, 3], 5, value);
  }
  addCluster(home, cluster, "mine");
  const folder = new PoolFolder(home);
  folder.readOrCreate(3, "pool");
  folder.rememberAddresses(pool.addresses);
  expect(await stateAt(home)).toBe("cluster");
  mkdirSync(path.dirname(folder.pidFile(1)), { recursive: true });
  writePidFile(folder.pidFile(1), pool.addresses[0] ?? NOBODY);
  expect(await stateAt(home)).toBe("pool");
  expect(await stateAt(home, { SYNOD_SERVERS: named.servers })).toBe("named");
});

test("a cluster that is down is not spoken to, nor one of two that run", async () => {
  const [home, pool] = [temporaryHome(), await startPool(3, { poolId: "mine" })];
  addCluster(home, pool, "mine", false);
  const words = ["--server-count", "3", "--timeout", "100ms"];
  await runCommand("get-state", words, { env: { SYNOD_HOME: home } });
  addCluster(home, pool, "one");
  addCluster(home, pool, "two");
  await runCommand("get-state", words, { env: { SYNOD_HOME: home } });
  expect(pool.allRequests()).toEqual([]);
});
