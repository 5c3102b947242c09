import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PATIENCE_MS } from "./cluster-stage.ts";
import { gatewayToMeasure } from "./gateway-to-measure.ts";
import { BIN, ended, setStage, until } from "./process-stage.ts";

/** How long a cluster may take to start, be measured and go, on a machine that has other things to do. */
const LONG_MS = 120_000;

function folderForClusters(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-bench-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Processes that have something to do with this folder. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return words.some((word) => word.startsWith(`${folder}/`)) ? [words.join(" ")] : [];
      } catch {
        return [];
      }
    });
}

test("a cluster of its own is started, measured, recorded and removed", { timeout: LONG_MS }, async () => {
  const [stage, folder] = [await setStage(0), folderForClusters()];
  const record = path.join(stage.home, "run.jsonl");
  const words = ["--folder", folder, "--concurrency", "1,8", "--duration", "500ms", "--keys", "20", "--mix", "get,put"];
  const child = stage.start("synod", "bench", "kv", ...words, "--record", record, "--json");
  const { exitCode, stdout, stderr } = await ended(child, PATIENCE_MS);
  expect(exitCode, stderr).toBe(0);
  const [target] = JSON.parse(stdout).targets;
  expect(target.about).toMatch(/^kv-compact on paxos, three processes on this machine; connections go to node[123]/);
  for (const { rate, errors } of target.runs) expect([rate > 0, errors]).toEqual([true, {}]);
  expect((await stage.synod("check", "history", record, "--model", "register")).exitCode).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  expect(processesOf(folder)).toEqual([]);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends and removes the cluster", { timeout: LONG_MS }, async (signal) => {
  const [stage, folder] = [await setStage(0), folderForClusters()];
  const words = ["--folder", folder, "--concurrency", "2", "--duration", "60s", "--warm-up", "0", "--json"];
  const child = stage.start("synod", "bench", "kv", ...words);
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  const running = ended(child, PATIENCE_MS);
  await until(() => /of 60 s, .* p99 \d/.test(stderr), "something was measured");
  child.kill(signal);
  const { exitCode, stdout } = await running;
  expect(readdirSync(folder)).toEqual([]);
  await until(() => processesOf(folder).length === 0, "no process of it is left");
  expect(exitCode).toBe(130);
  expect(JSON.parse(stdout).targets[0].runs[0].latencies.put.count).toBeGreaterThan(0);
});

test("SIGTERM while the cluster starts leaves nothing of it, also of nodes that have no pid file yet", {
  timeout: LONG_MS,
}, async () => {
  const [stage, folder] = [await setStage(0), folderForClusters()];
  const child = stage.start("synod", "bench", "kv", "--folder", folder, "--json");
  const running = ended(child, PATIENCE_MS);
  const isNode = (line: string) => line.includes(" run-node ");
  await until(() => processesOf(folder).some(isNode), "a node was started");
  child.kill("SIGTERM");
  expect((await running).exitCode).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  await until(() => !processesOf(folder).some(isNode), "no process of it is left");
});

test("SIGTERM leaves no key in a cluster of one's own", { timeout: LONG_MS }, async () => {
  const [stage, gateway] = [await setStage(0), await gatewayToMeasure()];
  const words = ["--servers", gateway.address, "--concurrency", "2", "--duration", "60s", "--json"];
  const child = stage.start("synod", "bench", "kv", ...words);
  const running = ended(child, PATIENCE_MS);
  await until(() => gateway.store.size > 100, "keys are written");
  child.kill("SIGTERM");
  const { exitCode, stdout } = await running;
  expect([exitCode, JSON.parse(stdout).interrupted]).toEqual([130, true]);
  expect([...gateway.store.keys()]).toEqual([]);
});

const hasEtcd = spawnSync("etcd", ["--version"]).status === 0;

test.skipIf(!hasEtcd)("etcd is started, measured and removed", { timeout: LONG_MS }, async () => {
  const [stage, folder] = [await setStage(0), folderForClusters()];
  const words = ["--targets", "etcd", "--folder", folder, "--concurrency", "1,8", "--duration", "500ms", "--json"];
  const { exitCode, stdout, stderr } = await ended(stage.start("synod", "bench", "kv", ...words), PATIENCE_MS);
  expect(exitCode, stderr).toBe(0);
  const [target] = JSON.parse(stdout).targets;
  expect(target.about).toMatch(/^etcd 3\.\d+\.\d+, three processes on this machine/);
  for (const { rate, errors } of target.runs) expect([rate > 0, errors]).toEqual([true, {}]);
  expect(readdirSync(folder)).toEqual([]);
  expect(processesOf(folder)).toEqual([]);
});

test("a member of etcd that is killed while it starts is not waited for", { timeout: LONG_MS }, async () => {
  const [folder, programs] = [folderForClusters(), folderForClusters()];
  const etcd = '#!/bin/sh\n[ "$1" = --version ] && echo "etcd Version: 3.4.0" && exit 0\nkill -9 $$\n';
  writeFileSync(path.join(programs, "etcd"), etcd, { mode: 0o755 });
  const env = { ...process.env, PATH: `${programs}:${process.env["PATH"]}` };
  const words = ["bench", "kv", "--targets", "etcd", "--folder", folder];
  const began = performance.now();
  const { exitCode, stderr } = await ended(spawn(process.execPath, [`${BIN}synod.js`, ...words], { env }), PATIENCE_MS);
  expect(stderr).toMatch(/member \w+ of etcd ended/);
  expect(exitCode).toBe(1);
  // So long it would wait for one that is slow.
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(readdirSync(folder)).toEqual([]);
});
