import { MemoryDisk } from "@synod/storage";
import { describe, expect, test } from "vitest";
import type { App } from "../src/node/node-app.ts";
import { everythingTold, get, memoryApp, post } from "./memory-app.ts";

interface Page {
  readonly entries: readonly { readonly instance: number; readonly acceptedValue: string }[];
  readonly next: number | null;
}

async function page(app: App, query: string): Promise<Page> {
  return (await get(app, `/log${query}`)).reply as Page;
}

async function acceptMany(app: App, count: number, value = "v"): Promise<void> {
  const entries = Array.from({ length: count }, (_, position) => ({ instance: position + 1, value }));
  expect((await post(app, "/log/accept", { id: 1, entries })).status).toBe(200);
}

describe("POST /log/prepare", () => {
  test("promises for the whole log and brings everything accepted from there on", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 1, value: "one", instance: 1 });
    await post(app, "/accept", { id: 2, value: "four", instance: 4 });
    expect(await post(app, "/log/prepare", { id: 7, from: 2 })).toEqual({
      status: 200,
      reply: {
        ignored: false,
        promisedId: 7,
        entries: [{ instance: 4, acceptedId: 2, acceptedValue: "four" }],
        next: null,
        truncatedThrough: 0,
      },
    });
    expect((await post(app, "/prepare", { id: 6 })).reply).toMatchObject({ ignored: true, promisedId: 7 });
  });

  test("ignores an id that is not higher with 200, and then sends no page", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 7 });
    for (const id of [6, 7]) {
      const reply = { ignored: true, promisedId: 7 };
      expect(await post(app, "/log/prepare", { id, from: 1 })).toEqual({ status: 200, reply });
    }
  });

  test("brings a first page of a hundred and says where the next one begins", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 150);
    const { reply } = await post(app, "/log/prepare", { id: 7, from: 1 });
    expect((reply as Page).entries).toHaveLength(100);
    expect((reply as Page).next).toBe(101);
  });
});

describe("POST /log/accept", () => {
  test("accepts many instances under one id and names them", async () => {
    const { app } = await memoryApp();
    const entries = [9, 2].map((instance) => ({ instance, value: `v${instance}` }));
    const reply = { ignored: false, acceptedId: 4, instances: [9, 2] };
    expect(await post(app, "/log/accept", { id: 4, entries })).toEqual({ status: 200, reply });
    expect((await get(app, "/log")).reply).toEqual({
      promisedId: 4,
      entries: [2, 9].map((instance) => ({ instance, acceptedId: 4, acceptedValue: `v${instance}` })),
      next: null,
      truncatedThrough: 0,
    });
  });

  test("gives back the sequence it was sent, so that answers are told apart", async () => {
    const { app } = await memoryApp();
    const { reply } = await post(app, "/log/accept", { id: 4, entries: [], sequence: 0 });
    expect(reply).toEqual({ ignored: false, acceptedId: 4, instances: [], sequence: 0 });
    const ignored = await post(app, "/log/accept", { id: 3, entries: [], sequence: 9 });
    expect(ignored.reply).toEqual({ ignored: true, promisedId: 4 });
  });

  test("marks what is decided under its id, and pages say so from then on", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 3);
    await post(app, "/log/accept", { id: 2, entries: [{ instance: 2, value: "v" }] });
    await post(app, "/log/accept", { id: 2, entries: [], decided: { from: 1, through: 3 } });
    const entry = (instance: number, acceptedId: number) => ({ instance, acceptedId, acceptedValue: "v" });
    const expected = [entry(1, 1), { ...entry(2, 2), decided: true }, entry(3, 1)];
    expect((await page(app, "")).entries).toEqual(expected);
    expect((await post(app, "/log/prepare", { id: 7, from: 1 })).reply).toMatchObject({ entries: expected });
  });

  test("another value where one is decided is refused whole", async () => {
    const { app } = await memoryApp();
    await post(app, "/log/accept", { id: 2, entries: [{ instance: 1, value: "v" }] });
    await post(app, "/log/accept", { id: 2, entries: [], decided: { from: 1, through: 1 } });
    const { status, reply } = await post(app, "/log/accept", { id: 3, entries: [{ instance: 1, value: "w" }] });
    expect(status).toBe(409);
    expect(reply).toMatchObject({ code: "already-decided", detail: expect.stringContaining('"v"') });
  });

  test.each([
    ["a sequence below 0", { sequence: -1 }],
    ["a sequence that is a fraction", { sequence: 1.5 }],
    ["decided slots that begin at 0", { decided: { from: 0, through: 1 } }],
    ["decided slots without an end", { decided: { from: 1 } }],
    ["decided slots that end before they begin", { decided: { from: 2, through: 1 } }],
    ["a field that nobody knows", { decided: { from: 1, through: 1, by: 3 } }],
  ])("%s is refused and changes nothing", async (_what, wrong) => {
    const { app } = await memoryApp();
    const before = await everythingTold(app);
    const { reply } = await post(app, "/log/accept", { id: 4, entries: [], ...wrong });
    expect(reply).toMatchObject({ code: "bad-request", definite: true });
    expect(await everythingTold(app)).toEqual(before);
  });

  test("is not kept as history, which belongs to people", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 1);
    expect((await get(app, "/history")).reply).toEqual({ instance: 1, history: [], missingThroughId: -1 });
  });

  test("ignores a whole batch below the promise with 200", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 5 });
    const answer = await post(app, "/log/accept", { id: 4, entries: [{ instance: 1, value: "late" }] });
    expect(answer).toEqual({ status: 200, reply: { ignored: true, promisedId: 5 } });
    expect((await get(app, "/log")).reply).toMatchObject({ entries: [] });
  });

  test("without entries it asks who leads, and promises like any accept", async () => {
    const { app } = await memoryApp();
    const reply = { ignored: false, acceptedId: 3, instances: [] };
    expect((await post(app, "/log/accept", { id: 3, entries: [] })).reply).toEqual(reply);
    expect((await post(app, "/prepare", { id: 3 })).reply).toEqual({ ignored: true, promisedId: 3 });
    expect((await post(app, "/log/accept", { id: 2, entries: [] })).reply).toEqual({ ignored: true, promisedId: 3 });
  });

  test("one entry in conflict refuses the whole batch, and nothing of it is accepted or promised", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 5, value: "apple", instance: 2 });
    const before = await everythingTold(app);
    const entries = [
      { instance: 1, value: "new" },
      { instance: 2, value: "pear" },
    ];
    const { status, reply } = await post(app, "/log/accept", { id: 5, entries });
    expect(status).toBe(409);
    expect(reply).toMatchObject({ code: "value-conflict", definite: true });
    expect(await everythingTold(app)).toEqual(before);
  });

  test("an instance named twice refuses the whole batch, also with the same value", async () => {
    const { app } = await memoryApp();
    const before = await everythingTold(app);
    const entries = [1, 3, 1].map((instance) => ({ instance, value: "same" }));
    const { status, reply } = await post(app, "/log/accept", { id: 5, entries });
    expect(status).toBe(400);
    expect(reply).toMatchObject({ code: "duplicate-instance", detail: expect.stringContaining("instance 1 ") });
    expect(await everythingTold(app)).toEqual(before);
  });

  test("takes ten thousand entries and refuses one more", async () => {
    const { app } = await memoryApp();
    const entries = Array.from({ length: 10_001 }, (_, position) => ({ instance: position + 1, value: "" }));
    expect((await post(app, "/log/accept", { id: 1, entries })).reply).toMatchObject({ code: "bad-request" });
    expect((await get(app, "/log")).reply).toMatchObject({ promisedId: -1, entries: [] });
    expect((await post(app, "/log/accept", { id: 1, entries: entries.slice(1) })).status).toBe(200);
  });

  test("takes a body far above the limit of the other routes, up to its own", async () => {
    const { app } = await memoryApp();
    const large = (bytes: number) => ({ id: 1, entries: [{ instance: 1, value: "x".repeat(bytes) }] });
    expect((await post(app, "/log/accept", large(4 * 1024 * 1024))).reply).toMatchObject({ code: "body-too-large" });
    expect((await post(app, "/log/accept", large(4 * 1024 * 1024 - 100))).status).toBe(200);
  });
});

describe("POST /log/truncate", () => {
  test("forgets everything up to there, also after a restart, and never goes back", async () => {
    const disk = new MemoryDisk();
    const { app, host } = await memoryApp(disk);
    await acceptMany(app, 5);
    expect(await post(app, "/log/truncate", { through: 3 })).toEqual({ status: 200, reply: { truncatedThrough: 3 } });
    expect((await post(app, "/log/truncate", { through: 2 })).reply).toEqual({ truncatedThrough: 3 });
    expect((await post(app, "/accept", { id: 9, value: "x", instance: 3 })).status).toBe(410);
    const left = (await get(app, "/log")).reply;
    expect(left).toMatchObject({ entries: [{ instance: 4 }, { instance: 5 }], truncatedThrough: 3 });
    await host.close();
    const { app: again } = await memoryApp(disk);
    expect((await get(again, "/log")).reply).toEqual(left);
  });

  test.each([[{}], [{ through: 0 }], [{ through: "3" }], [{ through: 3, from: 1 }]])("%j is refused", async (body) => {
    const { app } = await memoryApp();
    expect((await post(app, "/log/truncate", body)).reply).toMatchObject({ code: "bad-request" });
  });
});

describe("GET /log", () => {
  test("pages meet without gap or overlap, whatever their size", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 25);
    const seen: number[] = [];
    for (let from: number | null = 1; from !== null; ) {
      const { entries, next }: Page = await page(app, `?from=${from}&limit=7`);
      expect(entries.length).toBeLessThanOrEqual(7);
      for (const { instance } of entries) seen.push(instance);
      from = next;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, position) => position + 1));
  });

  test("a page has a hundred entries unless asked otherwise, and a thousand at most", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 1100);
    expect((await page(app, "")).next).toBe(101);
    expect((await page(app, "?limit=1000000")).next).toBe(1001);
  });

  test("a page ends early where its values grow long, and yet brings one of any length", async () => {
    const { app } = await memoryApp();
    await acceptMany(app, 5, "x".repeat(600 * 1024));
    const { entries, next } = await page(app, "?limit=5");
    expect(entries.map((entry) => entry.instance)).toEqual([1]);
    expect(next).toBe(2);
  });

  test("a gap in the log is no end of it", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 1, value: "far", instance: 1000 });
    expect((await page(app, "?from=3")).entries).toEqual([{ instance: 1000, acceptedId: 1, acceptedValue: "far" }]);
  });
});
