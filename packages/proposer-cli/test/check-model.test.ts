import { describe, expect, test } from "vitest";
import { linesOf, runCommand } from "./run-command.ts";

function check(...words: string[]) {
  return runCommand("synod", ["check", "model", ...words]);
}

async function documentOf(...words: string[]) {
  const { stdout, exitCode } = await check(...words, "--json");
  return { exitCode, ...JSON.parse(stdout) };
}

const SMALL = ["--acceptors", "2", "--crashes", "0"];

describe("a model in which everything holds", () => {
  test("it says how large the model is, what holds in it, and what was reached", async () => {
    const { exitCode, stdout, stderr } = await check(...SMALL);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain("Model of paxos: acceptors 2, proposers 2, learners 0, contact-count 2, attempts 1\n");
    expect(stdout).toContain("Bounds: requests 1 a node, crashes 0, duplicates 0\n");
    expect(stdout).toMatch(/^ {2}states +6,286$/m);
    expect(stdout).toMatch(/^ {2}depth +25$/m);
    expect(stdout).toMatch(/^HOLDS in every state:\n {2}agreement, validity, /m);
    expect(stdout).toMatch(/^ {2}Reached: values-chosen, pre-emptions, overrides$/m);
    expect(stdout).toMatch(/^ {2}Not seen: restarts-after-promise, duels$/m);
  });

  test("for programs it is one document", async () => {
    expect(await documentOf(...SMALL, "--duplicates", "1", "--requests", "1")).toMatchObject({
      exitCode: 0,
      protocol: "paxos",
      settings: { acceptors: 2, proposers: 2, learners: 0, "contact-count": 2, attempts: 1 },
      mutation: null,
      bounds: { requests: 1, crashes: 0, duplicates: 1 },
      verdict: "holds",
      stoppedBy: null,
      states: 104329,
      depth: 27,
      seen: ["values-chosen", "pre-emptions", "overrides"],
      violation: null,
    });
  });

  test("a flaw that the model is too small to show is not called absent", async () => {
    const { exitCode, stdout } = await check(...SMALL, "--mutate", "forgets-promise");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("HOLDS in every state: the model is too small to show this flaw.");
  });
});

describe("a model in which something breaks", () => {
  test("the shortest run is told step by step, and drawn; exit 6", async () => {
    const { exitCode, stdout } = await check("--mutate", "forgets-promise");
    expect(exitCode).toBe(6);
    expect(stdout).toContain("VIOLATION of promises-only-rise: an acceptor that promised an id promises no lower one");
    expect(stdout).toContain("The shortest run that breaks it takes 9 steps of the model: 2 messages, 1 crash\n");
    expect(stdout).toContain("\n4. a1 crashes.\n5. a1 restarts with what its disk holds.\n");
    expect(stdout).toContain("\nSo a1 promised 1 after it had promised 2.\n");
    expect(stdout).toContain("\n 3 │◀────┼─────┤  prepare 2\n");
  });

  test("a mutation brings the settings in which it shows, unless others are given", async () => {
    const { settings, exitCode } = await documentOf("--mutate", "quorum-of-half", "--crashes", "0", "--proposers", "1");
    expect(settings).toMatchObject({ acceptors: 4, "contact-count": 4 });
    expect(exitCode).toBe(6);
  });

  test("only the properties that were named count", async () => {
    const { violation, exitCode } = await documentOf(
      ...["--acceptors", "2", "--mutate", "answers-failed-write", "--properties", "agreement,promises-tell-all"],
    );
    expect(exitCode).toBe(6);
    expect(violation.property).toBe("promises-tell-all");
  });

  test("as a document, with the diagram that was asked for", async () => {
    const { violation } = await documentOf("--mutate", "reuses-id", "--requests", "2", "--diagram", "mermaid");
    expect(violation).toMatchObject({ property: "one-value-an-id", counterexample: { messages: 0, crashes: 1 } });
    expect(violation.counterexample.mermaid[0]).toBe("sequenceDiagram");
  });
});

describe("a model that is too large", () => {
  test.each([
    ["--max-states", "10000", "--max-states"],
    ["--timeout", "1ms", "--timeout"],
  ])("%s %s stops it: unknown, exit 7", async (flag, value, stoppedBy) => {
    const { exitCode, stdout } = await check(flag, value);
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(new RegExp(`^UNKNOWN: stopped by ${stoppedBy} with [\\d,]+ states met`, "m"));
    expect(stdout).toContain("Held so far: agreement");
  });

  test("an interruption gives what is known so far; exit 130", async () => {
    const interruption = new AbortController();
    interruption.abort();
    const { exitCode, stdout } = await runCommand("synod", ["check", "model"], { interrupted: interruption.signal });
    expect(exitCode).toBe(130);
    expect(stdout).toContain("UNKNOWN: stopped by the user");
  });
});

describe("what cannot be meant is refused, exit 2", () => {
  test.each<[string[], string]>([
    [["--acceptors", "0"], "--acceptors must be a whole number 1..25, not 0"],
    [["--crashes", "-1"], '--crashes must be a whole number 0..100, not "-1"'],
    [["--requests", "many"], '--requests must be a whole number 0..10, not "many"'],
    [["--mutate", "forgets-promises"], "did you mean forgets-promise?"],
    [["--properties", "agrement"], "did you mean agreement?"],
    [["--contact-count", "2"], "Unknown argument: contact-count"],
    [["--proposers", "15", "--requests", "8"], "a model has at most 30 requests in all"],
    [["--protocol", "pax"], "did you mean paxos?"],
  ])("%j: %s", async (words, complaint) => {
    const { exitCode, stdout, stderr } = await check(...words);
    expect(exitCode, stderr).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.toLowerCase()).toContain(complaint.toLowerCase());
  });

  test("the flaws and the properties are listed here as well", async () => {
    expect(linesOf((await check("--mutate", "list")).stdout).length).toBeGreaterThan(10);
    expect((await check("--properties", "list")).stdout).toContain("agreement");
  });
});
