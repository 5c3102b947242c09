import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RingStage } from "./ring-stage.ts";

// As the golden traces of Paxos: a title ("# "), prose, and commands ("> "), each followed by what it leads to, indented.
// After a change that is meant, UPDATE_TRACES=1 writes what happens now into the files; read the difference.

const FOLDER = new URL("./traces/", import.meta.url);
const UPDATE = process.env["UPDATE_TRACES"] === "1";

/** So that a silent node takes few lines. */
const FEW_REPEATS = { resendMs: 1_000, patienceMs: 2_000, gatherMs: 3_000, tellMs: 1_500 };

describe("golden traces of a ring", () => {
  for (const file of readdirSync(FOLDER).sort()) {
    const text = readFileSync(new URL(file, FOLDER), "utf8");
    const title = /^# (.+)/.exec(text)?.[1];
    test(`${file}: ${title}`, () => {
      expect(title, "the first line is the title").toBeDefined();
      const now = played(text);
      if (UPDATE) writeFileSync(new URL(file, FOLDER), now);
      else expect(now).toBe(text);
    });
  }
});

/** The scenario with what happens now in place of the transcripts it has. */
function played(text: string): string {
  let stage = new RingStage();
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("  ")) continue;
    lines.push(line);
    if (!line.startsWith("> ")) continue;
    const [verb = "", ...words] = line.slice(2).split(" ");
    if (verb === "ring") stage = ringOf(words);
    else obey(stage, verb, words);
    lines.push(...stage.transcript.splice(0).map((said) => `  ${said}`));
  }
  return lines.join("\n");
}

function ringOf(words: readonly string[]): RingStage {
  const [proposers = 1, acceptors = 1, learners = 1, clients = 1] = words.map(Number);
  return new RingStage({ proposers, acceptors, learners, clients }, FEW_REPEATS);
}

function obey(stage: RingStage, verb: string, words: readonly string[]): void {
  const [first = "", second = ""] = words;
  const commands: Record<string, () => void> = {
    start: () => stage.start(...words),
    crash: () => stage.crash(first),
    lose: () => {
      stage.loses = ({ message }) => message.type === first;
    },
    set: () => stage.set(first, second),
    run: () => stage.run(Number(first)),
  };
  const run = commands[verb];
  if (!run) throw new Error(`unknown command: ${verb}`);
  run();
}
