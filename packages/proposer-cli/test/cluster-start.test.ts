import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { expect, onTestFinished, test } from "vitest";
import { refuseToMove } from "../src/cluster/preset-options.ts";
import { fakeCluster, healthyStatus } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

test("a cluster that was started keeps its ports: --port-offset is refused where it would mean others", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const { exitCode, stderr } = await runCommand("synod", [
    ...["cluster", "start", "--port-offset", "700", "--home", cluster.home],
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    `the cluster kv was started here on other ports (acceptor1 is at ${cluster.server("acceptor1").address}), and keeps ` +
      "them: leave --port-offset out, or start a second cluster in a folder of its own, with --home",
  );
});

test.each(["kv", "kv-compact"] as const)("the offset that %s was started with may be said again", (name) => {
  const known = {
    topology: preset(name, { portOffset: 700, cluster: "mine" }),
    clusterId: "c",
    folder: new ClusterFolder("mine", "nowhere"),
    secret: undefined,
  };
  expect(() => refuseToMove(known, { "port-offset": 700 })).not.toThrow();
  expect(() => refuseToMove(known, {})).not.toThrow();
  expect(() => refuseToMove(known, { "port-offset": 701 })).toThrow("keeps them");
});

test("a ledger keeps its servers and its difficulty, as it keeps its ports", async () => {
  const home = mkdtempSync(path.join(tmpdir(), "synod-ledger-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  new ClusterFolder("ledger", home).readOrCreate(preset("ledger", { servers: 5, difficulty: 2, portOffset: 700 }));
  const start = (...words: string[]) => runCommand("synod", ["cluster", "start", ...words, "--home", home]);
  for (const other of [
    ["--nodes", "3"],
    ["--difficulty", "1"],
    ["--nodes", "5", "--difficulty", "0"],
  ]) {
    const { exitCode, stderr } = await start(...other);
    expect(exitCode, other.join(" ")).toBe(2);
    expect(stderr).toContain("was started here with 5 servers and difficulty 2 on paxos, and keeps them");
  }
  expect((await start("--port-offset", "701")).stderr).toContain("was started here on other ports");
  expect((await start("ledger", "--port-offset", "700", "--nodes", "4", "--difficulty", "2")).exitCode).toBe(1);
});

test.each([
  [["kv", "--nodes", "3"], "kv on paxos has as many nodes as it has; on raft it has as many as you say"],
  [["kv-compact", "--engine", "raft", "--nodes", "5"], "kv-compact on raft has as many nodes as it has"],
  [["kv", "--engine", "rafft"], "raft"],
  [["mine.yaml", "--engine", "raft"], "in a file, write engine: raft"],
  [["kv-compact", "--difficulty", "3"], "--difficulty is for the preset ledger"],
  [["mine.yaml", "--nodes", "3"], "in a file, write the nodes and the difficulty that you want"],
  [["ledger", "--nodes", "0"], "--nodes must be a whole number 1..99"],
  [["ledger", "--nodes", "100"], "--nodes must be a whole number 1..99"],
  [["ledger", "--difficulty", "25"], "--difficulty must be a whole number 0..24"],
])("cluster start %j is a mistake, and says what is meant", async (words, why) => {
  const { exitCode, stderr } = await runCommand("synod", ["cluster", "start", ...words, "--home", "nowhere"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(why);
});

test.each([
  [
    "ledger",
    ["kv", "get", "a"],
    "is a ledger and no key-value store: synod ledger put and synod ledger get are for it",
  ],
  ["chat", ["kv", "get", "a"], "is a chat and no key-value store: synod chat is for it"],
  ["chat", ["ledger", "get", "1", "--cluster", "chat"], "is a chat and no ledger: synod chat is for it"],
] as const)("of a %s, synod %s says what it is", async (which, words, why) => {
  const home = mkdtempSync(path.join(tmpdir(), "synod-other-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  new ClusterFolder(which, home).readOrCreate(preset(which));
  const { exitCode, stderr } = await runCommand("synod", [...words, "--home", home]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(why);
});
