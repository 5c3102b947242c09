import { connect } from "node:net";
import type { Address } from "@synod/api";
import { serverSentEvents } from "@synod/client/server-sent-events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { App } from "../src/node/node-app.ts";
import { SseStream, type SseStreamOptions } from "../src/node/sse-stream.ts";
import { listening } from "./memory-app.ts";
import { nodeStage, until } from "./node-stage.ts";
import { RawSocket } from "./raw-socket.ts";

interface Stage {
  readonly app: App;
  readonly address: Address;
  /** The streams that were opened, oldest first. */
  readonly streams: SseStream[];
}

/** A server with a route /stream that opens streams with these options. */
async function stage(options: SseStreamOptions = {}): Promise<Stage> {
  const { app } = await nodeStage();
  const streams: SseStream[] = [];
  app.get("/stream", { exposeHeadRoute: false }, (_request, reply) => {
    streams.push(SseStream.open(reply, options));
  });
  return { app, address: await listening(app), streams };
}

const GET_STREAM = "GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n";

/** The stream that the next request opens. */
async function opened({ address, streams }: Stage): Promise<{ stream: SseStream; socket: RawSocket }> {
  const socket = await RawSocket.open(address);
  const before = streams.length;
  socket.send(GET_STREAM);
  await socket.untilReceived("\r\n\r\n");
  const stream = streams[before];
  if (!stream) throw new Error("no stream was opened");
  return { stream, socket };
}

/** A reader that asks for the stream and reads nothing until it is told to. */
async function sleepyReader({ address, streams }: Stage) {
  const socket = connect(address);
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.write(GET_STREAM);
  const before = streams.length;
  await until(() => streams.length > before);
  let received = "";
  const wakeUp = () => {
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      received += String(text);
    });
    socket.resume();
  };
  const stream = streams[before] as SseStream;
  return { socket, stream, wakeUp, text: () => received };
}

const LONG = "x".repeat(64 * 1024);

/** Sends numbered long events until one of them is not taken. @returns how many were taken */
function fill(stream: SseStream): number {
  let count = 0;
  while (stream.send({ event: "e", id: count, data: LONG })) {
    if (++count > 10_000) throw new Error("everything is taken");
  }
  return count;
}

describe("a stream of events", () => {
  test("begins at once, says whose it is, and carries events with their ids and lines", async () => {
    const { stream, socket } = await opened(await stage());
    const head = await socket.untilReceived("\r\n\r\n");
    expect(head).toContain("200 OK");
    expect(head).toContain("content-type: text/event-stream");
    expect(head).toContain("synod-node: learner1 ");
    stream.send({ event: "change", id: 7, data: "one\ntwo\r\nthree" });
    const text = await socket.untilReceived("three");
    expect(text).toContain("event: change\nid: 7\ndata: one\ndata: two\ndata: three\n");
  });

  test("says that it lives while nothing happens", async () => {
    const { socket } = await opened(await stage({ heartbeatMs: 5 }));
    await socket.untilReceived(": alive");
    const text = await socket.untilReceived(": alive\n\n");
    expect(text).not.toContain("event:");
  });

  test("that the reader leaves is closed here, too", async () => {
    const scene = await stage();
    const { stream } = await opened(scene);
    const reader = await sleepyReader(scene);
    reader.socket.destroy();
    await reader.stream.closed;
    expect(reader.stream.isOpen).toBe(false);
    expect(reader.stream.send({ event: "e", data: "" })).toBe(false);
    expect(stream.isOpen).toBe(true);
    await until(() => scene.app.streams.count === 1);
  });

  test("that is closed ends, and the reader sees it", async () => {
    const { stream, socket } = await opened(await stage());
    stream.send({ event: "e", data: "the last" });
    stream.close();
    expect(await socket.untilClosed()).toContain("the last");
    await stream.closed;
  });
});

describe("a reader that is too slow", () => {
  test("loses events and is told how many, in their place", async () => {
    const scene = await stage({ mostWaiting: 5 });
    const { stream, wakeUp, text } = await sleepyReader(scene);
    const taken = fill(stream);
    expect(stream.send({ event: "e", id: taken + 1, data: "lost, too" })).toBe(false);
    wakeUp();
    await until(() => text().includes("event: lost"));
    expect(stream.send({ event: "e", id: taken + 2, data: "back again" })).toBe(true);
    await until(() => text().includes("back again"));
    const ids = [...text().matchAll(/^id: (\d+)|^data: (\{"count":\d+\})/gm)].map(([, id, lost]) => id ?? lost);
    const all = Array.from({ length: taken }, (_, id) => String(id));
    expect(ids).toEqual([...all, '{"count":2}', String(taken + 2)]);
  });

  test("has no more waiting for it than so many characters", async () => {
    const most = 1_000_000;
    const { stream } = await sleepyReader(await stage({ mostWaitingCharacters: most }));
    fill(stream);
    expect(stream.waitingCharacters).toBeLessThanOrEqual(most);
    expect(stream.waitingCharacters).toBeGreaterThan(most - 2 * LONG.length);
  });

  test("gets even an event that is longer than all that may wait, if nothing else does", async () => {
    const { stream, wakeUp, text } = await sleepyReader(await stage({ mostWaitingCharacters: 10 }));
    const taken = fill(stream);
    wakeUp();
    await until(() => text().includes('data: {"count":1}'));
    expect(text()).toContain(`id: ${taken - 1}\n`);
  });

  test("is left where the stream must not have gaps: it comes again, with the last id it has", async () => {
    const { stream, wakeUp, text } = await sleepyReader(await stage({ mostWaiting: 5, onOverflow: "close" }));
    const taken = fill(stream);
    await stream.closed;
    expect(stream.isOpen).toBe(false);
    wakeUp();
    expect(text()).not.toContain("event: lost");
    expect(taken).toBeGreaterThan(5);
  });
});

describe("a server that stops", () => {
  test("ends its streams, those of readers that are asleep, too, and waits for none", async () => {
    const scene = await stage();
    const { socket } = await opened(scene);
    const { stream } = await sleepyReader(scene);
    fill(stream);
    await scene.app.close();
    expect(await socket.untilClosed()).toContain("200 OK");
    expect(scene.app.streams.count).toBe(0);
  });

  test("opens no more of them", async () => {
    const { app, address } = await stage();
    const socket = await RawSocket.open(address);
    app.streams.closeAll();
    socket.send(GET_STREAM);
    expect(await socket.untilReceived("stopping")).toContain("503");
  });
});

test("a HEAD is no way to open one", async () => {
  const { app } = await stage();
  expect((await app.inject({ method: "HEAD", url: "/events" })).statusCode).toBe(405);
});

test("a server has so many streams open at most, and tells who comes then to come again", async () => {
  const { app } = await nodeStage();
  const address = await listening(app);
  const sockets = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const socket = await RawSocket.open(address);
      socket.send("GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await socket.untilReceived("\r\n\r\n");
      return socket;
    }),
  );
  expect(app.streams.count).toBe(sockets.length);
  const reader = serverSentEvents(address, "/events");
  await expect(reader.next()).rejects.toMatchObject({ name: "ProblemAnswer", problem: { code: "overloaded" } });
});
