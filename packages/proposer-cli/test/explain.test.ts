import { expect, test } from "vitest";
import { startPool, type TestPool } from "./acceptor-pool.ts";
import { linesOf, runCommand } from "./run-command.ts";

function explain(pool: TestPool, ...more: string[]) {
  return runCommand("synod", ["explain", "--servers", pool.servers, ...more]);
}

test("an open instance: nothing is chosen, and every majority leaves a proposer free", async () => {
  const pool = await startPool(3);
  const { exitCode, stdout } = await explain(pool);
  expect(linesOf(stdout)).toEqual([
    "Instance 1, a pool of 3 acceptors, majority 2:",
    "  server 1: promised nothing, accepted nothing",
    "  server 2: promised nothing, accepted nothing",
    "  server 3: promised nothing, accepted nothing",
    "",
    "OPEN: no value is chosen yet.",
    "",
    "A next proposer, by the majority it hears from:",
    "  {1, 2} or {1, 3} or {2, 3}: may propose any value, since none of them accepted one",
  ]);
  expect(exitCode).toBe(0);
});

test("one acceptance is open too, and what a proposer must do depends on whom it hears from", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 7, "x");
  const { exitCode, stdout } = await explain(pool);
  expect(linesOf(stdout).slice(4)).toEqual([
    "",
    "OPEN: no value is chosen yet.",
    '  "x" under id 7, accepted by server 1: 1 short of a majority',
    "",
    "A next proposer, by the majority it hears from:",
    '  {1, 2} or {1, 3}: must propose "x", the value of the highest id they accepted (7)',
    "  {2, 3}: may propose any value, since none of them accepted one",
  ]);
  expect(exitCode).toBe(0);
});

test("a majority under one id is chosen, and every majority binds the next proposer to it", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "x");
  await pool.promise([3], 9);
  const { exitCode, stdout } = await explain(pool);
  expect(linesOf(stdout)).toEqual([
    "Instance 1, a pool of 3 acceptors, majority 2:",
    '  server 1: promised 7, accepted 7 "x"',
    '  server 2: promised 7, accepted 7 "x"',
    "  server 3: promised 9, accepted nothing",
    "",
    'CHOSEN: "x", and no other value ever will be.',
    "  Because servers 1, 2 accepted it under id 7: a majority, 2 or more.",
    "",
    "A next proposer, by the majority it hears from:",
    '  {1, 2} or {1, 3} or {2, 3}: must propose "x", the value of the highest id they accepted (7)',
  ]);
  expect(exitCode).toBe(0);
});

test("a value that was chosen once is found in the history, though the present state no longer shows a majority", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "x");
  await pool.accept([2], 8, "x");
  const { stdout } = await explain(pool);
  expect(stdout).toContain('CHOSEN: "x"');
  expect(stdout).toContain("Because servers 1, 2 accepted it under id 7");
});

test("with a server down a minority's value may be chosen: the one that cannot be seen could complete it", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 7, "x");
  await pool.stop(3);
  const { exitCode, stdout } = await explain(pool);
  expect(linesOf(stdout).slice(3)).toEqual([
    "  server 3: no response",
    "",
    "MAY BE CHOSEN: acceptors that cannot be seen could complete a majority.",
    '  "x" under id 7, accepted by server 1, and perhaps by server 3',
    "",
    "A next proposer, by the majority it hears from:",
    '  {1, 2}: must propose "x", the value of the highest id they accepted (7)',
  ]);
  expect(exitCode).toBe(0);
});

test("with a majority down nobody can say what they chose, and a next proposer gets nowhere", async () => {
  const pool = await startPool(3);
  await pool.stop(1);
  await pool.stop(2);
  const { exitCode, stdout } = await explain(pool);
  expect(stdout).toContain("Another value may be chosen that no server which answers has heard of.\n");
  expect(stdout).toContain("A next proposer gets nowhere: it would need promises from 2 acceptors.\n");
  expect(exitCode).toBe(0);
});

test("two chosen values are broken consensus: exit 6, with the accepts that did it", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "first");
  await pool.accept([2, 3], 8, "second");
  const { exitCode, stdout } = await explain(pool);
  expect(linesOf(stdout).slice(5, 8)).toEqual([
    "BROKEN: two values were chosen, which no run of Paxos allows. Somebody broke the rules.",
    '  two values were chosen: "first" under id 7, accepted by server 1, server 2; and "second" under id 8, accepted by server 2, server 3',
    "  Look for an accept sent without promises of a majority, an id used twice, or an acceptor that was wiped.",
  ]);
  expect(exitCode).toBe(6);
});

test("one id with two values is told even when neither is chosen", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 7, "one");
  await pool.accept([2], 7, "other");
  const { exitCode, stdout } = await explain(pool);
  expect(stdout).toContain(
    '  one id carries two values: "one" under id 7, accepted by server 1; and "other" under id 7',
  );
  expect(stdout).toContain("{1, 2}: may not propose at all: two values carry id 7\n");
  expect(exitCode).toBe(0);
});

test("--json gives verdict, choices and observations as one document, and exit 6 with it when broken", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "first");
  const { exitCode, stdout } = await explain(pool, "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    instance: 1,
    serverCount: 3,
    majorityRequired: 2,
    verdict: "chosen",
    chosen: { acceptedId: 7, acceptedValue: "first" },
    unreachable: [],
    next: [{ count: 3, choice: { kind: "bound" } }],
    observations: [{ server: 1 }, { server: 2 }, { server: 3, accepted: null }],
    warnings: [],
  });
  await pool.accept([1, 3], 8, "second");
  const broken = await explain(pool, "--json");
  expect(broken.exitCode).toBe(6);
  expect(JSON.parse(broken.stdout)).toMatchObject({ verdict: "broken", conflicts: [{ kind: "two-values-chosen" }] });
});

test("--instance explains that slot alone", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "in five", 5);
  expect((await explain(pool, "--instance", "5")).stdout).toContain('CHOSEN: "in five"');
  expect((await explain(pool)).stdout).toContain("OPEN:");
});

test("when nobody answers there is nothing to explain: exit 3, and the addresses that were tried", async () => {
  const pool = await startPool(3);
  await Promise.all([1, 2, 3].map(pool.stop));
  const { exitCode, stdout, stderr } = await explain(pool);
  expect(exitCode).toBe(3);
  expect(stdout).toBe("");
  expect(stderr).toContain(`no server answers at ${pool.servers.replaceAll(",", ", ")}`);
});

test("a long value is cut in the text and whole in the document", async () => {
  const pool = await startPool(1);
  const value = "long ".repeat(100);
  await pool.accept([1], 7, value);
  const { stdout } = await explain(pool);
  for (const line of linesOf(stdout)) expect(line.length).toBeLessThan(200);
  expect(JSON.parse((await explain(pool, "--json")).stdout).chosen.acceptedValue).toBe(value);
});
