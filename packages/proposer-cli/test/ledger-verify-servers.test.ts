import type { Block } from "@synod/state-machines";
import { expect, test } from "vitest";
import { chainOf, type FakeLedger, fakeLedger, fileOf, someOperations } from "./chain-stage.ts";
import { refusal } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

function verify(servers: readonly FakeLedger[], ...words: string[]) {
  const env = { SYNOD_LEDGER: servers.map(({ address }) => address).join(",") };
  return runCommand("synod", ["ledger", "verify", ...words], { env });
}

const long = chainOf(someOperations(12));
const short = chainOf(someOperations(9));

test("servers that have one chain, some of them more of it than others, agree as far as each goes", async () => {
  const servers = [await fakeLedger("server1", long), await fakeLedger("server2", long)];
  const same = await verify(servers);
  expect(same.stdout).toContain("The servers agree on all 12 blocks.\n");
  expect(same).toMatchObject({ exitCode: 0, stderr: "" });
  const { stdout, exitCode } = await verify([...servers, await fakeLedger("server3", short)]);
  expect(stdout).toContain("The servers agree as far as each of them goes: from 9 to 12 blocks.\n");
  expect(exitCode).toBe(0);
});

test("one that does not answer is named, and the others are checked; if none answers it is 3", async () => {
  const [server, down] = [await fakeLedger("server1", long), await fakeLedger("server2", long)];
  await down.close();
  const { exitCode, stdout, stderr } = await verify([server, down]);
  expect(stdout).toMatch(/^server1 +12 .*all right$/m);
  expect(stderr).toContain(`warning: http://${down.address} was not checked: nobody listens at ${down.address}\n`);
  expect(exitCode).toBe(0);
  const none = await verify([down], "--json");
  expect(none.exitCode).toBe(3);
  expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: "nobody-reachable", exitCode: 3 } });
});

test("a server of something else, or that ends in the midst of its blocks, was not checked", async () => {
  const [server, other, broken] = [
    await fakeLedger("server1", long),
    await fakeLedger("server2", long),
    await fakeLedger("server3", long),
  ];
  other.answering = () => refusal("not-found", "there is no such route");
  const usual = broken.answering;
  broken.answering = (asked) => {
    if (!asked.path.startsWith("/ledger/records")) return usual(asked);
    return (response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson", "content-length": 1_000_000 });
      response.write(fileOf(long.blocks.slice(0, 3)), () => response.destroy());
    };
  };
  const document = JSON.parse((await verify([server, other, broken], "--json")).stdout);
  expect(document.verified).toBe(true);
  expect(document.servers.map(({ name }: { name: string }) => name)).toEqual(["server1"]);
  expect(document.notChecked).toEqual([
    { place: `http://${other.address}`, why: "there is no such route" },
    { place: `http://${broken.address}`, why: expect.any(String) },
  ]);
  const { error } = JSON.parse((await verify([other], "--json")).stdout);
  expect(error.message).toBe(
    `no server of the ledger gives its chain: http://${other.address}: there is no such route`,
  );
});

test("a server whose map is not what its chain spells is found out: a value, a key too many, one too few, another block", async () => {
  const server = await fakeLedger("server1", long);
  const usual = server.answering;
  const withMap = (change: (entries: Entry[]) => Entry[]) => {
    server.answering = async (asked) => {
      const answer = (await usual(asked)) as { body: { entries: Entry[] } };
      if (!asked.path.startsWith("/ledger/map")) return answer;
      return { body: { ...answer.body, entries: change(answer.body.entries) } };
    };
    return verify([server]);
  };
  const first = (change: (entry: Entry) => Entry) => (entries: Entry[]) =>
    entries.map((entry, place) => (place === 0 ? change(entry) : entry));
  expect((await withMap((entries) => entries)).exitCode).toBe(0);
  for (const [change, words] of [
    [first((entry) => ({ ...entry, value: "other" })), /block 12: the map has another value for the key .* than block/],
    [first((entry) => ({ ...entry, height: entry.height - 1 })), /block 12: the map says that block \d+ put the key/],
    [(entries) => entries.slice(1), /block 12: the map lacks the key/],
    [
      (entries) => [...entries, { key: "zzz", value: 1, height: 3 }],
      /block 12: the map has the key "zzz", which no block put/,
    ],
  ] as const satisfies [(entries: Entry[]) => Entry[], RegExp][]) {
    const { exitCode, stdout } = await withMap(change);
    expect(stdout).toMatch(words);
    expect(exitCode).toBe(6);
  }
});

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
  readonly height: number;
}

test("while the chain grows, each page of the map is compared with the chain at its own height", async () => {
  const server = await fakeLedger("server1", long);
  const steps = [7, 9, 11, 12].map((count) => chainOf(someOperations(count)).ledger);
  server.pageLimit = 2;
  server.beforePage = () => {
    server.ledger = steps.shift() ?? server.ledger;
  };
  const { exitCode, stdout } = await verify([server]);
  expect(stdout).toMatch(/^server1 +12 .* compared +all right$/m);
  expect(exitCode).toBe(0);
  expect(server.asked.filter(({ path }) => path.startsWith("/ledger/map")).length).toBeGreaterThan(3);
});

test("blocks that the map counts on and that are not written yet are waited for, within the time-out", async () => {
  const server = await fakeLedger("server1", long);
  server.file = fileOf(long.blocks.slice(0, 10));
  const usual = server.answering;
  let asked = 0;
  server.answering = (one) => {
    if (one.path.startsWith("/ledger/records") && ++asked === 2) server.file = fileOf(long.blocks);
    return usual(one);
  };
  expect((await verify([server])).exitCode).toBe(0);
  server.answering = usual;
  server.file = fileOf(long.blocks.slice(0, 10));
  const { exitCode, stdout } = await verify([server], "--timeout", "150ms");
  expect(stdout).toContain("server1: the map is that of 12 blocks, and there are 10\n");
  expect(exitCode).toBe(6);
});

test("two servers with other blocks from a height on are told apart by that block", async () => {
  const other = chainOf([...someOperations(5), { type: "put", key: "other", value: 1 }]);
  const servers = [await fakeLedger("server1", long), await fakeLedger("server2", other)];
  const { exitCode, stdout } = await verify(servers);
  const hash = ({ blocks }: { readonly blocks: readonly Block[] }) => blocks[5]?.hash;
  expect(stdout).toContain(
    `server1 and server2 agree on 5 blocks, and differ from block 6 on: server1 has the hash ${hash(long)}, server2 has ${hash(other)}\n`,
  );
  expect(exitCode).toBe(6);
  expect((await verify(servers, "--server", "2")).exitCode).toBe(0);
  expect((await verify(servers, "--server", "3")).exitCode).toBe(2);
});
