import { describe, expect, test } from "vitest";
import { linesOf, runCommand } from "./run-command.ts";

/** Compares both engines under these faults. */
function compare(faults: string, ...words: string[]) {
  const all = ["simulate", "--protocol", "raft,multipaxos", "--compare", "--faults", "-", ...words];
  return runCommand("synod", all, { stdin: Buffer.from(faults) });
}

describe("engines side by side", () => {
  test("have a column each, and the same seed and faults print the same table on every machine", async () => {
    const { exitCode, stdout, stderr } = await compare("cut n1<>* at 500ms for 400ms", "--seeds", "6");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("./golden/comparison.txt");
  });

  test("stand in the order in which they were named, on as many machines as one wants", async () => {
    const words = ["simulate", "--protocol", "multipaxos,raft", "--compare", "--seeds", "1", "--nodes", "2"];
    const { stdout } = await runCommand("synod", words);
    expect(stdout).toContain("Compared multipaxos and raft: nodes 2, clients 2\n");
    expect(stdout).toMatch(/^ +multipaxos +raft$/m);
  });

  test("the document has all figures, and no time of the day", async () => {
    const { stdout } = await compare(
      "crash n1,n2 at 300ms for 100ms",
      "--seeds",
      "1..2",
      "--set",
      "clients=1",
      "--json",
    );
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      settings: { nodes: 3, clients: 1 },
      timing: { heartbeatMs: 20, electionTimeoutMs: { least: 100, most: 200 } },
      mutation: null,
      faultsFile: "-",
      faults: ["crash n1,n2 at 300ms for 100ms"],
      seeds: { first: 1, last: 2 },
      schedules: 2,
      warnings: [],
    });
    const { engines } = document;
    expect(engines.map((one: { protocol: string }) => one.protocol)).toEqual(["raft", "multipaxos"]);
    for (const { messages, operations, elections, withoutLeader, violations } of engines) {
      expect(messages.sent).toBe(sum(messages.byKind));
      expect(messages.sent).toBe(sum(messages.byPurpose));
      expect(operations.asked).toBe(engines[0].operations.asked);
      expect(elections.leaders).toBeGreaterThanOrEqual(2);
      expect(withoutLeader.longestUs).toBeLessThanOrEqual(withoutLeader.totalUs);
      expect(violations).toBe(0);
    }
  });

  test("one that breaks its rules is named, with the line that shows it again, exit 6", async () => {
    const { exitCode, stdout } = await compare("heal", "--seeds", "1", "--mutate", "votes-before-write");
    expect(exitCode).toBe(6);
    expect(stdout).toContain("Planted flaw votes-before-write in raft\n");
    expect(stdout).toMatch(/^VIOLATION of [a-z-]+ by raft, in seed 1: ./m);
    const line =
      "  synod simulate --protocol raft,multipaxos --seeds 1 --mutate votes-before-write --faults - --compare";
    expect(linesOf(stdout)).toContain(line);
  });

  test("interrupted, there is nothing to compare", async () => {
    const words = ["simulate", "--protocol", "raft,multipaxos", "--compare", "--json"];
    const { exitCode, stdout } = await runCommand("synod", words, { interrupted: AbortSignal.abort() });
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "interrupted", exitCode: 130 } });
  });
});

describe("what cannot be compared is a usage error that says what to do", () => {
  test.each([
    { words: ["--compare"], complaint: "write --protocol raft,multipaxos" },
    { words: ["--protocol", "raft,multipaxos"], complaint: "unless several are compared: add --compare" },
    { words: ["--protocol", "raft,raft", "--compare"], complaint: "--protocol names raft twice" },
    {
      words: ["--protocol", "raft,paxos", "--compare"],
      complaint: "there is no engine paxos. There is raft, multipaxos",
    },
    { words: ["--protocol", "rafd,multipaxos", "--compare"], complaint: "Did you mean raft?" },
    { words: ["--protocol", "raft,", "--compare"], complaint: "--protocol: there is no engine " },
    {
      words: ["--protocol", "raft,multipaxos", "--compare", "--nodes", "1"],
      complaint: "--nodes must be a whole number",
    },
    { words: ["--protocol", "raft,multipaxos", "--compare", "--acceptors", "3"], complaint: "it has nodes, clients" },
    { words: ["--protocol", "raft,multipaxos", "--compare", "--trace", "x"], complaint: "--trace does not go with" },
    {
      words: ["--protocol", "raft,multipaxos", "--compare", "--keep-going"],
      complaint: "--keep-going does not go with",
    },
    { words: ["--protocol", "raft,multipaxos", "--compare", "--mutate", "forgets-vot"], complaint: "forgets-vote?" },
    { words: ["--nodes", "3"], complaint: "paxos has no setting nodes" },
  ])("$words", async ({ words, complaint }) => {
    const { exitCode, stdout, stderr } = await runCommand("synod", ["simulate", ...words]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(complaint);
  });

  test("faults of machines that are not there, each with its line", async () => {
    const { exitCode, stderr } = await compare("cut a1<>n2\ncrash n4\n");
    expect(exitCode).toBe(2);
    expect(stderr).toContain('line 1: "a1": there is no such node; the nodes are n1, n2, n3, c1, c2');
    expect(stderr).toContain('line 2: "n4": there is no such node');
  });
});

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}
