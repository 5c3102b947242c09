import { type AddressInfo, createServer } from "node:net";
import type { Role, RoleServer, Topology } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import { keyValue } from "../src/applications/key-value/key-value.ts";
import { RolesHere } from "../src/host/roles-here.ts";
import { lostRivals } from "../src/roles/lost-rivals.ts";
import { ClusterStage, until } from "./cluster-stage.ts";
import { faultsOf } from "./stream-stage.ts";

/** How often one looks at a rival that still listens. */
const LOOKS = 4;

async function listening(): Promise<{ port: number; asked: () => number; close: () => Promise<void> }> {
  let asked = 0;
  const server = createServer((socket) => {
    asked++;
    socket.on("error", () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, asked: () => asked, close };
}

/** Proposer1's eye on proposer2, which is said to listen at this port. */
function watching(port: number, faults = faultsOf("a"), kind: Role = "proposer") {
  const role = (role: Role, number: number, node: string): RoleServer => {
    return { role, number, name: `${role}${number}`, node, address: { host: "127.0.0.1", port } };
  };
  const roles = [role(kind, 1, "a"), role(kind, 2, "b"), role("learner", 1, "b")];
  const nodes = ["a", "b"].map((name) => ({ name, roles: roles.filter(({ node }) => node === name) }));
  const topology: Topology = { name: "t", application: "key-value", engine: "paxos", chaos: true, nodes };
  const [server] = roles;
  if (server === undefined) throw new Error("there is nobody");
  const gone: string[] = [];
  const context = {
    topology,
    server,
    clusterId: "c",
    faults,
    tuning: {},
    application: keyValue,
    here: new RolesHere(),
  };
  return { lost: lostRivals(context, (rival) => gone.push(rival)), gone, faults };
}

test("a rival whose connection ended, and at whose place nobody listens, is gone", async () => {
  const { port, close } = await listening();
  await close();
  const { lost, gone } = watching(port);
  lost("proposer2");
  await until("it is told", () => gone.length > 0);
  expect(gone).toEqual(["proposer2"]);
});

test("servers of Raft watch each other so, too", async () => {
  const { port, close } = await listening();
  await close();
  const { lost, gone } = watching(port, faultsOf("a"), "raft");
  lost("raft2");
  await until("it is told", () => gone.length > 0);
  expect(gone).toEqual(["raft2"]);
});

test("a rival that listens is not gone: connections end for many reasons", async () => {
  const { port, asked } = await listening();
  const there = watching(port);
  there.lost("proposer2");
  await until("it was looked as often as is looked", () => asked() === LOOKS);
  // A later look is told of after them.
  const gone = await listening();
  await gone.close();
  const other = watching(gone.port);
  other.lost("proposer2");
  await until("the other is told", () => other.gone.length > 0);
  expect(there.gone).toEqual([]);
});

test("of learners, of strangers and of itself nobody looks whether they are gone, nor while a fault is at work", async () => {
  const { port, asked } = await listening();
  const { lost, gone, faults } = watching(port);
  for (const name of ["learner1", "proposer1", "person", "proposer9"]) lost(name);
  await faults.add("cut a>b");
  lost("proposer2");
  faults.heal();
  lost("proposer2");
  await until("it was looked as often as is looked", () => asked() >= LOOKS);
  expect(asked()).toBe(LOOKS);
  expect(gone).toEqual([]);
});

test("a leader that stops is replaced by one that would wait for an hour until its silence told", async () => {
  const stage = await ClusterStage.started({
    tuningAt: { proposer2: { proposer: { timing: { electionTimeoutMs: 3_600_000 } } } },
  });
  expect(await stage.leader()).toBe("proposer1");
  const follower = async () => (await stage.ask("proposer2", "GET /status")).body;
  await until("the leader is known", async () => (await follower()).leader !== null);
  const byHttp = async () => {
    const metrics = await (await fetch(stage.url("proposer2", "/metrics"))).text();
    return metrics.split("\n").find((line) => line.startsWith("synod_requests_total") && line.includes("/heartbeat"));
  };
  await until("its heartbeats come on a stream", async () => {
    const before = await byHttp();
    // Several heartbeats long.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return (await byHttp()) === before;
  });
  await stage.stop("proposer1");
  await until("the other one leads", async () => (await follower()).is_leader);
  expect((await stage.write("a", "1")).status).toBe(200);
});
