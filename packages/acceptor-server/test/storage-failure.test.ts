import { describe, expect, test } from "vitest";
import { NotServed } from "../src/node/refusals.ts";
import { controlledStore } from "./controlled-journal.ts";
import { appOver, get, memoryApp, post } from "./memory-app.ts";
import { expectProblem } from "./problem.ts";

const EVERY_QUESTION = [
  { method: "POST", url: "/prepare", payload: { id: 9 } },
  { method: "POST", url: "/prepare", payload: { id: 0 } },
  { method: "POST", url: "/accept", payload: { id: 9, value: "v" } },
  { method: "POST", url: "/log/prepare", payload: { id: 9, from: 1 } },
  { method: "POST", url: "/log/accept", payload: { id: 9, entries: [] } },
  { method: "GET", url: "/state" },
  { method: "GET", url: "/history" },
  { method: "GET", url: "/log" },
] as const;

async function controlledApp() {
  const { opened, journal, disk } = await controlledStore();
  const { app, host } = await appOver(opened.store, opened.state);
  return { app, host, journal, disk };
}

describe("when a flush fails", () => {
  test("everyone who waits hears it, those who came during the flush too, and nothing of it was told", async () => {
    const { app, journal, disk } = await controlledApp();
    const writing = app.inject({ method: "POST", url: "/prepare", payload: { id: 5 } });
    const flush = await journal.held();
    const waiting = [writing, ...EVERY_QUESTION.map((question) => app.inject(question))];
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    flush.fail(new Error("EIO: the disk is gone"));
    for (const answer of await Promise.all(waiting)) {
      expectProblem(answer, "storage-failed");
      expect(answer.json()).toMatchObject({
        definite: false,
        detail: expect.stringContaining("EIO: the disk is gone"),
      });
    }
    disk.crash();
    const { app: restarted } = await memoryApp(disk);
    expect((await get(restarted, "/state")).reply).toMatchObject({ promisedId: -1 });
  });

  test("nothing is answered afterwards, not even what would cost no flush", async () => {
    const { app, journal } = await controlledApp();
    const writing = post(app, "/prepare", { id: 5 });
    (await journal.held()).fail(new Error("EIO"));
    expect((await writing).status).toBe(503);
    for (const question of EVERY_QUESTION) expectProblem(await app.inject(question), "storage-failed");
    expect(journal.calls).toEqual(["append"]);
    // The pool's state comes without this server's own, as it would come without any other silent one.
    expect((await get(app, "/pool/state")).reply).toEqual({});
  });

  test("/readyz says why with 503, while /livez and /metrics go on: a restart alone mends no disk", async () => {
    const { app, journal } = await controlledApp();
    const writing = post(app, "/prepare", { id: 5 });
    (await journal.held()).fail(new Error("EIO: the disk is gone"));
    await writing;
    const ready = await app.inject("/readyz");
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({
      status: "not ready",
      reasons: [expect.stringMatching(/^storage-failed: .*EIO: the disk is gone/)],
    });
    expect((await app.inject("/livez")).statusCode).toBe(200);
    expect((await app.inject("/metrics")).payload).toContain('synod_problems_total{code="storage-failed"} 1');
  });

  test("a checkpoint that fails is no better than an append", async () => {
    const { app, journal } = await controlledApp();
    journal.holding = false;
    const entries = [{ instance: 1, value: "x".repeat(4_190_000) }];
    for (let id = 0; id < 5; id++) await post(app, "/log/accept", { id, entries });
    journal.holding = true;
    const writing = post(app, "/prepare", { id: 9 });
    const flush = await journal.held();
    expect(journal.calls.at(-1)).toBe("checkpoint");
    flush.fail(new Error("ENOSPC"));
    expect((await writing).reply).toMatchObject({ code: "storage-failed" });
    expect((await get(app, "/state")).status).toBe(503);
  });
});

describe("when too much is asked at once", () => {
  test("the one above ten thousand is refused at once and told when to come again; the others are answered", async () => {
    const { app, host, journal } = await controlledApp();
    const waiting: Promise<unknown>[] = [host.ask({ type: "prepare", id: 1, instance: 1 })];
    for (let count = 1; count < 10_000; count++) waiting.push(host.ask({ type: "read-state", instance: 1 }));
    expect(host.underWay).toBe(10_000);
    for (const question of EVERY_QUESTION) {
      const refused = await app.inject(question);
      expectProblem(refused, "overloaded");
      expect(refused.headers["retry-after"]).toBe("1");
      expect(refused.json().definite).toBe(true);
    }
    expect((await app.inject("/livez")).statusCode).toBe(200);
    expect((await app.inject("/metrics")).payload).toContain("synod_requests_under_way 10000");
    await (await journal.held()).finish();
    await Promise.all(waiting);
    expect((await get(app, "/state")).reply).toMatchObject({ promisedId: 1 });
  });
});

describe("when the host stops", () => {
  test("what is under way is answered first; what comes later is refused, and certainly had no effect", async () => {
    const { app, host, journal, disk } = await controlledApp();
    const writing = post(app, "/accept", { id: 5, value: "v" });
    const flush = await journal.held();
    const closing = host.close();
    const late = await app.inject({ method: "POST", url: "/prepare", payload: { id: 9 } });
    expectProblem(late, "stopping");
    expect(late.json().definite).toBe(true);
    await flush.finish();
    expect((await writing).status).toBe(200);
    await closing;
    for (const question of EVERY_QUESTION) expectProblem(await app.inject(question), "stopping");
    const { app: restarted } = await memoryApp(disk);
    expect((await get(restarted, "/state")).reply).toEqual({ promisedId: 5, acceptedId: 5, acceptedValue: "v" });
  });
});

describe("when the acceptor finds a fault in its own state", () => {
  test("nobody is answered any more, and nothing of that state is written", async () => {
    const { opened, journal } = await controlledStore();
    // A promise that is lower than what it accepted: no acceptor can come to this, so it must not go on from it.
    const entry = { instance: 1, acceptedId: 9, acceptedValue: "v", history: [], missingThroughId: -1 };
    const { app, host } = await appOver(opened.store, { promisedId: 2, truncatedThrough: 0, entries: [entry] });
    const answer = await app.inject({ method: "POST", url: "/accept", payload: { id: 3, value: "w" } });
    expectProblem(answer, "internal");
    expect(host.failure).toBeInstanceOf(NotServed);
    expectProblem(await app.inject("/state"), "internal");
    expect((await app.inject("/readyz")).statusCode).toBe(503);
    expect(journal.calls).toEqual([]);
  });
});
