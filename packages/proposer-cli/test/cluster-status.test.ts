import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type FakeCluster, fakeCluster, healthyStatus } from "./fake-cluster.ts";
import { linesOf, runCommand } from "./run-command.ts";

function status({ home }: Pick<FakeCluster, "home">, ...words: string[]) {
  return runCommand("synod", ["cluster", "status", "--home", home, ...words]);
}

test("a cluster in which all is well is shown as a table, a line a server, and says who leads", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const { exitCode, stdout, stderr } = await status(cluster);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  const lines = linesOf(stdout).map((line) => line.split(/ {2,}/));
  expect(lines[0]).toEqual([
    "server",
    "node",
    "address",
    "pid",
    "status",
    "state",
    "promised",
    "decided",
    "applied",
    "lag",
  ]);
  const at = (name: string) => cluster.server(name).address;
  const up = "up (not started here)";
  expect(lines[1]).toEqual(["acceptor1", "acceptor1", at("acceptor1"), "-", up, "-", "17", "9", "-", "-"]);
  expect(lines[4]).toEqual(["proposer1", "proposer1", at("proposer1"), "-", up, "LEADER", "17", "9", "-", "-"]);
  expect(lines[7]).toEqual(["learner2", "learner2", at("learner2"), "-", up, "-", "-", "9", "8", "1"]);
  expect(lines[8]).toEqual(["gateway1", "gateway", at("gateway1"), "-", up, "-", "-", "-", "-", "-"]);
  expect(stdout).toContain("\nproposer1 leads.\nThere is a quorum: 3 of 3 acceptors are up, 2 are needed.\n");
});

test("--json is one document for jq, with all that every server said", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const document = JSON.parse((await status(cluster, "--json")).stdout);
  expect(document).toMatchObject({
    ...{ cluster: "kv", clusterId: cluster.clusterId, chaos: true, leader: "proposer1", quorum: true },
    ...{ acceptorsUp: 3, acceptorCount: 3, majorityRequired: 2, learnersUp: 2, warnings: [] },
  });
  expect(document.servers).toHaveLength(8);
  expect(document.servers[0]).toMatchObject({ name: "acceptor1", up: true, pid: null, report: { lastSlot: 9 } });
});

test("a compact cluster shows the four roles of each node", async () => {
  const cluster = await fakeCluster(healthyStatus, "kv-compact");
  const document = JSON.parse((await status(cluster, "--json")).stdout);
  expect(document.servers.map(({ node }: { node: string }) => node)).toEqual(
    Array.from({ length: 12 }, (_, position) => `node${(position % 3) + 1}`),
  );
  expect(document.cluster).toBe("kv-compact");
});

test("without a majority of the acceptors: exit 4, and which to bring back, those first that are needed", async () => {
  const cluster = await fakeCluster(healthyStatus);
  for (const name of ["learner1", "acceptor1", "acceptor3"]) await cluster.server(name).close();
  const { exitCode, stdout } = await status(cluster);
  expect(exitCode).toBe(4);
  expect(stdout).toContain("There is no quorum: 1 of 3 acceptors is up, 2 are needed; nothing can be decided.\n");
  expect(stdout).toContain("To bring back: synod cluster recover acceptor1 acceptor3 learner1\n");
});

test.each([
  { what: "a leader", isDown: (name: string) => name.startsWith("proposer"), says: "No proposer leads." },
  { what: "a learner", isDown: (name: string) => name.startsWith("learner"), says: "No learner is up" },
])("without $what there is no quorum either: exit 4", async ({ isDown, says }) => {
  const cluster = await fakeCluster(healthyStatus);
  for (const [name, server] of cluster.servers) if (isDown(name)) await server.close();
  const { exitCode, stdout } = await status(cluster);
  expect(exitCode).toBe(4);
  expect(stdout).toContain(says);
});

test("of two proposers that both say they lead, the one with the higher id does", async () => {
  const cluster = await fakeCluster((server, asked) => {
    const answer = healthyStatus(server);
    if (server.role !== "proposer" || typeof answer !== "object" || answer === null) return answer;
    return asked.path === "/status" ? { body: { ...(answer.body as object), is_leader: true } } : answer;
  });
  expect(JSON.parse((await status(cluster, "--json")).stdout).leader).toBe("proposer2");
});

test("when nobody answers: exit 3, and the command that starts them", async () => {
  const cluster = await fakeCluster(healthyStatus);
  for (const server of cluster.servers.values()) await server.close();
  const { exitCode, stdout } = await status(cluster);
  expect(exitCode).toBe(3);
  expect(stdout).toContain(
    "synod cluster recover acceptor1 acceptor2 acceptor3 proposer1 proposer2 learner1 learner2 gateway",
  );
});

test("a server that is silent is waited for as long as --timeout says, and no longer", async () => {
  const cluster = await fakeCluster((server) => (server.name === "acceptor2" ? () => {} : healthyStatus(server)));
  const begin = performance.now();
  const { exitCode, stdout } = await status(cluster, "--timeout", "300ms");
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("down (at its address: timeout)");
});

test("a server of another cluster at the address is not taken for ours, and a stranger without JSON neither", async () => {
  const cluster = await fakeCluster((server) => {
    if (server.name === "acceptor1") return { status: 409, body: { code: "wrong-cluster", detail: "another cluster" } };
    return server.name === "acceptor2" ? (response) => response.end("hello") : healthyStatus(server);
  });
  const { exitCode, stdout } = await status(cluster);
  expect(exitCode).toBe(4);
  expect(stdout).toContain("down (at its address: wrong-cluster)");
  expect(stdout).toContain("down (at its address: another program)");
  expect(cluster.server("acceptor1").asked[0]?.headers["synod-cluster"]).toBe(cluster.clusterId);
});

test("a process that ended without saying so is told from one that was stopped", async () => {
  const cluster = await fakeCluster(healthyStatus);
  await cluster.server("learner2").close();
  const { pidFile, folder } = cluster.folder.node("learner2");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(pidFile, JSON.stringify({ pid: process.pid, startMark: "another start", address: "127.0.0.1:1" }));
  expect((await status(cluster)).stdout).toContain("down (ended without saying so)");
});

test("which cluster is meant must be clear: none is exit 1, several need --cluster, an unknown one is told", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const nowhere = await status({ home: path.join(cluster.home, "nowhere") });
  expect(nowhere.exitCode).toBe(1);
  expect(nowhere.stderr).toContain("Start one with: synod cluster start\n");
  const { ClusterFolder } = await import("@synod/replica-server/topology");
  new ClusterFolder("second", cluster.home).readOrCreate({ ...cluster.topology, name: "second" });
  const several = await status(cluster);
  expect(several.exitCode).toBe(2);
  expect(several.stderr).toContain("Say --cluster NAME; there is kv, second");
  expect((await status(cluster, "--cluster", "second")).exitCode).toBe(0);
  const unknown = await status(cluster, "--cluster", "secnd");
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain("there is no cluster secnd. Did you mean second?");
  expect((await status(cluster, "--cluster", "../up")).exitCode).toBe(2);
});

test("a cluster on Raft shows term and commitment of each server, and why there is a leader", async () => {
  const cluster = await fakeCluster(healthyStatus, "kv", "raft");
  for (const name of ["raft4", "gateway5"]) await cluster.server(name).close();
  const { exitCode, stdout } = await status(cluster);
  expect(exitCode).toBe(0);
  const lines = linesOf(stdout).map((line) => line.split(/ {2,}/));
  expect(lines[0]?.slice(5)).toEqual(["state", "term", "committed", "applied", "lag"]);
  expect(lines[2]?.slice(5)).toEqual(["FOLLOWER", "3", "9", "8", "1"]);
  expect(stdout).toContain("\nraft1 leads in term 3.\nThere is a quorum: 4 of 5 voters are up, 3 are needed.\n");
  expect(stdout).toContain("To bring back: synod cluster recover node4 node5\n");
});

test("on Raft a server that was removed is named, with what to do: it goes on answering, and may not know it", async () => {
  const voters = ["raft1", "raft2", "raft3"];
  const removed = (server: Parameters<typeof healthyStatus>[0]) => {
    const answer = healthyStatus(server) as { readonly body: object };
    if (server.role !== "raft" || server.name === "raft4") return answer;
    return { body: { ...answer.body, voters, non_voters: [], is_member: voters.includes(server.name) } };
  };
  const { exitCode, stdout } = await status(await fakeCluster(removed, "kv", "raft"));
  expect(exitCode).toBe(0);
  for (const number of [4, 5]) {
    expect(stdout).toContain(`raft${number} is no member that votes: what it answers to eventual reads grows old.`);
    expect(stdout).toContain(
      `synod raft member add raft${number} makes it one, synod cluster stop node${number} ends it.`,
    );
  }
  expect(stdout).not.toContain("raft3 is no member");
});

test("on Raft without a majority of the voters nobody leads: exit 4, with those who stand and what to bring back", async () => {
  const stands = (server: Parameters<typeof healthyStatus>[0]) => {
    const answer = healthyStatus(server) as { readonly body: object };
    return server.role === "raft" ? { body: { ...answer.body, state: "CANDIDATE", is_leader: false } } : answer;
  };
  const cluster = await fakeCluster(stands, "kv", "raft");
  for (const name of ["raft1", "raft2", "raft5"]) await cluster.server(name).close();
  const { exitCode, stdout } = await status(cluster, "--json");
  const { leader, term, quorum, advice } = JSON.parse(stdout);
  expect([exitCode, leader, term, quorum]).toEqual([4, null, 3, false]);
  expect(advice.slice(0, 2)).toEqual([
    "Nobody leads (term 3). Standing for election: raft3, raft4.",
    "There is no quorum: 2 of 5 voters are up, 3 are needed; nobody can be elected.",
  ]);
});
