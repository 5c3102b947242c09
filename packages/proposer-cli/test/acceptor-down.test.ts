import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { isRunning, readPidFile } from "@synod/acceptor-server/pid-file";
import { expect, onTestFinished, test } from "vitest";
import { BIN, ended, HOST, isAlive, setStage, until } from "./process-stage.ts";
import { linesOf } from "./run-command.ts";

test("`run` serves in the foreground until it is asked to stop, and leaves no pid file behind", async () => {
  const stage = await setStage(1);
  const server = stage.start("acceptor-server", "--id", "1", "--log-level", "silent");
  const end = ended(server);
  await until(() => readPidFile(stage.folder.pidFile(1)) !== null, "the server's pid file");
  expect(stage.pidOf(1)).toBe(server.pid);
  server.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await end;
  expect(exitCode).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    `acceptor 1 of 1 listens on http://${HOST}:${stage.ports[0]}; its state is in ${stage.folder.acceptor(1)}\n`,
  );
  expect(readPidFile(stage.folder.pidFile(1))).toBeNull();
});

test("Ctrl-C ends `run` with exit code 130", async () => {
  const stage = await setStage(1);
  const server = stage.start("synod", "acceptor", "run", "--id", "1", "--log-level", "silent");
  const end = ended(server);
  await until(() => readPidFile(stage.folder.pidFile(1)) !== null, "the server's pid file");
  server.kill("SIGINT");
  expect((await end).exitCode).toBe(130);
});

test("`run` whose terminal is gone finishes what is under way, and ends without looking for the terminal again", async () => {
  const stage = await setStage(1);
  const server = stage.start("acceptor-server", "--id", "1");
  const end = ended(server);
  await until(() => readPidFile(stage.folder.pidFile(1)) !== null, "the server's pid file");
  server.kill("SIGHUP");
  expect((await end).stdout).toContain('"signal":"SIGHUP","msg":"stopping"');
  expect(server.signalCode).toBe("SIGKILL");
  expect(readPidFile(stage.folder.pidFile(1))).toBeNull();
});

test("a second server on the same folder is refused while the first runs: one acceptor must not answer twice", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  const { exitCode, stderr } = await stage.run("acceptor-server", "--id", "1", "--port", "0");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("another process holds this folder");
  expect(isAlive(stage.pidOf(1))).toBe(true);
});

test("an address that other machines reach is refused without a shared secret", async () => {
  const stage = await setStage(1);
  const { exitCode, stderr } = await stage.run("acceptor-server", "--id", "1", "--listen", "0.0.0.0");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("give all servers and commands one shared secret");
});

test("`down` does not kill a process that only has the number of a server that is gone", async () => {
  const stage = await setStage(1);
  stage.folder.readOrCreate(1);
  mkdirSync(stage.folder.acceptor(1), { recursive: true });
  const bystander = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  onTestFinished(() => {
    bystander.kill("SIGKILL");
  });
  await once(bystander, "spawn");
  const file = stage.folder.pidFile(1);
  writeFileSync(file, JSON.stringify({ pid: bystander.pid, startMark: "another start", address: `${HOST}:1` }));
  for (const words of [["1"], ["1", "--crash"]]) {
    const { exitCode, stdout } = await stage.synod("acceptor", "down", ...words);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("acceptor 1: was not up");
  }
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
  expect(readPidFile(file)).toBeNull();
});

test("`down` waits until the process is gone, says how it ended, and does nothing to one that is not up", async () => {
  const stage = await setStage(2);
  await stage.synod("acceptor", "up", "1");
  const pid = stage.pidOf(1);
  const { exitCode, stdout } = await stage.synod("acceptor", "down", "--all");
  expect(exitCode).toBe(0);
  expect(isAlive(pid)).toBe(false);
  expect(linesOf(stdout)).toEqual([`acceptor 1: stopped (pid ${pid})`, "acceptor 2: was not up"]);
  expect((await stage.synod("acceptor", "down", "1")).stdout).toBe("acceptor 1: was not up\n");
});

test("a server that does not stop when asked is killed when --within is over", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  const server = readPidFile(stage.folder.pidFile(1));
  process.kill(stage.pidOf(1), "SIGSTOP");
  const { exitCode, stdout } = await stage.synod("acceptor", "down", "1", "--within", "200ms");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("acceptor 1: killed (pid ");
  expect(server && isRunning(server)).toBe(false);
});

test("`down` wants to know which servers: none, or ids beside --all, are usage errors", async () => {
  const stage = await setStage(1);
  stage.folder.readOrCreate(1);
  for (const words of [[], ["1", "--all"], ["2"], ["0"], ["x"]]) {
    const { exitCode } = await stage.synod("acceptor", "down", ...words);
    expect(exitCode, words.join(" ")).toBe(2);
  }
});

test.skipIf(process.platform !== "linux")(
  "a log that cannot be written stops neither answers nor the server's end: a full disk is no reason to hang",
  async () => {
    const stage = await setStage(1);
    const server = spawn("bash", ["-c", `exec node ${BIN}acceptor-server.js --id 1 --log-level trace > /dev/full`], {
      env: stage.env,
      cwd: stage.home,
    });
    onTestFinished(() => {
      server.kill("SIGKILL");
    });
    await once(server.stderr, "data");
    expect((await stage.run("send-prepare", "--id", "7", "--server-ids", "1")).exitCode).toBe(0);
    server.kill("SIGTERM");
    expect((await ended(server)).exitCode).toBe(0);
  },
);
