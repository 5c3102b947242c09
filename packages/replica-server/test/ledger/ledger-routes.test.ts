import { type Block, ChainCheck } from "@synod/state-machines";
import { beforeAll, describe, expect, test } from "vitest";
import { ClusterStage, COMPACT } from "../cluster-stage.ts";

/** One ledger for all tests of this file. */
let stage: ClusterStage;
beforeAll(async () => {
  // Nothing fails here, so that one need not wait long for the first leader.
  const admission = { least: 4, most: 4, patienceMs: 30_000 };
  const tuning = { proposer: { timing: { electionTimeoutMs: 500 } }, admission };
  stage = await ClusterStage.forFile({ shape: COMPACT, application: "ledger", tuning });
  return () => stage.end();
});

const ask = (request: string, body?: unknown, at = "gateway1") => stage.ask(at, request, body);
const add = (operation: object, more: object = {}, at = "gateway1") =>
  ask("POST /ledger/blocks", { operation, timeout_ms: 30_000, ...more }, at);
const put = (key: unknown, value: unknown, more: object = {}, at = "gateway1") =>
  add({ type: "put", key, value }, more, at);

async function records(at: string, query = ""): Promise<string> {
  const answer = await fetch(stage.url(at, `/ledger/records${query}`));
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  return answer.text();
}

describe("adding blocks", () => {
  test("answers what was put, and makes a block of every request, reads too, at each server", async () => {
    const first = await put("alice", 10);
    expect(first).toMatchObject({ status: 200, body: { answer: "success", value: null, cost: { sharedBy: 1 } } });
    const got = await add({ type: "get", key: "alice" }, {}, "gateway2");
    expect(got.body).toMatchObject({ answer: "value", value: 10, height: first.body.height + 1 });
    const absent = await add({ type: "get", key: "bob" }, {}, "gateway3");
    expect(absent.body).toMatchObject({ answer: "KEY_DOES_NOT_EXIST", value: null, height: first.body.height + 2 });
    await settled("gateway3", absent.body.height);
    const { body } = await ask(`GET /ledger/blocks?from=${first.body.height}`, undefined, "gateway3");
    const [block, ...others] = body.blocks as Block[];
    const { hash, requestId, nonce, height } = first.body;
    const operation = { type: "put", key: "alice", value: 10 };
    expect(block).toMatchObject({ hash, requestId, nonce, height, operation, proposer: "node1" });
    expect(others.map(({ proposer, previousHash }) => [proposer, previousHash])).toEqual([
      ["node2", hash],
      ["node3", got.body.hash],
    ]);
  });

  test("takes keys that are equal as JSON for one key, however they are written", async () => {
    await put({ b: [1, 2.0], a: "ü" }, { deep: null });
    const { body } = await add({ type: "get", key: { a: "ü", b: [1.0, 2] } });
    expect([body.answer, body.value]).toEqual(["value", { deep: null }]);
  });

  test("makes one block at most of a request that a client numbers, however often and wherever it is sent", async () => {
    const client = `client-${performance.now()}`;
    const { body: opened } = await ask("POST /ledger/sessions", { client, timeout_ms: 30_000 });
    expect(opened).toMatchObject({ client, firstSequence: 2, openedAt: opened.slot });
    const session = { client, openedAt: opened.openedAt, sequence: 2, firstUnacknowledged: 2 };
    const first = (await put("once", 1, { session })).body;
    expect(first.requestId).toBe(`${client}/${opened.openedAt}/2`);
    await put("once", 2);
    const again = (await put("once", 1, { session }, "gateway2")).body;
    expect([again.height, again.hash, again.nonce]).toEqual([first.height, first.hash, first.nonce]);
    expect((await add({ type: "get", key: "once" })).body.value).toBe(2);
    const other = { operation: { type: "get", key: "once" }, session };
    expect((await ask("POST /ledger/blocks", other)).body.code).toBe("bad-request");
    const unknown = await put("once", 3, { session: { ...session, client: "nobody" } });
    expect([unknown.status, unknown.body.code]).toEqual([409, "session-expired"]);
    expect(unknown.body.detail).toContain("The chain shows it, with the name of its request");
  });

  test("lets a burst in by turns, and each of its requests makes one block", async () => {
    const before = (await ask("GET /ledger/chain")).body.height;
    const answers = await Promise.all(Array.from({ length: 30 }, (_, number) => put("burst", number)));
    const heights = answers.map(({ body }) => body.height).sort((one, other) => one - other);
    expect(heights).toEqual(Array.from({ length: 30 }, (_, index) => before + 1 + index));
    expect(await (await fetch(stage.url("gateway1", "/metrics"))).text()).toContain("synod_requests_allowed 4\n");
  });

  test.each([
    [{}, "body must have required property 'operation'"],
    [{ operation: { type: "put", key: 1 } }, "a put has a key and a value, and nothing else"],
    [{ operation: { type: "get", key: 1, value: 2 } }, "a get has a key, and nothing else"],
    [{ operation: { type: "get" } }, "body/operation must have required property 'key'"],
    [{ operation: { type: "delete", key: 1 } }, "body/operation/type must be one of get, put"],
    [{ operation: { type: "get", key: 1, more: 1 } }, 'body/operation has an unknown field "more"'],
    [
      { operation: { type: "get", key: "x".repeat(1023) } },
      "the key has 1025 characters as canonical JSON; at most 1024",
    ],
    [{ operation: { type: "put", key: 1, value: "x".repeat(65_536) } }, "the value has 65538 characters"],
    [{ operation: { type: "get", key: "\ud800" } }, "the key has half a surrogate pair"],
    [{ operation: { type: "put", key: 1, value: nested(63) } }, "the value is nested deeper than 62 levels"],
    [{ operation: { type: "get", key: 1 }, timeout_ms: 0 }, "timeout_ms"],
    [{ operation: { type: "get", key: 1 }, session: { client: "c" } }, "session"],
    [
      {
        operation: { type: "get", key: 1 },
        session: { client: "c", openedAt: 1, sequence: 2, firstUnacknowledged: 3 },
      },
      "firstUnacknowledged is at most its sequence",
    ],
  ])("refuses %j, says why, and adds nothing", async (body, why) => {
    const before = (await ask("GET /ledger/chain")).body.slot;
    const answer = await ask("POST /ledger/blocks", body);
    expect([answer.status, answer.body.code]).toEqual([400, "bad-request"]);
    expect(answer.body.detail).toContain(why);
    expect((await ask("GET /ledger/chain")).body.slot).toBe(before);
  });

  test("takes keys and values that are just as long, and as deep, as they may be", async () => {
    const key = "x".repeat(1022);
    const long = await put(key, "ü".repeat(65_534));
    const deep = await put(key, nested(62));
    expect([long.body.answer, deep.body.answer]).toEqual(["success", "success"]);
    expect((await add({ type: "get", key })).body.value).toEqual(nested(62));
  });
});

describe("reading the chain", () => {
  test("gives every server's own copy: they are the same, and every block is right", async () => {
    const { body } = await put("last", "one");
    for (const at of ["gateway1", "gateway2", "gateway3", "learner2"]) {
      await settled(at, body.height);
      const check = new ChainCheck({ difficulty: 0 });
      const text = await records(at);
      const problems = text
        .split("\n")
        .slice(0, -1)
        .flatMap((record) => check.take(record));
      expect([problems, check.head]).toEqual([[], { height: body.height, hash: body.hash }]);
      const { entries } = (await ask("GET /ledger/map", undefined, at)).body;
      expect(entries.map(({ key, height }: { key: unknown; height: number }) => [JSON.stringify(key), height])).toEqual(
        [...check.map]
          .map(([key, { height }]) => [key, height])
          .sort(([one], [other]) => ((one ?? "") < (other ?? "") ? -1 : 1)),
      );
      expect(text).toBe(await records("gateway1"));
    }
  });

  test("goes by pages, and says where the next one begins and how long the chain is", async () => {
    for (let number = 0; number < 4; number++) {
      await settled("gateway1", (await put(`page${number}`, number)).body.height);
    }
    const { height, hash } = (await ask("GET /ledger/chain")).body;
    const pages: number[] = [];
    for (let next: number | null = 1; next !== null; ) {
      const { body }: { body: { blocks: Block[]; next: number | null; height: number; hash: string } } = await ask(
        `GET /ledger/blocks?from=${next}&limit=3`,
      );
      pages.push(...body.blocks.map((block) => block.height));
      expect([body.height, body.hash]).toEqual([height, hash]);
      next = body.next;
    }
    expect(pages).toEqual(Array.from({ length: height }, (_, index) => index + 1));
    expect((await ask(`GET /ledger/blocks?from=${height + 1}`)).body).toEqual({ blocks: [], next: null, height, hash });
    expect(await records("gateway1", `?from=${height - 1}&limit=1`)).toMatch(
      new RegExp(`"height":${height - 1},.*\n$`),
    );
    expect(await records("gateway1", `?from=${height + 1}`)).toBe("");
    const first = (await ask("GET /ledger/map?limit=1")).body;
    const second = (await ask(`GET /ledger/map?limit=1&after=${encodeURIComponent(first.next)}`)).body;
    expect([first.entries.length, second.entries.length]).toEqual([1, 1]);
    expect(second.entries[0].key).not.toEqual(first.entries[0].key);
  });

  test.each([
    ["GET /ledger/blocks?from=0", "querystring/from is at least 1"],
    ["GET /ledger/blocks?limit=0", "querystring/limit is at least 1"],
    ["GET /ledger/blocks?limit=1001", "querystring/limit is 1..1000"],
    ["GET /ledger/blocks?height=1", 'unknown field "height"'],
    ["GET /ledger/blocks?from=-1", "querystring/from"],
    ["GET /ledger/records?from=0", "querystring/from is at least 1"],
    ["GET /ledger/records?from=9007199254740993", "querystring/from must be at most"],
    ["GET /ledger/map?limit=0", "limit is a whole number 1..10000"],
    ["GET /ledger/map?limit=10001", "limit is a whole number 1..10000"],
    ["GET /ledger/chain?x=1", 'unknown field "x"'],
    ["GET /ledger/tentative?x=1", 'unknown field "x"'],
    ["GET /ledger/requests?x=1", 'unknown field "x"'],
  ])("%s is a bad request, and says why", async (request, why) => {
    const { status, body } = await ask(request);
    expect([status, body.code]).toEqual([400, "bad-request"]);
    expect(body.detail).toContain(why);
  });
});

describe("what is there of a ledger", () => {
  test("is its own routes: those of the key-value store are not, and nothing is added at a learner", async () => {
    for (const request of ["GET /kv/a", "GET /kv", "POST /write", "POST /subscribe"]) {
      expect((await ask(request, request.startsWith("POST") ? {} : undefined)).status, request).toBe(404);
    }
    expect((await ask("POST /ledger/blocks", {}, "learner1")).status).toBe(405);
    const { status, headers } = await ask("DELETE /ledger/blocks");
    expect([status, headers.get("allow")?.split(", ").sort()]).toEqual([405, ["GET", "HEAD", "POST"]]);
    const { paths } = (await ask("GET /openapi.json")).body;
    expect(Object.keys(paths).filter((path) => path.startsWith("/ledger"))).toHaveLength(7);
  });

  test("is told in the status of gateway and learner, and in numbers", async () => {
    const { height, hash, keys } = (await ask("GET /ledger/chain", undefined, "gateway2")).body;
    expect(await stage.status()).toMatchObject({ application: "ledger", quorum: true });
    expect((await ask("GET /status", undefined, "learner2")).body).toMatchObject({ height, hash, keys });
    const metrics = await (await fetch(stage.url("learner2", "/metrics"))).text();
    expect(metrics).toContain(`synod_chain_height ${height}`);
    expect(metrics).toMatch(/synod_chain_recorded \d/);
  });

  test("and nothing of what is tentative, or waits, once all is answered", async () => {
    expect((await ask("GET /ledger/tentative")).body).toEqual({ entries: [] });
    expect((await ask("GET /ledger/requests")).body).toEqual({ requests: [] });
  });
});

/** Waits until a server has all blocks up to this one. */
async function settled(at: string, height: number): Promise<void> {
  while ((await ask("GET /ledger/chain", undefined, at)).body.height < height) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}
