import { expect, test } from "vitest";
import { describeTraces, played, type TraceCommands } from "./golden-traces.js";
import { accept, prepare } from "./recorded-acceptor.js";
import { type Proposal, TraceStage } from "./trace-stage.js";

/** The servers that a command names, behind `to`, or all of its words. */
const namesIn = (words: readonly string[]) => words.slice(words.indexOf("to") + 1);

const COMMANDS: TraceCommands<TraceStage> = {
  pool: (stage, [size]) => stage.pool(Number(size)),
  up: (stage, words) => namesIn(words).forEach((name) => void stage.setCondition(name, "up")),
  down: (stage, words) => namesIn(words).forEach((name) => void stage.setCondition(name, "down")),
  silent: (stage, words) => namesIn(words).forEach((name) => void stage.setCondition(name, "silent")),
  restart: (stage, words) => namesIn(words).forEach((name) => void stage.restart(name)),
  prepare: (stage, words) => namesIn(words).forEach((name) => void stage.byHand(name, prepare(Number(words[0])))),
  accept: (stage, words) =>
    namesIn(words).forEach((name) => void stage.byHand(name, accept(Number(words[0]), words[1] ?? ""))),
  start: (stage, words) => stage.start(proposalOf(words)),
  deliver: (stage, [number, , proposer = "A"]) => stage.deliver(Number(number), proposer),
  wake: (stage, [proposer = ""]) => stage.wake(proposer),
  run: (stage) => stage.run(),
  propose: (stage, words) => {
    stage.start(proposalOf(words));
    stage.run();
  },
  state: (stage) => stage.state(),
  explain: (stage) => stage.explain(),
};

describeTraces("golden traces", new URL("./traces/", import.meta.url), () => new TraceStage(), COMMANDS);

test("a difference between a file of traces and what happens is noticed", () => {
  const text = "# Title\n> pool 1\n> prepare 7 to 1\n  1 writes: promised 8\n";
  expect(played(text, new TraceStage(), COMMANDS)).toBe(
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
