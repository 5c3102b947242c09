import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ClusterStage, PATIENCE_MS, setClusterStage } from "./cluster-stage.ts";
import { ended } from "./process-stage.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/manage-paxos.sh", import.meta.url));

function managePaxos({ env, home }: ClusterStage, ...words: string[]) {
  return ended(spawn("bash", [SCRIPT, ...words], { env, cwd: home }), PATIENCE_MS);
}

test("scripts/manage-paxos.sh starts, tests, fails, recovers and stops a cluster", { timeout: 240_000 }, async () => {
  const stage = await setClusterStage("small");
  const start = await managePaxos(stage, "start");
  expect(start.exitCode, start.stderr).toBe(0);
  expect((await managePaxos(stage, "test")).stdout).toMatch(/^write: ok .*\nstrong read: ok /);
  await managePaxos(stage, "fail", "acceptor1");
  await managePaxos(stage, "fail", "acceptor2");
  expect((await managePaxos(stage, "test")).exitCode).toBe(4);
  expect((await managePaxos(stage, "status")).exitCode).toBe(4);
  expect((await managePaxos(stage, "recover", "acceptor1")).exitCode).toBe(0);
  expect((await managePaxos(stage, "fail", "client")).stdout).toMatch(/^gateway: killed/);
  expect((await managePaxos(stage, "recover", "client")).exitCode).toBe(0);
  expect((await managePaxos(stage, "logs", "client")).stdout).toContain("gateway of the cluster small listens on");
  expect((await managePaxos(stage, "restart")).exitCode).toBe(0);
  expect((await managePaxos(stage, "test")).exitCode).toBe(0);
  expect((await managePaxos(stage, "stop")).exitCode).toBe(0);
  expect((await managePaxos(stage, "status")).exitCode).toBe(3);
});

test.each([[[]], [["strat"]], [["fail"]], [["recover", "a", "b"]], [["start", "now"]], [["logs", "a", "b"]]])(
  "scripts/manage-paxos.sh %j is a mistake: it says how it is used, and exits 1",
  async (words) => {
    const { exitCode, stdout, stderr } = await managePaxos(await setClusterStage(), ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(
      "start|stop|restart|status|test|logs [component]|fail <component>|recover <component>|rebuild",
    );
  },
);
