import { once } from "node:events";
import { createServer } from "node:http";
import { Random, RING_TIMING, RingNode, type RingWrite } from "@synod/consensus";
import { MemoryDisk, openMemoryJournal } from "@synod/storage";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseHosts, type RingHosts } from "../src/hosts-file.ts";
import { RingHost } from "../src/ring-host.ts";
import { RingStore } from "../src/ring-store.ts";
import { hostsFor } from "./ring-of-members.ts";

/** What n1 of these hosts is sent. */
async function nextNode({ hosts }: RingHosts) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      heard.push(JSON.parse(body).message.type);
      response.setHeader("content-type", "application/json").end('{"heard":true}');
    });
  });
  server.listen(hosts[1]?.address.port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return heard;
}

/** Node 0 of a ring, with a disk that does what it is told. */
function hostOf(hosts: RingHosts, persist: () => Promise<void>) {
  const participant = new RingNode({ plan: hosts.plan, uid: 0, timing: RING_TIMING, chance: Random.fromSeed(1) });
  const failures: string[] = [];
  const host = new RingHost<RingWrite, string, never>({
    participant,
    hosts,
    own: "n0",
    secret: undefined,
    store: { persist, close: async () => {} },
    onFailure: ({ code }) => failures.push(code),
  });
  onTestFinished(() => host.close());
  return { host, failures };
}

describe("the host of a member", () => {
  test("says nothing of an election before the election is on its disk", async () => {
    const hosts = parseHosts(await hostsFor(1, 1, 1, 0));
    const heard = await nextNode(hosts);
    let isWritten = () => {};
    const written = new Promise<void>((resolve) => {
      isWritten = resolve;
    });
    let asked = 0;
    const { host } = hostOf(hosts, () => {
      asked++;
      return written;
    });
    host.start();
    await expect.poll(() => asked).toBe(1);
    // Whatever was sent by now would be there before this one's answer.
    await fetch(`http://127.0.0.1:${hosts.hosts[1]?.address.port}`, {
      method: "POST",
      body: '{"message":{"type":"mark"}}',
    });
    expect(heard).toEqual(["mark"]);
    isWritten();
    await expect.poll(() => heard).toContain("elect");
  });

  test("hears and says nothing any more once its disk has failed", async () => {
    const hosts = parseHosts(await hostsFor(1, 1, 1, 0));
    const heard = await nextNode(hosts);
    const { host, failures } = hostOf(hosts, async () => {
      throw new Error("no space left");
    });
    host.start();
    await expect.poll(() => failures).toEqual(["storage-failed"]);
    expect(() => host.hear("n1", { type: "greet" })).toThrow("no space left");
    await expect(host.ask("x")).rejects.toThrow("no space left");
    expect(heard).toEqual([]);
  });
});

describe("the store of a node", () => {
  test("gives back what was written, as the fewest writes, also when it has grown into a checkpoint", async () => {
    const disk = new MemoryDisk();
    const identity = { clusterId: "ring-test", name: "n1" };
    const open = async () => {
      const initialState = Buffer.from(JSON.stringify({ format: 1, identity, writes: [] }));
      return RingStore.over(await openMemoryJournal(disk, { initialState }), "memory", identity);
    };
    const { store } = await open();
    const value = "v".repeat(9_000);
    for (let id = 1; id <= 20; id++) {
      await store.persist([{ kind: "promised", id }]);
      await store.persist([{ kind: "accepted", id, instance: 1, value: `${value}${id}`, byHand: true }]);
    }
    await store.persist([
      { kind: "election", election: 3 },
      { kind: "promised", id: 40 },
    ]);
    await store.close();
    expect((await open()).writes).toEqual([
      { kind: "election", election: 3 },
      { kind: "accepted", id: 20, instance: 1, value: `${value}20`, byHand: true },
      { kind: "promised", id: 40 },
    ]);
  });
});
