import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRunning, readPidFile, removePidFile, type ServerProcess, writePidFile } from "../src/pid-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ADDRESS = { host: "127.0.0.1", port: 5001 };

/** The pid file of this very process. */
function written(): { file: string; server: ServerProcess } {
  const folder = temporaryFolder();
  const file = join(folder, "server.pid");
  writePidFile(file, ADDRESS);
  expect(readdirSync(folder)).toEqual(["server.pid"]);
  const server = readPidFile(file);
  if (server === null) throw new Error("the pid file was not read back");
  return { file, server };
}

describe("a pid file", () => {
  test("names the process and its address, and goes away", () => {
    const { file, server } = written();
    expect(server).toEqual({ pid: process.pid, startMark: expect.stringMatching(/\S/), address: ADDRESS });
    expect(isRunning(server)).toBe(true);
    removePidFile(file);
    expect(readPidFile(file)).toBeNull();
    removePidFile(file);
  });

  test("with the number of a process that runs, but another start, is an old server's: nobody may kill that process", () => {
    const { server } = written();
    expect(isRunning({ ...server, startMark: `${server.startMark}0` })).toBe(false);
    expect(isRunning({ ...server, startMark: "" })).toBe(false);
  });

  test("of a process that ended is not taken for a running one", async () => {
    const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
    await new Promise((resolve) => child.on("exit", resolve));
    const { server } = written();
    expect(isRunning({ ...server, pid: child.pid ?? 0 })).toBe(false);
    expect(isRunning({ ...server, pid: child.pid ?? 0, startMark: "" })).toBe(false);
  });

  test.each(["", "{", "null", "[]", "7", '{"pid":1}', '{"pid":0,"startMark":"x","address":"a:1"}'])(
    "that reads %j is none, and is no reason to fail",
    (text) => {
      const file = join(temporaryFolder(), "server.pid");
      writeFileSync(file, text);
      expect(readPidFile(file)).toBeNull();
    },
  );

  test("with a broken field is none", () => {
    const { file } = written();
    const whole = JSON.parse(readFileSync(file, "utf8"));
    for (const broken of [{ pid: 1.5 }, { pid: "1" }, { startMark: 1 }, { address: "nowhere" }, { address: null }]) {
      writeFileSync(file, JSON.stringify({ ...whole, ...broken }));
      expect(readPidFile(file), JSON.stringify(broken)).toBeNull();
    }
  });

  test("that cannot be read at all is an error, since something may well be running", () => {
    expect(() => readPidFile(temporaryFolder())).toThrow(/EISDIR/);
  });
});
