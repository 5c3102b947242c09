import { formatAddress } from "@synod/api";
import { expect, test } from "vitest";
import { freePorts, HOST } from "../../acceptor-server/test/free-ports.ts";
import { startServerSaying, startSilentServer } from "../../client/test/stand-in-server.ts";
import { startPool } from "./acceptor-pool.ts";
import { linesOf, runCommand } from "./run-command.ts";

const NOTHING = { promisedId: -1, acceptedId: -1, acceptedValue: null };

test("the state of the pool is JSON by server id, in the form of the original, so that jq can read it", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 5, "asdf");
  await pool.promise([1, 2], 56);
  const { exitCode, stdout, stderr } = await runCommand("get-state", ["--servers", pool.servers]);
  const seen = { promisedId: 56, acceptedId: 5, acceptedValue: "asdf" };
  expect(stdout).toBe(`${JSON.stringify({ 1: seen, 2: seen, 3: NOTHING }, null, 2)}\n`);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("a server that is down is left out, and the next one is asked when it is the first", async () => {
  const pool = await startPool(3);
  await pool.accept([3], 5, "x");
  await pool.stop(1);
  const { exitCode, stdout } = await runCommand("get-state", ["--servers", pool.servers]);
  expect(JSON.parse(stdout)).toEqual({ 2: NOTHING, 3: { promisedId: 5, acceptedId: 5, acceptedValue: "x" } });
  expect(exitCode).toBe(0);
  expect(pool.requests[2]).toContain("GET /pool/state?instance=1");
  expect(pool.requests[3]).not.toContain("GET /pool/state?instance=1");
});

test("servers that are silent, or no acceptors, do not keep the next one from answering", async () => {
  const pool = await startPool(3);
  await pool.stop(1);
  await pool.stop(2);
  const silent = await startSilentServer();
  const web = await startServerSaying("<html>hello</html>");
  const third = pool.servers.split(",").at(2) ?? "";
  const { exitCode, stdout } = await runCommand("get-state", [
    ...["--servers", [formatAddress(silent.address), formatAddress(web.address), third].join(",")],
    ...["--timeout", "300ms"],
  ]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ 3: NOTHING });
});

test("when no server answers the command exits 3 and says what to do", async () => {
  const pool = await startPool(2);
  await pool.stop(1);
  await pool.stop(2);
  const { exitCode, stdout, stderr } = await runCommand("get-state", ["--servers", pool.servers]);
  expect(exitCode).toBe(3);
  expect(stdout).toBe("");
  expect(stderr).toContain("no server answers at ");
  expect(stderr).toContain("synod acceptor up 1 2 --server-count 2");
});

test("however many servers are silent, nobody is told of what Node takes for a leak", async () => {
  const ports = await freePorts(15);
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on("warning", hear);
  try {
    const servers = ports.map((port) => `${HOST}:${port}`).join(",");
    expect((await runCommand("get-state", ["--servers", servers])).exitCode).toBe(3);
    // Node tells of it after what is under way.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", hear);
  }
});

test("--instance asks for that slot", async () => {
  const pool = await startPool(1);
  await pool.accept([1], 5, "in seven", 7);
  const { stdout } = await runCommand("get-state", ["--servers", pool.servers, "--instance", "7"]);
  expect(JSON.parse(stdout)).toEqual({ 1: { promisedId: 5, acceptedId: 5, acceptedValue: "in seven" } });
});

test("--table is for people: nothing promised or accepted is a dash, and the empty value can be told from none", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 5, "");
  await pool.accept([2], 5, "日本");
  const { stdout } = await runCommand("get-state", ["--servers", pool.servers, "--table"]);
  expect(linesOf(stdout)).toEqual([
    "server  promised  accepted  value",
    '1       5         5         ""',
    '2       5         5         "日本"',
    "3       -         -         -",
  ]);
});

test("--json is stronger than --table, since a program asked", async () => {
  const pool = await startPool(1);
  const { stdout } = await runCommand("get-state", ["--servers", pool.servers, "--table", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ 1: NOTHING });
});

test("--watch prints a line of JSON with each change, none without one, and ends with --for", async () => {
  const pool = await startPool(1);
  const changes: Promise<void>[] = [];
  const { exitCode, stdout } = await runCommand(
    "get-state",
    ["--servers", pool.servers, "--watch", "--interval", "10ms", "--for", "1500ms"],
    {
      onStdout: () => {
        if (changes.length === 0) changes.push(pool.accept([1], 5, "x"));
      },
    },
  );
  await Promise.all(changes);
  expect(exitCode).toBe(0);
  expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([
    { 1: NOTHING },
    { 1: { promisedId: 5, acceptedId: 5, acceptedValue: "x" } },
  ]);
  // It asked far more often than it printed, or the lines above would prove nothing.
  expect(pool.allRequests().filter((request) => request.startsWith("GET /pool/state")).length).toBeGreaterThan(2);
});

test("--watch --json is one document a line too, so that a program can read the stream", async () => {
  const pool = await startPool(1);
  const { stdout } = await runCommand("get-state", [
    ...["--servers", pool.servers, "--watch", "--json", "--interval", "10ms", "--for", "200ms"],
  ]);
  expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([{ 1: NOTHING }]);
});

test("--watch --table prints the whole table again with each change, an empty line between", async () => {
  const pool = await startPool(1);
  const { stdout } = await runCommand("get-state", [
    ...["--servers", pool.servers, "--watch", "--table", "--interval", "10ms", "--for", "200ms"],
  ]);
  expect(stdout).toBe("server  promised  accepted  value\n1       -         -         -\n\n");
});

test("an interruption ends --watch at once with exit code 130, though the next look is an hour away", async () => {
  const pool = await startPool(1);
  const interruption = new AbortController();
  const { exitCode } = await runCommand("get-state", ["--servers", pool.servers, "--watch", "--interval", "3600s"], {
    interrupted: interruption.signal,
    onStdout: () => interruption.abort(),
  });
  expect(exitCode).toBe(130);
});

test("--watch ends with --for also while the next look is an hour away", async () => {
  const pool = await startPool(1);
  const { exitCode } = await runCommand("get-state", [
    ...["--servers", pool.servers, "--watch", "--interval", "3600s", "--for", "100ms"],
  ]);
  expect(exitCode).toBe(0);
});

test("the servers of a longer list are asked too, not only the usual three", async () => {
  const pool = await startPool(5);
  await Promise.all([1, 2, 3, 4].map(pool.stop));
  const { stdout } = await runCommand("get-state", ["--servers", pool.servers]);
  expect(JSON.parse(stdout)).toEqual({ 5: NOTHING });
});
