import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { ended, freePorts, type Stage, setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { ROOT } from "../source-tree.js";

function acceptors(stage: Stage, ...words: string[]) {
  return ended(spawn("bash", [`${ROOT}scripts/acceptors.sh`, ...words], { env: stage.env, cwd: stage.home }));
}

test("scripts/acceptors.sh takes a pool up and down, shows it and wipes it", { timeout: 90_000 }, async () => {
  const stage = await setStage(3);
  const up = await acceptors(stage, "up");
  expect(up.exitCode, up.stderr).toBe(0);
  expect(up.stdout.trim().split("\n")).toHaveLength(3);
  expect((await acceptors(stage, "down", "2")).stdout).toMatch(/^acceptor 2: stopped/);
  expect((await acceptors(stage, "status")).exitCode).toBe(0);
  expect((await acceptors(stage, "reset")).exitCode).toBe(1);
  expect((await acceptors(stage, "down")).exitCode).toBe(0);
  expect((await acceptors(stage, "status")).exitCode).toBe(3);
  expect((await acceptors(stage, "reset")).stdout).toContain("is wiped");
});

test.each([[[]], [["upp"]]])(
  "scripts/acceptors.sh %j is a mistake: it says how it is used, and exits 2",
  async (words) => {
    const { exitCode, stderr } = await acceptors(await setStage(1), ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("up|down|status|reset");
  },
);

test("scripts/run.sh, run2.sh and run3.sh elect a leader and get their clients one value", {
  timeout: 260_000,
}, async () => {
  const stage = await setStage(0);
  const told = /^Final message received by client from learner: (\d+)$/gm;
  for (const [script, leader, values] of [
    ["run.sh", 2, ["210"]],
    ["run2.sh", 8, ["210", "300"]],
    ["run3.sh", 6, ["210"]],
  ] as const) {
    // As many ports in a row as the largest of them has hosts.
    const [port = 0] = await freePorts(11);
    const env = { ...stage.env, RING_PORT: String(port) };
    const { exitCode, stdout, stderr } = await ended(
      spawn("bash", [`${ROOT}scripts/${script}`], { env, cwd: stage.home }),
      80_000,
    );
    expect(exitCode, `${script}\n${stdout}${stderr}`).toBe(0);
    expect(stdout).toContain(`Node ID ${leader} IS THE LEADER\n`);
    const heard = [...stdout.matchAll(told)].map(([, value]) => value);
    expect(heard).toHaveLength(values.length);
    expect(new Set(heard).size).toBe(1);
    expect(values).toContain(heard[0]);
  }
});
