import { existsSync, mkdirSync } from "node:fs";
import { AcceptorStore } from "@synod/acceptor-server";
import { expect, test } from "vitest";
import { type Stage, setStage } from "./process-stage.ts";
import { linesOf } from "./run-command.ts";

/** Gives the pool's servers a state, as if they had run, without a process for each. */
async function makeStates(stage: Stage): Promise<void> {
  const serverCount = stage.ports.length;
  const { poolId } = stage.folder.readOrCreate(serverCount);
  for (const [position] of stage.ports.entries()) {
    const serverId = position + 1;
    mkdirSync(stage.folder.acceptor(serverId), { recursive: true });
    const { store } = await AcceptorStore.onDisk(stage.folder.acceptor(serverId), { serverId, serverCount, poolId });
    await store.close();
  }
}

test("`reset` wipes the whole pool, and doing it twice is no error", async () => {
  const stage = await setStage(3);
  await makeStates(stage);
  const { exitCode, stdout } = await stage.synod("acceptor", "reset");
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`the pool in ${stage.folder.path} is wiped`);
  expect(existsSync(stage.folder.path)).toBe(false);
  const again = await stage.synod("acceptor", "reset", "--json");
  expect(again.exitCode).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual({ reset: [], warnings: [] });
});

test("after a reset the pool remembers nothing and is another one, so that no old server can speak for it", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  const { poolId } = stage.folder.readOrCreate(1);
  await stage.run("send-accept", "--id", "7", "--server-ids", "1", "--value", "old");
  await stage.synod("acceptor", "down", "--all");
  await stage.synod("acceptor", "reset");
  await stage.synod("acceptor", "up");
  const { stdout } = await stage.run("get-state");
  expect(JSON.parse(stdout)).toEqual({ 1: { promisedId: -1, acceptedId: -1, acceptedValue: null } });
  expect(stage.folder.readOrCreate(1).poolId).not.toBe(poolId);
});

test("`reset` is refused while one acceptor runs: its memory would say what its folder no longer says", async () => {
  const stage = await setStage(2);
  await stage.synod("acceptor", "up", "2");
  const { exitCode, stderr } = await stage.synod("acceptor", "reset");
  expect(exitCode).toBe(1);
  expect(stderr).toBe("synod: still running: 2. Stop them first: synod acceptor down 2\n");
  expect(existsSync(stage.folder.acceptor(2))).toBe(true);
  const one = await stage.synod("acceptor", "reset", "2", "--forget-promises");
  expect(one.exitCode).toBe(1);
  expect(existsSync(stage.folder.acceptor(2))).toBe(true);
});

test("one acceptor alone is wiped only with --forget-promises, and the refusal says what may be lost", async () => {
  const stage = await setStage(2);
  await makeStates(stage);
  const refused = await stage.synod("acceptor", "reset", "2");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("a value which was chosen can be lost and another one chosen");
  expect(refused.stderr).toContain("synod acceptor reset 2 --forget-promises");
  expect(existsSync(stage.folder.acceptor(2))).toBe(true);
  const { exitCode, stdout, stderr } = await stage.synod("acceptor", "reset", "2", "--forget-promises");
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toEqual(["acceptor 2: wiped; it remembers no promise and no acceptance"]);
  expect(stderr).toContain("warning: a value that was chosen may be lost now");
  expect(existsSync(stage.folder.acceptor(2))).toBe(false);
  expect(existsSync(stage.folder.acceptor(1))).toBe(true);
});

test("--forget-promises without ids is a usage error: the whole pool is reset without it", async () => {
  const stage = await setStage(1);
  await makeStates(stage);
  const { exitCode } = await stage.synod("acceptor", "reset", "--forget-promises");
  expect(exitCode).toBe(2);
  expect(existsSync(stage.folder.acceptor(1))).toBe(true);
});

test("`status` exits 0 with a majority up, 4 with fewer, 3 with none, and its table says which", async () => {
  const stage = await setStage(3);
  await stage.synod("acceptor", "up", "1", "2");
  await stage.run("send-accept", "--id", "7", "--server-ids", "1", "--value", "x");
  const two = await stage.synod("acceptor", "status");
  expect(two.exitCode).toBe(0);
  expect(linesOf(two.stdout).map((line) => line.split(/ {2,}/))).toEqual([
    ["server", "address", "pid", "status", "promised", "accepted", "value"],
    ["1", `http://127.0.0.1:${stage.ports[0]}`, String(stage.pidOf(1)), "up", "7", "7", '"x"'],
    ["2", `http://127.0.0.1:${stage.ports[1]}`, String(stage.pidOf(2)), "up", "-", "-", "-"],
    ["3", `http://127.0.0.1:${stage.ports[2]}`, "-", "down", "-", "-", "-"],
  ]);
  process.kill(stage.pidOf(2), "SIGSTOP");
  const one = await stage.synod("acceptor", "status", "--timeout", "300ms");
  expect(one.exitCode).toBe(4);
  expect(one.stdout).toContain("running, but no answer (timeout)");
  await stage.synod("acceptor", "down", "--all", "--crash");
  const none = await stage.synod("acceptor", "status", "--json");
  expect(none.exitCode).toBe(3);
  expect(JSON.parse(none.stdout)).toMatchObject({ serverCount: 3, majorityRequired: 2, up: 0 });
});

test("without a pool, `status` says how to start one, and `down` has nothing to do", async () => {
  const stage = await setStage(1);
  const status = await stage.synod("acceptor", "status");
  expect(status.exitCode).toBe(1);
  expect(status.stderr).toContain("Start one with: synod acceptor up 1 2 3 --server-count 3");
  const down = await stage.synod("acceptor", "down", "--all");
  expect(down.exitCode).toBe(0);
  expect(down.stdout).toContain("nothing to stop");
});
