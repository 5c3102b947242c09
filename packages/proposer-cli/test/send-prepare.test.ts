import { formatAddress } from "@synod/api";
import { expect, test } from "vitest";
import { NOBODY, startSilentServer, startStandIn } from "../../client/test/stand-in-server.ts";
import { startPool } from "./acceptor-pool.ts";
import { linesOf, runCommand } from "./run-command.ts";

const PROMISED_7 = '{"ignored":false,"promisedId":7}';

test("the transcript is that of the original line by line, with replies as JSON, and a promise is success", async () => {
  const { servers } = await startPool(3);
  const { exitCode, stdout, stderr } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2"],
    ...["--servers", servers],
  ]);
  expect(stdout).toBe(
    [
      "Contacting servers: [1, 2]",
      "ID: 7",
      `[prepare] server 1: ${PROMISED_7}`,
      `[prepare] server 2: ${PROMISED_7}`,
      "Received promise from: [1, 2]",
      "",
    ].join("\n"),
  );
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("servers are listed and told of in the order in which a person named them, also with commas", async () => {
  const { servers } = await startPool(3);
  const { stdout } = await runCommand("send-prepare", ["--id", "7", "--server-ids", "3,1", "--servers", servers]);
  expect(linesOf(stdout)).toEqual([
    "Contacting servers: [3, 1]",
    "ID: 7",
    `[prepare] server 3: ${PROMISED_7}`,
    `[prepare] server 1: ${PROMISED_7}`,
    "Received promise from: [3, 1]",
  ]);
});

test("servers are asked at the same time and told of in order: the first answers only once the second has answered", async () => {
  let letFirstAnswer = () => {};
  const secondHasAnswered = new Promise<void>((resolve) => {
    letFirstAnswer = resolve;
  });
  const first = await startStandIn((_request, response) => {
    void secondHasAnswered.then(() => response.end(PROMISED_7));
  });
  const second = await startStandIn((_request, response) => {
    response.end(PROMISED_7, letFirstAnswer);
  });
  const servers = [first, second].map(({ address }) => formatAddress(address)).join(",");
  const ran = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2", "--servers", servers, "--timeout", "10s"],
  ]);
  expect(linesOf(ran.stdout).slice(2)).toEqual([
    `[prepare] server 1: ${PROMISED_7}`,
    `[prepare] server 2: ${PROMISED_7}`,
    "Received promise from: [1, 2]",
  ]);
});

test("an answer is told as soon as it is known: the second server waits until a person has read of the first", async () => {
  let letSecondAnswer = () => {};
  const firstIsTold = new Promise<void>((resolve) => {
    letSecondAnswer = resolve;
  });
  const first = await startStandIn((_request, response) => response.end(PROMISED_7));
  const second = await startStandIn((_request, response) => {
    void firstIsTold.then(() => response.end(PROMISED_7));
  });
  const servers = [first, second].map(({ address }) => formatAddress(address)).join(",");
  const { stdout } = await runCommand(
    "send-prepare",
    ["--id", "7", "--server-ids", "1", "2", "--servers", servers, "--timeout", "10s"],
    { onStdout: (soFar) => (soFar.includes("[prepare] server 1:") ? letSecondAnswer() : undefined) },
  );
  expect(stdout).toContain("Received promise from: [1, 2]\n");
});

test("a server that is down or silent gets `no response`, and one promise is success all the same", async () => {
  const pool = await startPool(1);
  const silent = await startSilentServer();
  const servers = [pool.servers, formatAddress(NOBODY), formatAddress(silent.address)].join(",");
  const { exitCode, stdout, stderr } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "2", "3", "1", "--servers", servers, "--server-count", "3", "--timeout", "300ms"],
  ]);
  expect(linesOf(stdout)).toEqual([
    "Contacting servers: [2, 3, 1]",
    "ID: 7",
    "[prepare] server 2: no response",
    "[prepare] server 3: no response",
    `[prepare] server 1: ${PROMISED_7}`,
    "Received promise from: [1]",
  ]);
  expect(stderr).not.toContain("nobody listens");
  expect(exitCode).toBe(0);
});

test("when every server ignores the prepare the command exits 4: equal ids are no promise, and the reply names what is promised", async () => {
  const pool = await startPool(2);
  await pool.promise([1], 7);
  await pool.accept([2], 9, "prior");
  const { exitCode, stdout } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2", "--servers", pool.servers],
  ]);
  expect(linesOf(stdout).slice(2)).toEqual([
    '[prepare] server 1: {"ignored":true,"promisedId":7}',
    '[prepare] server 2: {"ignored":true,"promisedId":9,"acceptedId":9,"acceptedValue":"prior"}',
    "Received promise from: []",
  ]);
  expect(exitCode).toBe(4);
});

test("when nobody answers the command exits 3, which a script can tell from being ignored", async () => {
  const pool = await startPool(2);
  await pool.stop(1);
  await pool.stop(2);
  const { exitCode, stdout } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2", "--servers", pool.servers],
  ]);
  expect(linesOf(stdout).slice(2)).toEqual([
    "[prepare] server 1: no response",
    "[prepare] server 2: no response",
    "Received promise from: []",
  ]);
  expect(exitCode).toBe(3);
});

test("--json gives one document with each reply word for word, and no line beside it", async () => {
  const pool = await startPool(2);
  await pool.accept([2], 3, "prior");
  await pool.stop(1);
  const { exitCode, stdout } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "2", "1", "--servers", pool.servers, "--json"],
  ]);
  expect(JSON.parse(stdout)).toEqual({
    id: 7,
    instance: 1,
    contacted: [2, 1],
    answers: [
      { server: 2, reply: { ignored: false, promisedId: 7, acceptedId: 3, acceptedValue: "prior" } },
      { server: 1, noAnswer: { reason: "refused", message: expect.stringContaining("nobody listens at ") } },
    ],
    receivedFrom: [2],
    warnings: [],
  });
  expect(exitCode).toBe(0);
});

test("a promise covers the whole log, while what was accepted is told of the instance that was asked", async () => {
  const pool = await startPool(1);
  await pool.accept([1], 3, "in five", 5);
  const ask = (id: string, instance: string) =>
    runCommand("send-prepare", [
      ...["--id", id, "--server-ids", "1", "--servers", pool.servers, "--instance", instance],
    ]);
  expect((await ask("7", "5")).stdout).toContain('{"ignored":false,"promisedId":7,"acceptedId":3,');
  expect((await ask("8", "6")).stdout).toContain('server 1: {"ignored":false,"promisedId":8}\n');
  expect((await ask("8", "9007199254740991")).stdout).toContain('server 1: {"ignored":true,"promisedId":8}\n');
});

test.each(["0", "9007199254740991"])("the id %s at the end of the range is taken to the letter", async (id) => {
  const { servers } = await startPool(1);
  const { exitCode, stdout } = await runCommand("send-prepare", [
    "--id",
    id,
    "--server-ids",
    "1",
    "--servers",
    servers,
  ]);
  expect(stdout).toContain(`ID: ${id}\n[prepare] server 1: {"ignored":false,"promisedId":${id}}\n`);
  expect(exitCode).toBe(0);
});

test("an answer of another server than the one addressed is none, or one acceptor could count twice", async () => {
  const pool = await startPool(2);
  const swapped = pool.servers.split(",").reverse().join(",");
  const { exitCode, stdout, stderr } = await runCommand("send-prepare", [
    ...["--id", "7", "--server-ids", "1", "2", "--servers", swapped],
  ]);
  expect(linesOf(stdout).slice(2)).toEqual([
    "[prepare] server 1: no response",
    "[prepare] server 2: no response",
    "Received promise from: []",
  ]);
  expect(stderr).toContain("is server 2, not server 1");
  expect(exitCode).toBe(3);
});

test("an interruption ends the wait for a silent server at once, with exit code 130", async () => {
  const silent = await startSilentServer();
  const interruption = new AbortController();
  void silent.asked.then(() => interruption.abort());
  const begin = performance.now();
  const { exitCode, stdout } = await runCommand(
    "send-prepare",
    ["--id", "7", "--server-ids", "1", "--servers", formatAddress(silent.address), "--timeout", "3600s"],
    { interrupted: interruption.signal },
  );
  expect(exitCode).toBe(130);
  expect(stdout).not.toContain("Received promise");
  expect(performance.now() - begin).toBeLessThan(10_000);
});
