import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AcceptorClient } from "@synod/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { EventFeed } from "../src/node/event-feed.ts";
import { NodeFaults } from "../src/node/node-faults.ts";
import { headersBetweenNodes } from "../src/node/request-headers.ts";
import { type AcceptorServer, type ClusterMembership, startAcceptor } from "../src/server.ts";
import { isPending } from "./node-stage.ts";
import { RawSocket } from "./raw-socket.ts";
import { ask, started } from "./started-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const CLUSTER_ID = "0b6f3f2e";
const NODES = ["a", "b", "c"];

/** What acceptor 1 of 3, at node a, has of its node. */
function membership(extras: Partial<ClusterMembership> = {}): ClusterMembership {
  return {
    clusterId: CLUSTER_ID,
    node: "a",
    nodes: NODES,
    folder: join(temporaryFolder(), "a", "acceptor"),
    chaos: true,
    faults: new NodeFaults({ node: "a", nodes: NODES, seed: 1 }),
    events: new EventFeed("acceptor1"),
    ...extras,
  };
}

async function startedIn(cluster: ClusterMembership): Promise<AcceptorServer> {
  return started({ home: "/nowhere/at/all", serverCount: 3, cluster });
}

describe("an acceptor of a cluster", () => {
  test("keeps its state in the folder that it is given, under the cluster's id, with no pid file of its own", async () => {
    const cluster = membership();
    const server = await startedIn(cluster);
    expect(server.identity).toEqual({ serverId: 1, serverCount: 3, poolId: CLUSTER_ID });
    expect(server.folder).toBe(cluster.folder);
    expect(readdirSync(cluster.folder).sort()).toEqual(["journal", "lock"]);
    expect(existsSync("/nowhere")).toBe(false);
    await ask(server, "/prepare", { id: 33 });
    await server.close();
    const again = await startedIn(cluster);
    expect(again.created).toBe(false);
    expect(await ask(again, "/state")).toMatchObject({ promisedId: 33 });
  });

  test("is not started afresh where its folder is gone, since its promises are gone with it", async () => {
    const cluster = membership();
    await (await startedIn(cluster)).close();
    rmSync(cluster.folder, { recursive: true });
    const refused = startedIn(cluster);
    await expect(refused).rejects.toMatchObject({ name: "CannotStart" });
    await expect(refused).rejects.toThrow(`${cluster.folder} is gone`);
    expect(existsSync(cluster.folder)).toBe(false);
  });

  test("its mark can be kept where even the loss of the node's whole folder does not take it along", async () => {
    const place = temporaryFolder();
    const folder = join(place, "a", "acceptor");
    const cluster = membership({ folder, madeMark: join(place, "a.made") });
    await (await startedIn(cluster)).close();
    rmSync(join(place, "a"), { recursive: true });
    await expect(startedIn(cluster)).rejects.toThrow("is gone");
  });

  test("refuses the state of another cluster", async () => {
    const cluster = membership();
    await (await startedIn(cluster)).close();
    await expect(startedIn({ ...cluster, clusterId: "another" })).rejects.toMatchObject({ name: "StoreRefused" });
  });

  test("names the topology where its address is taken", async () => {
    const { address } = await startedIn(membership());
    const second = startAcceptor({ serverId: 1, serverCount: 1, addresses: [address], cluster: membership() });
    await expect(second).rejects.toThrow("(in its topology)");
  });

  test("says at /health which role and node it is", async () => {
    const server = await startedIn(membership());
    const health = { status: "ok", role: "acceptor", name: "acceptor1", node: "a", cluster: CLUSTER_ID };
    expect(await ask(server, "/health")).toEqual(health);
  });
});

describe("the routes by which the log is written", () => {
  test("take nothing from people: by hand goes /accept, which knows how far that may go", async () => {
    const server = await startedIn(membership());
    const client = new AcceptorClient(server.address, { serverId: 1, poolId: CLUSTER_ID });
    onTestFinished(() => client.close());
    const far = client.logAccept({ id: 17, entries: [{ instance: Number.MAX_SAFE_INTEGER, value: "v" }] });
    await expect(far).rejects.toMatchObject({ problem: { code: "by-hand-off" } });
    await expect(client.logTruncate({ through: 9 })).rejects.toMatchObject({ problem: { code: "by-hand-off" } });
    expect(await client.status()).toMatchObject({ promisedId: -1, truncatedThrough: 0, entries: 0 });
  });
});

describe("GET /status", () => {
  const FRESH = { promisedId: -1, truncatedThrough: 0, entries: 0, lastSlot: 0, decided: 0 };

  test("tells how far the acceptor is", async () => {
    const server = await startedIn(membership());
    const headers = headersBetweenNodes("proposer1", CLUSTER_ID);
    const client = new AcceptorClient(server.address, { serverId: 1, poolId: CLUSTER_ID, headers });
    onTestFinished(() => client.close());
    const always = { name: "acceptor1", role: "acceptor", id: 1, cluster: CLUSTER_ID };
    expect(await client.status()).toEqual({ ...always, ...FRESH });
    const entries = [1, 2, 3, 7].map((instance) => ({ instance, value: "v" }));
    await client.logAccept({ id: 17, entries });
    await client.logAccept({ id: 17, entries: [], decided: { from: 1, through: 3 } });
    await client.logTruncate({ through: 1 });
    const told = { promisedId: 17, truncatedThrough: 1, entries: 3, lastSlot: 7, decided: 3 };
    expect(await client.status()).toEqual({ ...always, ...told });
    await client.logTruncate({ through: 9 });
    const truncated = { truncatedThrough: 9, entries: 0, lastSlot: 9, decided: 9 };
    expect(await client.status()).toMatchObject(truncated);
  });
});

describe("what people send by hand", () => {
  test("is taken under their own ids, where the cluster may be broken", async () => {
    const server = await startedIn(membership());
    expect(await ask(server, "/accept", { id: 16, value: "tea" })).toMatchObject({ ignored: false });
    expect(await ask(server, "/accept", { id: 17, value: "tea" })).toMatchObject({ code: "not-a-persons-id" });
  });

  test("is refused where it may not", async () => {
    const server = await startedIn(membership({ chaos: false, faults: null }));
    expect(await ask(server, "/accept", { id: 16, value: "tea" })).toMatchObject({ code: "by-hand-off" });
    expect(await ask(server, "/faults", { faults: "cut a>b" })).toMatchObject({ code: "chaos-off" });
  });
});

describe("the faults of its node", () => {
  test("a slow disk keeps every answer that rests on it, and no server from stopping", async () => {
    const cluster = membership();
    const server = await startedIn(cluster);
    await cluster.faults?.add("slow-disk a by 1m");
    const promise = ask(server, "/prepare", { id: 33 });
    const { host, port } = server.address;
    const underWay = /^synod_requests_under_way\b.* 1$/m;
    while (!underWay.test(await (await fetch(`http://${host}:${port}/metrics`)).text()));
    expect(await isPending(promise)).toBe(true);
    const closing = server.close();
    expect(await promise).toEqual({ ignored: false, promisedId: 33 });
    await closing;
  });

  test("a slow disk takes that much longer", async () => {
    const cluster = membership();
    const server = await startedIn(cluster);
    await cluster.faults?.add("slow-disk a by 80ms");
    const begin = performance.now();
    await ask(server, "/prepare", { id: 33 });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(78);
  });

  test("an answer to a node behind a cut is lost, although what it tells of was done", async () => {
    const cluster = membership();
    const server = await startedIn(cluster);
    await cluster.faults?.add("cut a>b");
    const socket = await RawSocket.open(server.address);
    const body = '{"id":33,"from":1}';
    socket.send(
      `POST /log/prepare HTTP/1.1\r\nhost: localhost\r\nsynod-from: b\r\nsynod-cluster: ${CLUSTER_ID}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await socket.untilClosed()).toBe("");
    expect(await ask(server, "/state")).toMatchObject({ promisedId: 33 });
  });

  test("its own questions to other acceptors meet the links they take", async () => {
    const other = await started({ home: "", serverId: 2, serverCount: 3, cluster: membership({ node: "b" }) });
    const cluster = membership();
    const server = await startAcceptor({
      serverId: 1,
      serverCount: 2,
      addresses: [{ host: "127.0.0.1", port: 0 }, other.address],
      cluster,
      peerTimeoutMs: 1500,
    });
    onTestFinished(() => server.close());
    const servers = async () => Object.keys((await ask(server, "/pool/state")) as object);
    expect(await servers()).toEqual(["1", "2"]);
    await cluster.faults?.add("cut a>b");
    const asking = servers();
    expect(await isPending(asking)).toBe(true);
    cluster.faults?.heal();
    expect(await servers()).toEqual(["1", "2"]);
    expect(await asking).toEqual(["1"]);
  });
});
