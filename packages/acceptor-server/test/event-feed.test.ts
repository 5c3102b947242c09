import { serverSentEvents } from "@synod/client/server-sent-events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { EventFeed } from "../src/node/event-feed.ts";
import type { App } from "../src/node/node-app.ts";
import { listening, memoryApp, post } from "./memory-app.ts";
import { nodeStage, until } from "./node-stage.ts";

/** Watches the feed of an app that listens. @returns what gives the next event's data */
async function watching(app: App, feed: EventFeed) {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const events = serverSentEvents(await listening(app), "/events", { signal: end.signal });
  const first = events.next();
  // A watcher that never looks is cancelled with the test.
  first.catch(() => null);
  await until(() => feed.isWatched);
  let begun: typeof first | null = first;
  return {
    async next() {
      const { value } = await (begun ?? events.next());
      begun = null;
      return value ? { event: value.event, ...JSON.parse(value.data) } : null;
    },
    end: () => end.abort(),
  };
}

describe("GET /events", () => {
  test("tells what the role sends, from whom, to whom and when", async () => {
    const { app, events } = await nodeStage();
    const watcher = await watching(app, events);
    events.record({ to: "proposer1", type: "learned", slots: [3, 9], count: 7, reply: true });
    const { at, ...event } = (await watcher.next()) ?? {};
    expect(event).toEqual({
      event: "message",
      from: "learner1",
      to: "proposer1",
      type: "learned",
      slots: [3, 9],
      count: 7,
      reply: true,
    });
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  });

  test("passes on what other feeds tell, word for word", async () => {
    const { app, events } = await nodeStage();
    const watcher = await watching(app, events);
    events.relay('{"from":"acceptor2","to":"proposer1"}');
    expect(await watcher.next()).toEqual({ event: "message", from: "acceptor2", to: "proposer1" });
  });

  test("while nobody watches nothing is made of a message", () => {
    const feed = new EventFeed("learner1");
    const stringify = vi.spyOn(JSON, "stringify");
    onTestFinished(() => stringify.mockRestore());
    feed.record({ to: "proposer1", type: "learned", reply: true });
    expect(stringify).not.toHaveBeenCalled();
  });

  test("the feed hears how many watch, so that it need not gather for nobody", async () => {
    const counts: number[] = [];
    const feed = new EventFeed("gateway1", (count) => counts.push(count));
    const { app } = await nodeStage({ cluster: { events: feed, faults: null } });
    const watcher = await watching(app, feed);
    watcher.end();
    await until(() => counts.length === 2);
    expect(counts).toEqual([1, 0]);
    expect(feed.isWatched).toBe(false);
  });
});

describe("the events of an acceptor", () => {
  async function acceptorStage() {
    const events = new EventFeed("acceptor2");
    const { app } = await memoryApp(undefined, { cluster: { node: "n2", events, faults: null } });
    const watcher = await watching(app, events);
    return { app, watcher };
  }

  async function ask(app: App, url: string, body: unknown, headers: Record<string, string>) {
    await app.inject({ method: "POST", url, payload: body as object, headers });
  }

  const BETWEEN = { "synod-from": "n1", "synod-cluster": "test-pool" };
  const LEADER = { ...BETWEEN, "synod-role": "proposer1" };

  test("are its replies, to the role that asked, with their id and slots", async () => {
    const { app, watcher } = await acceptorStage();
    await ask(app, "/log/prepare", { id: 17, from: 1 }, LEADER);
    const entries = [4, 2, 3].map((instance) => ({ instance, value: "v" }));
    await ask(app, "/log/accept", { id: 17, entries }, LEADER);
    await ask(app, "/log/accept", { id: 1, entries }, BETWEEN);
    await ask(app, "/log/truncate", { through: 2 }, LEADER);
    await ask(app, "/log/accept", { id: 17, entries: [{ instance: 1, value: "v" }] }, LEADER);
    const told = [];
    for (let count = 0; count < 5; count++) told.push(await watcher.next());
    const always = { event: "message", at: expect.any(String), from: "acceptor2", reply: true };
    expect(told).toEqual([
      { ...always, to: "proposer1", type: "promise-log", id: 17, count: 0 },
      { ...always, to: "proposer1", type: "accepted-log", id: 17, slots: [2, 4], count: 3 },
      { ...always, to: "n1", type: "accept-log-ignored", id: 1 },
      { ...always, to: "proposer1", type: "log-truncated", slots: [1, 2] },
      { ...always, to: "proposer1", type: "truncated", slots: [1, 1] },
    ]);
  });

  test("have a person's messages, too, but not the looking of those who only look", async () => {
    const { app, watcher } = await acceptorStage();
    await post(app, "/prepare", { id: 16, instance: 5 });
    for (const url of ["/state", "/history", "/log", "/status"]) await app.inject(url);
    await app.inject({ url: "/log", headers: LEADER });
    expect(await watcher.next()).toMatchObject({ to: "person", type: "promise", id: 16, slots: [5, 5] });
    expect(await watcher.next()).toMatchObject({ to: "proposer1", type: "log" });
  });
});
