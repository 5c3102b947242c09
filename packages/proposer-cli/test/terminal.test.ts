import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { PROGRAMS } from "../src/programs.ts";
import { type Program, withGroups } from "../src/terminal/parse.ts";
import { startPool } from "./acceptor-pool.ts";
import { BIN, ended, setStage } from "./process-stage.ts";
import { linesOf, type ProgramName, runCommand } from "./run-command.ts";

const NAMES = Object.keys(PROGRAMS) as ProgramName[];

const COMMANDS = await Promise.all(
  NAMES.map(async (program) => ({ program, commands: (await withGroups(PROGRAMS[program])).commands })),
);

const HELPS = COMMANDS.flatMap(({ program, commands }) =>
  commands.map(({ usage, examples }) => ({
    program,
    words: program === "synod" ? usage.split(" ").filter((word) => !/^[[<]/.test(word)) : [],
    example: examples[0]?.[0] ?? "",
  })),
);

test.each(HELPS)(
  "`$program $words --help` begins with examples, and goes to stdout",
  async ({ program, words, example }) => {
    const { exitCode, stdout, stderr } = await runCommand(program, [...words, "--help"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(linesOf(stdout).slice(0, 2)).toEqual(["Examples:", `  ${example}`]);
    expect(stdout).toContain("--json");
  },
);

test("the help of `synod` and of a group of its commands lists what there is", async () => {
  for (const { usage } of (await withGroups(PROGRAMS.synod)).commands) {
    const [group, command] = usage.split(" ");
    const words = command && !/^[[<]/.test(command) ? [group ?? ""] : [];
    const { exitCode, stdout } = await runCommand("synod", [...words, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`synod ${usage}`);
  }
});

test("a group loads the commands that begin with its name, and only those", async () => {
  const groups: Program["groups"] = PROGRAMS.synod.groups;
  for (const [name, group] of Object.entries(groups)) {
    const first = (await group.load()).map(({ usage }) => usage.split(" ")[0]);
    expect([...new Set(first)]).toEqual([name]);
  }
});

test("help asks nothing of anybody, and needs no required option", async () => {
  const pool = await startPool(1);
  await runCommand("send-accept", ["--help", "--servers", pool.servers]);
  expect(pool.allRequests()).toEqual([]);
});

test.each(NAMES)("`%s --version` prints the version alone", async (program) => {
  expect(await runCommand(program, ["--version"])).toEqual({ exitCode: 0, stdout: "0.1.0\n", stderr: "" });
});

test.each([
  { what: "on a terminal", isTTY: true, words: [], env: {}, colored: true },
  { what: "into a pipe", isTTY: false, words: [], env: {}, colored: false },
  { what: "on a terminal with NO_COLOR", isTTY: true, words: [], env: { NO_COLOR: "1" }, colored: false },
  { what: "on a terminal with an empty NO_COLOR", isTTY: true, words: [], env: { NO_COLOR: "" }, colored: true },
  { what: "on a terminal with --no-color", isTTY: true, words: ["--no-color"], env: {}, colored: false },
  { what: "on a dumb terminal", isTTY: true, words: [], env: { TERM: "dumb" }, colored: false },
  { what: "on a terminal with --json", isTTY: true, words: ["--json"], env: {}, colored: false },
])("colour $what: $colored", async ({ isTTY, words, env, colored }) => {
  const pool = await startPool(1);
  const { stdout } = await runCommand("synod", ["explain", "--servers", pool.servers, ...words], { isTTY, env });
  expect(stdout.includes("\u001b[")).toBe(colored);
});

test("data goes to stdout, and seed, warnings and advice to stderr, so that a pipe carries data alone", async () => {
  const pool = await startPool(3);
  const { stdout, stderr } = await runCommand("proposer-demo", [
    ...["--id", "9", "--value", "x", "--servers", pool.servers, "--contact-count", "1", "--unsafe-minority"],
  ]);
  expect(stdout).not.toMatch(/seed|warning/);
  expect(stderr).toMatch(/^seed: \d+\nwarning: /);
});

test("SYNOD_DEBUG adds the stack trace that a user's mistake is told without", async () => {
  const words = ["--id", "x", "--server-ids", "1"];
  const plain = await runCommand("send-prepare", words);
  expect(plain.stderr).not.toMatch(/^\s+at /m);
  const debug = await runCommand("send-prepare", words, { env: { SYNOD_DEBUG: "1" } });
  expect(debug.stderr).toMatch(/^\s+at /m);
});

test("a fault of the program's own is exit 1 and a line, not a stack trace", async () => {
  const stdin = new Readable({
    read() {
      this.destroy(new Error("the pipe has burst"));
    },
  });
  const words = ["--id", "7", "--server-ids", "1", "--value", "-", "--json"];
  const { exitCode, stdout, stderr } = await runCommand("send-accept", words, { stdin });
  expect(exitCode).toBe(1);
  expect(stderr).toBe("send-accept: the pipe has burst\n");
  expect(JSON.parse(stdout)).toEqual({ error: { code: "failure", message: "the pipe has burst", exitCode: 1 } });
});

test("`| head` is no error: a reader that has seen enough ends a long stream quietly", async () => {
  const pool = await startPool(1);
  const watch = spawn(
    process.execPath,
    [`${BIN}get-state.js`, "--servers", pool.servers, "--watch", "--interval", "5ms", "--for", "30s"],
    { env: { ...process.env, SYNOD_HOME: "/nowhere" } },
  );
  const end = ended(watch);
  await once(watch.stdout, "data");
  watch.stdout.destroy();
  // The next change has nobody left to be told to.
  await pool.accept([1], 5, "x");
  const { exitCode, stderr } = await end;
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("a command's process ends as soon as it is done, without waiting for its connections", async () => {
  const stage = await setStage(1);
  const pool = await startPool(1);
  const begin = performance.now();
  const { exitCode } = await stage.run("get-state", "--servers", pool.servers);
  expect(exitCode).toBe(0);
  // A connection is kept alive for four seconds and more when nobody lets go of it.
  expect(performance.now() - begin).toBeLessThan(3500);
});

test("a folder at stdin is no empty text", async () => {
  const pool = await startPool(1);
  const folder = openSync(tmpdir(), "r");
  const words = [..."--id 7 --server-ids 1 --value - --servers".split(" "), pool.servers];
  const child = spawn(process.execPath, [`${BIN}send-accept.js`, ...words], { stdio: [folder, "pipe", "pipe"] });
  const { exitCode, stderr } = await ended(child);
  closeSync(folder);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: "send-accept: stdin cannot be read: it is a folder\n",
  });
  expect(pool.allRequests()).toEqual([]);
});

test("a value comes through a real pipe byte for byte", async () => {
  const stage = await setStage(1);
  const pool = await startPool(1);
  const child = stage.start(
    "send-accept",
    ..."--id 7 --server-ids 1 --value - --json --servers".split(" "),
    pool.servers,
  );
  const end = ended(child);
  child.stdin?.end("two\r\nlines – 🙂\n");
  expect(JSON.parse((await end).stdout).answers[0].reply.acceptedValue).toBe("two\r\nlines – 🙂\n");
});
