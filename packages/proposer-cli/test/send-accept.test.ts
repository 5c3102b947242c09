import { Readable } from "node:stream";
import { formatAddress } from "@synod/api";
import { expect, test } from "vitest";
import { startSilentServer } from "../../client/test/stand-in-server.ts";
import { startPool } from "./acceptor-pool.ts";
import { linesOf, runCommand } from "./run-command.ts";

test("the transcript is that of the original, its lines marked [accept], and no prepare is needed before", async () => {
  const { servers, allRequests } = await startPool(3);
  const { exitCode, stdout, stderr } = await runCommand("send-accept", [
    ...["--id", "7", "--server-ids", "1", "2", "--value", "test-val", "--servers", servers],
  ]);
  expect(stdout).toBe(
    [
      "Contacting servers: [1, 2]",
      "ID: 7",
      "Client value: test-val",
      '[accept] server 1: {"ignored":false,"acceptedId":7,"acceptedValue":"test-val"}',
      '[accept] server 2: {"ignored":false,"acceptedId":7,"acceptedValue":"test-val"}',
      "Received accepts from: [1, 2]",
      "",
    ].join("\n"),
  );
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(allRequests()).toEqual(["POST /accept", "POST /accept"]);
});

test("an accept below the promise is ignored, and when all are the command exits 4", async () => {
  const pool = await startPool(2);
  await pool.promise([1, 2], 8);
  const { exitCode, stdout } = await runCommand("send-accept", [
    ...["--id", "7", "--server-ids", "1", "2", "--value", "late", "--servers", pool.servers],
  ]);
  expect(linesOf(stdout).slice(3)).toEqual([
    '[accept] server 1: {"ignored":true,"promisedId":8}',
    '[accept] server 2: {"ignored":true,"promisedId":8}',
    "Received accepts from: []",
  ]);
  expect(exitCode).toBe(4);
});

test("one accept among ignored ones is success, and only that server is listed", async () => {
  const pool = await startPool(2);
  await pool.promise([1], 8);
  const { exitCode, stdout } = await runCommand("send-accept", [
    ...["--id", "7", "--server-ids", "1", "2", "--value", "x", "--servers", pool.servers],
  ]);
  expect(stdout).toContain("Received accepts from: [2]\n");
  expect(exitCode).toBe(0);
});

test("the same id with another value is refused: the 409 is shown on its line, and said in words on stderr", async () => {
  const pool = await startPool(1);
  await pool.accept([1], 7, "first");
  const words = ["--id", "7", "--server-ids", "1", "--value", "second", "--servers", pool.servers];
  const { exitCode, stdout, stderr } = await runCommand("send-accept", words);
  const line = linesOf(stdout).at(3) ?? "";
  expect(line).toMatch(/^\[accept\] server 1: \{.*\}$/);
  expect(JSON.parse(line.slice("[accept] server 1: ".length))).toMatchObject({ status: 409, code: "value-conflict" });
  expect(stdout).toContain("Received accepts from: []\n");
  expect(stderr).toContain('server 1 refused: id 7 already carries the value "first"');
  expect(exitCode).toBe(4);
  const { stdout: json } = await runCommand("send-accept", [...words, "--json"]);
  expect(JSON.parse(json)).toMatchObject({
    answers: [{ server: 1, problem: { code: "value-conflict", definite: true } }],
    receivedFrom: [],
  });
});

test("--json tells the value and each answer", async () => {
  const { servers } = await startPool(1);
  const { stdout } = await runCommand("send-accept", [
    ...["--id", "0", "--server-ids", "1", "--value", "x", "--servers", servers, "--instance", "4", "--json"],
  ]);
  expect(JSON.parse(stdout)).toEqual({
    id: 0,
    instance: 4,
    value: "x",
    contacted: [1],
    answers: [{ server: 1, reply: { ignored: false, acceptedId: 0, acceptedValue: "x" } }],
    receivedFrom: [1],
    warnings: [],
  });
});

test("--instance accepts in that slot and leaves the others empty", async () => {
  const { servers } = await startPool(1);
  await runCommand("send-accept", [
    ...["--id", "7", "--server-ids", "1", "--value", "in five", "--servers", servers, "--instance", "5"],
  ]);
  const stateOf = async (instance: string) =>
    JSON.parse((await runCommand("get-state", ["--servers", servers, "--instance", instance])).stdout);
  expect(await stateOf("5")).toEqual({ 1: { promisedId: 7, acceptedId: 7, acceptedValue: "in five" } });
  expect(await stateOf("1")).toEqual({ 1: { promisedId: 7, acceptedId: -1, acceptedValue: null } });
});

test.each([
  ["the empty string", ["--value", ""], ""],
  ["the empty string after an equals sign", ["--value="], ""],
  ["text beyond ASCII", ["--value", "naïve – 日本 🙂"], "naïve – 日本 🙂"],
  ["a dash first", ["--value=-x"], "-x"],
  ["what looks like a flag", ["--value=--json"], "--json"],
  ["what looks like a number", ["--value", "007"], "007"],
  ["what looks like a truth value", ["--value", "false"], "false"],
  ["blanks at both ends", ["--value", " a  b "], " a  b "],
  ["a comma", ["--value", "a,b"], "a,b"],
  ["quotation marks", ["--value", `"quoted" 'too'`], `"quoted" 'too'`],
])("the value is any string: %s arrives as it was typed", async (_what, words, value) => {
  const { servers } = await startPool(1);
  const { exitCode, stdout } = await runCommand("send-accept", [
    ...["--id", "7", "--server-ids", "1", ...words, "--servers", servers],
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Client value: ${value}\n`);
  const reply = JSON.stringify({ ignored: false, acceptedId: 7, acceptedValue: value });
  expect(stdout).toContain(`[accept] server 1: ${reply}\n`);
});

test("--value - reads stdin byte for byte: line ends, a byte order mark and characters cut between pieces stay", async () => {
  const { servers } = await startPool(1);
  const bytes = Buffer.from("\uFEFF one\r\ntwo 🙂\n\n");
  const stdin = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
  const { stdout } = await runCommand(
    "send-accept",
    ["--id", "7", "--server-ids", "1", "--value", "-", "--servers", servers, "--json"],
    { stdin },
  );
  expect(JSON.parse(stdout).answers[0].reply.acceptedValue).toBe("\uFEFF one\r\ntwo 🙂\n\n");
});

test("stdin that is not UTF-8 is refused before anything is sent: replacing its bytes would propose another value", async () => {
  const { servers, allRequests } = await startPool(1);
  const { exitCode, stdout, stderr } = await runCommand(
    "send-accept",
    ["--id", "7", "--server-ids", "1", "--value", "-", "--servers", servers],
    { stdin: Uint8Array.of(0x61, 0xff, 0x62) },
  );
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--value -: stdin is not text in UTF-8");
  expect(stdout).toBe("");
  expect(allRequests()).toEqual([]);
});

test("a value longer than a server takes is refused by it, and the command says why", async () => {
  const { servers } = await startPool(1);
  const { exitCode, stdout, stderr } = await runCommand(
    "send-accept",
    ["--id", "7", "--server-ids", "1", "--value", "-", "--servers", servers],
    { stdin: Buffer.alloc(200 * 1024, "x") },
  );
  expect(stdout).toContain('"code":"body-too-large"');
  expect(stderr).toContain("server 1 refused:");
  expect(exitCode).toBe(4);
});

test.each(["0", "9007199254740991"])("the id %s at the end of the range is accepted to the letter", async (id) => {
  const { servers } = await startPool(1);
  const { stdout } = await runCommand("send-accept", [
    ...["--id", id, "--server-ids", "1", "--value", "x", "--servers", servers],
  ]);
  expect(stdout).toContain(`[accept] server 1: {"ignored":false,"acceptedId":${id},"acceptedValue":"x"}\n`);
});

test("an interruption while stdin is read ends the command with 130, and nothing is sent", async () => {
  const silent = await startSilentServer();
  const interruption = new AbortController();
  const stdin = new Readable({ read: () => interruption.abort() });
  const { exitCode } = await runCommand(
    "send-accept",
    ["--id", "7", "--server-ids", "1", "--value", "-", "--servers", formatAddress(silent.address)],
    { stdin, interrupted: interruption.signal },
  );
  expect(exitCode).toBe(130);
  expect(silent.requests).toEqual([]);
});
