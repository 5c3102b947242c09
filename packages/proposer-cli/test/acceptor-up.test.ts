import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { readPidFile } from "@synod/acceptor-server/pid-file";
import { expect, onTestFinished, test } from "vitest";
import { ended, HOST, isAlive, setStage, until } from "./process-stage.ts";
import { linesOf } from "./run-command.ts";

test("`up` returns when its servers answer, tells id, address and pid, and they outlive the command that started them", async () => {
  const stage = await setStage(3);
  const { exitCode, stdout, stderr } = await stage.synod("acceptor", "up", "1", "2", "3");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toEqual(
    [1, 2, 3].map((id) => `acceptor ${id}: up at http://${HOST}:${stage.ports[id - 1]} (pid ${stage.pidOf(id)})`),
  );
  const state = await stage.run("get-state");
  expect(Object.keys(JSON.parse(state.stdout))).toEqual(["1", "2", "3"]);
  // Its process group is its own, so that Ctrl-C and the end of a terminal do not reach it.
  expect(execFileSync("ps", ["-o", "pgid=", "-p", String(stage.pidOf(1))], { encoding: "utf8" }).trim()).toBe(
    String(stage.pidOf(1)),
  );
});

test("`up` leaves what is up as it is, and --json tells the started from those that were", async () => {
  const stage = await setStage(2);
  await stage.synod("acceptor", "up", "1");
  const pid = stage.pidOf(1);
  const { exitCode, stdout } = await stage.synod("acceptor", "up", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    acceptors: [
      {
        server: 1,
        done: "already-up",
        words: expect.stringContaining("already up at"),
        pid,
        address: expect.any(String),
        notes: [],
      },
      {
        server: 2,
        done: "started",
        words: expect.stringContaining("up at"),
        pid: stage.pidOf(2),
        address: expect.any(String),
        notes: [],
      },
    ],
    warnings: [],
  });
});

test("what a server promised and accepted survives down, crash and up: it answers from disk alone", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  await stage.run("send-accept", "--id", "7", "--server-ids", "1", "--value", "kept");
  expect((await stage.synod("acceptor", "down", "1")).exitCode).toBe(0);
  await stage.synod("acceptor", "up");
  await stage.run("send-prepare", "--id", "9", "--server-ids", "1");
  const crashed = stage.pidOf(1);
  const crash = await stage.synod("acceptor", "down", "1", "--crash");
  expect(crash.stdout).toBe(`acceptor 1: killed (pid ${crashed})\n`);
  expect(isAlive(crashed)).toBe(false);
  await stage.synod("acceptor", "up");
  const { stdout } = await stage.run("get-state");
  expect(JSON.parse(stdout)).toEqual({ 1: { promisedId: 9, acceptedId: 7, acceptedValue: "kept" } });
});

test("a port that somebody else uses is told in words, and the other servers of the same command start", async () => {
  const stage = await setStage(2);
  const squatter = createServer();
  onTestFinished(() => {
    squatter.close();
  });
  squatter.listen(stage.ports[0], HOST);
  await once(squatter, "listening");
  // A server that has ended is not waited for: the command would outlast the patience of this test.
  const { exitCode, stdout, stderr } = await stage.synod("acceptor", "up", "1", "2", "--within", "600s");
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    `synod: acceptor 1 is not up: ${HOST}:${stage.ports[0]} is in use by another program: stop that one, ` +
      "or give this server another address (--port, --servers)\n",
  );
  expect(stdout).toBe(`acceptor 2: up at http://${HOST}:${stage.ports[1]} (pid ${stage.pidOf(2)})\n`);
  expect(isAlive(stage.pidOf(2))).toBe(true);
});

test("of two commands that start the same servers at the same time, each finds them up, and neither tells of the other", async () => {
  const stage = await setStage(3);
  const both = await Promise.all([stage.synod("acceptor", "up"), stage.synod("acceptor", "up")]);
  for (const { exitCode, stdout, stderr } of both) {
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const id of [1, 2, 3]) expect(stdout).toContain(`(pid ${stage.pidOf(id)})`);
  }
});

test("another server count than the pool's is refused, since a majority would be another one", async () => {
  const stage = await setStage(3);
  stage.folder.readOrCreate(5);
  const { exitCode, stderr } = await stage.synod("acceptor", "up", "1");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`the pool in ${stage.folder.path} has 5 servers, not 3`);
  expect(readPidFile(stage.folder.pidFile(1))).toBeNull();
});

test("a pid file that a crash left behind does not keep the server from starting", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  const crashed = stage.pidOf(1);
  process.kill(crashed, "SIGKILL");
  await until(() => !isAlive(crashed), "the end of a killed server");
  expect(readPidFile(stage.folder.pidFile(1))?.pid).toBe(crashed);
  const { exitCode, stdout } = await stage.synod("acceptor", "up");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("acceptor 1: up at ");
  expect(stage.pidOf(1)).not.toBe(crashed);
});

test.each([
  ["without a journal", []],
  ["with the journal's draft alone", ["journal.new"]],
])("a server's folder %s, as a crash during the first start leaves it, is started from anew", async (_what, files) => {
  const stage = await setStage(1);
  stage.folder.readOrCreate(1);
  mkdirSync(stage.folder.acceptor(1), { recursive: true });
  for (const file of files) writeFileSync(path.join(stage.folder.acceptor(1), file), "half a journ");
  const { exitCode, stderr } = await stage.synod("acceptor", "up");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("a journal of which a byte is wrong is refused with its reason: a lost promise is worse than no server", async () => {
  const stage = await setStage(1);
  await stage.synod("acceptor", "up");
  await stage.run("send-prepare", "--id", "7", "--server-ids", "1");
  await stage.run("send-prepare", "--id", "8", "--server-ids", "1");
  await stage.synod("acceptor", "down", "1");
  const journal = path.join(stage.folder.acceptor(1), "journal");
  const bytes = readFileSync(journal);
  // The first of the two records: what was written after it proves that it was whole once.
  const position = bytes.indexOf('"promised"');
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(journal, bytes);
  const { exitCode, stderr } = await stage.synod("acceptor", "up");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("synod: acceptor 1 is not up: ");
  expect(stderr).toContain(journal);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("an interruption while a server starts ends `up` with 130, and no server turns up afterwards", async () => {
  const stage = await setStage(1);
  const up = stage.start("synod", "acceptor", "up");
  const end = ended(up);
  // The log file is there just before the server's process is.
  await until(() => serversOf(stage.home).length > 0, "the start of a server");
  up.kill("SIGINT");
  expect((await end).exitCode).toBe(130);
  await until(() => serversOf(stage.home).length === 0, "the end of the server that was being started");
});

/** The processes of servers of this home, which know it from their command line. */
function serversOf(home: string): number[] {
  return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("acceptor-server") && line.includes(home))
    .map((line) => Number.parseInt(line, 10));
}
