import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { BIN, ended, HOST, isAlive, until } from "./process-stage.ts";
import { setRing } from "./ring-stage.ts";

test("a proposer, an acceptor and a learner die in phase 2, and two clients that disagree are told one value", {
  timeout: 90_000,
}, async () => {
  const { stage, hostsFile } = await setRing(2, 3, 2, 2);
  const clients = ["--client", "7=210@0", "--client", "8=300@1"];
  const words = ["run", hostsFile, ...clients, "--fail", "0,3,5", "--fail-at", "phase-2", "--json"];
  const TMPDIR = path.join(stage.home, "temporary");
  mkdirSync(TMPDIR);
  const run = spawn(process.execPath, [`${BIN}synod.js`, "ring", ...words], { env: { ...stage.env, TMPDIR } });
  const { exitCode, stdout, stderr } = await ended(run, 80_000);
  expect(exitCode, stderr).toBe(0);
  const { value, leaders, roles, died, clients: told } = JSON.parse(stdout);
  expect(["210", "300"]).toContain(value);
  expect(told.map((client: { value: string }) => client.value)).toEqual([value, value]);
  expect(leaders).toEqual([6]);
  expect(roles).toMatchObject({ 0: "proposer", 3: "acceptor", 6: "learner" });
  expect(died).toContain(3);
  // State that nobody named a place for goes with the run.
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test("a value may hold anything: it is told whole, makes no lines of others, and commands no terminal", {
  timeout: 90_000,
}, async () => {
  const { hostsFile, ring } = await setRing(1, 1, 1, 1);
  const value = "a\nNode ID 9 IS THE LEADER\r\u2028b\u001b[2J\u009b2J\u202e";
  const asDocument = await ring("run", hostsFile, "--value", value, "--json");
  expect(JSON.parse(asDocument.stdout)).toMatchObject({
    ...{ value, leaders: [2] },
    clients: [{ uid: 3, asked: value, value, exitCode: 0 }],
  });
  const { stdout } = await ring("run", hostsFile, "--value", value);
  expect(stdout).toContain("learner: a\\u000aNode ID 9 IS THE LEADER\\u000d\u2028b\\u001b[2J\\u009b2J\\u202e\n");
});

test("nodes go on for the client that comes later, an acceptor that was killed keeps its word, and all end by themselves", {
  timeout: 90_000,
}, async () => {
  const { stage, hostsFile, ring } = await setRing(1, 1, 1, 2);
  const startNode = (uid: number) => stage.start("synod", "ring", "node", String(uid), "--hosts", hostsFile);
  const [proposer, acceptor, learner] = [startNode(0), startNode(1), startNode(2)];
  const first = await ring("client", "3", "210", "0", "--hosts", hostsFile);
  expect(first.exitCode, first.stderr).toBe(0);
  acceptor.kill("SIGKILL");
  await once(acceptor, "exit");
  expect([proposer.exitCode, learner.exitCode]).toEqual([null, null]);
  const again = startNode(1);
  const second = await ring("client", "4", "300", "0", "--hosts", hostsFile);
  expect(second.stdout, second.stderr).toBe("Final message received by client from learner: 210\n");
  await until(() => [proposer, again, learner].every((node) => node.exitCode === 0), "all nodes end with 0");
});

test("ring run says which node does not start, and stops the others", { timeout: 90_000 }, async () => {
  const { hostsFile, ports, ring } = await setRing(1, 1, 1, 1);
  const [port = 0] = ports;
  const other = createServer().listen(port, HOST);
  await once(other, "listening");
  const { exitCode, stderr } = await ring("run", hostsFile, "--value", "210");
  other.close();
  expect(exitCode).toBe(1);
  expect(stderr).toContain("node 0 has ended: localhost:");
  expect(stderr).toContain("is in use by another program");
});

/** Processes whose command line names this file: what `ring run` has started, and itself. */
function membersOf(hostsFile: string): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isAlive(Number(name)));
  return pids.filter((pid) => commandLineOf(pid).includes(hostsFile)).length;
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("ring run that is killed leaves no member behind", { timeout: 90_000 }, async () => {
  const { stage, hostsFile } = await setRing(1, 1, 1, 1);
  // Without its only acceptor, the client waits.
  const run = stage.start("synod", "ring", "run", hostsFile, "--value", "210", "--fail", "1", "--home", stage.home);
  let said = "";
  run.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await until(() => said.includes("node 1 has failed, as it was asked to"), said);
  expect(membersOf(hostsFile)).toBe(4);
  run.kill("SIGKILL");
  await until(() => membersOf(hostsFile) === 0, "all members end");
});
