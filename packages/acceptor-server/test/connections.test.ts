import { connect, type Socket } from "node:net";
import { type Address, NODE_HEADER } from "@synod/api";
import type { FastifyBaseLogger } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConnectionLimits } from "../src/node/connections.ts";
import type { App } from "../src/node/node-app.ts";
import { NodeMetrics } from "../src/node/node-metrics.ts";
import { SseStream } from "../src/node/sse-stream.ts";
import { UnreadAnswers } from "../src/node/unread-answers.ts";
import { listening } from "./memory-app.ts";
import { CLUSTER, nodeStage, until } from "./node-stage.ts";
import { parseAnswer } from "./problem.ts";
import { exchange, RawSocket } from "./raw-socket.ts";

interface Stage {
  readonly app: App;
  readonly address: Address;
  /** What the log said. */
  readonly lines: string[];
  /** The value of a counter or gauge, as /metrics tells it. */
  readonly counted: (name: string) => Promise<number>;
  /** Waits until so many connections are open. */
  readonly untilOpen: (count: number) => Promise<void>;
  /** How often `/count` was asked. */
  readonly asked: () => number;
}

/**
 * A server whose connections are bounded so; `/count` counts, `/large` answers with 4 MiB, `/wait` never
 * answers, and `/stream` has no end.
 */
async function stage(connections: Partial<ConnectionLimits>, slowestRequestMs?: number): Promise<Stage> {
  const metrics = new NodeMetrics();
  const lines: string[] = [];
  const { app } = await nodeStage({ metrics, connections, logger: loggerInto(lines), slowestRequestMs });
  let asked = 0;
  app.get("/count", async () => ({ asked: ++asked }));
  app.get("/large", async () => ({ text: "x".repeat(4 * 1024 * 1024) }));
  app.get("/wait", () => new Promise(() => {}));
  app.get("/stream", { exposeHeadRoute: false }, (_request, reply) => {
    const stream = SseStream.open(reply);
    const go = () => {
      stream.send({ event: "e", data: "x".repeat(64 * 1024) });
      if (stream.isOpen) setImmediate(go);
    };
    go();
  });
  app.post("/body", { bodyLimit: 1024 * 1024 }, async () => ({}));
  const counted = async (name: string) => {
    const line = (await metrics.text()).split("\n").find((one) => one.startsWith(`${name} `));
    return Number(line?.split(" ").at(-1) ?? 0);
  };
  const untilOpen = async (count: number) => {
    const end = performance.now() + 20_000;
    while ((await counted("synod_connections")) !== count) {
      if (performance.now() > end) throw new Error(`there were never ${count} connections`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { app, address: await listening(app), lines, counted, untilOpen, asked: () => asked };
}

/** A logger that keeps the texts of its lines. */
function loggerInto(lines: string[]): FastifyBaseLogger {
  const keep = (_fields: unknown, text?: string) => void lines.push(text ?? "");
  const quiet = () => {};
  const logger = { level: "warn", warn: keep, error: keep, fatal: keep, info: quiet, debug: quiet, trace: quiet };
  const whole = { ...logger, silent: quiet, child: () => whole };
  return whole as unknown as FastifyBaseLogger;
}

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;
const CLOSE = "connection: close\r\n";

/** A client that reads nothing. */
async function blindClient(address: Address, bytes: string): Promise<Socket> {
  const socket = connect(address);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(bytes);
  return socket;
}

/** That somebody was refused for now, in a way that clients understand. */
function expectOverloaded(text: string): void {
  const { statusCode, headers, payload } = parseAnswer(text);
  expect([statusCode, headers["retry-after"], headers[NODE_HEADER]]).toEqual([503, "1", `learner1 ${CLUSTER}`]);
  expect(JSON.parse(payload)).toMatchObject({ code: "overloaded", definite: true });
}

/** Whether the other side ends this connection, once what it sent is read. */
function endsSoon(socket: Socket): Promise<boolean> {
  socket.resume();
  return new Promise((resolve) => socket.on("close", () => resolve(true)));
}

describe("one connection too many", () => {
  test("is told so, with a problem and when to come again; and there is room once another one ends", async () => {
    const { address, counted, lines } = await stage({ most: 2 });
    const open = [await RawSocket.open(address), await RawSocket.open(address)];
    for (const socket of open) socket.send(get("/count"));
    for (const socket of open) await socket.untilReceived("asked");
    const text = await exchange(address, get("/count", CLOSE));
    expectOverloaded(text);
    expect(await counted('synod_connections_cut_total{why="full"}')).toBe(1);
    expect(await counted("synod_connections")).toBe(2);
    expect(lines.join()).toContain("no room for a connection");
    open[0]?.send(get("/count", CLOSE));
    await open[0]?.untilClosed();
    expect(await exchange(address, get("/count", CLOSE))).toContain('{"asked":4}');
  });

  test("has nothing carried out that it asks, since it was told that nothing was", async () => {
    const { address, asked } = await stage({ most: 0 });
    for (let time = 0; time < 20; time++) await exchange(address, get("/count").repeat(3));
    expect(asked()).toBe(0);
  });

  test("and hundreds too many are no more than a few lines in the log", async () => {
    const { app, address, lines, counted } = await stage({ most: 0 });
    const sockets = Array.from({ length: 300 }, () => connect(address));
    for (const socket of sockets) socket.on("error", () => {}).resume();
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("close", resolve))));
    await until(() => lines.length > 0);
    expect(await counted('synod_connections_cut_total{why="full"}')).toBe(300);
    await app.close();
    expect(lines.length).toBeLessThan(15);
    expect(lines.at(-1)).toMatch(/\d+ more of the kind/);
  });
});

describe("a client that does not read", () => {
  test("is cut off after a while, though its answer is long since made", async () => {
    const { address, counted, untilOpen } = await stage({ unreadMs: 100 });
    await blindClient(address, get("/large"));
    await untilOpen(1);
    await untilOpen(0);
    expect(await counted('synod_connections_cut_total{why="unread"}')).toBe(1);
  });

  test("is cut off in a stream of events, too", async () => {
    const { app, address, counted } = await stage({ unreadMs: 100 });
    await blindClient(address, get("/stream"));
    await until(() => app.streams.count === 1);
    await until(() => app.streams.count === 0);
    expect(await counted('synod_connections_cut_total{why="unread"}')).toBe(1);
  });

  test("gives way to others when all large answers together need too much memory, the oldest first", async () => {
    const { address, counted, untilOpen } = await stage({ answerBytes: 10 * 1024 * 1024 });
    const first = await blindClient(address, get("/large"));
    await untilOpen(1);
    for (let others = 0; others < 2; others++) await blindClient(address, get("/large"));
    expect(await endsSoon(first)).toBe(true);
    await untilOpen(2);
    expect(await counted('synod_connections_cut_total{why="unread"}')).toBe(1);
    const text = await exchange(address, get("/large", CLOSE));
    expect(text.length).toBeGreaterThan(4 * 1024 * 1024);
  });
});

describe("what a reader has not read", () => {
  const limits = { unreadMs: 1000, answerBytes: 1 };
  const reader = (bytes: number) => ({ writableLength: bytes, _handle: null, destroyed: false }) as unknown as Socket;

  test("may wait for as long as it becomes less, however slowly", () => {
    const unread = new UnreadAnswers(limits);
    const inSystem = { writeQueueSize: 5_000_000 };
    const slow = { writableLength: 5_000_000, _handle: inSystem, destroyed: false } as unknown as Socket;
    for (let look = 0; look < 100; look++) {
      inSystem.writeQueueSize--;
      expect(unread.stuck([slow], look * 900)).toEqual([]);
    }
  });

  test("is given up when it stays the same for too long", () => {
    const unread = new UnreadAnswers(limits);
    const stuck = reader(5);
    expect(unread.stuck([stuck, reader(0)], 0)).toEqual([]);
    expect(unread.stuck([stuck], 999)).toEqual([]);
    expect(unread.stuck([stuck], 1000)).toEqual([stuck]);
  });
});

describe("many requests in one piece", () => {
  test("beyond a bound end the connection, and hardly any of them comes to the app", async () => {
    const { app, address, asked, counted } = await stage({ pipelined: 10 });
    // Nobody stands before those who listen later: this one hears what Node reads, and not what comes to the app.
    let read = 0;
    app.server.on("request", () => read++);
    const text = await exchange(address, get("/wait") + get("/count").repeat(1500));
    expect(text).toBe("");
    expect(asked()).toBeLessThanOrEqual(10);
    expect(read).toBe(12);
    expect(await counted('synod_connections_cut_total{why="pipelined"}')).toBe(1);
  });

  test("are answered in their order within the bound, again and again on one connection", async () => {
    const { address, counted } = await stage({ pipelined: 10 });
    const socket = await RawSocket.open(address);
    for (let round = 1; round <= 5; round++) {
      socket.send(get("/count").repeat(10));
      const text = await socket.untilReceived(`{"asked":${round * 10}}`);
      const numbers = [...text.matchAll(/"asked":(\d+)/g)].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from({ length: round * 10 }, (_, place) => place + 1));
    }
    expect(await counted('synod_connections_cut_total{why="pipelined"}')).toBe(0);
  });

  test("are bounded on all connections together, too", async () => {
    const { address, counted } = await stage({ pipelined: 10, pipelinedInAll: 15 });
    const clients = await Promise.all([1, 2, 3].map(() => RawSocket.open(address)));
    for (const client of clients) client.send(get("/wait") + get("/wait").repeat(7));
    await Promise.race(clients.map((client) => client.untilClosed()));
    expect(await counted('synod_connections_cut_total{why="pipelined"}')).toBe(1);
  });
});

describe("large bodies", () => {
  const post = (length: number) =>
    `POST /body HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n`;

  test("for which there is no room are refused before they are read; small ones are not", async () => {
    const { address } = await stage({ bodyBytes: 100_000 });
    const slow = await RawSocket.open(address);
    slow.send(`${post(60_000)}\r\n[`);
    await exchange(address, get("/count", CLOSE));
    const refused = await RawSocket.open(address);
    refused.send(`${post(60_000)}\r\n`);
    expectOverloaded(await refused.untilClosed());
    const chunked =
      "POST /body HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    const inChunks = await RawSocket.open(address);
    inChunks.send(chunked);
    expectOverloaded(await inChunks.untilClosed());
    expect(await exchange(address, `${post(2)}${CLOSE}\r\n[]`)).toContain("200 OK");
  });

  test("make room again when they are answered, or their sender has gone", async () => {
    const { address, untilOpen } = await stage({ bodyBytes: 100_000 });
    const body = JSON.stringify(["x".repeat(60_000)]);
    for (let time = 0; time < 5; time++) {
      expect(await exchange(address, `${post(body.length)}${CLOSE}\r\n${body}`)).toContain("200 OK");
      const gone = await blindClient(address, `${post(60_000)}\r\n[`);
      await untilOpen(1);
      gone.destroy();
      await untilOpen(0);
    }
  });
});

test("whoever is answered 400 or 408 and stays is let go of all the same", async () => {
  const { address, counted, untilOpen } = await stage({}, 200);
  await blindClient(address, "noise\r\n\r\n");
  await blindClient(address, "GET /count HTTP/1.1\r\nho");
  await untilOpen(2);
  await untilOpen(0);
  expect(await counted('synod_connections_cut_total{why="no-http"}')).toBe(1);
  expect(await counted('synod_connections_cut_total{why="too-slow"}')).toBe(1);
});
