import * as simulator from "@synod/simulator";
import { describe, expect, test } from "vitest";
import type { Experiment } from "../src/simulation/experiment.ts";
import { ExperimentRunner } from "../src/simulation/experiment-runner.ts";
import { type Chunk, SeedChunks } from "../src/simulation/seed-chunks.ts";
import { ended, setStage, until } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** Enough seeds for a run that lasts as long as a test wants. */
const ENDLESS = "1..9007199254740991";

/** Runs the command as it was built, all threads of it, and leaves out how long it took. */
async function documentOf(...words: string[]) {
  const { stdout } = await (await setStage(1)).synod("simulate", ...words, "--json");
  const { wallMs: _, ...document } = JSON.parse(stdout);
  return document;
}

/** Runs a command on a terminal, and presses Ctrl-C once it has said this. */
function runUntilSaid(said: RegExp, words: readonly string[]) {
  const interruption = new AbortController();
  const onStderr = (soFar: string) => {
    if (said.test(soFar)) interruption.abort();
  };
  return runCommand("synod", words, { interrupted: interruption.signal, stderrIsTTY: true, onStderr });
}

describe("the outcome is the same whoever ran what", () => {
  test.each([
    { what: "where nothing breaks", words: ["--seeds", "1..700"] },
    {
      what: "where the lowest seed that breaks something counts",
      words: ["--mutate", "counts-stale-promises", "--seeds", "700..1300"],
    },
    {
      what: "where all that break something are counted",
      words: ["--mutate", "learner-mixes-ids", "--seeds", "1..300", "--keep-going"],
    },
  ])("$what, with one thread and with two", async ({ words }) => {
    const [one, two] = [await documentOf(...words, "--workers", "1"), await documentOf(...words, "--workers", "2")];
    expect(two).toEqual(one);
  });

  test("chunks that come back in another order than they were handed out add up to the same", () => {
    const protocol = simulator.PROTOCOLS[0] as simulator.Protocol;
    const settings = simulator.settingsFor(protocol, {}, null);
    const experiment: Experiment = {
      protocol: "paxos",
      settings,
      mutation: "takes-first-value",
      faults: null,
      properties: null,
      keepsGoing: false,
    };
    const runner = new ExperimentRunner(simulator, protocol, experiment);
    const chunks = new SeedChunks(simulator, { first: 1, last: 64 }, experiment, 4);
    const taken: Chunk[] = [];
    for (let chunk = chunks.take(); chunk; chunk = chunks.take()) taken.push(chunk);
    expect(taken.length).toBeGreaterThan(3);
    for (const chunk of [...taken].reverse()) chunks.put(chunk, runner.runSeeds(chunk), 1);
    expect(chunks.isComplete).toBe(true);
    expect(chunks.soFar).toEqual(runner.runSeeds({ first: 1, last: 64 }));
  });
});

describe("Ctrl-C", () => {
  test("gives the summary so far, from threads that are ended at once", async () => {
    const stage = await setStage(1);
    const child = stage.start("synod", "simulate", "--seeds", ENDLESS, "--workers", "2");
    let said = "";
    child.stderr?.on("data", (text) => {
      said += text;
    });
    const end = ended(child);
    // A line of progress: by now there are other threads.
    await until(() => said.includes(" schedules, "), "a line of progress");
    const begin = performance.now();
    child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await end;
    expect(performance.now() - begin).toBeLessThan(1500);
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/^ {2}schedules +[\d,]+ of 9,007,199,254,740,991, interrupted$/m);
    expect(stdout).toMatch(/^No violation in [\d,]+ schedules\.$/m);
    expect(linesOf(stderr).at(-1)).toMatch(/^synod: interrupted after [\d,]+ of 9,007,199,254,740,991 schedules$/);
  });

  test("before anything was run shows nothing, and says so", async () => {
    const { exitCode, stdout } = await runCommand("synod", ["simulate"], { interrupted: AbortSignal.abort() });
    expect(exitCode).toBe(130);
    expect(stdout).toContain("No schedule was run to its end: nothing is shown.");
  });

  test("is said in the document too", async () => {
    const words = ["simulate", "--seeds", ENDLESS, "--workers", "2", "--json"];
    const { exitCode, stdout } = await runCommand("synod", words, { interrupted: AbortSignal.timeout(600) });
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, violation: null });
  });

  test("while a counterexample is shrunk leaves it out, and still tells the violation", async () => {
    const words = "simulate --mutate takes-first-value --acceptors 25 --proposers 15 --seeds 4".split(" ");
    const { exitCode, stdout } = await runUntilSaid(/seed 4 breaks agreement: looking for the least/, words);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^VIOLATION of agreement: /m);
    expect(stdout).toContain("Interrupted before a shorter counterexample was found.");
  });
});

describe("progress", () => {
  test("on a terminal is one line that is written over, and gone at the end", async () => {
    const { stderr } = await runUntilSaid(/schedules,[\s\S]*schedules,/, ["simulate", "--seeds", ENDLESS]);
    const [progress = ""] = stderr.split("synod: interrupted");
    const rewritten = progress.split("\r\u001b[K");
    expect(rewritten.length).toBeGreaterThan(3);
    expect(rewritten[1]).toMatch(/^[\d,]+ of [\d,]+ schedules, [\d,]+\/s, [\d.]+ s, no violation$/);
    expect(rewritten.at(-1)).toBe("");
    expect(progress).not.toContain("\n");
  });

  test("is not worth a word in a run that is over at once", async () => {
    const { stderr } = await runCommand("synod", ["simulate", "--seeds", "1"], { stderrIsTTY: true });
    expect(stderr.replaceAll("\r\u001b[K", "")).toBe("");
  });

  test("is told to nobody once stdout has no reader", async () => {
    const { stderr } = await runCommand("synod", ["simulate", "--seeds", ENDLESS], {
      interrupted: AbortSignal.timeout(1500),
      outputClosed: AbortSignal.abort(),
      stderrIsTTY: true,
    });
    expect(stderr).not.toContain("schedules, ");
  });
});
