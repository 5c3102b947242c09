import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

test.each([
  [["--targets", "paxos,etc"], "there is no target etc. Did you mean etcd?"],
  [["--targets", "paxos,paxos"], "--targets names one twice"],
  [["--concurrency", "0"], "--concurrency must be a whole number 1..4096"],
  [["--concurrency", "8,8"], "--concurrency names one twice"],
  [["--mix", "delete"], "--mix is put, get, or shares of both such as get=9,put=1"],
  [["--mix", "put,put=2"], "--mix names put twice"],
  [["--consistency", "weak"], "--consistency must be one of"],
  [["--targets", "etcd", "--consistency", "session"], "etcd has no session reads"],
  [["--servers", "127.0.0.1:1", "--targets", "paxos,etcd"], "--servers names one cluster"],
  [["--servers", "127.0.0.1:1", "--folder", "/tmp"], "--folder is for new clusters"],
  [["--keys", "37", "--key-size", "13"], "keys of 13 characters are 36 at most: raise --key-size"],
  [["--mix", "get", "--consistency", "eventual", "--record", "x"], "--record is for strong reads"],
  [["--value-size", "11", "--record", "x"], "--value-size 12 at least"],
  [["--record", "x", "--html", "x"], "--record and --html name the same file"],
  [["--record", "x", "--html", "./x"], "--record and --html name the same file"],
  [["--rate", "0"], "--rate must be a whole number 1..1000000"],
  [["--duration", "0"], "--duration must be a time such as 500ms or 2s"],
])("%j is refused before anything is started, with what to do", async (words, says) => {
  const { exitCode, stdout, stderr } = await runCommand("synod", ["bench", "kv", ...words]);
  expect(stderr).toContain(says);
  expect([exitCode, stdout]).toEqual([2, ""]);
});

test("without etcd on the PATH nothing is started, and it says how to install it", async () => {
  const env = { PATH: "/nowhere" };
  const { exitCode, stdout, stderr } = await runCommand("synod", ["bench", "kv", "--targets", "paxos,etcd"], { env });
  expect(stderr).toContain("apt-get install etcd-server");
  expect(stderr).not.toContain("kv-compact");
  expect([exitCode, stdout]).toEqual([1, ""]);
});

test("a page or a history that could not be written is told before the measurement", async () => {
  for (const option of ["--html", "--record"]) {
    const words = ["bench", "kv", "--servers", "127.0.0.1:1", option, "/nowhere/file"];
    const { exitCode, stderr } = await runCommand("synod", words);
    expect(stderr).toContain("/nowhere/file cannot be written");
    expect(exitCode).toBe(1);
  }
});
