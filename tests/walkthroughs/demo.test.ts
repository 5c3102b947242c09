import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { LOOPBACK } from "../../packages/client/test/stand-in-server.js";
import { ended, type Stage, setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { ROOT } from "../source-tree.js";

function startDemo(stage: Stage) {
  const child = spawn(process.execPath, [`${ROOT}scripts/demo.mjs`], {
    env: { ...stage.env, TMPDIR: stage.home },
    cwd: stage.home,
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // Refused: that is the answer.
    return false;
  } finally {
    socket.destroy();
  }
}

/** Nothing of the demo is left: no server, no folder. */
async function expectNothingLeft(stage: Stage): Promise<void> {
  expect(await Promise.all(stage.ports.map(isListening))).toEqual([false, false, false]);
  expect(readdirSync(stage.home)).toEqual([]);
}

test("the demo tells the story to its end and leaves nothing behind", { timeout: 90_000 }, async () => {
  const stage = await setStage(3);
  const { exitCode, stdout, stderr } = await ended(startDemo(stage));
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain("Client value overridden due to prior accepted value:\n  acceptedId=9, value=tea");
  expect(stdout).toContain('CHOSEN: "tea", and no other value ever will be.');
  await expectNothingLeft(stage);
});

test("Ctrl-C in the middle of the demo stops what it started", { timeout: 90_000 }, async () => {
  const stage = await setStage(3);
  const demo = startDemo(stage);
  for await (const line of createInterface({ input: demo.stdout })) {
    if (!line.includes("acceptor 3: up")) continue;
    demo.kill("SIGINT");
    break;
  }
  demo.stdout.resume();
  const [exitCode] = demo.exitCode === null ? await once(demo, "exit") : [demo.exitCode];
  expect(exitCode).toBe(130);
  await expectNothingLeft(stage);
});
