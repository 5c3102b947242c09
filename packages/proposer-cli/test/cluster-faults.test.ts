import type { RoleServer } from "@synod/api";
import { expect, test } from "vitest";
import { type Asked, type FakeAnswer, type FakeCluster, fakeCluster, refusal } from "./fake-cluster.ts";
import { linesOf, runCommand } from "./run-command.ts";

interface Kept {
  readonly id: number;
  readonly text: string;
  readonly endsInMs: number | null;
}

/** A cluster whose nodes keep the faults that they are told of. */
async function faultyCluster(): Promise<FakeCluster & { faultsOf(node: string): string[] }> {
  const kept = new Map<string, Kept[]>();
  let next = 0;
  const answer = ({ node }: RoleServer, { method, path, body }: Asked): FakeAnswer => {
    const own = kept.get(node) ?? [];
    if (method === "GET") return { body: { faults: own } };
    if (method === "DELETE") {
      const id = /id=(\d+)/.exec(path)?.[1];
      kept.set(node, id === undefined ? [] : own.filter((fault) => fault.id !== Number(id)));
      return { body: {} };
    }
    const texts = (body as { faults: string }).faults.split("\n");
    const added = texts.map((text) => ({ id: ++next, text, endsInMs: text.includes(" for ") ? 4000 : null }));
    kept.set(node, [...own, ...added]);
    return { body: { ids: added.map(({ id }) => id) } };
  };
  const cluster = await fakeCluster(answer);
  return { ...cluster, faultsOf: (node) => (kept.get(node) ?? []).map(({ text }) => text) };
}

function run({ home }: FakeCluster, ...words: string[]) {
  return runCommand("synod", ["cluster", ...words, "--home", home]);
}

test("a cut works at both ends, each of which keeps back what it sends", async () => {
  const cluster = await faultyCluster();
  const { exitCode, stdout } = await run(cluster, "cut", "acceptor1", "proposer1");
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toEqual([
    "acceptor1: nothing gets through to proposer1",
    "proposer1: nothing gets through to acceptor1",
  ]);
  expect(cluster.faultsOf("acceptor1")).toEqual(["cut acceptor1>proposer1"]);
  expect(cluster.faultsOf("proposer1")).toEqual(["cut proposer1>acceptor1"]);
});

test("a cut of one direction works at the node that sends, and may end by itself", async () => {
  const cluster = await faultyCluster();
  expect((await run(cluster, "cut", "acceptor1>proposer1", "--for", "5s")).exitCode).toBe(0);
  expect(cluster.faultsOf("acceptor1")).toEqual(["cut acceptor1>proposer1 for 5000ms"]);
  expect(cluster.faultsOf("proposer1")).toEqual([]);
});

test("heal of a link takes back the cut of this link alone; heal without one takes back everything", async () => {
  const cluster = await faultyCluster();
  await run(cluster, "cut", "acceptor1", "proposer1");
  await run(cluster, "cut", "acceptor1", "proposer2");
  const { exitCode, stdout } = await run(cluster, "heal", "proposer1", "acceptor1");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("acceptor1: messages to proposer1 get through again\n");
  expect(cluster.faultsOf("acceptor1")).toEqual(["cut acceptor1>proposer2"]);
  expect(cluster.faultsOf("proposer1")).toEqual([]);
  expect((await run(cluster, "heal")).exitCode).toBe(0);
  expect(cluster.faultsOf("acceptor1")).toEqual([]);
});

test("to heal what is not cut is exit 5, and says what there is instead", async () => {
  const cluster = await faultyCluster();
  await run(cluster, "fault", "drop 5% acceptor1>proposer1");
  const { exitCode, stderr } = await run(cluster, "heal", "acceptor1", "proposer1");
  expect(exitCode).toBe(5);
  expect(stderr).toContain("nothing is cut there (acceptor1>proposer1, proposer1>acceptor1); there is: drop 5%");
});

test("a fault goes to the nodes that it concerns, those that send and those that are slow", async () => {
  const cluster = await faultyCluster();
  const { exitCode } = await run(
    cluster,
    "fault",
    "delay proposer1<>acceptor2 by 50ms..200ms for 10s; slow-disk learner1 by 5ms",
  );
  expect(exitCode).toBe(0);
  expect(cluster.faultsOf("proposer1")).toEqual(["delay proposer1<>acceptor2 by 50ms..200ms for 10s"]);
  expect(cluster.faultsOf("acceptor2")).toEqual(["delay proposer1<>acceptor2 by 50ms..200ms for 10s"]);
  expect(cluster.faultsOf("learner1")).toEqual(["slow-disk learner1 by 5ms"]);
  expect(cluster.faultsOf("acceptor1")).toEqual([]);
});

test("faults are listed by node, with their end", async () => {
  const cluster = await faultyCluster();
  expect((await run(cluster, "faults")).stdout).toBe("no faults\n");
  await run(cluster, "cut", "acceptor1>proposer1", "--for", "5s");
  const { stdout } = await run(cluster, "faults");
  expect(linesOf(stdout).map((line) => line.split(/ {2,}/))).toEqual([
    ["node", "id", "fault", "ends"],
    ["acceptor1", "1", "cut acceptor1>proposer1 for 5000ms", "in 4.0 s"],
  ]);
  const document = JSON.parse((await run(cluster, "faults", "--json")).stdout);
  expect(document.faults).toEqual([
    { node: "acceptor1", id: 1, text: "cut acceptor1>proposer1 for 5000ms", endsInMs: 4000 },
  ]);
});

test.each([
  [["cut", "acceptor1"], "name two nodes"],
  [["cut", "acceptor1", "acceptor1"], "no link leads from acceptor1 to itself"],
  [["cut", "acceptor1", "proposr1"], "there is no node proposr1. Did you mean proposer1?"],
  [["fault", "crash acceptor1"], "synod cluster fail"],
  [["fault", "skew acceptor1 by 5%"], "cannot be skewed"],
  [["fault", "cut acceptor1>proposer1 at 5s"], "begins now"],
  [["fault", "cut acceptor1>nobody"], "nobody"],
  [["fault", "# nothing"], "say what shall go wrong"],
  [["heal", "acceptor1"], "name two nodes"],
])("%j is a usage error, and nobody is asked anything", async (words, says) => {
  const cluster = await faultyCluster();
  const { exitCode, stderr } = await run(cluster, ...words);
  expect(stderr).toContain(says);
  expect(exitCode).toBe(2);
  expect([...cluster.servers.values()].flatMap(({ asked }) => asked)).toEqual([]);
});

test("a node that is down is told of, and the others are healed all the same; none at all is exit 3", async () => {
  const cluster = await faultyCluster();
  await cluster.server("acceptor2").close();
  const { exitCode, stdout, stderr } = await run(cluster, "heal");
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toHaveLength(7);
  expect(stderr).toContain("warning: acceptor2: nobody listens at");
  for (const server of cluster.servers.values()) await server.close();
  expect((await run(cluster, "heal")).exitCode).toBe(3);
});

test("a cluster that lets nobody break it says so", async () => {
  const cluster = await fakeCluster(() => refusal("chaos-off", "this cluster was started with --no-chaos"));
  const { exitCode, stderr } = await run(cluster, "cut", "acceptor1", "proposer1");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("acceptor1 refuses: this cluster was started with --no-chaos");
});
