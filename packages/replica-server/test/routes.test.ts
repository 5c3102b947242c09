import { beforeAll, describe, expect, test } from "vitest";
import { ClusterStage } from "./cluster-stage.ts";

/** One cluster for all tests of this file: each takes keys of its own. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile();
  return () => stage.end();
});

const ask = (request: string, body?: unknown, at = "gateway1") => stage.ask(at, request, body);
const long = "timeout_ms=30000";

describe("the routes of the original", () => {
  test("take both names of the consistency, and refuse two that differ", async () => {
    await stage.write("one", "1");
    const both = { key: "one", consistency: "strong", consistency_level: "strong", timeout_ms: 30_000 };
    expect((await ask("POST /read", both)).body).toMatchObject({ value: "1", consistency: "strong" });
    const { status, body } = await ask("POST /read", { ...both, consistency_level: "eventual" });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/they are one thing/)]);
  });

  test("tell a client that names itself what it wrote, at the level of its session", async () => {
    const client_id = "testclient";
    const write = { key: "mine", value: "v", client_id, timeout_ms: 30_000 };
    const { body: written } = await ask("POST /write", write);
    const read = { key: "mine", consistency: "session", client_id, timeout_ms: 30_000 };
    expect((await ask("POST /read", read)).body).toMatchObject({ found: true, value: "v", revision: written.slot });
  });

  test("say of an absent key that it is not found", async () => {
    const { status, body } = await stage.read("nowhere", "strong");
    expect(status).toBe(200);
    expect(body).toMatchObject({ key: "nowhere", value: null, found: false, revision: null });
  });

  test("read all keys, or those with a prefix, a page at a time, also at a learner", async () => {
    for (const key of ["p/1", "p/2", "p/3", "q/1"]) await stage.write(key, key);
    const page = { type: "prefix", prefix: "p/", limit: 2, consistency: "strong", timeout_ms: 30_000 };
    const { body: first } = await ask("POST /read", page, "learner1");
    expect(first.entries.map(({ key }: { key: string }) => key)).toEqual(["p/1", "p/2"]);
    const { body: second } = await ask("POST /read", { ...page, after: first.next });
    expect(second).toMatchObject({ entries: [{ key: "p/3", value: "p/3" }], next: null });
    const { body: all } = await ask("POST /read", { type: "all", consistency: "strong", timeout_ms: 30_000 });
    expect(all.entries.map(({ key }: { key: string }) => key)).toEqual(expect.arrayContaining(["p/1", "q/1"]));
  });

  test.each([
    ["POST /write", { value: "x" }, /key/],
    ["POST /write", { key: "", value: "x" }, /fewer than 1|key/],
    ["POST /write", { key: "a" }, /value/],
    ["POST /write", { key: "a", value: 7 }, /value must be string/],
    ["POST /write", { key: "a", value: "x", timeout_ms: 60_001 }, /timeout_ms/],
    ["POST /write", { key: "\ud800", value: "x" }, /well-formed/],
    ["POST /read", {}, /must have a key/],
    ["POST /read", { key: "a", consistency: "perfect" }, /consistency/],
    ["POST /read", { type: "prefix" }, /prefix/],
    ["POST /read", { type: "all", key: "a" }, /has no key/],
    ["POST /unsubscribe", {}, /subscription_id/],
  ])("%s %j is a bad request, and says why", async (request, body, why) => {
    const answer = await ask(request, body);
    expect([answer.status, answer.body.code]).toEqual([400, "bad-request"]);
    expect(answer.body.detail).toMatch(why);
  });
});

describe("the routes for programs", () => {
  test.each(["plain", "a/b/c", "ü ?#&%", "100%25", "a+b", "x".repeat(1024)])(
    "take the key %j in a path",
    async (key) => {
      const path = `/kv/${encodeURIComponent(key)}`;
      const put = await ask(`PUT ${path}`, { value: "v", previous: true, timeout_ms: 30_000 });
      expect(put.body).toMatchObject({ key, previous: null, cost: { sharedBy: expect.any(Number) } });
      const got = await ask(`GET ${path}?consistency=strong&${long}`);
      expect(got.body).toMatchObject({ key, value: "v", revision: put.body.revision, consistency: "strong" });
      expect(got.body.slot).toBeGreaterThanOrEqual(put.body.slot);
      const gone = await ask(`DELETE ${path}?previous=true&${long}`);
      expect(gone.body).toMatchObject({ key, deleted: true, previous: { value: "v", revision: put.body.revision } });
      const absent = await ask(`GET ${path}?consistency=strong&${long}`);
      expect([absent.status, absent.body.code]).toEqual([404, "key-not-found"]);
      expect(absent.body).toMatchObject({ key, slot: expect.any(Number), token: expect.any(Number) });
    },
  );

  test("say what was there before to nobody who does not ask", async () => {
    const slots = { slot: expect.any(Number), token: expect.any(Number), cost: expect.any(Object) };
    const key = "unasked";
    const put = (body: object) => ask(`PUT /kv/${key}`, { timeout_ms: 30_000, ...body });
    const first = await put({ value: "1" });
    expect(first.body).toStrictEqual({ key, revision: first.body.slot, ...slots });
    const second = await put({ value: "2", expectedRevision: first.body.revision, previous: false });
    expect(second.body).toStrictEqual({ key, revision: second.body.slot, ...slots });
    const operations = [{ type: "put", key, value: "3" }];
    const { body } = await ask("POST /kv/batch", { operations, timeout_ms: 30_000 });
    const { slot, token, revision } = body.results[0];
    expect(body.results).toStrictEqual([{ type: "put", key, revision, slot, token }]);
    const gone = await ask(`DELETE /kv/${key}?expectedRevision=${revision}&previous=false&${long}`);
    expect(gone.body).toStrictEqual({ key, deleted: true, ...slots });
    const last = await put({ value: "4" });
    const told = await ask(`DELETE /kv/${key}?expectedRevision=${last.body.revision}&previous=true&${long}`);
    expect(told.body).toMatchObject({ deleted: true, previous: { value: "4", revision: last.body.revision } });
    const odd = await ask(`DELETE /kv/${key}?previous=yes`);
    expect([odd.status, odd.body.detail]).toEqual([400, "querystring/previous must be one of true, false"]);
  });

  test("name the level that there is, wherever it is asked for one that there is not", async () => {
    const one = "must be one of eventual, session, strong";
    const query = await ask("GET /kv/a?consistency=foo");
    expect([query.status, query.body.detail]).toEqual([400, `querystring/consistency ${one}`]);
    const body = await ask("POST /read", { key: "a", consistency: "foo" });
    expect([body.status, body.body.detail]).toEqual([400, `body/consistency ${one}`]);
  });

  test("answer 405 with what they take, at gateways and learners, for keys as for other paths", async () => {
    for (const name of ["gateway1", "learner1"]) {
      for (const [request, allowed] of [
        ["PATCH /kv/x", ["DELETE", "GET", "HEAD", "PUT"]],
        ["DELETE /write", ["POST"]],
        ["POST /status", ["GET", "HEAD"]],
      ] as const) {
        const { status, headers } = await ask(request, undefined, name);
        expect([status, headers.get("allow")?.split(", ").sort()], `${request} at ${name}`).toEqual([405, allowed]);
      }
    }
  });

  test.each(["watch", ".", ".."])("read the key %j by body, which no path can", async (key) => {
    await ask("POST /write", { key, value: "v", timeout_ms: 30_000 });
    const read = { key, consistency: "strong", timeout_ms: 30_000 };
    expect((await ask("POST /read", read)).body).toMatchObject({ key, found: true, value: "v" });
  });

  test("compare before they set, by value, by revision and by absence", async () => {
    const put = (body: object) => ask("PUT /kv/cas", { timeout_ms: 30_000, previous: true, ...body });
    const made = await put({ value: "1", expected: null });
    expect(made.body).toMatchObject({ previous: null });
    const again = await put({ value: "1", expected: null });
    expect([again.status, again.body.code]).toEqual([412, "compare-failed"]);
    expect(again.body.current).toEqual({ value: "1", revision: made.body.revision });
    const set = await put({ value: "2", expected: "1" });
    expect(set.body.previous).toEqual({ value: "1", revision: made.body.revision });
    expect((await put({ value: "3", expectedRevision: made.body.revision })).status).toBe(412);
    expect((await put({ value: "3", expectedRevision: set.body.revision })).status).toBe(200);
    expect((await put({ value: "4", expected: "3", expectedRevision: 1 })).status).toBe(400);
    expect((await ask(`DELETE /kv/cas?expectedRevision=1&${long}`)).status).toBe(412);
  });

  test("read a range, with bounds", async () => {
    for (const key of ["r1", "r2", "r3", "r4"]) await stage.write(key, key);
    const { body } = await ask(`GET /kv?from=r2&to=r4&limit=5&consistency=strong&${long}`);
    expect(body.entries.map(({ key }: { key: string }) => key)).toEqual(["r2", "r3"]);
    expect((await ask("GET /kv?limit=0")).status).toBe(400);
    expect((await ask("GET /kv?limits=3")).status).toBe(400);
  });

  test("carry out a client's own numbered writes once, however often they are sent", async () => {
    const client = `client-${performance.now()}`;
    const opened = await ask("POST /kv/sessions", { client, timeout_ms: 30_000 });
    expect(opened.body).toMatchObject({ client, firstSequence: 2, openedAt: opened.body.slot });
    const { openedAt } = opened.body;
    const session = { client, openedAt, sequence: 2, firstUnacknowledged: 2 };
    const body = { value: "once", session, timeout_ms: 30_000 };
    const first = await ask("PUT /kv/numbered", body);
    await stage.write("numbered", "another");
    const second = await ask("PUT /kv/numbered", body);
    expect(second.body.revision).toBe(first.body.revision);
    expect(await stage.value("numbered")).toBe("another");
    const unknown = { client: "nobody", openedAt: 1, sequence: 2, firstUnacknowledged: 2 };
    const expired = await ask("PUT /kv/numbered", { ...body, session: unknown });
    expect([expired.status, expired.body.code, expired.body.definite]).toEqual([409, "session-expired", false]);
  });

  test("carry out a batch in order, up to the first that fails, and say what came of each", async () => {
    const operations = [
      { type: "put", key: "batch/1", value: "a", previous: true },
      { type: "get", key: "batch/1" },
      { type: "cas", key: "batch/1", expected: "b", value: "c" },
      { type: "cas", key: "batch/1", expected: "a", value: "c", previous: true },
      { type: "delete", key: "batch/1", previous: true },
      { type: "get", key: "batch/1" },
    ];
    const { status, body } = await ask("POST /kv/batch", { operations, consistency: "session", timeout_ms: 30_000 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      untried: 0,
      results: [
        { type: "put", key: "batch/1", previous: null },
        { type: "get", value: "a" },
        { type: "cas", error: { code: "compare-failed", current: { value: "a" } } },
        { type: "cas", previous: { value: "a" } },
        { type: "delete", deleted: true, previous: { value: "c" } },
        { type: "get", error: { code: "key-not-found" } },
      ],
    });
    const slots = body.results.flatMap(({ slot }: { slot?: number }) => slot ?? []);
    expect([...slots].sort((one, other) => one - other)).toEqual(slots);
  });

  test("carry out a batch at once where the order is not asked for, but in order on each key", async () => {
    const operations = ["x", "y"].flatMap((key) => [
      { type: "put", key: `at-once/${key}`, value: "1", previous: true },
      { type: "put", key: `at-once/${key}`, value: "2", previous: true },
    ]);
    const { body } = await ask("POST /kv/batch", { operations, ordered: false, timeout_ms: 30_000 });
    expect(body.results.map(({ previous }: { previous: { value: string } | null }) => previous?.value ?? null)).toEqual(
      [null, "1", null, "1"],
    );
    for (const odd of [{ value: "b" }, { previous: true }]) {
      const { status } = await ask("POST /kv/batch", { operations: [{ type: "get", key: "a", ...odd }] });
      expect(status).toBe(400);
    }
  });

  test("carry out nothing of a batch that would need numbers beyond the last one: what shares a slot with such is lost", async () => {
    const operations = ["x", "y"].map((key) => ({ type: "put", key: `beyond/${key}`, value: "1" }));
    const sequence = Number.MAX_SAFE_INTEGER;
    const session = { client: "beyond", openedAt: 1, sequence, firstUnacknowledged: sequence };
    const { status, body } = await ask("POST /kv/batch", { operations, session, ordered: false });
    expect([status, body.code]).toEqual([400, "bad-request"]);
    expect(body.detail).toBe("a session has no numbers above 9007199254740991, which these 2 writes would need");
    const reads = operations.map(({ key }) => ({ type: "get", key }));
    const fits = { operations: [...reads, operations[0]], session, timeout_ms: 30_000 };
    expect((await ask("POST /kv/batch", fits)).status).toBe(200);
  });
});

describe("a learner", () => {
  test("takes no writes, and says where to write", async () => {
    for (const [request, body] of [
      ["POST /write", { key: "a", value: "b" }],
      ["PUT /kv/a", { value: "b" }],
      // Whatever is wrong with it besides: it is no place to write at.
      ["PUT /kv/", { value: "b" }],
      ["DELETE /kv/a", undefined],
      ["POST /kv/batch", { operations: [{ type: "put", key: "a", value: "b" }] }],
    ] as const) {
      const { status, body: problem } = await ask(request, body, "learner1");
      expect([status, problem.code]).toEqual([405, "method-not-allowed"]);
      expect(problem.detail).toContain(stage.url("gateway1", ""));
    }
  });

  test("refuses a read at the level of a session that it cannot reach in time, and names the lesser level", async () => {
    const request = { key: "a", consistency: "session", token: 1_000_000, timeout_ms: 3000 };
    const { status, body } = await ask("POST /read", request, "learner1");
    expect([status, body.code, body.definite]).toEqual([503, "not-caught-up", true]);
    expect(body.detail).toMatch(/consistency eventual\) may be served/);
  });
});

describe("every role", () => {
  test.each(["acceptor1", "proposer1", "learner1", "gateway1"])("%s has the service routes", async (name) => {
    const { node } = stage.server(name);
    expect((await ask("GET /health", undefined, name)).body).toMatchObject({
      status: "ok",
      role: name.slice(0, -1),
      name,
      node,
      cluster: stage.clusterId,
    });
    expect((await ask("GET /livez", undefined, name)).status).toBe(200);
    expect((await ask("GET /readyz", undefined, name)).body.status).toBe("ready");
    expect((await ask("GET /openapi.json", undefined, name)).body.info.title).toMatch(/^Synod /);
    expect((await ask("GET /faults", undefined, name)).body.faults).toEqual([]);
    const metrics = await fetch(stage.url(name, "/metrics"));
    expect(await metrics.text()).toMatch(/^synod_requests_total\{/m);
    const status = await ask("GET /status", undefined, name);
    expect(status.body.cluster ?? status.body.cluster_id).toBeDefined();
    if (name !== "acceptor1") expect(status.headers.get("synod-node")).toBe(`${name} ${stage.clusterId}`);
  });

  test("refuses messages of another cluster, and messages that are none", async () => {
    const beat = { type: "heartbeat", leader: "proposer9", id: 1, settledThrough: 0 };
    const headers = { "synod-from": "node9", "synod-cluster": "another" };
    const wrong = await stage.ask("proposer1", "POST /heartbeat", beat, headers);
    expect([wrong.status, wrong.body.code]).toEqual([409, "wrong-cluster"]);
    expect((await ask("POST /heartbeat", { ...beat, id: "1" }, "proposer1")).status).toBe(400);
    expect((await ask("POST /learn", beat, "learner1")).status).toBe(400);
  });
});
