import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { StoreError } from "@synod/client";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { expect, onTestFinished, test } from "vitest";
import { ledgerFailure } from "../src/ledger/ask-ledger.ts";
import { fakeServer, refusal } from "./fake-cluster.ts";
import { fakeGateway } from "./fake-gateway.ts";
import { type FakeLedger, fakeLedger, HASH } from "./fake-ledger.ts";
import { runCommand } from "./run-command.ts";

function ledger({ address }: Pick<FakeLedger, "address">, ...words: string[]) {
  return runCommand("synod", ["ledger", ...words], { env: { SYNOD_LEDGER: address } });
}

/** A home in which clusters of these names were begun. */
function homeWith(...names: ("kv" | "ledger")[]): string {
  const home = mkdtempSync(path.join(tmpdir(), "synod-ledger-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  for (const name of names) new ClusterFolder(name, home).readOrCreate(preset(name));
  return home;
}

test("what is put is got: data on stdout, the block on stderr", async () => {
  const server = await fakeLedger();
  expect(await ledger(server, "put", "'alice'", "{'key1': [1, True, None]}")).toEqual({
    exitCode: 0,
    stdout: "success\n",
    stderr: `block 1, hash ${HASH}\n`,
  });
  const got = await ledger(server, "get", '"alice"');
  expect(got).toEqual({ exitCode: 0, stdout: '{"key1": [1, true, null]}\n', stderr: `block 2, hash ${HASH}\n` });
  const absent = await ledger(server, "get", "-1");
  expect(absent).toEqual({ exitCode: 5, stdout: "KEY_DOES_NOT_EXIST\n", stderr: `block 3, hash ${HASH}\n` });
  expect(server.blocks[0]).toEqual({ type: "put", key: "alice", value: { key1: [1, true, null] } });
});

test("--json says the same with the request and its slot, errors too", async () => {
  const server = await fakeLedger();
  const put = JSON.parse((await ledger(server, "put", "1", "2", "--json")).stdout);
  expect(put).toMatchObject({ answer: "success", value: null, height: 1, hash: HASH, nonce: 3, slot: 2, warnings: [] });
  expect(put.requestId).toMatch(/\/1\/2$/);
  const wrong = await ledger(server, "put", "alice", "2", "--json");
  expect(wrong.exitCode).toBe(2);
  expect(JSON.parse(wrong.stdout).error).toMatchObject({ code: "usage", exitCode: 2 });
});

test("a word without quotes is refused with the command to type, and nothing is sent", async () => {
  const server = await fakeLedger();
  const { exitCode, stderr } = await ledger(server, "put", "alice", "10");
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`Type, quoted for the shell: synod ledger put '"alice"' 10\n`);
  expect(server.asked).toEqual([]);
});

test("a value comes from stdin with -", async () => {
  const server = await fakeLedger();
  const stdin = Buffer.from('{\n  "a": 1\n}\n');
  const put = await runCommand("synod", ["ledger", "put", "'config'", "-"], {
    env: { SYNOD_LEDGER: server.address },
    stdin,
  });
  expect(put.exitCode).toBe(0);
  expect(server.blocks[0]?.value).toEqual({ a: 1 });
});

test("what a terminal would obey is shown by its number", async () => {
  const server = await fakeLedger();
  await ledger(server, "put", "1", "'\\u001b[2J\\u202e\\u2028'");
  expect((await ledger(server, "get", "1")).stdout).toBe(`${String.raw`"\u001b[2J\u202e\u2028"`}\n`);
});

test.each([
  ["session-expired", 7],
  ["unauthorized", 1],
  ["bad-request", 2],
] as const)("a request that is answered with %s ends with %i, and is not sent again", async (code, exitCode) => {
  const server = await fakeLedger();
  server.instead.push(() => refusal(code, `it is ${code}`));
  const ran = await ledger(server, "put", "1", "2");
  expect(ran.exitCode, ran.stderr).toBe(exitCode);
  expect(ran.stderr).toContain(`it is ${code}`);
  expect(server.blocks).toEqual([]);
});

test.each([
  ["unreachable", true, 3],
  ["timeout", true, 4],
  ["no-leader", true, 4],
  ["no-quorum", true, 4],
  ["no-work", true, 4],
  ["overloaded", true, 1],
  ["outcome-unknown", false, 7],
  ["closed", false, 7],
] as const)("a client's error %s, definite: %s, is exit %i", (code, definite, exitCode) => {
  const servers = { addresses: [], secret: undefined, clusterId: undefined };
  expect(ledgerFailure(new StoreError(code, "why", definite), servers)).toMatchObject({ code, exitCode });
});

test("a request that no answer comes to may have happened: exit 7, and it says where to look", async () => {
  const server = await fakeLedger();
  server.instead.push(() => new Promise(() => {}));
  const ran = await ledger(server, "put", "1", "2", "--timeout", "1s");
  expect(ran.exitCode).toBe(7);
  expect(ran.stderr).toContain("look at the chain to see");
});

test("a request goes to the next server, under its number, when one has no leader", async () => {
  const [one, other] = [await fakeLedger(), await fakeLedger()];
  one.instead.push(() => refusal("no-leader", "nobody leads"));
  const ran = await runCommand("synod", ["ledger", "put", "1", "2", "--servers", `${one.address},${other.address}`]);
  expect(ran).toMatchObject({ exitCode: 0, stdout: "success\n" });
  const sent = [one, other].flatMap(({ asked }) => asked.filter(({ path: at }) => at === "/ledger/blocks"));
  expect(sent.map(({ body }) => (body as { session: { sequence: number } }).session.sequence)).toEqual([2, 2]);
});

test("where nobody listens it says so at once, with what starts a ledger", async () => {
  const server = await fakeLedger();
  await server.close();
  const ran = await ledger(server, "get", "1", "--timeout", "60s");
  expect(ran.exitCode).toBe(3);
  expect(ran.stderr).toContain("no server of a ledger listens at");
  expect(ran.stderr).toContain("synod cluster start ledger");
});

test("a key-value store is told apart from a ledger, by its answers and by its folder", async () => {
  const gateway = await fakeGateway();
  gateway.answering = () => refusal("not-found", "there is no such route");
  const ran = await ledger(gateway, "get", "1");
  expect(ran.exitCode).toBe(1);
  expect(ran.stderr).toContain("not of a ledger");
  const named = await runCommand("synod", ["ledger", "get", "1", "--home", homeWith("kv"), "--cluster", "kv"]);
  expect(named.exitCode).toBe(2);
  expect(named.stderr).toContain("kv is a key-value store and no ledger");
});

test("the ledger of this home is meant, beside whatever else was started there; of several one must be named", async () => {
  const home = homeWith("kv", "ledger");
  const ran = await runCommand("synod", ["ledger", "get", "1", "--home", home, "--server-count", "5"]);
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain("the ledger ledger, which was started here, has 3 servers, but --server-count is 5");
  new ClusterFolder("other", home).readOrCreate(preset("ledger", { cluster: "other", portOffset: 10_000 }));
  const unclear = await runCommand("synod", ["ledger", "get", "1", "--home", home]);
  expect(unclear.stderr).toContain("which ledger? Say --cluster NAME; there is ledger, other");
});

test("a server of another cluster than the one in this home is refused", async () => {
  const home = mkdtempSync(path.join(tmpdir(), "synod-ledger-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const server = await fakeServer(({ headers, path: at }) => {
    if (at === "/livez") return { body: {} };
    return refusal("wrong-cluster", `this is not ${headers["synod-cluster"]}`);
  });
  const topology = preset("ledger", { servers: 1 });
  const nodes = topology.nodes.map((node) => ({
    ...node,
    roles: node.roles.map((role) =>
      role.role === "gateway" ? { ...role, address: { host: "127.0.0.1", port: server.port } } : role,
    ),
  }));
  const { clusterId } = new ClusterFolder("ledger", home).readOrCreate({ ...topology, nodes });
  const ran = await runCommand("synod", ["ledger", "get", "1", "--home", home]);
  expect(ran.exitCode).toBe(1);
  expect(ran.stderr).toContain(`this is not ${clusterId}`);
});
