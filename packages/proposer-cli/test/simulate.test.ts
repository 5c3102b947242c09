import { spawn } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROTOCOLS, settingsFor } from "@synod/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { SETTING_FLAGS } from "../src/simulation/options.ts";
import { BIN, ended } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** What a test leaves out of a document: how long it took is never the same. */
interface Document {
  readonly [name: string]: unknown;
  readonly violation: { readonly replay: string; readonly digest: string; readonly [name: string]: unknown };
}

function simulate(...words: string[]) {
  return runCommand("synod", ["simulate", ...words]);
}

async function documentOf(...words: string[]): Promise<Document> {
  const { stdout } = await simulate(...words, "--json");
  return JSON.parse(stdout);
}

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "synod-simulate-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function fileWith(text: string): string {
  const file = path.join(folder(), "the faults.txt");
  writeFileSync(file, text);
  return file;
}

describe("a run in which nothing breaks", () => {
  test("it says what was simulated, what happened, and that nothing was broken", async () => {
    const { exitCode, stdout, stderr } = await simulate("--seeds", "1..100");
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain("Simulated paxos: acceptors 3, proposers 2, learners 1, contact-count 0, attempts 100\n");
    expect(stdout).toMatch(/^ {2}schedules +100$/m);
    expect(stdout).toMatch(/^ {2}messages +[\d,]+ sent, [\d,]+ delivered, [\d,]+ lost$/m);
    expect(stdout).toMatch(/^ {2}nodes +\d+ crashes, \d+ restarts$/m);
    expect(stdout).toMatch(/^ {2}values-chosen +100 {2}a value was chosen$/m);
    expect(stdout).toMatch(/^ {2}longest time +[\d.]+ ms to a choice, in seed \d+:\n +synod simulate .* --seeds \d+$/m);
    expect(stdout).toContain("No violation in 100 schedules.\n");
    expect(stdout).toMatch(/Always held: agreement, validity, /);
  });

  test("of a single seed it also shows the faults, and the fingerprint by which a run is known again", async () => {
    const { stdout } = await simulate("--seeds", "17");
    expect(stdout).toMatch(/^ {2}trace digest +[0-9a-f]{16}$/m);
    expect(stdout).toContain("The faults of seed 17:\n  skew a1 by ");
    const [once, again] = [await documentOf("--seeds", "17"), await documentOf("--seeds", "17..17")];
    expect(again["digest"]).toBe(once["digest"]);
    expect(once["faults"]).toHaveLength(24);
  });

  test("seeds go up to 2^53-1", async () => {
    const document = await documentOf("--seeds", "9007199254740990..9007199254740991");
    expect(document).toMatchObject({ schedules: 2, violation: null });
  });

  test("a flaw that was planted and not found is said plainly", async () => {
    const { exitCode, stdout } = await simulate("--mutate", "forgets-promise", "--seeds", "1..3");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("No violation: the checks did not find this flaw in 3 schedules.");
  });

  test("the document of a run has all of it", async () => {
    const document = await documentOf("--seeds", "1..20", "--acceptors", "5");
    expect(document).toMatchObject({
      protocol: "paxos",
      settings: { acceptors: 5, proposers: 2, learners: 1, "contact-count": 0, attempts: 100 },
      mutation: null,
      properties: null,
      faultsFile: null,
      seeds: { first: 1, last: 20 },
      schedules: 20,
      interrupted: false,
      counts: { "values-chosen": 20 },
      longest: { "to a choice": { replay: expect.stringContaining("--acceptors 5 --seeds ") } },
      virtualUs: expect.any(Number),
      wallMs: expect.any(Number),
      liveness: { name: "a-value-is-chosen", askedIn: 20 },
      violation: null,
      warnings: [],
    });
    expect(document["always"]).toContainEqual({ name: "agreement", sentence: "one value is chosen, ever" });
    expect(document["sometimes"]).toContainEqual({
      name: "values-chosen",
      sentence: "a value was chosen",
      count: 20,
    });
  });
});

describe("a run of many seeds that never saw what the checks are about", () => {
  test("is a failure, with which the flaw of telling no learner is found", async () => {
    const { exitCode, stdout, stderr } = await simulate("--mutate", "tells-no-learner");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "some things never happened that the checks are about:\n  learned: a learner learned what is chosen\n",
    );
    expect(linesOf(stderr).at(-1)).toBe(
      "synod: never happened in 1,000 schedules: learned. So the checks have tested nothing of it",
    );
  });

  test("of few seeds, or under faults that somebody chose, that is only worth a line", async () => {
    const few = await simulate("--mutate", "tells-no-learner", "--seeds", "1..30");
    expect(few.exitCode).toBe(0);
    expect(few.stdout).toMatch(/^ {2}Never happened: .*learned$/m);
    const chosen = await simulate("--seeds", "1..1000", "--faults", fileWith("# None at all."));
    expect(chosen.exitCode).toBe(0);
    expect(chosen.stdout).toMatch(/^ {2}Never happened: .*restarts-after-promise/m);
  });
});

describe("faults of one's own", () => {
  test("are the same in each seed", async () => {
    const document = await documentOf("--seeds", "1..10", "--faults", fileWith("crash a1 at 5ms for 10ms\n"));
    expect(document).toMatchObject({ counts: { crashes: 10, restarts: 10 }, schedules: 10 });
  });

  test("may come from stdin", async () => {
    const words = ["simulate", "--seeds", "1..10", "--faults", "-"];
    const { stdout } = await runCommand("synod", words, { stdin: Buffer.from("crash a1 at 5ms for 10ms") });
    expect(stdout).toMatch(/^ {2}faults +1 fault, the same in each seed, from stdin$/m);
  });

  test("that never end leave nothing to ask of liveness", async () => {
    const file = fileWith("cut a1,a2,a3<>p1,p2");
    const { exitCode, stdout } = await simulate("--seeds", "1..5", "--faults", file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Not asked, since the faults never end: a-value-is-chosen");
    expect(await documentOf("--seeds", "1..5", "--faults", file)).toMatchObject({ liveness: { askedIn: 0 } });
  });

  test("are a usage error with file, line and word where they are none, for every line that is wrong", async () => {
    const file = fileWith("crash a1 foor 5ms\nheal\ncut n1>a2\n");
    const { exitCode, stderr } = await simulate("--faults", file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${file}: line 1: "foor": expected `);
    expect(stderr).toContain(`${file}: line 3: "n1": there is no such node; the nodes are a1, a2, a3, p1, p2, l1`);
  });

  test("cannot be read from a file that is not there", async () => {
    const { exitCode, stderr } = await simulate("--faults", "/nowhere/faults.txt");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("/nowhere/faults.txt cannot be read: ");
  });
});

describe("the trace", () => {
  test("holds every event of the first seed that broke something, a JSON document a line", async () => {
    const file = path.join(folder(), "trace.jsonl");
    const { exitCode } = await simulate("--mutate", "takes-first-value", "--trace", file);
    expect(exitCode).toBe(6);
    const events = linesOf(readFileSync(file, "utf8")).map((line) => JSON.parse(line));
    expect(Object.keys(events[0])[0]).toBe("atUs");
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["send", "deliver", "store", "fault"]));
    const alone = path.join(path.dirname(file), "alone.jsonl");
    await simulate("--mutate", "takes-first-value", "--seeds", "9", "--trace", alone);
    expect(readFileSync(alone, "utf8")).toBe(readFileSync(file, "utf8"));
    expect(readdirSync(path.dirname(file)).sort()).toEqual(["alone.jsonl", "trace.jsonl"]);
  });

  test("is that of the first seed where nothing broke", async () => {
    const [many, one] = ["many.jsonl", "one.jsonl"].map((name) => path.join(folder(), name)) as [string, string];
    await simulate("--seeds", "5..20", "--trace", many);
    await simulate("--seeds", "5", "--trace", one);
    expect(readFileSync(many, "utf8")).toBe(readFileSync(one, "utf8"));
  });

  test("has to have a place before the run begins", async () => {
    const { exitCode, stdout, stderr } = await simulate("--trace", "/nowhere/trace.jsonl");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("/nowhere/trace.jsonl cannot be written: ");
  });
});

describe("what there is to choose from", () => {
  test("`--mutate list` tells every flaw in a sentence, and the settings that it needs", async () => {
    for (const { name: protocol, mutations } of PROTOCOLS) {
      const { exitCode, stdout } = await simulate("--protocol", protocol, "--mutate", "list");
      expect(exitCode).toBe(0);
      expect(linesOf(stdout)).toHaveLength(mutations.length + 1);
      for (const { name, sentence } of mutations) expect(stdout, name).toContain(sentence);
    }
    const { stdout } = await simulate("--mutate", "list");
    expect(stdout).toMatch(/^quorum-of-half .*\(With --acceptors 4\.\)$/m);
    const document = await documentOf("--mutate", "list");
    expect(document).toMatchObject({ protocol: "paxos" });
    expect(document["mutations"]).toContainEqual({
      name: "quorum-of-half",
      sentence: expect.any(String),
      settings: { acceptors: 4 },
    });
  });

  test("`--properties list` tells every property, what it means and of which kind it is", async () => {
    const { stdout } = await simulate("--properties", "list");
    expect(stdout).toMatch(/^agreement +always +one value is chosen, ever$/m);
    expect(stdout).toMatch(/^own-rules +always /m);
    expect(stdout).toMatch(/^a-value-is-chosen +liveness /m);
  });

  test("every setting of the usual protocol is an option; those of others go by --set", async () => {
    const [usual] = PROTOCOLS;
    if (usual) expect(SETTING_FLAGS).toEqual(expect.arrayContaining(Object.keys(settingsFor(usual, {}, null))));
    const words = ["--protocol", "multipaxos", "--set", "operations=40", "--set", "learners=1", "--seeds", "1"];
    expect(await documentOf(...words)).toMatchObject({
      protocol: "multipaxos",
      settings: { operations: 40, learners: 1 },
    });
  });

  test.each([
    { words: ["--protocol", "paxs"], complaint: "--protocol: there is no protocol paxs. Did you mean paxos?" },
    { words: ["--mutate", "forgets-promis"], complaint: "Did you mean forgets-promise?" },
    { words: ["--mutate", "nonsense"], complaint: "There is forgets-promise, forgets-accepted, " },
    { words: ["--properties", "agreement,agrement"], complaint: "Did you mean agreement?" },
    { words: ["--properties", "agreement,,validity"], complaint: "--properties has a comma too many" },
    { words: ["--acceptors", "0"], complaint: "--acceptors must be a whole number 1..25, not 0" },
    { words: ["--acceptors", "1e3"], complaint: '--acceptors must be a whole number 0..2^53-1, not "1e3"' },
    { words: ["--contact-count", "4"], complaint: "--contact-count 4 is more than the 3 acceptors there are" },
    { words: ["--attempts", "0"], complaint: "--attempts must be a whole number 1..1000, not 0" },
    { words: ["--seeds", "9..1"], complaint: "--seeds 9..1 is empty: write the lower seed first" },
    { words: ["--seeds", "1-9"], complaint: "--seeds must be a seed such as 17 or a range such as 1..1000" },
    { words: ["--seeds", "9007199254740992"], complaint: "(0..2^53-1)" },
    { words: ["--seeds", "1", "--seeds", "2"], complaint: "--seeds was given 2 times: give it once" },
    { words: ["--workers", "0"], complaint: '--workers must be a whole number 1..256, not "0"' },
    { words: ["--diagram", "ascii"], complaint: 'diagram must be one of "text", "mermaid", "none"' },
    { words: ["--mutation", "reuses-id"], complaint: "Unknown argument: mutation" },
  ])("$words is a usage error that helps", async ({ words, complaint }) => {
    const { exitCode, stdout, stderr } = await simulate(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(complaint);
    expect(stderr).toContain("Try: synod simulate --help");
  });

  test("settings in which a flaw does not show are warned of", async () => {
    const { stderr } = await simulate("--mutate", "quorum-of-half", "--acceptors", "3", "--seeds", "1..5");
    expect(stderr).toBe("warning: quorum-of-half shows with --acceptors 4; with --acceptors 3 it may not\n");
    expect((await simulate("--mutate", "quorum-of-half", "--acceptors", "4", "--seeds", "1..5")).stderr).toBe("");
  });
});

test("`| head` ends nothing: the exit code still says what was found", async () => {
  const child = spawn("sh", [
    "-c",
    `{ '${process.execPath}' '${BIN}synod.js' simulate --mutate reuses-id; echo $? >&2; } | true`,
  ]);
  const { stderr } = await ended(child);
  expect(stderr).toBe("6\n");
});

describe("a file to write to", () => {
  test("a link is followed, and stays one", async () => {
    const made = folder();
    const [file, link] = [path.join(made, "file.jsonl"), path.join(made, "link.jsonl")];
    writeFileSync(file, "old");
    symlinkSync(file, link);
    expect((await simulate("--seeds", "1", "--trace", link)).exitCode).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8")).toMatch(/^\{"atUs":/);
    expect(readdirSync(made).sort()).toEqual(["file.jsonl", "link.jsonl"]);
  });

  test("what is no file is written to, and not replaced by one", async () => {
    expect((await simulate("--seeds", "1", "--trace", "/dev/null")).exitCode).toBe(0);
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
