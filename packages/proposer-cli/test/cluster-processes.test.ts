import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { readPidFile } from "@synod/acceptor-server/pid-file";
import { formatAddress } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import { type ClusterStage, setClusterStage } from "./cluster-stage.ts";
import { ended, isAlive } from "./process-stage.ts";
import { linesOf } from "./run-command.ts";

async function started(stage: ClusterStage): Promise<void> {
  const { exitCode, stdout, stderr } = await stage.synod("cluster", "start", stage.topologyFile);
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
}

test("a cluster starts, loses a node and the leader's quorum, is mended, stops, and starts with what it had", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage("small");
  const start = await stage.synod("cluster", "start", stage.topologyFile);
  expect(start.exitCode, start.stderr).toBe(0);
  const lines = linesOf(start.stdout);
  expect(lines).toHaveLength(5);
  const [first] = stage.topology.nodes[0]?.roles ?? [];
  expect(lines[0]).toBe(
    `acceptor1: up at http://${formatAddress(first?.address ?? { host: "", port: 0 })} (pid ${stage.pidOf("acceptor1")})`,
  );
  expect(lines[4]).toBe("proposer1 leads");
  expect(start.stderr).toContain("synod kv put greeting hello");
  expect((await stage.synod("kv", "put", "x", "1")).exitCode).toBe(0);

  const failed = stage.pidOf("acceptor1");
  expect((await stage.synod("cluster", "fail", "acceptor1")).stdout).toBe(`acceptor1: killed (pid ${failed})\n`);
  expect(isAlive(failed)).toBe(false);
  expect((await stage.synod("cluster", "test")).exitCode).toBe(0);
  await stage.synod("cluster", "fail", "acceptor2");
  const status = await stage.synod("cluster", "status");
  expect(status.exitCode).toBe(4);
  expect(status.stdout).toContain("synod cluster recover acceptor1 acceptor2");
  expect((await stage.synod("cluster", "test")).exitCode).toBe(4);

  const recovered = await stage.synod("cluster", "recover", "acceptor1", "acceptor2");
  expect(recovered.exitCode, recovered.stderr).toBe(0);
  expect((await stage.synod("cluster", "test")).exitCode).toBe(0);
  const stop = await stage.synod("cluster", "stop");
  expect(
    linesOf(stop.stdout).every((line) => / stopped \(pid \d+\)$/.test(line)),
    stop.stdout,
  ).toBe(true);
  expect((await stage.synod("cluster", "status")).exitCode).toBe(3);
  expect((await stage.synod("cluster", "start")).exitCode).toBe(0);
  expect((await stage.synod("kv", "get", "x", "--value-only")).stdout).toBe("1\n");
});

test("a port that somebody else uses is told in the node's own words, and the other nodes start", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage();
  const [taken] = stage.topology.nodes[1]?.roles ?? [];
  const squatter = createServer();
  onTestFinished(() => {
    squatter.close();
  });
  squatter.listen(taken?.address.port, taken?.address.host);
  await once(squatter, "listening");
  const { exitCode, stdout, stderr } = await stage.synod("cluster", "start", stage.topologyFile, "--within", "600s");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    `synod: node2 is not up: ${formatAddress(taken?.address ?? { host: "", port: 0 })} is in use`,
  );
  expect(linesOf(stdout).map((line) => line.split(":")[0])).toEqual(["node1", "node3"]);
});

test("of two commands that start a cluster at the same time, each finds all nodes up, also those that keep nothing", {
  timeout: 60_000,
}, async () => {
  const stage = await setClusterStage("small");
  const start = () => stage.synod("cluster", "start", "--topology", stage.topologyFile);
  for (const { exitCode, stdout } of await Promise.all([start(), start()])) {
    expect(exitCode).toBe(0);
    for (const { name } of stage.topology.nodes) expect(stdout).toContain(`(pid ${stage.pidOf(name)})`);
  }
});

test("`fail` kills nobody who only has the number of a node that is gone", { timeout: 60_000 }, async () => {
  const stage = await setClusterStage();
  stage.folder.readOrCreate(stage.topology);
  const bystander = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  onTestFinished(() => {
    bystander.kill("SIGKILL");
  });
  await once(bystander, "spawn");
  const { folder, pidFile } = stage.folder.node("node1");
  for (const verb of ["fail", "stop"]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(pidFile, JSON.stringify({ pid: bystander.pid, startMark: "another start", address: "127.0.0.1:1" }));
    const { exitCode, stdout } = await stage.synod("cluster", verb, "node1");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("node1: was not up");
    expect(readPidFile(pidFile)).toBeNull();
  }
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
});

test("what commands recorded while a node failed and came back is linearizable", { timeout: 240_000 }, async () => {
  const stage = await setClusterStage();
  await started(stage);
  const file = path.join(stage.home, "run.jsonl");
  const client = async (who: number) => {
    for (let i = 0; i < 4; i++) {
      await stage.synod("kv", "put", `k${i % 2}`, `${who}-${i}`, "--record", file);
      await stage.synod("kv", "get", `k${(i + 1) % 2}`, "--record", file);
    }
    await stage.synod("kv", "delete", "k0", "--record", file);
  };
  const clients = Promise.all([client(1), client(2)]);
  await stage.synod("cluster", "fail", "node1");
  await stage.synod("cluster", "recover", "node1");
  await clients;
  const { exitCode, stdout } = await stage.synod("check", "history", file, "--model", "register");
  expect(exitCode, stdout).toBe(0);
});

test("what is up stays up, a lost or damaged state is not started from, and a reset waits until all is down", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage();
  await started(stage);
  const pids = stage.topology.nodes.map(({ name }) => stage.pidOf(name));
  await stage.synod("cluster", "fail", "node2");
  const again = await stage.synod("cluster", "start", "--json");
  expect(again.exitCode, again.stderr).toBe(0);
  const document = JSON.parse(again.stdout);
  expect(document.nodes.map(({ done }: { done: string }) => done)).toEqual(["already-up", "started", "already-up"]);
  expect([stage.pidOf("node1"), stage.pidOf("node3")]).toEqual([pids[0], pids[2]]);
  expect(document.leader).toMatch(/^proposer[123]$/);

  await stage.synod("cluster", "stop", "node1", "node2");
  const refused = await stage.synod("cluster", "reset");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("still running: node3. Stop them first: synod cluster stop");

  writeFileSync(path.join(stage.folder.node("node1").folder, "proposer", "journal"), "no journal");
  rmSync(stage.folder.node("node2").folder, { recursive: true });
  const recovered = await stage.synod("cluster", "recover", "node1", "node2");
  expect(recovered.exitCode).toBe(1);
  expect(recovered.stderr).toContain("synod: node1 is not up: ");
  expect(recovered.stderr).toMatch(/node2 is not up: .* could break consensus/);
  expect(recovered.stderr).not.toMatch(/^\s+at /m);

  await stage.synod("cluster", "stop");
  expect((await stage.synod("cluster", "reset")).stdout).toContain("is wiped");
  expect(stage.folder.read()).toBeNull();
  expect((await stage.synod("cluster", "reset")).stdout).toContain("nothing to reset");
  expect((await stage.synod("cluster", "stop")).stdout).toContain("nothing to stop");
});

test("links that are cut at both ends are listed, logged, do their harm, and are healed", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage();
  await started(stage);
  const follow = stage.start("cluster", "logs", "--follow", "--lines", "1");
  const end = ended(follow);
  const pairs = [
    ["node1", "node2"],
    ["node1", "node3"],
    ["node2", "node3"],
  ] as const;
  for (const [one, other] of pairs) expect((await stage.synod("cluster", "cut", one, other)).exitCode).toBe(0);
  expect(JSON.parse((await stage.synod("cluster", "faults", "--json")).stdout).faults).toHaveLength(6);
  expect([4, 7]).toContain((await stage.synod("kv", "put", "x", "1", "--timeout", "6s")).exitCode);
  expect((await stage.synod("cluster", "heal")).exitCode).toBe(0);
  const mended = await stage.synod("cluster", "test", "--timeout", "20s");
  expect(mended.exitCode, mended.stderr).toBe(0);
  follow.kill("SIGINT");
  const { exitCode, stdout } = await end;
  expect(exitCode).toBe(130);
  expect(stdout).toMatch(/^node1 \| node1 of the cluster kv-compact listens on acceptor1 at /m);
  expect(stdout).toMatch(/^node2 \| \{.*cut node2>node3/m);
});
