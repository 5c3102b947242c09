import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { accept, prepare } from "./recorded-acceptor.js";
import { type Proposal, TraceStage } from "./trace-stage.js";

// A scenario is a title ("# "), prose, and commands ("> "), each followed by what it leads to, indented. After a change
// that is meant, UPDATE_TRACES=1 writes what happens now into the files; read the difference before you keep it.

const FOLDER = new URL("./traces/", import.meta.url);
const UPDATE = process.env["UPDATE_TRACES"] === "1";

describe("golden traces", () => {
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

  test("a difference between the file and what happens is noticed", () => {
    const text = "# Title\n> pool 1\n> prepare 7 to 1\n  1 writes: promised 8\n";
    expect(played(text)).toBe(
      [
        "# Title",
        "> pool 1",
        "> prepare 7 to 1",
        "  you -> 1: prepare 7",
        "  1 writes: promised 7",
        "  1 -> you: I promise 7, and have accepted nothing",
        "",
      ].join("\n"),
    );
  });
});

/** The scenario with what happens now in place of the transcripts it has. */
function played(text: string): string {
  const stage = new TraceStage();
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

function obey(stage: TraceStage, command: string): void {
  const [verb = "", ...words] = command.split(" ");
  const names = words.slice(words.indexOf("to") + 1);
  const [first = "", second = ""] = words;
  const commands: Record<string, () => void> = {
    pool: () => stage.pool(Number(first)),
    up: () => names.forEach((name) => void stage.setCondition(name, "up")),
    down: () => names.forEach((name) => void stage.setCondition(name, "down")),
    silent: () => names.forEach((name) => void stage.setCondition(name, "silent")),
    restart: () => names.forEach((name) => void stage.restart(name)),
    prepare: () => names.forEach((name) => void stage.byHand(name, prepare(Number(first)))),
    accept: () => names.forEach((name) => void stage.byHand(name, accept(Number(first), second))),
    start: () => stage.start(proposalOf(words)),
    deliver: () => stage.deliver(Number(first), words[2] ?? "A"),
    wake: () => stage.wake(first),
    run: () => stage.run(),
    propose: () => {
      stage.start(proposalOf(words));
      stage.run();
    },
    state: () => stage.state(),
    explain: () => stage.explain(),
  };
  const run = commands[verb];
  if (!run) throw new Error(`unknown command: ${command}`);
  run();
}

function proposalOf(words: readonly string[]): Proposal {
  const settings = new Map(words.map((word) => word.split("=", 2) as [string, string]));
  const take = (name: string, otherwise: string) => {
    const found = settings.get(name) ?? otherwise;
    settings.delete(name);
    return found;
  };
  const proposal = {
    proposer: take("proposer", "A"),
    id: settings.has("id") ? Number(take("id", "")) : null,
    value: take("value", ""),
    contact: Number(take("contact", "3")),
    seed: Number(take("seed", "1")),
    attempts: Number(take("attempts", "1")),
    index: Number(take("index", "0")),
    unsafe: take("minority", "") === "allowed",
  };
  if (settings.size > 0) throw new Error(`unknown settings: ${[...settings.keys()].join(", ")}`);
  return proposal;
}
