import { NODE_HEADER } from "@synod/api";
import { describe, expect, test } from "vitest";
import { EventFeed } from "../src/node/event-feed.ts";
import { NotServed, RequestRefused } from "../src/node/refusals.ts";
import { memoryApp } from "./memory-app.ts";
import { CLUSTER, FROM_B, nodeStage } from "./node-stage.ts";

const withoutFaults = { cluster: { events: new EventFeed("learner1"), faults: null } };

describe("the server of any role", () => {
  test("says whose it is at /health and with every answer", async () => {
    const { app } = await nodeStage();
    const health = await app.inject("/health");
    expect(health.json()).toEqual({ status: "ok", role: "learner", name: "learner1", node: "a", cluster: CLUSTER });
    for (const url of ["/health", "/hello", "/nope", "/%zz"]) {
      expect((await app.inject(url)).headers[NODE_HEADER], url).toBe(`learner1 ${CLUSTER}`);
    }
  });

  test("names its own title and routes at /openapi.json, beside those that every server has", async () => {
    const { app } = await nodeStage();
    const { info, paths } = (await app.inject("/openapi.json")).json();
    expect(info.title).toBe("A learner for tests");
    expect(Object.keys(paths).sort()).toEqual([
      "/events",
      "/faults",
      "/health",
      "/hello",
      "/livez",
      "/metrics",
      "/openapi.json",
      "/readyz",
    ]);
  });

  test("is ready unless its role has reasons why not", async () => {
    const reasons: string[] = [];
    const { app } = await nodeStage({ notReady: () => reasons });
    expect((await app.inject("/readyz")).statusCode).toBe(200);
    reasons.push("not-caught-up: 7 slots behind");
    const answer = await app.inject("/readyz");
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: "not ready", reasons }]);
  });

  test("a refusal may say more than a problem must, and when to come again", async () => {
    const { app } = await nodeStage();
    app.get("/refused", async () => {
      const details = { members: { current: "tea", slot: 7, code: "mine" }, retryAfterSeconds: 3 };
      throw new RequestRefused("compare-failed", "it holds tea", details);
    });
    const answer = await app.inject("/refused");
    expect(answer.statusCode).toBe(412);
    expect(answer.headers["retry-after"]).toBe("3");
    // What every problem says stays as it is, whatever a role adds.
    expect(answer.json()).toMatchObject({ code: "compare-failed", current: "tea", slot: 7, detail: "it holds tea" });
  });

  test("a server that takes no more says when to come again, if nobody said so", async () => {
    const { app } = await nodeStage();
    app.get("/busy", async () => {
      throw new NotServed("overloaded", "too much");
    });
    expect((await app.inject("/busy")).headers["retry-after"]).toBe("1");
  });

  test("a body that is too large is told what this very route takes", async () => {
    const { app } = await nodeStage();
    app.post("/small", { bodyLimit: 2048 }, async () => null);
    const answer = await app.inject({ method: "POST", url: "/small", payload: { text: "x".repeat(3000) } });
    expect(answer.json()).toMatchObject({ code: "body-too-large", detail: "a body for /small is at most 2 KiB" });
  });

  test("with a secret, /health asks for the cluster's", async () => {
    const { app } = await nodeStage({ secret: "s" });
    expect((await app.inject("/livez")).statusCode).toBe(200);
    const { code, detail } = (await app.inject("/health")).json();
    expect([code, detail]).toEqual(["unauthorized", expect.stringContaining("cluster's shared secret")]);
  });
});

describe("an acceptor of a pool", () => {
  test("has /health, too, and nothing that belongs to a cluster", async () => {
    const { app } = await memoryApp();
    const health = { status: "ok", role: "acceptor", name: "acceptor2", node: null, cluster: "test-pool" };
    expect((await app.inject("/health")).json()).toEqual(health);
    for (const url of ["/status", "/events", "/faults"]) expect((await app.inject(url)).statusCode, url).toBe(404);
    expect((await app.inject({ url: "/state", headers: FROM_B })).statusCode).toBe(200);
  });
});

describe("a request from node to node", () => {
  test.each([
    ["of another cluster", { "synod-from": "b", "synod-cluster": "another" }],
    ["that names no cluster", { "synod-from": "b" }],
    ["that names a cluster and no node", { "synod-cluster": "another" }],
  ])("%s is refused: the address may have been another cluster's before", async (_what, headers) => {
    const { app } = await nodeStage();
    const answer = await app.inject({ url: "/hello", headers });
    expect(answer.json()).toMatchObject({ code: "wrong-cluster", definite: true, status: 409 });
    expect(answer.json().detail).toContain(CLUSTER);
  });

  test("of this cluster is answered, and so is a person's, who says nothing of it", async () => {
    const { app } = await nodeStage();
    for (const headers of [FROM_B, {}]) {
      expect((await app.inject({ url: "/hello", headers })).json()).toEqual({ hello: "world" });
    }
  });
});

describe("/faults", () => {
  test("are begun, listed and healed, each by its own id", async () => {
    const { app, faults } = await nodeStage();
    const begun = await app.inject({ method: "POST", url: "/faults", payload: { faults: "cut a>b\npause c for 1m" } });
    expect(begun.json()).toMatchObject({ ids: [1, 2], seed: faults.seed });
    const listed = (await app.inject("/faults")).json();
    expect(listed).toEqual({
      seed: faults.seed,
      faults: [
        { id: 1, text: "cut a>b", endsInMs: null, actsHere: true },
        { id: 2, text: "pause c for 1m", endsInMs: expect.any(Number), actsHere: false },
      ],
    });
    const remove = async (url: string) => (await app.inject({ method: "DELETE", url })).json();
    expect(await remove("/faults?id=1")).toEqual({ healed: [1] });
    expect(await remove("/faults?id=1")).toEqual({ healed: [] });
    expect(await remove("/faults")).toEqual({ healed: [2] });
    expect((await app.inject("/faults")).json()).toMatchObject({ faults: [] });
  });

  test("a text with anything wrong in it begins nothing, and every fault of it is named", async () => {
    const { app, faults } = await nodeStage();
    const text = "cut a>b\ncut a>nobody\ndely a>b by 5ms";
    const answer = await app.inject({ method: "POST", url: "/faults", payload: { faults: text } });
    expect(answer.json()).toMatchObject({
      code: "bad-request",
      detail: expect.stringMatching(/^line 2: "nobody": .*\nline 3: "dely": .*did you mean delay/),
      problems: [{ line: 2 }, { line: 3 }],
    });
    expect(faults.list()).toEqual([]);
  });

  test.each([
    ["GET", undefined],
    ["POST", { faults: "cut a>b" }],
    ["DELETE", undefined],
  ] as const)("%s is refused where the cluster may not be broken", async (method, payload) => {
    const { app } = await nodeStage(withoutFaults);
    const answer = await app.inject({ method, url: "/faults", ...(payload ? { payload } : {}) });
    expect(answer.json()).toMatchObject({ code: "chaos-off", definite: true });
  });
});
