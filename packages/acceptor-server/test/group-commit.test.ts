import { MemoryDisk } from "@synod/storage";
import { describe, expect, test } from "vitest";
import { AcceptorHost } from "../src/acceptor-host.ts";
import { AcceptorStore } from "../src/acceptor-store.ts";
import type { App } from "../src/node/node-app.ts";
import { ControlledJournal, controlledStore } from "./controlled-journal.ts";
import { appOver, get, IDENTITY, memoryApp, post } from "./memory-app.ts";

/** An app whose flushes the test finishes. */
async function controlledApp() {
  const { opened, journal, disk } = await controlledStore();
  const { app, host } = await appOver(opened.store, opened.state);
  return { app, host, journal, disk };
}

/** Watches whether an answer has come. */
function watch<T>(answer: Promise<T>): { readonly answer: Promise<T>; came: boolean } {
  const watched = { answer, came: false };
  const came = () => {
    watched.came = true;
  };
  answer.then(came, came);
  return watched;
}

/** Gives everything that could go on without the disk the time to do so: requests take a bounded number of turns. */
async function everythingElseSettles(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const WRITING: [string, (app: App) => Promise<unknown>][] = [
  ["a promise", (app) => post(app, "/prepare", { id: 5 })],
  ["an acceptance", (app) => post(app, "/accept", { id: 5, value: "v" })],
  ["a promise for the log", (app) => post(app, "/log/prepare", { id: 5, from: 1 })],
  ["a batch", (app) => post(app, "/log/accept", { id: 5, entries: [{ instance: 1, value: "v" }] })],
  ["a batch without entries", (app) => post(app, "/log/accept", { id: 5, entries: [] })],
];

describe("nothing is answered before it is on disk", () => {
  test.each(WRITING)("%s waits for its flush, and is there after a crash once it was answered", async (_what, ask) => {
    const { app, journal, disk } = await controlledApp();
    const asked = watch(ask(app));
    const flush = await journal.held();
    await everythingElseSettles();
    expect(asked.came).toBe(false);
    await flush.finish();
    expect(await asked.answer).toMatchObject({ status: 200, reply: { ignored: false } });
    const told = await get(app, "/state");
    disk.crash();
    const { app: restarted } = await memoryApp(disk);
    expect(await get(restarted, "/state")).toEqual(told);
    expect(told.reply).toMatchObject({ promisedId: 5 });
  });

  test.each<[string, (app: App) => Promise<unknown>]>([
    ["a state", (app) => get(app, "/state")],
    ["a history", (app) => get(app, "/history")],
    ["a page of the log", (app) => get(app, "/log")],
    ["the pool's state", (app) => get(app, "/pool/state")],
    ["an ignored prepare", (app) => post(app, "/prepare", { id: 4 })],
    ["an ignored accept", (app) => post(app, "/accept", { id: 4, value: "v" })],
    ["a conflict", (app) => post(app, "/accept", { id: 5, value: "other" })],
  ])("%s waits as well, since it tells of a write that a crash could still undo", async (_what, ask) => {
    const { app, journal } = await controlledApp();
    const writing = watch(post(app, "/accept", { id: 5, value: "v" }));
    const flush = await journal.held();
    const asked = watch(ask(app));
    await everythingElseSettles();
    expect([writing.came, asked.came]).toEqual([false, false]);
    await flush.finish();
    expect(JSON.stringify(await asked.answer)).toContain("5");
    expect(journal.calls).toEqual(["append"]);
  });

  test("how far the acceptor is waits as well", async () => {
    const { app, host, journal } = await controlledApp();
    const writing = watch(post(app, "/prepare", { id: 5 }));
    const flush = await journal.held();
    const asked = watch(host.summary());
    await everythingElseSettles();
    expect([writing.came, asked.came]).toEqual([false, false]);
    await flush.finish();
    expect(await asked.answer).toMatchObject({ promisedId: 5 });
  });

  test("where nothing is being written, a read costs no flush", async () => {
    const { app, journal } = await controlledApp();
    await Promise.all([get(app, "/state"), get(app, "/history"), get(app, "/log"), get(app, "/livez")]);
    expect(journal.calls).toEqual([]);
  });
});

describe("group commit", () => {
  test("requests that arrive during a flush share the next one", async () => {
    const { app, journal } = await controlledApp();
    const first = watch(post(app, "/prepare", { id: 1 }));
    const flush = await journal.held();
    const rest = Array.from({ length: 64 }, (_, number) => watch(post(app, "/prepare", { id: number + 2 })));
    await everythingElseSettles();
    await flush.finish();
    await first.answer;
    const next = await journal.held();
    await everythingElseSettles();
    expect(rest.some((each) => each.came)).toBe(false);
    await next.finish();
    const answers = await Promise.all(rest.map((each) => each.answer));
    expect(answers.map(({ reply }) => (reply as { ignored: boolean }).ignored)).toEqual(rest.map(() => false));
    expect(journal.calls).toEqual(["append", "append"]);
  });

  test("64 prepares that arrive together take at most a few flushes", async () => {
    const { app, journal } = await controlledApp();
    journal.holding = false;
    await Promise.all(Array.from({ length: 64 }, (_, number) => post(app, "/prepare", { id: number })));
    expect((await get(app, "/state")).reply).toMatchObject({ promisedId: 63 });
    expect(journal.calls.length).toBeLessThanOrEqual(4);
  });

  test("a group of any size is written, in as many records as it takes", async () => {
    const { app, journal, disk } = await controlledApp();
    const first = post(app, "/prepare", { id: 0 });
    const flush = await journal.held();
    // Escaped, a control character takes six bytes: 20 of these batches are more than a record of the journal holds.
    const value = "\u0001".repeat(690_000);
    const batches = Array.from({ length: 20 }, (_, number) =>
      post(app, "/log/accept", { id: 1, entries: [{ instance: number + 1, value }] }),
    );
    journal.holding = false;
    await everythingElseSettles();
    await flush.finish();
    await first;
    expect((await Promise.all(batches)).map(({ status }) => status)).toEqual(batches.map(() => 200));
    expect(journal.calls.length).toBeGreaterThan(2);
    disk.crash();
    const { app: restarted } = await memoryApp(disk);
    expect((await get(restarted, "/state?instance=20")).reply).toEqual({
      promisedId: 1,
      acceptedId: 1,
      acceptedValue: value,
    });
  });
});

describe("a checkpoint", () => {
  test("takes the place of an append once the journal has grown, and all is there after a crash", async () => {
    const { app, journal, disk } = await controlledApp();
    journal.holding = false;
    const value = "x".repeat(100 * 1024);
    for (let id = 0; id < 170; id++)
      expect((await post(app, "/accept", { id, value: `${id} ${value}` })).status).toBe(200);
    expect(journal.calls.length).toBe(170);
    expect(journal.calls.filter((call) => call === "checkpoint").length).toBe(1);
    expect(journal.calls.indexOf("checkpoint")).toBe(164);
    const told = [await get(app, "/state"), await get(app, "/history"), await get(app, "/log")];
    disk.crash();
    const { app: restarted } = await memoryApp(disk);
    expect([await get(restarted, "/state"), await get(restarted, "/history"), await get(restarted, "/log")]).toEqual(
      told,
    );
  });

  test("waits for a truncation, when the state is smallest, and for its turn, unless that takes too long", async () => {
    const { app, journal } = await controlledApp();
    journal.holding = false;
    const value = "x".repeat(1_000_000);
    let instance = 0;
    const accept = async (count: number) => {
      for (const last = instance + count; instance < last; ) {
        await post(app, "/log/accept", { id: 1, entries: [{ instance: ++instance, value }] });
      }
    };
    const truncate = () => post(app, "/log/truncate", { through: instance });
    await accept(1);
    await truncate();
    await accept(20);
    expect(journal.calls).not.toContain("checkpoint");
    await truncate();
    await accept(2);
    expect(journal.calls).not.toContain("checkpoint");
    await accept(1);
    expect(journal.calls.at(-1)).toBe("checkpoint");
    await accept(36);
    expect(journal.calls.filter((call) => call === "checkpoint").length).toBe(2);
  });

  test("is waited for like an append", async () => {
    const { app, journal } = await controlledApp();
    journal.holding = false;
    const value = "x".repeat(4_000_000);
    for (let id = 0; id < 5; id++) await post(app, "/log/accept", { id, entries: [{ instance: 1, value }] });
    journal.holding = true;
    const asked = watch(post(app, "/prepare", { id: 9 }));
    const flush = await journal.held();
    await everythingElseSettles();
    expect(journal.calls.at(-1)).toBe("checkpoint");
    expect(asked.came).toBe(false);
    await flush.finish();
    expect((await asked.answer).status).toBe(200);
  });
});

test("the host tells its observer of every flush: how many writes, and how long it took", async () => {
  const { store, state } = await AcceptorStore.inMemory(IDENTITY, new MemoryDisk());
  const flushes: [number, number][] = [];
  const observer = { flushed: (count: number, seconds: number) => flushes.push([count, seconds]), failed: () => {} };
  const host = new AcceptorHost(store, state, observer);
  await Promise.all([1, 2, 3].map((id) => host.ask({ type: "prepare", id, instance: 1 })));
  await host.ask({ type: "prepare", id: 4, instance: 1 });
  expect(flushes.map(([count]) => count)).toEqual([3, 1]);
  for (const [, seconds] of flushes) expect(seconds).toBeGreaterThanOrEqual(0);
  await host.close();
});

test("a journal under control is a journal: nothing it was not told to finish reaches the disk", async () => {
  const { opened, journal, disk } = await controlledStore();
  const writing = opened.store.persist([{ kind: "promised", id: 1 }], opened.state);
  const { finish } = await journal.held();
  expect(journal).toBeInstanceOf(ControlledJournal);
  expect(journal.bytesSinceCheckpoint).toBe(0);
  await finish();
  await writing;
  disk.crash();
  expect((await AcceptorStore.inMemory(IDENTITY, disk)).state.promisedId).toBe(1);
});

test("what comes while a slow disk writes a checkpoint is no part of it, so that it is not written twice", async () => {
  const disk = new MemoryDisk();
  const { store, state } = await AcceptorStore.inMemory(IDENTITY, disk);
  let nextId = 2;
  const promises: Promise<unknown>[] = [];
  const host: AcceptorHost = new AcceptorHost(store, state, null, {
    slowDiskMs() {
      if (nextId < 10) promises.push(host.ask({ type: "prepare", id: nextId++, instance: 1 }));
      return 1;
    },
  });
  // More than a journal grows by before the next flush replaces it with a checkpoint.
  const value = "x".repeat(17 * 1024 * 1024);
  await host.ask({ type: "accept-log", id: 1, entries: [{ instance: 1, value }] });
  // Each of them makes the next one, until there are enough.
  for (const promise of promises) await promise;
  await host.close();
  const { app } = await memoryApp(disk);
  expect((await get(app, "/state")).reply).toEqual({ promisedId: 9, acceptedId: 1, acceptedValue: value });
});
