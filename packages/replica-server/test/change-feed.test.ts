import { connect } from "node:net";
import { buildNodeApp, NodeMetrics, SseStream } from "@synod/acceptor-server";
import { parseAddress } from "@synod/api";
import { type ChangeLogLimits, charactersOfKeyValueChange, type KeyValueChange } from "@synod/state-machines";
import { expect, onTestFinished, test } from "vitest";
import { ChangeFeed } from "../src/applications/change-feed.ts";
import { KeyReader } from "../src/applications/key-value/key-reader.ts";
import { ChangeReader } from "./change-reader.ts";
import { until } from "./cluster-stage.ts";
import { patternsOf } from "./told-streams.ts";

/** A server of this feed's changes, at `/` and after the revision in `last-event-id`. */
async function served(feed: ChangeFeed<KeyValueChange>, isCut = () => false, pattern = "*") {
  const app = await buildNodeApp({
    title: "test",
    identity: { name: "test", value: "test" },
    health: { role: "learner", name: "learner1", node: null, cluster: "c" },
    metrics: new NodeMetrics(),
    notReady: () => [],
  });
  app.get("/", { exposeHeadRoute: false }, (request, reply) => {
    const stream = SseStream.open(reply, { onOverflow: "close" });
    const after = Number(request.headers["last-event-id"] ?? 0);
    feed.watch({ stream, response: reply.raw }, new KeyReader(patternsOf(pattern), isCut), after);
  });
  onTestFinished(() => app.close());
  return app.listen({ host: "127.0.0.1", port: 0 });
}

function feedOf(limits: Partial<ChangeLogLimits> = {}): ChangeFeed<KeyValueChange> {
  return new ChangeFeed({ charactersOf: charactersOfKeyValueChange, limits });
}

function change(revision: number, value = `value ${revision}`) {
  return [{ revision, key: "k", value, type: "put" as const }];
}

test("a reader that comes late is told all that is kept, and then what comes", async () => {
  const feed = feedOf();
  for (let revision = 1; revision <= 5000; revision++) feed.push(revision, change(revision));
  const reader = await ChangeReader.open(await served(feed), "2");
  await until("all is told", () => reader.events.length === 4998);
  feed.push(6000, change(6000));
  await until("the new one is told", () => reader.events.length === 4999);
  expect(reader.events.map(({ data }) => data["revision"])).toEqual([
    ...Array.from({ length: 4998 }, (_, place) => place + 3),
    6000,
  ]);
  reader.close();
});

test("a reader that reads nothing is cut off once what it lacks is gone, and resumes with a word of what is missing", async () => {
  const feed = feedOf({ changes: 50 });
  const { host, port } = parseAddress(await served(feed));
  const socket = connect(port, host).pause();
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await until("it watches", () => feed.size === 1);
  let revision = 0;
  await until("it is cut off", () => {
    for (let count = 0; count < 100; count++) feed.push(++revision, change(revision, "x".repeat(10_000)));
    return feed.size === 0;
  });
  const reader = await ChangeReader.open(await served(feed), "1");
  await until("all is told", () => reader.events.length === 51);
  expect(reader.events[0]).toMatchObject({ event: "compacted", data: { compactedThrough: revision - 50 } });
  expect(reader.lastId).toBe(String(revision));
  reader.close();
});

test("a state that was replaced begins anew: what led to it is gone, and readers are told so", async () => {
  const feed = feedOf();
  const reader = await ChangeReader.open(await served(feed));
  feed.push(1, change(1));
  await until("it is told", () => reader.events.length === 1);
  feed.restart(40);
  feed.push(41, change(41));
  await until("all is told", () => reader.events.length === 3);
  expect(reader.events.map(({ event, id }) => [event, id])).toEqual([
    ["change", "1"],
    ["compacted", "40"],
    ["change", "41"],
  ]);
  reader.close();
});

test("a stream to a node whose link is cut breaks off instead of telling it anything", async () => {
  const feed = feedOf();
  const reader = await ChangeReader.open(await served(feed, () => true));
  feed.push(1, change(1));
  await reader.ended;
  expect(reader.events).toEqual([]);
});

test("a reader of keys that seldom change is told how far it is, so that it need not resume from long ago", async () => {
  const feed = feedOf({ changes: 1500 });
  const url = await served(feed, () => false, "rare*");
  const reader = await ChangeReader.open(url);
  await until("it watches", () => feed.size === 1);
  for (let revision = 1; revision <= 2500; revision++) {
    feed.push(revision, change(revision));
    // What is pushed in one go is told in one go, and what is gone by then is told as that.
    if (revision % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until("it is told", () => reader.events.length === 2);
  expect(reader.events.map(({ event, id }) => [event, id])).toEqual([
    ["progress", "1000"],
    ["progress", "2000"],
  ]);
  reader.close();
  const resumed = await ChangeReader.open(url, reader.lastId);
  feed.push(2501, [{ revision: 2501, key: "rare 1", value: "1", type: "put" }]);
  await until("the change is told", () => resumed.events.length === 1);
  expect(resumed.events[0]).toMatchObject({ event: "change", id: "2501" });
  resumed.close();
});
