import { rmSync } from "node:fs";
import { formatAddress } from "@synod/api";
import { describe, expect, onTestFinished, test } from "vitest";
import { electLeader, NotSet } from "../src/index.ts";
import { hostsFor, QUICK, RingOfMembers } from "./ring-of-members.ts";

async function post(address: { host: string; port: number }, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://${formatAddress(address)}/ring/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as { code?: string; detail?: string } };
}

describe("electLeader", () => {
  test("finds the highest UID for each node, and needs nothing kept", async () => {
    const { hosts } = new RingOfMembers(await hostsFor(1, 1, 1, 0));
    const leaders = await Promise.all([0, 1, 2].map((uid) => electLeader({ hosts, uid, timing: QUICK })));
    expect(leaders).toEqual([2, 2, 2]);
  });

  test("ends with what is wrong when no leader was found in time", async () => {
    const { hosts } = new RingOfMembers(await hostsFor(1, 1, 1, 0));
    const alone = electLeader({ hosts, uid: 0, timeoutMs: 50, timing: QUICK });
    await expect(alone).rejects.toThrow("no leader was found within 50 ms");
  });

  test("whose time is up before it listens ends with that, and with nothing that nobody catches", async () => {
    const uncaught: unknown[] = [];
    const take = (error: unknown) => void uncaught.push(error);
    process.on("unhandledRejection", take);
    onTestFinished(() => void process.off("unhandledRejection", take));
    // A name takes its time to become an address.
    const text = (await hostsFor(1, 1, 1, 0)).replaceAll("127.0.0.1", "localhost");
    const { hosts } = new RingOfMembers(text);
    const alone = electLeader({ hosts, uid: 0, timeoutMs: 0, timing: QUICK });
    await expect(alone).rejects.toThrow("no leader was found within 0 ms");
    expect(uncaught).toEqual([]);
  });

  test("waits without an end if it is told to", async () => {
    const { hosts } = new RingOfMembers(await hostsFor(1, 1, 1, 0));
    const timing = QUICK;
    const first = [0, 1].map((uid) => electLeader({ hosts, uid, timeoutMs: Number.POSITIVE_INFINITY, timing }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const leaders = await Promise.all([...first, electLeader({ hosts, uid: 2, timing })]);
    expect(leaders).toEqual([2, 2, 2]);
  });
});

describe("a ring over HTTP", () => {
  test("gives two clients that disagree one value, and whoever registered hears each learner say so", async () => {
    const ring = new RingOfMembers(await hostsFor(2, 3, 2, 2));
    await ring.startNodes();
    const [one, two] = await Promise.all([ring.client(7), ring.client(8)]);
    const heard: string[] = [];
    two.onDecision(({ value, learner }) => heard.push(`${learner} ${value}`));
    const learned: string[] = [];
    ring.nodes.get(6)?.onDecision((value) => learned.push(value));
    const [first, second] = await Promise.all([one.set("210"), two.set("300", { proposer: 1 })]);
    expect(first).toBe(second);
    expect(["210", "300"]).toContain(first);
    await expect.poll(() => heard.length).toBe(2);
    expect(heard.sort()).toEqual([`5 ${first}`, `6 ${first}`]);
    expect(learned).toEqual([first]);
    const late: string[] = [];
    ring.nodes.get(6)?.onDecision((value) => late.push(value));
    two.onDecision(({ value }) => late.push(value));
    expect(late).toEqual([first, first, first]);
    expect(await one.set("220")).toBe(first);
  });

  test("goes on when the program that listens to it throws, and that is not hidden", async () => {
    const uncaught = new Set<string>();
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", ({ message }) => uncaught.add(message));
    onTestFinished(() => {
      process.removeAllListeners("uncaughtException");
      for (const one of others) process.on("uncaughtException", one);
    });
    const throwing = (what: string) => () => {
      throw new Error(what);
    };
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    for (const uid of [0, 1]) await ring.startNode(uid);
    const learner = await ring.startNode(2, { onElected: throwing("elected"), onRole: throwing("role") });
    learner.onDecision(throwing("the node's listener"));
    const client = await ring.client(3);
    client.onDecision(throwing("the client's listener"));
    expect(await client.set("210")).toBe("210");
    await expect
      .poll(() => [...uncaught].sort())
      .toEqual(["elected", "role", "the client's listener", "the node's listener"]);
    expect([learner.failure, await client.set("300")]).toEqual([null, "210"]);
  });

  test.each([
    ["an acceptor of the first prepare", (uid: number, type: string) => uid === 2 && type === "prepare"],
    ["an acceptor of the first accept", (uid: number, type: string) => uid === 3 && type === "accept"],
    ["a proposer of the first request", (uid: number, type: string) => uid === 0 && type === "propose"],
    ["a learner of the first acceptance", (uid: number, type: string) => uid === 6 && type === "accepted"],
  ])("gets its client a value although these die: %s", async (_, dies) => {
    const ring = new RingOfMembers(await hostsFor(2, 3, 2, 1));
    await ring.startNodes((uid, { type }) => dies(uid, type));
    const client = await ring.client(7);
    expect(await client.set("210")).toBe("210");
    await expect.poll(() => ring.nodes.size).toBeLessThan(7);
  });

  // Where the other proposer was quicker, nobody answers the accepts of this one, and it lives.
  test("gets its client a value although a proposer dies with its accepts out", async () => {
    const ring = new RingOfMembers(await hostsFor(2, 3, 2, 1));
    await ring.startNodes((uid, { type }) => uid === 0 && type === "accepted");
    expect(await (await ring.client(7)).set("210")).toBe("210");
  });

  test("keeps what was chosen when all of it is stopped and started again", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 3, 1, 2));
    await ring.startNodes();
    expect(await (await ring.client(5)).set("210")).toBe("210");
    await Promise.all([0, 1, 2, 3, 4].map((uid) => ring.crash(uid)));
    await ring.startNodes();
    expect(await (await ring.client(6)).set("300")).toBe("210");
    for (const { state } of ring.nodes.values()) expect(state.started?.election).toBeGreaterThan(1);
  });

  test("ends a set in time, with what was missing", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 3, 1, 1));
    await ring.startNodes((uid, { type }) => (uid === 1 || uid === 2) && type === "prepare");
    const client = await ring.client(5);
    const ended = await client.set("210", { timeoutMs: 1500 }).catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(NotSet);
    expect(["no-quorum", "unknown"]).toContain((ended as NotSet).why);
    // On a machine that has other things to do its proposer may not have given up by then.
    expect((ended as NotSet).message).toMatch(/n0 (says no-promise|has not said how it ended)/);
  });

  test("waits for a value as long as it takes, if it is told to", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    const client = await ring.client(3);
    const value = client.set("210", { timeoutMs: Number.POSITIVE_INFINITY });
    await ring.startNodes();
    expect(await value).toBe("210");
  });

  test("ends a set when the client is closed, as it ends one whose time is up", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    const client = await ring.client(3);
    const ended = client.set("210").catch((error: unknown) => error);
    await client.close();
    expect(await ended).toBeInstanceOf(NotSet);
    expect(await ended).toMatchObject({ why: "nobody", missing: ["no node was heard"] });
  });

  test("refuses at once what is no text: nobody would hear it, and nobody would know", async () => {
    const client = await new RingOfMembers(await hostsFor(1, 1, 1, 1)).client(3);
    await expect(client.set(210 as unknown as string)).rejects.toThrow("a value is a string");
  });

  test("knows when all clients are done, and not before", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 2));
    await ring.startNodes();
    const [one, two] = [await ring.client(3), await ring.client(4)];
    await one.set("210");
    await one.close();
    expect(ring.nodes.get(0)?.state.clientsDone).toEqual(["c3"]);
    await two.close();
    await ring.nodes.get(0)?.clientsDone;
  });
});

describe("a member", () => {
  test("refuses what is no message of its ring, and goes on", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    const node = await ring.startNode(0);
    const greet = { from: "n1", to: "n0", message: { type: "greet" } };
    expect((await post(node.address, greet)).status).toBe(200);
    const refused = await Promise.all([
      post(node.address, { ...greet, message: { type: "elect", election: 0, candidate: 1 } }),
      post(node.address, { ...greet, message: { type: "exec", code: "1" } }),
      post(node.address, { ...greet, message: { type: "greet", more: 1 } }),
      post(node.address, { ...greet, from: "n9" }),
      post(node.address, { ...greet, from: "n0" }),
      post(node.address, { ...greet, to: "n1" }),
      post(node.address, greet, { "synod-cluster": "ring-of-others", "synod-from": "n1" }),
    ]);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
      ...Array.from({ length: 5 }, () => [400, "bad-request"]),
      ...Array.from({ length: 2 }, () => [409, "wrong-cluster"]),
    ]);
    expect(node.failure).toBeNull();
    const state = await fetch(`http://${formatAddress(node.address)}/ring/state`);
    expect(await state.json()).toMatchObject({ name: "n0", leader: null, role: null, chosen: null });
  });

  test("that other machines could reach needs the secret, and asks for it", async () => {
    const text = await hostsFor(1, 1, 1, 1);
    const ring = new RingOfMembers(text);
    await expect(ring.startNode(0, { listen: "0.0.0.0" })).rejects.toThrow("one shared secret");
    const node = await ring.startNode(0, { listen: "0.0.0.0", secret: "s3cret" });
    const address = { host: "127.0.0.1", port: node.address.port };
    const greet = { from: "n1", to: "n0", message: { type: "greet" } };
    expect((await post(address, greet)).status).toBe(401);
    expect((await post(address, greet, { authorization: "Bearer s3cret" })).status).toBe(200);
  });

  test("does not start without the folder that it had: its promises are gone", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    await ring.startNode(1);
    await ring.crash(1);
    rmSync(ring.folderOf(1), { recursive: true });
    await expect(ring.startNode(1)).rejects.toThrow(`${ring.folderOf(1)} is gone`);
  });

  test("does not go on from another member's folder", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    await ring.startNode(1);
    await ring.crash(1);
    await expect(ring.startNode(2, { folder: ring.folderOf(1) })).rejects.toThrow("holds the state of n1");
  });

  test("says who it is when its port is taken, or its UID is another's", async () => {
    const ring = new RingOfMembers(await hostsFor(1, 1, 1, 1));
    await ring.startNode(0);
    await expect(ring.startNode(0, { folder: `${ring.folder}/other` })).rejects.toThrow("line 4 of the hosts file");
    await expect(ring.client(0)).rejects.toThrow("0 is not the UID of a client");
  });
});
