import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RaftTraceStage } from "./trace-stage.js";

// As the golden traces of Paxos: a title ("# "), prose, and commands ("> "), each followed by what it leads to, indented.
// After a change that is meant, UPDATE_TRACES=1 writes what happens now into the files; read the difference.

const FOLDER = new URL("./traces/", import.meta.url);
const UPDATE = process.env["UPDATE_TRACES"] === "1";

describe("golden traces of Raft", () => {
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
  const stage = new RaftTraceStage();
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("  ")) continue;
    lines.push(line);
    if (!line.startsWith("> ")) continue;
    obey(stage, line.slice(2));
    lines.push(...stage.transcript.splice(0).map((said) => `  ${said}`));
  }
  return lines.join("\n");
}

function obey(stage: RaftTraceStage, command: string): void {
  const [verb = "", ...words] = command.split(" ");
  const [first = ""] = words;
  const commands: Record<string, () => void> = {
    term: () => stage.logs(Number(first), logsOf(words.slice(1))),
    down: () => words.forEach((name) => void stage.down(name)),
    up: () => words.forEach((name) => void stage.up(name)),
    "lose-entries-of": () => stage.loseEntriesOf(Number(first)),
    "lose-nothing": () => stage.loseEntriesOf(null),
    stand: () => stage.stand(first),
    beat: () => stage.beat(first),
    deliver: () => stage.deliver(Number(first)),
    run: () => stage.run(),
    state: () => stage.state(),
  };
  const run = commands[verb];
  if (!run) throw new Error(`unknown command: ${command}`);
  run();
}

/** "a=1,1,4 b=1": the terms of each server's entries. */
function logsOf(words: readonly string[]): ReadonlyMap<string, readonly number[]> {
  return new Map(
    words.map((word) => {
      const [name = "", terms = ""] = word.split("=");
      return [name, terms.split(",").map(Number)] as const;
    }),
  );
}
