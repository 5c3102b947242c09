import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Asked, refusal } from "./fake-cluster.ts";
import { type FakeGateway, fakeGateway } from "./fake-gateway.ts";
import { linesOf, runCommand } from "./run-command.ts";

function newFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-record-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "run.jsonl");
}

function kv({ address }: FakeGateway, file: string, ...words: string[]) {
  return runCommand("synod", ["kv", ...words, "--record", file], { env: { SYNOD_GATEWAY: address } });
}

function check(file: string) {
  return runCommand("synod", ["check", "history", file, "--model", "register"]);
}

interface Line {
  readonly process: string;
  readonly type: string;
  readonly f: string;
  readonly key: string;
  readonly value?: unknown;
}

/** What was recorded of commands, without what makes absence one thing. */
function recordedIn(file: string): Line[] {
  const lines = linesOf(readFileSync(file, "utf8")).map((line): Line => JSON.parse(line));
  return lines.filter(({ process }) => !process.endsWith("-absence"));
}

test("a put and a get are a call and a return each, of a process that is called like no other", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  await kv(gateway, file, "put", "x", "1");
  await kv(gateway, file, "get", "x");
  const lines = recordedIn(file);
  expect(lines.map(({ type, f, key, value }) => [type, f, key, value])).toEqual([
    ["invoke", "write", "x", "1"],
    ["ok", "write", "x", "1"],
    ["invoke", "read", "x", undefined],
    ["ok", "read", "x", "1"],
  ]);
  expect(new Set(lines.map(({ process }) => process)).size).toBe(2);
  expect((await check(file)).exitCode).toBe(0);
});

test("absence reads the same before the first write and after a delete, and the history is linearizable", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  for (const words of [
    ["get", "x"],
    ["put", "x", "1"],
    ["get", "x"],
    ["delete", "x"],
    ["get", "x"],
    ["delete", "x"],
    ["get", "x"],
  ]) {
    await kv(gateway, file, ...words);
  }
  for (const words of [
    ["cas", "x", "--absent", "--value", "2"],
    ["cas", "x", "--absent", "--value", "3"],
    ["get", "x"],
  ]) {
    await kv(gateway, file, ...words);
  }
  expect((await check(file)).stdout).toMatch(/^linearizable/i);
  expect((await check(file)).exitCode).toBe(0);
});

test("a read of a value that was deleted, or of absence where there is a value, is a violation", async () => {
  for (const wrong of [{ body: { key: "x", value: "1", slot: 3 } }, refusal("key-not-found", "there is none")]) {
    const [gateway, file] = [await fakeGateway(), newFile()];
    await kv(gateway, file, "put", "x", "1");
    await kv(gateway, file, "delete", "x");
    if (typeof wrong === "object" && wrong !== null && "status" in wrong) await kv(gateway, file, "put", "x", "2");
    gateway.instead.push(wrong);
    await kv(gateway, file, "get", "x");
    expect((await check(file)).exitCode).toBe(6);
  }
});

test("a cas that found something else is an observation: one that says so wrongly is a violation", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  await kv(gateway, file, "put", "x", "1");
  gateway.instead.push(refusal("compare-failed", "the key holds something else"));
  expect((await kv(gateway, file, "cas", "x", "--expected", "1", "--value", "2")).exitCode).toBe(5);
  expect((await check(file)).exitCode).toBe(6);
});

test("compared by revision, a cas or a delete that did not happen is no operation", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  await kv(gateway, file, "put", "x", "1");
  await kv(gateway, file, "cas", "x", "--revision", "9", "--value", "2");
  await kv(gateway, file, "delete", "x", "--revision", "9");
  await kv(gateway, file, "cas", "x", "--revision", "1", "--value", "3");
  await kv(gateway, file, "get", "x");
  expect(recordedIn(file).map(({ type }) => type)).toEqual([
    "invoke",
    "ok",
    "invoke",
    "fail",
    "invoke",
    "fail",
    "invoke",
    "ok",
    "invoke",
    "ok",
  ]);
  expect((await check(file)).exitCode).toBe(0);
});

test("what certainly did not happen is fail; what nobody knows the outcome of is info, and may show later", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  gateway.instead.push(refusal("no-quorum", "no"), refusal("outcome-unknown", "who knows"), null);
  for (const value of ["1", "2", "3"]) await kv(gateway, file, "put", "x", value);
  expect(recordedIn(file).map(({ type }) => type)).toEqual(["invoke", "fail", "invoke", "info", "invoke", "info"]);
  gateway.change("x", "2");
  await kv(gateway, file, "get", "x");
  expect((await check(file)).exitCode).toBe(0);
  gateway.change("x", "1");
  await kv(gateway, file, "get", "x");
  expect((await check(file)).exitCode).toBe(6);
});

test("a gateway that is down has done nothing: fail", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  await gateway.close();
  await kv(gateway, file, "put", "x", "1");
  expect(recordedIn(file).map(({ type }) => type)).toEqual(["invoke", "fail"]);
});

test("the call is in the history before the gateway hears of it", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  gateway.instead.push((_asked: Asked) => {
    expect(recordedIn(file).map(({ type }) => type)).toEqual(["invoke"]);
    return { body: { key: "x", revision: 1, slot: 1 } };
  });
  expect((await kv(gateway, file, "put", "x", "1")).exitCode).toBe(0);
});

test("commands that run at the same time share a history, which is linearizable if the store is", async () => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  const lines = Array.from({ length: 60 }, (_, i) => {
    const key = `k${i % 2}`;
    return (
      [
        ["put", key, `${i}`],
        ["get", key],
        ["delete", key],
        ["cas", key, "--absent", "--value", `${i}`],
      ][i % 4] ?? []
    );
  });
  await Promise.all(lines.map((words) => kv(gateway, file, ...words)));
  const { exitCode, stdout } = await check(file);
  expect(stdout).toMatch(/^linearizable/i);
  expect(exitCode).toBe(0);
});

test.each([
  [["get", "x", "--consistency", "eventual"], "--record is for strong reads"],
  [["get", "x", "--consistency", "session"], "--record is for strong reads"],
  [["get", "--prefix", "x"], "--record is for single keys"],
])("%j cannot be recorded: a check would take for a violation what is none", async (words, says) => {
  const [gateway, file] = [await fakeGateway(), newFile()];
  const { exitCode, stderr } = await kv(gateway, file, ...words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(says);
  expect(existsSync(file)).toBe(false);
});

test("where the history cannot be written, nothing is done", async () => {
  const gateway = await fakeGateway();
  const { exitCode, stderr } = await kv(gateway, "/nowhere/run.jsonl", "put", "x", "1");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("/nowhere/run.jsonl cannot be written");
  expect(gateway.asked).toEqual([]);
});
