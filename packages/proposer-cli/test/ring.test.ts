import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { diesOf } from "../src/ring/failing.ts";
import { clientsAsked, clientsToRun } from "../src/ring/run-options.ts";
import { readHosts } from "../src/ring/settings.ts";
import { freePorts } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** A hosts file of three nodes and so many clients, where nobody listens. */
async function hostsFile(clients: number, first = "localhost"): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-hosts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ports = await freePorts(3 + clients);
  const lines = ports.map((port, uid) => `${uid === 0 ? first : "localhost"} ${port} ${uid < 3 ? "con" : "cli"}`);
  const file = path.join(folder, "hosts.txt");
  writeFileSync(file, ["PROPOSERS 1", "ACCEPTORS 1", "LEARNERS 1", ...lines].join("\n"));
  return file;
}

const ring = (...words: string[]) => runCommand("synod", ["ring", ...words]);

describe("ring client", () => {
  test("that hears nobody ends in time with exit 3, and says so", async () => {
    const file = await hostsFile(1);
    const { exitCode, stdout, stderr } = await ring("client", "3", "210", "0", "--hosts", file, "--timeout", "50ms");
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toBe("synod: client 3: no value was heard (nobody): no node was heard\n");
  });

  test("tells its failure as a document, if asked for one", async () => {
    const file = await hostsFile(1);
    const ran = await ring("client", "3", "-x", "0", "--hosts", file, "--timeout", "50ms", "--json");
    expect(ran.exitCode).toBe(2);
    const told = await ring("client", "--hosts", file, "--timeout", "50ms", "--json", "--", "3", "-x", "0");
    expect(JSON.parse(told.stdout)).toMatchObject({ error: { code: "nobody", exitCode: 3 } });
  });

  test("that is interrupted ends with 130", async () => {
    const file = await hostsFile(1);
    const words = ["ring", "client", "3", "210", "0", "--hosts", file];
    const interruption = new AbortController();
    const ran = runCommand("synod", words, { interrupted: interruption.signal });
    setImmediate(() => interruption.abort());
    expect((await ran).exitCode).toBe(130);
  });

  test.each([
    ["0", "0 is not the place of a client in the hosts file: UIDs of those are 3..3"],
    ["three", 'the UID must be a whole number 0..9999, not "three"'],
  ])("of UID %s is a mistake", async (uid, message) => {
    const { exitCode, stderr } = await ring("client", uid, "210", "0", "--hosts", await hostsFile(1));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("a hosts file that cannot be used", () => {
  test("is named with its line, and is a mistake of whoever wrote it", async () => {
    const file = await hostsFile(1);
    writeFileSync(file, "PROPOSERS 1\nACCEPTORS 1\nLEARNERS 0\n");
    const { exitCode, stderr } = await ring("node", "0", "--hosts", file);
    expect([exitCode, stderr]).toEqual([2, `synod: ${file} line 3: LEARNERS 0: there must be at least one\n`]);
    const missing = await ring("run", `${file}.no`, "--value", "1");
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("cannot be read")]);
  });

  test("for this machine names no other", async () => {
    const file = await hostsFile(1, "node-a.example.org");
    const { exitCode, stderr } = await ring("run", file, "--value", "210");
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `${file} line 4: node-a.example.org is another machine: start it there (synod ring node 0)`,
    );
  });
});

describe("ring run", () => {
  test("takes clients as UID=VALUE@PROPOSER, whatever the value holds", () => {
    expect(clientsAsked(["3=210@0", "4=a=b@c@12"])).toEqual([
      { uid: 3, value: "210", proposer: 0 },
      { uid: 4, value: "a=b@c", proposer: 12 },
    ]);
    expect(() => clientsAsked("3=210")).toThrow("--client must be UID=VALUE@PROPOSER");
  });

  test("gives --value to the first client that was not named", async () => {
    const hosts = readHosts(await hostsFile(2));
    const named = { uid: 3, value: "300", proposer: 1 };
    expect(clientsToRun(hosts, "210", [named])).toEqual([{ uid: 4, value: "210", proposer: 0 }, named]);
    expect(() => clientsToRun(hosts, undefined)).toThrow("give a client a value");
    expect(() => clientsToRun(hosts, undefined, [named, named])).toThrow("--client 3 is given twice");
    expect(() => clientsToRun(hosts, undefined, [{ ...named, uid: 0 }])).toThrow("no client of this UID");
    expect(() => clientsToRun(hosts, "1", [named, { ...named, uid: 4 }])).toThrow("no client left");
  });

  test("refuses to fail what is no node", async () => {
    const { exitCode, stderr } = await ring("run", await hostsFile(1), "--value", "1", "--fail", "1,3");
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("--fail 3: the hosts file has no node of this UID"),
    ]);
  });
});

describe("a node that is told to fail", () => {
  test("dies of the first message of that phase in its role", () => {
    const plan = { proposers: 1, acceptors: 1, learners: 1, clients: 1 };
    const prepare = { type: "prepare", id: 1, instance: 1 } as const;
    const accept = { type: "accept", id: 1, instance: 1, value: "x" } as const;
    const accepted = { type: "accepted", id: 1, instance: 1, value: "x" } as const;
    expect([diesOf(plan, 1, "phase-1", prepare), diesOf(plan, 1, "phase-2", prepare)]).toEqual([true, false]);
    expect([diesOf(plan, 1, "phase-1", accept), diesOf(plan, 1, "phase-2", accept)]).toEqual([false, true]);
    expect([diesOf(plan, 0, "phase-2", accepted), diesOf(plan, 2, "phase-1", accepted)]).toEqual([true, true]);
    expect(diesOf(plan, 0, "phase-1", { type: "propose", number: 1, value: "x" })).toBe(true);
  });
});

describe("ring stats", () => {
  test("prints what was counted beside what theory says, the same for a seed", async () => {
    const words = ["stats", "--nodes", "3..5", "--rings", "50", "--seed", "7"];
    const { exitCode, stdout, stderr } = await ring(...words);
    expect([exitCode, stderr]).toEqual([0, "seed: 7\n"]);
    const [header = "", ...rows] = linesOf(stdout).map((line) => line.split(/\s+/).join(" "));
    expect(header).toBe("nodes mean n·H(n) least most worst n(n+1)/2 best 2n-1");
    expect(rows.map((row) => row.replace(/^(\d+) \S+ (\S+) \d+ \d+ /, "$1 $2 "))).toEqual([
      ...["3 5.5 6 6 5 5", "4 8.3 10 10 7 7", "5 11.4 15 15 9 9"],
    ]);
    expect((await ring(...words)).stdout).toBe(stdout);
    const document = JSON.parse((await ring(...words, "--json")).stdout);
    expect(document).toMatchObject({ seed: 7, rows: [{ nodes: 3, rings: 50, worst: 6, best: 5 }, {}, {}] });
  });

  test("shows some sizes of a long range, its ends among them", async () => {
    const { stdout } = await ring("stats", "--nodes", "3..60", "--rings", "1", "--seed", "1", "--json");
    const sizes = JSON.parse(stdout).rows.map(({ nodes }: { nodes: number }) => nodes);
    expect(sizes.length).toBeLessThanOrEqual(15);
    expect([sizes[0], sizes.at(-1)]).toEqual([3, 60]);
  });

  test.each(["1", "5..3", "2..2000", "many"])("of --nodes %s is a mistake", async (nodes) => {
    const { exitCode, stderr } = await ring("stats", "--nodes", nodes);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--nodes must be a number 2..1000, or a range")]);
  });
});
