import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type BackgroundServer, bringUpInBackground } from "../src/background-process.ts";

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-background-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that does this at once, and ends. */
function serverThat(folder: string, deed: string): BackgroundServer {
  return {
    commandLine: ["--input-type=commonjs", "--eval", deed],
    program: "synod",
    pidFile: path.join(folder, "node.pid"),
    logFile: path.join(folder, "node.log"),
    notesFile: path.join(folder, "node.err"),
    secret: undefined,
    isReady: async () => false,
  };
}

function start(folder: string, deed: string): ReturnType<typeof bringUpInBackground> {
  return bringUpInBackground(serverThat(folder, deed), 30_000, new AbortController().signal);
}

test("what a server said before it ended is why it is not up, and stays in its folder", async () => {
  const folder = newFolder();
  expect(await start(folder, `console.error("synod: no room\\n")`)).toBe("no room");
  expect(existsSync(path.join(folder, "node.err"))).toBe(true);
});

test("a server whose folder is wiped while it starts ended without a word, and no stack trace tells of it", async () => {
  const folder = newFolder();
  const wipe = `require("node:fs").rmSync(${JSON.stringify(folder)}, { recursive: true })`;
  expect(await start(folder, wipe)).toBe("it ended without a word");
  expect(existsSync(folder)).toBe(false);
});
