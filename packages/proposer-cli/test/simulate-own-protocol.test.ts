import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { BIN, ended } from "./process-stage.ts";
import { runCommand } from "./run-command.ts";

function simulate(...words: string[]) {
  return runCommand("synod", ["simulate", ...words]);
}

describe("a protocol from a file", () => {
  /** A lamp: whoever is asked switches it on and says so. With the flaw it says so and stays dark. */
  const LAMP = `
    const system = ({ lamps }, mutation) => ({
      nodes: Array.from({ length: lamps }, (_, place) => ({
        name: "lamp" + (place + 1),
        role: "lamp",
        start: (disk) => {
          const state = { on: disk.length > 0 };
          const nothing = { writes: [], messages: [], replies: [], timers: [], decided: [] };
          return {
            state,
            step: (input) => {
              if (input.kind !== "propose") return nothing;
              state.on = true;
              const writes = mutation === "stays-dark" ? [] : ["on"];
              return { ...nothing, writes, replies: [{ requestId: input.requestId, reply: "on" }] };
            },
          };
        },
      })),
      requests: (random, calmUs) => [{ atUs: calmUs + 1, node: "lamp1", requestId: "r", command: "switch on" }],
      always: [{ name: "no-lies", sentence: "a lamp that says it is on has it on disk" }],
      watch: (state = { on: [] }) => ({
        state,
        observe: (event, report) => {
          if (event.kind === "store") state.on.push(event.node);
          const lies = event.kind === "reply" && !state.on.includes(event.node);
          if (lies) report({ property: "no-lies", sentence: event.node + " lied" });
        },
      }),
      sometimes: [{ name: "lit", sentence: "a lamp was switched on" }],
      occurrences: () => ({
        counts: { lit: 0 },
        longestUs: {},
        get settled() { return this.counts.lit > 0; },
        observe(event) { if (event.kind === "reply") this.counts.lit++; },
      }),
      liveness: { name: "light", sentence: "a lamp is on in the end", withinUs: 1e6 },
      messageInWords: String,
      writeInWords: String,
      commandInWords: String,
      replyInWords: String,
    });
    export const protocol = {
      name: "lamp",
      summary: "a lamp",
      settings: { lamps: { sentence: "lamps", default: 1, least: 1, most: 9 } },
      mutations: [{ name: "stays-dark", sentence: "A lamp says that it is on, and stays dark." }],
      modelSettings: () => ({}),
      system,
    };`;

  function lampFile(text = LAMP): string {
    const folder = mkdtempSync(path.join(tmpdir(), "synod-lamp-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, "lamp.mjs");
    writeFileSync(file, text);
    return file;
  }

  test("is simulated and checked like any other, with the numbers that it has", async () => {
    const file = lampFile();
    const { exitCode, stdout } = await simulate("--protocol", file, "--set", "lamps=3", "--seeds", "1..50");
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("Simulated lamp: lamps 3\n");
    const checked = await runCommand("synod", ["check", "model", "--protocol", file, "--crashes", "2"]);
    expect(checked.stdout).toContain("HOLDS in every state:\n  no-lies, own-rules\n  Reached: lit\n");
  });

  test("its flaws are found, and the replay command names the file and the numbers", async () => {
    const file = lampFile();
    const words = ["--protocol", file, "--set", "lamps=2", "--mutate", "stays-dark"];
    const { violation } = JSON.parse((await simulate(...words, "--json")).stdout);
    expect(violation).toMatchObject({ property: "no-lies", sentence: "lamp1 lied" });
    expect(violation.replay).toBe(`synod simulate --protocol ${file} --set lamps=2 --seeds 1 --mutate stays-dark`);
    expect((await runCommand("synod", ["check", "model", ...words])).exitCode).toBe(6);
  });

  test("whatever becomes of a closer look, what was found is told", async () => {
    const file = lampFile(
      LAMP.replace("commandInWords: String", "commandInWords: () => { throw new Error('no words'); }"),
    );
    const { exitCode, stdout } = await simulate("--protocol", file, "--mutate", "stays-dark");
    expect(exitCode).toBe(6);
    expect(stdout).toContain("There is no shorter story, since looking closer failed: no words");
    expect(stdout).toContain("in seed 1, ");
  });

  test("that ends its thread ends the command, and not the wait for an answer", async () => {
    const file = lampFile(LAMP.replace("start: (disk) => {", "start: (disk) => { process.exit(0);"));
    const { exitCode, stderr } = await ended(
      spawn(process.execPath, [path.join(BIN, "synod.js"), "simulate", "--protocol", file, "--seeds", "1..50"]),
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a thread ended with 0 before it had an answer");
  });

  test("is found by worker threads as well", async () => {
    const { exitCode, stdout } = await simulate("--protocol", lampFile(), "--seeds", "1..80000", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schedules: 80000, counts: { lit: 80000 } });
  });

  test.each<[string, string[], string]>([
    ["a file that is not there", ["--protocol", "./no/such-file.js"], "--protocol: there is no file ./no/such-file.js"],
    ["a name that is none", ["--protocol", "raft2"], "there is no protocol raft2"],
    ["a number that it does not have", ["--set", "nodes=5"], "paxos has no setting nodes"],
    ["a number that is none", ["--set", "nodes"], 'such as nodes=5, not "nodes"'],
    ["a number given twice", ["--set", "acceptors=5", "--set", "acceptors=3"], "--set names acceptors twice"],
    [
      "a number given twice, once as an option of its own",
      ["--set", "acceptors=5", "--acceptors", "3"],
      "--acceptors and --set acceptors=5 set the same: give one of them",
    ],
  ])("%s is refused, exit 2", async (_, words, complaint) => {
    const { exitCode, stderr } = await simulate(...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(complaint);
  });

  test.each([
    ["export const nothing = 1;", "it exports no `protocol`"],
    ['export const protocol = { name: "x" };', "its `protocol` has no `summary`"],
    ["export const protocol = ;", "Unexpected token"],
  ])("a module that holds %j is refused: %s", async (text, complaint) => {
    const { exitCode, stderr } = await simulate("--protocol", lampFile(text));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(complaint);
  });
});
