import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClusterFolder, clusterIdOf, preset, printTopology } from "@synod/replica-server/topology";
import { describe, expect, onTestFinished, test } from "vitest";
import { runNodeHere } from "../src/cluster/run-node.ts";
import { BrokenLinks } from "../src/ledger/broken-links.ts";
import { OwnServer } from "../src/ledger/own-server.ts";
import { ledgerOfServer, nodeOfServer } from "../src/ledger/server-settings.ts";
import { chainLines, mapLines, messageText, requestLines } from "../src/ledger/server-texts.ts";
import { completingTo, Prompt } from "../src/terminal/prompt.ts";
import { Terminal } from "../src/terminal/terminal.ts";
import { fakeServer } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

const NODES = ["server1", "server2", "server3"];

function faults(...texts: string[]) {
  return texts.map((text, place) => ({ id: place + 1, text, endsInMs: null as number | null, actsHere: true }));
}

describe("the links that are broken at a server", () => {
  test("are those that cuts of its own lead over, whoever wrote them how", async () => {
    const own = faults(
      "cut server1<>server2",
      "drop 100% server1>server3",
      "cut *>server1 for 5s",
      "cut server2>server3",
    );
    const links = await BrokenLinks.in("server1", NODES, own);
    expect(links.all.map(({ to, isBothWays, faults: by }) => [to, isBothWays, by.map(({ id }) => id)])).toEqual([
      ["server2", true, [1, 3]],
      ["server3", false, [3]],
    ]);
    expect(links.linkTo("server1")?.to).not.toBe("server3");
  });

  test("are none where nothing of the kind is cut", async () => {
    const links = await BrokenLinks.in("server1", NODES, faults("cut server2<>server3", "pause server1"));
    expect(links.all).toEqual([]);
    expect(links.linkTo("server2")).toBeNull();
  });

  test("stay cut towards the others when one is mended, for as long as they were to be", async () => {
    const own = [
      { id: 1, text: "cut server1<>* for 5s", endsInMs: 1234, actsHere: true },
      ...faults("cut server1>server3"),
    ];
    const links = await BrokenLinks.in("server1", NODES, own);
    expect(links.othersCutWith("server2")).toBe("cut server1>server3 for 1234ms\ncut server3>server1 for 1234ms");
    expect((await BrokenLinks.in("server1", NODES, faults("cut server1<>server2"))).othersCutWith("server2")).toBe("");
  });
});

describe("what a server prints", () => {
  const block = (height: number) => ({
    ...{
      height,
      operation: { type: "put" as const, key: "a\u001b", value: [1] },
      requestId: "client1-ab/4/2",
      nonce: 3,
    },
    ...{ proposer: "server2", time: 0, previousHash: height === 1 ? null : "cd".repeat(32), hash: "ab".repeat(32) },
  });

  test("of the chain is what is decided, in order, and then what is not known to be", () => {
    const decided = { blocks: [block(1), block(2)], next: null, height: 2, hash: "ab".repeat(32) };
    const entries = [
      {
        slot: 9,
        proposalId: 17,
        requestId: "c/1/2",
        operation: { type: "get", key: 1 },
        proposer: "server1",
        nonce: 2,
      },
      { slot: 10, proposalId: 17, requestId: null, operation: null, proposer: null, nonce: null },
    ];
    const put = String.raw`put "a\u001b" [1] (client1-ab/4/2, by server2, nonce 3, previous`;
    expect(chainLines(decided, { entries })).toEqual([
      `block 1: ${put} none, hash abababababab)`,
      `block 2: ${put} cdcdcdcdcdcd, hash abababababab)`,
      "tentative: get 1 (slot 9, proposal 17, by server1); not known to be chosen",
      "tentative: no put or get, such as the opening of a session (slot 10, proposal 17); not known to be chosen",
    ]);
    const [hidden, first] = chainLines({ ...decided, blocks: [block(31)], height: 31 }, { entries: [] });
    expect(hidden).toBe("blocks 1 to 30 are not shown: synod ledger show --from 1");
    expect(first).toMatch(/^block 31: /);
    expect(chainLines({ blocks: [], next: null, height: 0, hash: null }, { entries: [] })).toEqual([
      "The block chain is empty",
    ]);
  });

  test("of the map and of requests is a line each, and says when there are none, or more", () => {
    const entries = [{ key: "a", value: null, height: 2 }];
    expect(mapLines({ entries, next: null, height: 2, hash: null })).toEqual(['"a": null (block 2)']);
    expect(mapLines({ entries, next: '"a"', height: 2, hash: null })[1]).toContain("the first 1; GET /ledger/map");
    expect(mapLines({ entries: [], next: null, height: 0, hash: null })).toEqual(["The key-value store is empty"]);
    const requests = [
      { operation: { type: "put", key: 1, value: 2 }, client: "client1-ab", waitedMs: 12.4 },
      { operation: { type: "get", key: 1 }, client: null, waitedMs: 3 },
    ];
    expect(requestLines({ requests })).toEqual(["put 1 2 (client1-ab, waiting for 12 ms)", "get 1 (waiting for 3 ms)"]);
    expect(requestLines({ requests: [] })).toEqual(["The request queue is empty"]);
  });

  test("are all of its last blocks, also if one answer has no room for them", async () => {
    const height = 25;
    const { port, asked } = await fakeServer(({ path: asked }) => {
      const { searchParams, pathname } = new URL(asked, "http://server");
      if (pathname === "/ledger/chain") return { body: { height } };
      const from = Number(searchParams.get("from"));
      const through = Math.min(height, from + Math.min(8, Number(searchParams.get("limit"))) - 1);
      const blocks = Array.from({ length: through - from + 1 }, (_, place) => block(from + place));
      return { body: { blocks, next: through < height ? through + 1 : null, height, hash: null } };
    });
    const node = { name: "server1", roles: [{ role: "gateway", address: { host: "127.0.0.1", port } }] };
    const server = new OwnServer({ clusterId: "c" } as never, node as never, new AbortController().signal);
    const { blocks } = await server.lastBlocks();
    expect(blocks.map((one) => one.height)).toEqual(Array.from({ length: 20 }, (_, place) => 6 + place));
    expect(asked).toHaveLength(4);
  });

  test("of a message is who sends what to whom", () => {
    const message = {
      from: "proposer1",
      to: "acceptor2",
      type: "accept-log",
      id: 17,
      slots: [5, 6] as const,
      count: 2,
    };
    expect(messageText(message)).toBe("proposer1 -> acceptor2: accept-log (proposal 17, slots 5-6)");
    expect(messageText({ from: "a", to: "b", type: "query" })).toBe("a -> b: query");
  });
});

describe("the ledger that a server is of", () => {
  function home(): string {
    const folder = mkdtempSync(path.join(tmpdir(), "synod-ledger-home-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }
  const sink = { write: () => {} };
  const never = new AbortController().signal;
  const terminal = (env: Record<string, string> = {}, interrupted = never) =>
    new Terminal(
      { stdin: process.stdin, stdout: sink, stderr: sink, env, interrupted, outputClosed: never },
      { json: false, color: false },
    );
  const begin = (args: Record<string, unknown>) => ledgerOfServer(args, terminal());

  test("is not started by a server that was interrupted before it heard signals itself", async () => {
    const settings = await begin({ home: home() });
    const interrupted = terminal({}, AbortSignal.abort());
    const log = { level: "silent", write: () => {} };
    const running = runNodeHere(settings, nodeOfServer(settings, 1), log, interrupted);
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    const prompt = new Prompt(interrupted, { name: "> ", complete: completingTo([]) });
    await prompt.read(() => {});
    expect(prompt.interrupted.aborted).toBe(true);
  });

  test("is begun by the first of them, and is the same for the others, whatever they leave out", async () => {
    const at = home();
    const [one, other] = await Promise.all([
      begin({ home: at, "server-count": 5, difficulty: 3, "port-offset": 100 }),
      begin({ home: at, "server-count": 5, difficulty: 3, "port-offset": 100 }),
    ]);
    expect(other.clusterId).toBe(one.clusterId);
    expect(one.topology).toMatchObject({ name: "ledger", application: "ledger", difficulty: 3, chaos: true });
    expect((await begin({ home: at })).clusterId).toBe(one.clusterId);
    expect((await begin({ home: at, "server-count": 5 })).clusterId).toBe(one.clusterId);
    expect(nodeOfServer(one, 5).name).toBe("server5");
    expect(() => nodeOfServer(one, 6)).toThrow("has no server 6: its servers are 1 to 5");
  });

  test("is refused if it was begun otherwise, and nothing is changed", async () => {
    const at = home();
    const { clusterId } = await begin({ home: at });
    for (const other of [{ "server-count": 5 }, { difficulty: 3 }, { "port-offset": 7 }]) {
      await expect(begin({ home: at, ...other })).rejects.toThrow(/has another topology/);
    }
    expect((await begin({ home: at })).clusterId).toBe(clusterId);
  });

  test("is not the key-value store of the same home", async () => {
    const at = home();
    new ClusterFolder("kv", at).readOrCreate(preset("kv"));
    expect((await begin({ home: at })).topology.name).toBe("ledger");
    await expect(begin({ home: at, cluster: "kv" })).rejects.toThrow("kv is a key-value cluster and no ledger");
  });

  test("on several machines is known by its topology, so that each has the same without a folder in common", async () => {
    const usual = preset("ledger");
    const nodes = usual.nodes.map((node, place) => ({
      ...node,
      roles: node.roles.map((role) => ({ ...role, address: { ...role.address, host: `10.0.0.${place + 1}` } })),
    }));
    const topology = { ...usual, nodes };
    const at = home();
    const file = path.join(at, "ledger.yaml");
    writeFileSync(file, printTopology(topology));
    const [here, there] = [await begin({ home: at, topology: file }), await begin({ home: home(), topology: file })];
    expect(here.clusterId).toBe(clusterIdOf(topology));
    expect(there.clusterId).toBe(here.clusterId);
    await expect(begin({ home: at, topology: file, difficulty: 3 })).rejects.toThrow("--difficulty does not go with");
  });

  test("has no server that is not counted: that is a mistake of whoever types", async () => {
    const ran = await runCommand("synod", ["ledger", "server", "4", "--home", home()]);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain("the cluster ledger has no server 4: its servers are 1 to 3");
    expect((await runCommand("synod", ["ledger", "server", "0"])).exitCode).toBe(2);
  });
});
