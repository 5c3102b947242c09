import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROTOCOLS } from "@synod/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { BIN, ended } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

function simulate(...words: string[]) {
  return runCommand("synod", ["simulate", ...words]);
}

async function documentOf(...words: string[]) {
  return JSON.parse((await simulate(...words, "--json")).stdout);
}

/** Pastes a line into a shell, as a person would. */
async function paste(line: string) {
  const script = `synod() { '${process.execPath}' '${BIN}synod.js' "$@"; }; ${line} --json`;
  const { exitCode, stdout } = await ended(spawn("sh", ["-c", script]));
  return { exitCode, document: JSON.parse(stdout) };
}

function fileWith(text: string, name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-simulate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("a violation", () => {
  test("is told with its seed, the line that replays it, the faults that it takes, a story and a diagram", async () => {
    const { exitCode, stdout, stderr } = await simulate("--mutate", "forgets-promise");
    expect(exitCode).toBe(6);
    expect(stderr).toBe("");
    const lines = linesOf(stdout);
    const from = lines.findIndex((line) => line.startsWith("VIOLATION"));
    expect(lines[from]).toBe(
      "VIOLATION of promises-only-rise: an acceptor that promised an id promises no lower one, also not after a restart",
    );
    expect(lines[from + 1]).toMatch(/^ {2}a\d promised \d+ after it had promised \d+,$/);
    expect(lines[from + 2]).toMatch(/^ {2}in seed 107, after [\d.]+ ms \(trace digest [0-9a-f]{16}\)$/);
    expect(lines.slice(from + 4, from + 6)).toEqual([
      "Replay it:",
      "  synod simulate --protocol paxos --seeds 107 --mutate forgets-promise",
    ]);
    expect(stdout).toMatch(/^The faults that it takes \(\d+ of 22; .*\):\n(?: {2}crash .*\n)+$/m);
    expect(stdout).toMatch(/^Shrunk from \d+ actions to \d+: 2 messages, 1 crash$/m);
    expect(stdout).toMatch(/^1\. p\d is asked to propose "\w+"\. It has on disk: proposing \d+\./m);
    expect(stdout).toMatch(/^So a\d promised \d+ after it had promised \d+\.$/m);
    expect(stdout).toMatch(/^ 2 │◀.*prepare \d+$/m);
    expect(lines.at(-1)).toBe("Messages that are not shown never arrive.");
  });

  test("comes back with the same violation and digest from the line that replays it", async () => {
    const { violation } = await documentOf("--mutate", "reuses-id", "--attempts", "7");
    expect(violation.replay).toContain("--attempts 7");
    const { exitCode, document } = await paste(violation.replay);
    expect(exitCode).toBe(6);
    expect(document.violation).toEqual(violation);
    expect(document.digest).toBe(violation.digest);
  });

  test("that takes a file of faults is replayed with it, whatever it is called", async () => {
    const file = fileWith("crash * at 1ms for 1ms\n", "it's $HOME; faults.txt");
    const { violation } = await documentOf("--mutate", "answers-before-write", "--faults", file, "--seeds", "3..900");
    const { exitCode, document } = await paste(violation.replay);
    expect(exitCode).toBe(6);
    expect(document.violation).toEqual(violation);
  });

  test("still happens with those faults alone that it is said to take", async () => {
    const { violation } = await documentOf("--mutate", "forgets-accepted");
    const file = fileWith(violation.faults.join("\n"), "needed.txt");
    const again = await documentOf(
      ..."--mutate forgets-accepted --faults".split(" "),
      file,
      "--seeds",
      String(violation.seed),
    );
    expect(violation.faults.length).toBeLessThan(violation.faultCount);
    expect(again.violation).toMatchObject({ property: violation.property, faultCount: violation.faults.length });
  });

  test("has one shape for programs", async () => {
    const document = await documentOf("--mutate", "forgets-promise", "--seeds", "100..200");
    expect(document).toMatchObject({ mutation: { name: "forgets-promise" }, schedules: 8, neverHappened: [] });
    expect(document.violation).toEqual({
      property: "promises-only-rise",
      kind: "always",
      sentence: expect.stringMatching(/^a\d promised/),
      seed: 107,
      atUs: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      faults: expect.arrayContaining([expect.stringMatching(/^crash /)]),
      faultCount: 22,
      replay: "synod simulate --protocol paxos --seeds 107 --mutate forgets-promise",
      counterexample: {
        sentence: expect.stringMatching(/^a\d promised/),
        actions: expect.any(Number),
        messages: 2,
        crashes: 1,
        shrunkFrom: expect.any(Number),
        isMinimal: true,
        steps: expect.arrayContaining([
          { node: "p2", kind: "request", from: null, cause: expect.any(String), effects: expect.any(Array) },
        ]),
        story: expect.arrayContaining([expect.stringMatching(/^1\. /)]),
        diagram: expect.arrayContaining([expect.stringContaining("◀")]),
      },
    });
  });

  test("is drawn for Mermaid, or not at all, if that is asked for", async () => {
    const mermaid = await simulate("--mutate", "ignores-prepare-check", "--diagram", "mermaid");
    expect(mermaid.stdout).toMatch(/^sequenceDiagram\n {2}participant /m);
    expect(mermaid.stdout).not.toContain("│");
    const none = await simulate("--mutate", "ignores-prepare-check", "--diagram", "none");
    expect(none.stdout).not.toMatch(/sequenceDiagram|│/);
    const { counterexample } = (await documentOf("--mutate", "ignores-prepare-check", "--diagram", "mermaid"))
      .violation;
    expect(counterexample.mermaid[0]).toBe("sequenceDiagram");
    expect(counterexample).not.toHaveProperty("diagram");
  });

  test("of liveness is told without a story: what to wait for, and how to see everything", async () => {
    const { exitCode, stdout } = await simulate("--mutate", "sets-no-timer", "--seeds", "5");
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(
      /^VIOLATION of a-value-is-chosen: once faults stop, .*\n {2}This is not so\n {2}in seed 5, /m,
    );
    expect(stdout).toMatch(/^It happens without any of the \d+ faults of this seed, too\.$/m);
    const replay = "synod simulate --protocol paxos --seeds 5 --mutate sets-no-timer";
    expect(stdout).toContain(`  ${replay}\n`);
    expect(stdout).toContain(`  ${replay} --trace trace.jsonl\n`);
    const { violation } = await documentOf("--mutate", "sets-no-timer", "--seeds", "5");
    expect(violation).toMatchObject({ kind: "liveness", faults: [], counterexample: null });
  });

  test("of a property that does not count is none", async () => {
    const words = ["--mutate", "sets-no-timer", "--seeds", "1..5"];
    const { exitCode, stdout } = await simulate(...words, "--properties", "agreement,validity");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  Always held: agreement, validity\n  Not asked: a-value-is-chosen\n");
    const { violation } = await documentOf("--mutate", "forgets-accepted", "--properties", "agreement");
    expect(violation.property).toBe("agreement");
    expect(violation.replay).toMatch(/ --properties agreement$/);
  });
});

test("a pool whose proposers try once, or ask a minority, is promised nothing: then nothing is asked of the end", async () => {
  for (const words of [
    ["--attempts", "1"],
    ["--contact-count", "1"],
  ]) {
    const { exitCode, stdout } = await simulate(...words, "--seeds", "1..20");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("a-value-is-chosen");
  }
});

test("with --keep-going every seed is run, and those that break something are counted by what they break", async () => {
  const words = ["--mutate", "takes-first-value", "--seeds", "1..150", "--keep-going"];
  const { exitCode, stdout } = await simulate(...words);
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(
    /^(\d+) of 150 schedules \(\d+(\.\d+)?%\) broke something first:\n(?: {2}\S+ +\d+\n)+The first such seeds: 9, /m,
  );
  const { schedules, brokenCount, brokenBy, brokenSeeds, violation } = await documentOf(...words);
  expect(schedules).toBe(150);
  expect(brokenSeeds).toHaveLength(brokenCount);
  expect(Object.values<number>(brokenBy).reduce((sum, count) => sum + count)).toBe(brokenCount);
  expect(violation.seed).toBe(brokenSeeds[0].seed);
});

/** Where the search begins for those that take long to show: docs/testing.md has their first seeds. */
const FROM: Readonly<Record<string, number>> = { "counts-stale-promises": 950, "learner-counts-twice": 600 };

/** Single-decree Paxos: the flaws of the log take longer, and have a test beside the simulator's own. */
const QUICK = PROTOCOLS.slice(0, 1);

test.each(
  QUICK.flatMap(({ name, mutations }) => mutations.map((mutation) => ({ protocol: name, name: mutation.name }))),
)("$protocol with $name is caught within a thousand schedules", async ({ protocol, name }) => {
  const first = FROM[name] ?? 1;
  const words = ["--protocol", protocol, "--mutate", name, "--seeds", `${first}..${first + 999}`, "--workers", "1"];
  const { exitCode, stdout } = await simulate(...words, "--json");
  const { violation, error, schedules } = JSON.parse(stdout);
  if (violation) expect({ exitCode, seed: violation.seed }).toEqual({ exitCode: 6, seed: first + schedules - 1 });
  else expect({ exitCode, error }).toMatchObject({ exitCode: 1, error: { code: "never-happened", exitCode: 1 } });
});
