import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PoolFolder } from "@synod/acceptor-server/pool-folder";
import { expect, onTestFinished, test } from "vitest";
import { startPool, type TestPool } from "./acceptor-pool.ts";
import { BIN, ended } from "./process-stage.ts";
import { runCommand } from "./run-command.ts";

const PREPARE = ["--id", "7", "--server-ids", "1"];

function temporaryHome(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A home in which this pool was started, as `acceptor up` would leave it. */
function homeOf(pool: TestPool): string {
  const home = temporaryHome();
  const folder = new PoolFolder(home);
  folder.readOrCreate(pool.addresses.length);
  folder.rememberAddresses(pool.addresses);
  const record = JSON.parse(readFileSync(folder.recordFile, "utf8"));
  writeFileSync(folder.recordFile, JSON.stringify({ ...record, poolId: "pool-of-a-test" }));
  return home;
}

test("--servers is stronger than SYNOD_SERVERS, and that than the pool that was started here", async () => {
  const [flagged, inEnvironment, startedHere] = await Promise.all([startPool(1), startPool(1), startPool(1)]);
  const home = homeOf(startedHere);
  await runCommand("send-prepare", PREPARE, { env: { SYNOD_HOME: home } });
  expect(startedHere.allRequests()).toEqual(["POST /prepare"]);
  await runCommand("send-prepare", PREPARE, { env: { SYNOD_HOME: home, SYNOD_SERVERS: inEnvironment.servers } });
  expect(inEnvironment.allRequests()).toEqual(["POST /prepare"]);
  await runCommand("send-prepare", [...PREPARE, "--servers", flagged.servers], {
    env: { SYNOD_HOME: home, SYNOD_SERVERS: inEnvironment.servers },
  });
  expect(flagged.allRequests()).toEqual(["POST /prepare"]);
  expect(inEnvironment.allRequests()).toHaveLength(1);
  expect(startedHere.allRequests()).toHaveLength(1);
});

test("--home is stronger than SYNOD_HOME", async () => {
  const [flagged, inEnvironment] = await Promise.all([startPool(1), startPool(1)]);
  await runCommand("send-prepare", [...PREPARE, "--home", homeOf(flagged)], {
    env: { SYNOD_HOME: homeOf(inEnvironment) },
  });
  expect(flagged.allRequests()).toEqual(["POST /prepare"]);
  expect(inEnvironment.allRequests()).toEqual([]);
});

test("--server-count is stronger than SYNOD_SERVER_COUNT, and that than the pool that was started here", async () => {
  const home = homeOf(await startPool(3));
  const refused = async (words: readonly string[], env: Record<string, string>) =>
    (
      await runCommand("send-prepare", ["--id", "7", "--server-ids", "9", ...words], {
        env: { SYNOD_HOME: home, ...env },
      })
    ).stderr;
  expect(await refused([], {})).toContain("the pool's servers are 1..3");
  expect(await refused([], { SYNOD_SERVER_COUNT: "4" })).toContain("the pool's servers are 1..4");
  expect(await refused(["--server-count", "5"], { SYNOD_SERVER_COUNT: "4" })).toContain("the pool's servers are 1..5");
});

test("a proposal counts its majority of the pool that was started here when nobody says how large it is", async () => {
  const pool = await startPool(3);
  const { stdout } = await runCommand("proposer-demo", ["--id", "9", "--value", "x", "--json"], {
    env: { SYNOD_HOME: homeOf(pool) },
  });
  expect(JSON.parse(stdout)).toMatchObject({ serverCount: 3, outcome: "chosen" });
});

test("an answer from another pool, at an address of the one that was started here, is no answer", async () => {
  const [here, other] = await Promise.all([startPool(1), startPool(1, { poolId: "other" })]);
  const home = homeOf({ ...here, addresses: other.addresses });
  const { exitCode, stderr } = await runCommand("send-accept", [...PREPARE, "--value", "x"], {
    env: { SYNOD_HOME: home },
  });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("is server 1 of another pool, other");
});

test("an empty variable of the environment says nothing, as if it were not there", async () => {
  const pool = await startPool(1);
  const home = homeOf(pool);
  const { exitCode } = await runCommand("send-prepare", PREPARE, {
    env: { SYNOD_HOME: home, SYNOD_SERVERS: "", SYNOD_SERVER_COUNT: "", SYNOD_SECRET: "" },
  });
  expect(exitCode).toBe(0);
});

test("an empty SYNOD_HOME means the default folder, not the current one", async () => {
  const cwd = realpathSync(temporaryHome());
  const env = { ...process.env, SYNOD_HOME: "" };
  const { stderr } = await ended(spawn(process.execPath, [`${BIN}synod.js`, "acceptor", "status"], { cwd, env }));
  expect(stderr).toContain(`no pool was started in ${path.join(cwd, ".synod", "pool")}`);
});

test.each([
  ["SYNOD_SERVERS", "nonsense", 'SYNOD_SERVERS: "nonsense" is not an address'],
  ["SYNOD_SERVER_COUNT", "many", 'SYNOD_SERVER_COUNT must be a whole number 1..999, not "many"'],
])("a wrong %s is a usage error that names the variable", async (name, value, message) => {
  const { exitCode, stderr } = await runCommand("send-prepare", PREPARE, { env: { [name]: value } });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test("a --server-count other than the pool's own is warned of, since a majority would be counted of the wrong whole", async () => {
  const pool = await startPool(3);
  const two = pool.servers.split(",").slice(0, 2).join(",");
  const { exitCode, stdout, stderr } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2", "--servers", two, "--server-count", "2", "--json"],
  ]);
  expect(exitCode).toBe(0);
  const warning = "--server-count is 2, but the pool has 3 servers: a majority is counted of the wrong whole";
  expect(stderr).toBe(`warning: ${warning}\n`);
  expect(JSON.parse(stdout).warnings).toEqual([warning]);
});

test("servers of different pools are warned of: what they say together means nothing", async () => {
  const [one, other] = await Promise.all([startPool(2, { poolId: "one" }), startPool(2, { poolId: "other" })]);
  const servers = [one.servers.split(",")[0], other.servers.split(",")[1]].join(",");
  for (const words of [
    ["send-prepare", "--id", "7", "--server-ids", "1", "2"],
    ["proposer-demo", "--id", "9", "--value", "x"],
    ["explain"],
  ]) {
    const { stderr } = await runCommand("synod", [...words, "--servers", servers]);
    expect(stderr, words.join(" ")).toContain("warning: these servers belong to different pools");
  }
});

test("a pool's record that cannot be read is a failure that names the file and the ways out", async () => {
  const home = homeOf(await startPool(1));
  const { recordFile } = new PoolFolder(home);
  writeFileSync(recordFile, "not a record");
  const { exitCode, stdout, stderr } = await runCommand("send-prepare", [...PREPARE, "--json"], {
    env: { SYNOD_HOME: home },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`${recordFile} is not a pool's record`);
  expect(JSON.parse(stdout).error.code).toBe("pool-folder");
});

test("the secret comes from --secret-file before SYNOD_SECRET, and a wrong or missing one is told as a refusal", async () => {
  const pool = await startPool(1, { secret: "s3cret" });
  const file = path.join(temporaryHome(), "secret");
  writeFileSync(file, "s3cret\n");
  const prepare = (id: string, words: readonly string[], env: Record<string, string>) =>
    runCommand("send-prepare", ["--id", id, "--server-ids", "1", "--servers", pool.servers, ...words], { env });
  expect((await prepare("7", ["--secret-file", file], { SYNOD_SECRET: "wrong" })).exitCode).toBe(0);
  expect((await prepare("8", [], { SYNOD_SECRET: "s3cret" })).exitCode).toBe(0);
  const refused = await prepare("9", [], {});
  expect(refused.exitCode).toBe(4);
  expect(refused.stdout).toContain('"code":"unauthorized"');
  expect(refused.stderr).toContain("server 1 refused: send the pool's shared secret");
});

test.each([
  ["empty", ""],
  ["of two lines", "one\ntwo\n"],
  ["with a blank", "one two"],
  ["beyond ASCII", "geheim-ß"],
])("a secret file that is %s is refused: it cannot travel in a header", async (_what, content) => {
  const file = path.join(temporaryHome(), "secret");
  writeFileSync(file, content);
  const { exitCode, stderr } = await runCommand("send-prepare", [...PREPARE, "--secret-file", file]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--secret-file");
});

test("a secret in SYNOD_SECRET is read as one in a file is: a line end does not count, and one that cannot be sent is a usage error", async () => {
  const pool = await startPool(1, { secret: "s3cret" });
  const prepare = (id: string, SYNOD_SECRET: string) => {
    const words = ["--id", id, "--server-ids", "1", "--servers", pool.servers];
    return runCommand("send-prepare", words, { env: { SYNOD_SECRET } });
  };
  expect((await prepare("7", "s3cret\r\n")).exitCode).toBe(0);
  for (const secret of ["two\nlines", "two words", "\u00fc", " "]) {
    const { exitCode, stderr } = await prepare("8", secret);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("SYNOD_SECRET must hold one line of printable characters without spaces");
    expect(stderr).not.toContain(secret.trim() || "nothing");
  }
});
