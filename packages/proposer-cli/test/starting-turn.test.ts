import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inStartingTurn, nobodyStarts } from "../src/starting-turn.ts";

const never = new AbortController().signal;

function newFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-turn-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "server.err");
}

/** Has the turn until it is let go. */
async function hold(file: string) {
  let letGo = () => {};
  let over: Promise<unknown> = Promise.resolve();
  await new Promise<void>((begun) => {
    over = inStartingTurn(file, 1000, never, () => {
      begun();
      return new Promise<void>((resolve) => {
        letGo = resolve;
      });
    });
  });
  return {
    letGo: () => {
      letGo();
      return over;
    },
  };
}

test("two who start one server take turns: the second begins when the first is done", async () => {
  const file = newFile();
  const seen: string[] = [];
  const first = await hold(file);
  const second = inStartingTurn(file, 60_000, never, async () => void seen.push("second"));
  // As long as the first has its turn, nobody who asks gets it.
  expect(await inStartingTurn(file, 60, never, async () => seen.push("third"))).toBeNull();
  expect(seen).toEqual([]);
  await Promise.all([first.letGo(), second]);
  expect(seen).toEqual(["second"]);
});

test("a start that fails gives the turn on", async () => {
  const file = newFile();
  const failed = inStartingTurn(file, 1000, never, () => Promise.reject(new Error("no port")));
  await expect(failed).rejects.toThrow("no port");
  expect(await inStartingTurn(file, 1000, never, async () => "mine")).toBe("mine");
});

test("whoever waits for a turn can be interrupted", async () => {
  const file = newFile();
  const first = await hold(file);
  const interruption = new AbortController();
  const second = inStartingTurn(file, 60_000, interruption.signal, async () => "never");
  interruption.abort(new Error("Ctrl-C"));
  await expect(second).rejects.toThrow("Ctrl-C");
  await first.letGo();
});

test("who is to end a server is told whether somebody is about to start it, and makes no folder by asking", async () => {
  const file = newFile();
  const first = await hold(file);
  expect(await nobodyStarts(file, 40, never)).toBe(false);
  await first.letGo();
  expect(await nobodyStarts(file, 1000, never)).toBe(true);
  const nowhere = path.join(path.dirname(file), "none", "server.err");
  expect(await nobodyStarts(nowhere, 1000, never)).toBe(true);
  await expect(inStartingTurn(nowhere, 1000, never, async () => true)).rejects.toThrow("ENOENT");
});
