import { setTimeout as delay } from "node:timers/promises";
import { MOST_TIMEOUT_MS } from "@synod/api/schemas";
import { expect, test } from "vitest";
import { type Asked, fakeCluster, fakeServer, refusal } from "./fake-cluster.ts";
import { type FakeGateway, fakeGateway, SERVING } from "./fake-gateway.ts";
import { runCommand } from "./run-command.ts";

function kv({ address }: Pick<FakeGateway, "address">, ...words: string[]) {
  return runCommand("synod", ["kv", ...words], { env: { SYNOD_GATEWAY: address } });
}

test("what is put is got, deleted, and then gone", async () => {
  const gateway = await fakeGateway();
  expect(await kv(gateway, "put", "greeting", "hello")).toEqual({
    exitCode: 0,
    stdout: 'greeting = "hello" (revision 1, slot 1)\n',
    stderr: "",
  });
  expect((await kv(gateway, "get", "greeting")).stdout).toBe('greeting = "hello" (revision 1, slot 1)\n');
  expect((await kv(gateway, "get", "greeting", "--value-only")).stdout).toBe("hello\n");
  expect((await kv(gateway, "delete", "greeting")).stdout).toBe("greeting deleted (slot 2)\n");
  for (const verb of ["get", "delete"]) {
    expect(await kv(gateway, verb, "greeting")).toEqual({
      exitCode: 5,
      stdout: "",
      stderr: "there is no key greeting\n",
    });
  }
});

test("--json hands on what the gateway answered, with cost and slot; an absent key is a document, too", async () => {
  const gateway = await fakeGateway();
  const put = JSON.parse((await kv(gateway, "put", "x", "1", "--json")).stdout);
  expect(put).toEqual({ key: "x", revision: 1, slot: 1, cost: { messages: 6, sharedBy: 1, ms: 3 }, warnings: [] });
  const get = JSON.parse((await kv(gateway, "get", "x", "--json")).stdout);
  expect(get).toMatchObject({ key: "x", found: true, value: "1", consistency: "strong", learner: "learner1" });
  const absent = await kv(gateway, "get", "y", "--json");
  expect(absent.exitCode).toBe(5);
  expect(JSON.parse(absent.stdout)).toEqual({ key: "y", found: false, value: null, slot: 1, token: 1, warnings: [] });
});

test("--previous says what a write replaced, for people and as a document; else nobody is told", async () => {
  const gateway = await fakeGateway();
  const said = async (...words: string[]) => (await kv(gateway, ...words)).stdout;
  expect(await said("put", "x", "1", "--previous")).toBe('x = "1" (revision 1, slot 1)\nbefore: no such key\n');
  expect(await said("put", "x", "2", "--previous")).toBe('x = "2" (revision 2, slot 2)\nbefore: "1" (revision 1)\n');
  const swap = ["cas", "x", "--expected", "2", "--value", "3"];
  expect(await said(...swap, "--previous")).toBe('x = "3" (revision 3, slot 3)\nbefore: "2" (revision 2)\n');
  expect(JSON.parse(await said("put", "x", "4", "--json"))).not.toHaveProperty("previous");
  expect(await said("delete", "x", "--previous")).toBe('x deleted (slot 5)\nbefore: "4" (revision 4)\n');
  const { previous } = JSON.parse(await said("put", "x", "6", "--previous", "--json"));
  expect(previous).toBeNull();
});

test.each(["a b", "a/b", "..", "ü?&#%", "-dash", "🙂"])("the key %j arrives as it was typed", async (key) => {
  const gateway = await fakeGateway();
  expect((await kv(gateway, "put", "--", key, "1")).exitCode).toBe(0);
  expect([...gateway.store.keys()]).toEqual([key]);
});

test("what a terminal would obey is shown by its number, in keys and in values", async () => {
  const gateway = await fakeGateway();
  gateway.change("a\u001b[2J\u202e", "\u009b31m");
  const got = await runCommand("synod", ["kv", "get", "--prefix", "a", "--gateway", gateway.address]);
  expect(got.stdout).toBe(`${String.raw`a\u001b[2J\u202e = "\u009b31m" (revision 1)`}\n`);
});

test.each(["", "-5", "1e3", "two\nlines", "--json", "\u0001begun\u0001"])(
  "the value %j arrives as it was typed",
  async (value) => {
    const gateway = await fakeGateway();
    expect((await kv(gateway, "put", "--", "x", value)).exitCode).toBe(0);
    expect(gateway.store.get("x")?.value).toBe(value);
  },
);

test("a value of - is read from stdin, byte for byte; bytes that are no text are a usage error", async () => {
  const gateway = await fakeGateway();
  const env = { SYNOD_GATEWAY: gateway.address };
  const stdin = Buffer.from("two\r\nlines – 🙂\n");
  expect((await runCommand("synod", ["kv", "put", "x", "-"], { env, stdin })).exitCode).toBe(0);
  expect(gateway.store.get("x")?.value).toBe("two\r\nlines – 🙂\n");
  const bytes = Buffer.from([0xff, 0xfe]);
  expect((await runCommand("synod", ["kv", "put", "x", "-"], { env, stdin: bytes })).exitCode).toBe(2);
});

test.each([
  "kv put x --previous -",
  "kv put x --no-json -",
  "kv --json put x -",
  "kv --timeout 5s put x -",
  "--json kv put x -",
])("`synod %s` reads the value from stdin, wherever its options are", async (line) => {
  const gateway = await fakeGateway();
  const circumstances = { env: { SYNOD_GATEWAY: gateway.address }, stdin: Buffer.from("typed") };
  expect((await runCommand("synod", line.split(" "), circumstances)).exitCode).toBe(0);
  expect(gateway.store.get("x")?.value).toBe("typed");
});

test("a key of - is one, also after a flag", async () => {
  const gateway = await fakeGateway();
  expect((await kv(gateway, "put", "--previous", "-", "1")).exitCode).toBe(0);
  expect([...gateway.store.keys()]).toEqual(["-"]);
});

test("what follows -- is taken as it stands wherever options are, and is no option of the output either", async () => {
  const gateway = await fakeGateway();
  expect((await runCommand("synod", ["kv", "--gateway", gateway.address, "put", "x", "--", "-1"])).exitCode).toBe(0);
  expect((await kv(gateway, "put", "y", "--", "--json")).stdout).toBe('y = "--json" (revision 2, slot 2)\n');
  expect(gateway.store.get("x")?.value).toBe("-1");
});

test("a word after a flag is a word, also if it is true or false", async () => {
  const gateway = await fakeGateway();
  expect((await kv(gateway, "put", "x", "--previous", "true")).exitCode).toBe(0);
  expect(gateway.store.get("x")?.value).toBe("true");
  expect((await kv(gateway, "get", "--value-only", "x")).stdout).toBe("true\n");
});

test("keys that begin alike are read page after page, up to --limit", async () => {
  const gateway = await fakeGateway();
  for (const key of ["u/1", "u/2", "u/3", "u/4", "u/5", "v"]) gateway.change(key, key.toUpperCase());
  const all = await kv(gateway, "get", "--prefix", "u/");
  expect(all.stdout.split("\n")).toHaveLength(6);
  expect(all.stdout).toContain('u/5 = "U/5" (revision 5)\n');
  expect((await kv(gateway, "get", "--prefix", "u/", "--value-only", "--limit", "3")).stdout).toBe("U/1\nU/2\nU/3\n");
  const document = JSON.parse((await kv(gateway, "get", "--prefix", "", "--json")).stdout);
  expect(document.entries).toHaveLength(6);
});

test("cas writes if the key holds what is expected, and is exit 5 if it does not", async () => {
  const gateway = await fakeGateway();
  expect((await kv(gateway, "cas", "x", "--absent", "--value", "1")).stdout).toBe('x = "1" (revision 1, slot 1)\n');
  const failed = await kv(gateway, "cas", "x", "--absent", "--value", "2");
  expect(failed).toMatchObject({
    exitCode: 5,
    stdout: "",
    stderr: 'x is not as expected: it holds "1" (revision 1)\n',
  });
  expect((await kv(gateway, "cas", "x", "--expected", "1", "--value", "3")).exitCode).toBe(0);
  const { revision } = gateway.store.get("x") ?? {};
  expect((await kv(gateway, "cas", "x", "--revision", `${revision}`, "--value", "4")).exitCode).toBe(0);
  const stale = await kv(gateway, "cas", "x", "--revision", `${revision}`, "--value", "5", "--json");
  expect(stale.exitCode).toBe(5);
  expect(JSON.parse(stale.stdout)).toMatchObject({ key: "x", swapped: false, current: { value: "4" } });
  expect((await kv(gateway, "delete", "x", "--revision", "1")).exitCode).toBe(5);
  expect(gateway.store.get("x")?.value).toBe("4");
});

test.each([
  [["get"], "name a key, or give --prefix"],
  [["get", "x", "--prefix", "y"], "name a key, or give --prefix"],
  [["get", "x", "--limit", "3"], "--limit is for --prefix"],
  [["get", "x", "--token", "3"], "--token is for --consistency session"],
  [["get", "x", "--consistency", "weak"], '--consistency must be one of "eventual", "session", "strong"'],
  [["put", "", "1"], "a key has 1 to 1024 characters"],
  [["put", "k".repeat(1025), "1"], "a key has 1 to 1024 characters"],
  [["cas", "x", "--value", "1"], "say what is expected"],
  [["cas", "x", "--value", "1", "--absent", "--expected", "1"], "say what is expected"],
  [["cas", "x", "--absent"], "missing: --value"],
  [["put", "x", "v".repeat(65_537)], "a value has at most 65,536 characters, and this one has 65,537"],
  [["cas", "x", "--absent", "--value", "v".repeat(65_537)], "a value has at most 65,536 characters"],
  [["cas", "x", "--expected", "v".repeat(65_537), "--value", "1"], "a value has at most 65,536 characters"],
  [["put", "x"], "something is missing"],
  [["put", "x", "1", "--gateway", "here"], "--gateway"],
  [["pt", "x", "1"], "there is no command kv pt. Did you mean kv put?"],
  [["put", "x", "1", "--timout", "1s"], "Did you mean --timeout?"],
])("%j is a usage error, and the gateway is asked nothing", async (words, says) => {
  const gateway = await fakeGateway();
  const { exitCode, stderr } = await kv(gateway, ...words);
  expect(stderr).toContain(says);
  expect(exitCode).toBe(2);
  expect(gateway.asked).toEqual([]);
});

test.each([
  ["no-leader", 4],
  ["no-quorum", 4],
  ["outcome-unknown", 7],
  ["session-expired", 7],
  ["internal", 7],
  ["overloaded", 1],
  ["bad-request", 2],
  ["body-too-large", 2],
] as const)("a write that the gateway answers with %s is exit %i", async (code, expected) => {
  const gateway = await fakeGateway();
  gateway.instead.push(refusal(code, "this is why"));
  const { exitCode, stdout, stderr } = await kv(gateway, "put", "x", "1", "--json");
  expect(exitCode).toBe(expected);
  expect(stderr).toBe("synod: this is why\n");
  expect(JSON.parse(stdout)).toEqual({ error: { code, message: "this is why", exitCode: expected } });
});

test("a write whose connection breaks, or that is not answered in time, may have happened: exit 7; a read is exit 3", async () => {
  const gateway = await fakeGateway();
  gateway.instead.push(
    null,
    () => {},
    null,
    () => {},
  );
  const broken = await kv(gateway, "put", "x", "1");
  expect(broken.exitCode).toBe(7);
  expect(broken.stderr).toContain("it may have been written, or not");
  expect((await kv(gateway, "put", "x", "1", "--timeout", "100ms")).exitCode).toBe(7);
  expect((await kv(gateway, "get", "x")).exitCode).toBe(3);
  expect((await kv(gateway, "get", "x", "--timeout", "100ms")).exitCode).toBe(3);
});

test("a gateway that is down is exit 3, for writes too; of several the next is asked", async () => {
  const [down, up] = [await fakeGateway(), await fakeGateway()];
  await down.close();
  const { exitCode, stderr } = await kv(down, "put", "x", "1");
  expect(exitCode).toBe(3);
  expect(stderr).toContain(`no gateway listens at ${down.address}. To start a cluster here: synod cluster start`);
  const both = await runCommand("synod", ["kv", "put", "x", "1", "--gateway", `${down.address},${up.address}`]);
  expect(both.exitCode).toBe(0);
  expect(up.store.get("x")?.value).toBe("1");
});

test("what answers otherwise than a gateway is told", async () => {
  const stranger = await fakeServer(() => (response) => response.end("<html>"));
  const { exitCode, stderr } = await kv(stranger, "get", "x");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`${stranger.address} is no gateway`);
});

test.each([
  ["put", "x", "1"],
  ["put", "x", "1", "--json"],
  ["cas", "x", "--absent", "--value", "1"],
  ["delete", "x"],
  ["get", "x"],
  ["get", "watch"],
  ["get", "--prefix", ""],
  ["status"],
])("another program's JSON is nothing that a store says: kv %s %s", async (...words) => {
  for (const body of [
    {},
    [],
    { key: "x" },
    { key: "y", value: 1, slot: 1 },
    { entries: [null], next: null, slot: 1 },
  ]) {
    const stranger = await fakeServer(() => ({ body }));
    const { exitCode, stdout, stderr } = await kv(stranger, ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `synod: ${stranger.address} is no gateway\n` });
    if (!words.includes("--json")) expect(stdout).toBe("");
  }
});

test("without --gateway, it is that of the cluster that was started here, and no other cluster's", async () => {
  const cluster = await fakeCluster(() => ({ body: { key: "x", value: "1", revision: 3, slot: 4 } }));
  const { exitCode, stdout } = await runCommand("synod", ["kv", "get", "x", "--home", cluster.home]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe('x = "1" (revision 3, slot 4)\n');
  expect(cluster.server("gateway1").asked[0]?.headers["synod-cluster"]).toBe(cluster.clusterId);
});

test("the level and the token of a read go along", async () => {
  const gateway = await fakeGateway();
  gateway.change("x", "1");
  await kv(gateway, "get", "x", "--consistency", "session", "--token", "1");
  expect(gateway.asked[0]?.path).toBe("/kv/x?consistency=session&token=1&timeout_ms=10000");
  await kv(gateway, "get", "x");
  expect(gateway.asked[1]?.path).toBe("/kv/x?consistency=strong&timeout_ms=10000");
});

test("the store is told how long it may take, with every operation, up to the longest that it takes", async () => {
  const gateway = await fakeGateway();
  await kv(gateway, "put", "x", "1", "--timeout", "3s");
  await kv(gateway, "cas", "x", "--expected", "1", "--value", "2", "--timeout", "3s");
  for (const { body } of gateway.asked) expect(body).toMatchObject({ timeout_ms: 3000 });
  await kv(gateway, "put", "x", "1", "--timeout", "120s");
  expect(gateway.asked.at(-1)?.body).toMatchObject({ timeout_ms: MOST_TIMEOUT_MS });
  for (const words of [
    ["get", "x"],
    ["get", "--prefix", ""],
    ["get", "watch"],
    ["delete", "x"],
  ]) {
    await kv(gateway, ...words, "--timeout", "3s");
    expect(gateway.asked.at(-1)?.path, words.join(" ")).toMatch(/[?&]timeout_ms=3000$/);
  }
});

test("a gateway that says in the last moment what came of it is heard", async () => {
  const gateway = await fakeGateway();
  gateway.instead.push(async (_asked: Asked) => {
    await delay(150);
    return refusal("no-quorum", "nobody answered in time");
  });
  const { exitCode, stderr } = await kv(gateway, "put", "x", "1", "--timeout", "100ms");
  expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: "synod: nobody answered in time\n" });
});

test("the key watch is read like any other, though its path is the stream of changes", async () => {
  const gateway = await fakeGateway();
  gateway.change("watches", "no");
  expect((await kv(gateway, "get", "watch")).exitCode).toBe(5);
  gateway.change("watch", "tower");
  expect((await kv(gateway, "get", "watch")).stdout).toBe('watch = "tower" (revision 2, slot 2)\n');
  const document = JSON.parse((await kv(gateway, "get", "watch", "--json")).stdout);
  expect(document).toMatchObject({ key: "watch", found: true, value: "tower", revision: 2 });
  expect(gateway.watches).toEqual([]);
});

test("kv status is exit 0 when the store serves, and 4 when it does not, for want of learners too", async () => {
  const gateway = await fakeGateway();
  expect((await kv(gateway, "status")).exitCode).toBe(0);
  gateway.instead.push({ body: { ...SERVING, learners: [{ name: "learner1", up: false }] } });
  expect((await kv(gateway, "status")).exitCode).toBe(4);
  const acceptors = [{ name: "acceptor1", up: false, promisedId: -1 }];
  gateway.instead.push({ body: { leader: null, quorum: false, acceptors, advice: ["Bring acceptor1 back."] } });
  const { exitCode, stdout } = await kv(gateway, "status");
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/acceptor1 +down/);
  expect(stdout).toContain("\nBring acceptor1 back.\n");
});
