import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Watch, WatchEvent, WatchOptions } from "../../src/index.ts";
import { failureOf, oneStore, storeOf } from "./open-stores.ts";
import { StandInGateway, until } from "./stand-in-gateway.ts";

function started(gateway: StandInGateway, after: number): void {
  gateway.watches.at(-1)?.response.write(`event: started\nid: ${after}\ndata: {"startedAfter":${after}}\n\n`);
}

function change(gateway: StandInGateway, revision: number, value: string | null = `v${revision}`): void {
  const data = JSON.stringify({ revision, key: "k", value, type: value === null ? "delete" : "put" });
  gateway.watches.at(-1)?.response.write(`event: change\nid: ${revision}\ndata: ${data}\n\n`);
}

/** Several keys are put in one revision. */
function changes(gateway: StandInGateway, revision: number, ...keys: string[]): void {
  const data = JSON.stringify({ revision, changes: keys.map((key) => ({ revision, key, value: "v", type: "put" })) });
  gateway.watches.at(-1)?.response.write(`event: changes\nid: ${revision}\ndata: ${data}\n\n`);
}

const isWatched = (gateway: StandInGateway, count = 1) => until("it is watched", () => gateway.watches.length >= count);

/** The next events of a watch. */
async function take(watch: Watch, count: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  while (events.length < count) {
    const { done, value } = await watch.next();
    if (done || !value) break;
    events.push(value);
  }
  return events;
}

const keys = (events: readonly WatchEvent[]) =>
  events.map((event) => (event.type === "compacted" ? "compacted" : `${event.key}@${event.revision}`));

const revisions = (events: readonly WatchEvent[]) =>
  events.map((event) => (event.type === "compacted" ? "compacted" : event.revision));

describe("a watch", () => {
  test("begins when it is made, says from where, and tells each change once, in order", async () => {
    const { gateway, store } = await oneStore();
    const watch = store.watch({ pattern: ["user/*", "n?"] });
    await isWatched(gateway);
    expect(gateway.watches[0]?.path).toBe("/kv/watch?pattern=user%2F*&pattern=n%3F");
    started(gateway, 7);
    expect(await watch.started).toBe(7);
    change(gateway, 8);
    change(gateway, 8);
    change(gateway, 9, null);
    expect(await take(watch, 2)).toEqual([
      { type: "put", key: "k", value: "v8", revision: 8 },
      { type: "delete", key: "k", value: null, revision: 9 },
    ]);
    await watch.return();
  });

  test("goes on where its connection broke, at another server, also if no change had come", async () => {
    const gateways = [await StandInGateway.started(), await StandInGateway.started()] as const;
    const watch = storeOf(gateways).watch({ pattern: "*" });
    await isWatched(gateways[0]);
    started(gateways[0], 7);
    await watch.started;
    gateways[0].watches[0]?.response.destroy();
    await isWatched(gateways[1]);
    expect(gateways[1].watches[0]?.lastEventId).toBe("7");
    started(gateways[1], 7);
    change(gateways[1], 8);
    expect(revisions(await take(watch, 1))).toEqual([8]);
    gateways[1].watches[0]?.response.end('event: progress\nid: 1008\ndata: {"toldThrough":1008}\n\n');
    const next = take(watch, 1);
    await isWatched(gateways[0], 2);
    expect(gateways[0].watches[1]?.lastEventId).toBe("1008");
    started(gateways[0], 1008);
    change(gateways[0], 1008);
    change(gateways[0], 1009);
    expect(revisions(await next)).toEqual([1009]);
    await watch.return();
  });

  test("tells changes that share a revision one after the other, each once", async () => {
    const { gateway, store } = await oneStore();
    const watch = store.watch({ pattern: "*" });
    await isWatched(gateway);
    started(gateway, 7);
    changes(gateway, 8, "a", "b", "c");
    changes(gateway, 8, "a", "b", "c");
    gateway.watches[0]?.response.write("event: changes\nid: 9\ndata: {\n\nevent: changes\nid: 10\ndata: null\n\n");
    gateway.watches[0]?.response.write('event: changes\nid: 11\ndata: {"changes":[null,{"type":"moved"}]}\n\n');
    changes(gateway, 12, "b", "a");
    expect(await take(watch, 5)).toEqual([
      ...["a", "b", "c"].map((key) => ({ type: "put", key, value: "v", revision: 8 })),
      ...["b", "a"].map((key) => ({ type: "put", key, value: "v", revision: 12 })),
    ]);
    await watch.return();
  });

  test("leaves nothing of a revision out if its connection breaks while the consumer is in the middle of one", async () => {
    const { gateway, store } = await oneStore();
    const lost: (string | null)[] = [];
    const watch = store.watch({ pattern: "*", onConnection: (connection) => lost.push(connection.lost) });
    await isWatched(gateway);
    started(gateway, 7);
    changes(gateway, 8, "a", "b", "c");
    expect(keys(await take(watch, 1))).toEqual(["a@8"]);
    // Half of an event is none.
    gateway.watches[0]?.response.write(
      'event: changes\nid: 9\ndata: {"revision":9,"changes":[{"revision":9,"key":"a",',
    );
    gateway.watches[0]?.response.end();
    const rest = take(watch, 4);
    await isWatched(gateway, 2);
    expect(gateway.watches[1]?.lastEventId).toBe("8");
    started(gateway, 8);
    changes(gateway, 9, "a", "b");
    expect(keys(await rest)).toEqual(["b@8", "c@8", "a@9", "b@9"]);
    expect(lost.map((why) => why === null)).toEqual([true, false, true]);
    await watch.return();
  });

  test("ends in the middle of a revision, by its signal, by leaving the loop, and with the store: the rest is not told", async () => {
    const { gateway, store } = await oneStore();
    const ending = new AbortController();
    const ends: ((watch: Watch) => unknown)[] = [() => ending.abort(), (watch) => watch.return(), () => store.close()];
    for (const [place, end] of ends.entries()) {
      const watch = store.watch({ pattern: "*", ...(place === 0 ? { signal: ending.signal } : {}) });
      await isWatched(gateway, place + 1);
      const left = once(gateway.watches.at(-1)?.response as never, "close");
      started(gateway, 7);
      changes(gateway, 8, "a", "b");
      expect(keys(await take(watch, 1))).toEqual(["a@8"]);
      await end(watch);
      expect(await take(watch, 1)).toEqual([]);
      await left;
    }
  });

  test("that was connected, and told nothing, for longer than it may be without a connection goes on when that breaks", async () => {
    const { gateway, store } = await oneStore();
    const watch = store.watch({ pattern: "*", timeoutMs: 500 });
    await isWatched(gateway);
    started(gateway, 7);
    await watch.started;
    await new Promise((resolve) => setTimeout(resolve, 800));
    gateway.watches[0]?.response.destroy();
    await isWatched(gateway, 2);
    started(gateway, 7);
    change(gateway, 8);
    expect(revisions(await take(watch, 1))).toEqual([8]);
    await watch.return();
  });

  test("tells what is no longer kept, as an event, and goes on after it", async () => {
    const { gateway, store } = await oneStore();
    const watch = store.watch({ pattern: "*", from: 1 });
    await isWatched(gateway);
    expect(gateway.watches[0]?.path).toBe("/kv/watch?pattern=*&from=1");
    started(gateway, 0);
    gateway.watches[0]?.response.write('event: compacted\nid: 40\ndata: {"compactedThrough":40}\n\n');
    change(gateway, 41);
    expect(await take(watch, 2)).toMatchObject([{ type: "compacted", compactedThrough: 40 }, { revision: 41 }]);
    await watch.return();
  });

  test("ends without an error by its signal, by leaving the loop, and with the store; its connection goes with it", async () => {
    const { gateway, store } = await oneStore();
    const ending = new AbortController();
    const ends: ((watch: Watch) => unknown)[] = [() => ending.abort(), (watch) => watch.return(), () => store.close()];
    for (const [place, end] of ends.entries()) {
      const watch = store.watch({ pattern: "*", signal: ending.signal });
      if (place > 0) {
        expect(ending.signal.aborted).toBe(true);
        expect(await watch.next()).toEqual({ done: true, value: undefined });
        continue;
      }
      await isWatched(gateway);
      const next = watch.next();
      await end(watch);
      expect(await next).toEqual({ done: true, value: undefined });
    }
    for (const end of ends.slice(1)) {
      const watch = store.watch({ pattern: "*" });
      const count = gateway.watches.length + 1;
      await isWatched(gateway, count);
      const left = once(gateway.watches.at(-1)?.response as never, "close");
      await end(watch);
      await left;
      expect(await watch.next()).toEqual({ done: true, value: undefined });
      expect(await watch.started).toBeNull();
    }
  });

  test("makes a server wait for a slow consumer, and gathers nothing itself", async () => {
    const { gateway, store } = await oneStore();
    const watch = store.watch({ pattern: "*" });
    await isWatched(gateway);
    started(gateway, 0);
    const response = gateway.watches[0]?.response;
    let sent = 0;
    await until("the server has to wait", () => {
      for (let count = 0; count < 50; count++) change(gateway, ++sent, "x".repeat(10_000));
      return (response?.writableLength ?? 0) > 4_000_000;
    });
    const waiting = response?.writableLength ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(response?.writableLength).toBe(waiting);
    expect(revisions(await take(watch, sent))).toEqual(Array.from({ length: sent }, (_, place) => place + 1));
    await watch.return();
  });

  test("fails at once if it is refused for good, and in time if nobody is there", async () => {
    const { gateway, store } = await oneStore();
    gateway.refusesWatches = "bad-request";
    expect(await failureOf(store.watch({ pattern: "[" }).next())).toMatchObject({ code: "bad-request" });
    gateway.refusesWatches = "no-learner";
    const failure = await failureOf(store.watch({ pattern: "*", timeoutMs: 1000 }).next());
    expect(failure).toMatchObject({ name: "StoreError", code: "no-learner" });
    expect((failure as Error).message).toContain("no connection for 1000 ms");
  });

  test("is begun at another server if one takes the connection and says nothing, and fails in time if none says anything", async () => {
    const gateways = [await StandInGateway.started(), await StandInGateway.started()] as const;
    gateways[0].isMute = true;
    const watch = storeOf(gateways, { serverTimeoutMs: 200 }).watch({ pattern: "*", timeoutMs: 5000 });
    await isWatched(gateways[1]);
    started(gateways[1], 7);
    expect(await watch.started).toBe(7);
    await watch.return();
    const alone = storeOf([gateways[0]]).watch({ pattern: "*", timeoutMs: 300 });
    expect(await failureOf(alone.next())).toMatchObject({ name: "StoreError", code: "unreachable" });
  });

  test("that has begun need not say anything as soon as it must begin", async () => {
    const gateway = await StandInGateway.started();
    const watch = storeOf([gateway], { serverTimeoutMs: 500 }).watch({ pattern: "*" });
    await isWatched(gateway);
    await new Promise((resolve) => setTimeout(resolve, 800));
    started(gateway, 7);
    expect(await watch.started).toBe(7);
    expect(gateway.watches).toHaveLength(1);
    await watch.return();
  });

  test("does not begin again without a pause if each stream ends as soon as it has begun", async () => {
    const gateways = [await StandInGateway.started(), await StandInGateway.started()] as const;
    const count = () => gateways[0].watches.length + gateways[1].watches.length;
    const watch = storeOf(gateways).watch({ pattern: "*" });
    const ending = setInterval(() => {
      for (const gateway of gateways) {
        for (const { response } of gateway.watches) {
          if (!response.writableEnded) response.end("event: started\nid: 7\ndata: {}\n\n");
        }
      }
    });
    onTestFinished(() => clearInterval(ending));
    await until("it was begun some times", () => count() > 5);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(count()).toBeLessThan(25);
    await watch.return();
  });

  test("is not taken for begun by somebody who waits for that, if it is refused", async () => {
    const { gateway, store } = await oneStore();
    gateway.refusesWatches = "bad-request";
    const watch = store.watch({ pattern: "[" });
    expect(await failureOf(watch.started)).toMatchObject({ code: "bad-request" });
    expect(await failureOf(watch.next())).toMatchObject({ code: "bad-request" });
  });

  test("without a pattern, or with no time to wait, it is not begun", async () => {
    const { store } = await oneStore();
    expect(() => store.watch({} as WatchOptions)).toThrow(/^pattern: name the keys/);
    expect(() => store.watch({ pattern: [] })).toThrow(/^pattern: name the keys/);
    expect(() => store.watch({ pattern: "\ud800" })).toThrow(/^pattern: name the keys/);
    expect(() => store.watch({ pattern: "*", timeoutMs: 0 })).toThrow(/^timeoutMs: /);
  });
});
