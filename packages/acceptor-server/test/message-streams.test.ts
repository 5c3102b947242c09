import type { AddressInfo } from "node:net";
import { type Address, MESSAGE_STREAM, NODE_HEADER } from "@synod/api";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CONNECTION_ROOM } from "../src/node/connection-room.ts";
import { answerMessageStreams, type MessageStreamsOptions } from "../src/node/message-streams.ts";
import type { App } from "../src/node/node-app.ts";
import { NotServed, RequestRefused } from "../src/node/refusals.ts";
import { CLUSTER, FROM_B, nodeStage, until } from "./node-stage.ts";
import { exchange, RawSocket } from "./raw-socket.ts";

const UPGRADE = { connection: "upgrade", upgrade: MESSAGE_STREAM.protocol };
const USUAL = { host: "localhost", ...UPGRADE, ...FROM_B, "synod-role": "proposer2" };

function head(headers: Record<string, string>, first = `GET ${MESSAGE_STREAM.path} HTTP/1.1`): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${[first, ...lines].join("\r\n")}\r\n\r\n`;
}

/** A learner at node a that takes streams of messages. What it is asked, it answers with who asked and what. */
async function stage(options: Partial<MessageStreamsOptions> = {}, prepare: (app: App) => void = () => {}) {
  const { app, faults } = await nodeStage({ secret: options.secret });
  const lost: string[] = [];
  answerMessageStreams(app, {
    identity: { name: NODE_HEADER, value: `learner1 ${CLUSTER}` },
    clusterId: CLUSTER,
    secret: undefined,
    faults,
    answer: async (message, from) => ({ heard: message, from }),
    onLost: (from) => lost.push(from),
    ...options,
  });
  prepare(app);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address: Address = { host: "127.0.0.1", port: (app.server.address() as AddressInfo).port };
  const open = async (headers: Record<string, string> = USUAL) => {
    const socket = await RawSocket.open(address);
    socket.send(head(headers));
    await socket.untilReceived("\r\n\r\n");
    return socket;
  };
  return { app, faults, lost, address, open };
}

describe("a stream of messages", () => {
  test("is opened by whoever asks for it, and says who answers", async () => {
    const { open } = await stage();
    const opened = await (await open()).untilReceived("\r\n\r\n");
    expect(opened).toMatch(/^HTTP\/1\.1 101 /);
    expect(opened).toContain(`${NODE_HEADER}: learner1 ${CLUSTER}\r\n`);
  });

  test("carries many messages, each answered under its number, to the role that asked", async () => {
    const answers: (() => void)[] = [];
    const { open } = await stage({
      answer: (message, from) => new Promise((resolve) => answers.push(() => resolve({ heard: message, from }))),
    });
    const socket = await open();
    socket.send('1 {"a":1}\n2 {"b":2}\n');
    await until(() => answers.length === 2);
    answers[1]?.();
    await socket.untilReceived('2 {"heard":{"b":2},"from":"proposer2"}\n');
    answers[0]?.();
    await socket.untilReceived('1 {"heard":{"a":1},"from":"proposer2"}\n');
  });

  test("may begin with messages in the same piece as its opening", async () => {
    const { address } = await stage();
    const socket = await RawSocket.open(address);
    socket.send(`${head(USUAL)}1 {}\n`);
    await socket.untilReceived('1 {"heard":{},"from":"proposer2"}\n');
  });

  test("answers what it refuses with a problem, and goes on", async () => {
    const errors: Record<string, Error> = {
      refused: new RequestRefused("bad-request", "not so"),
      stopping: new NotServed("stopping", "bye"),
      broken: new Error("secrets of the house"),
    };
    const { open } = await stage({
      answer: async (message) => {
        const error = errors[String(message)];
        if (error) throw error;
        return {};
      },
    });
    const socket = await open();
    socket.send('1 "refused"\n2 "stopping"\n3 "broken"\n4 no JSON\n5 "fine"\n');
    const received = await socket.untilReceived("5 {}\n");
    const codes = [...received.matchAll(/^(\d) !(.*)$/gm)].map(([, number, json]) => [
      number,
      JSON.parse(json ?? "").code,
    ]);
    expect(Object.fromEntries(codes)).toEqual({ 1: "bad-request", 2: "stopping", 3: "internal", 4: "bad-request" });
    expect(received).not.toContain("secrets");
  });

  test("on which something else than messages arrives is ended", async () => {
    const { open } = await stage();
    const socket = await open();
    socket.send("GET / HTTP/1.1\n");
    await socket.untilClosed();
  });

  test("on which bytes arrive that are no text is ended: nobody hears another value than was sent", async () => {
    const heard: unknown[] = [];
    const { open } = await stage({
      answer: async (message) => {
        heard.push(message);
        return {};
      },
    });
    for (const pieces of [['1 "a\xffb"\n'], ['1 "a\xc3', '"\n']]) {
      const socket = await open();
      for (const piece of pieces) {
        socket.send(Buffer.from(piece, "latin1"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await socket.untilClosed();
    }
    expect(heard).toEqual([]);
  });

  test("has so many messages under way at most, and says of more that it is overloaded", async () => {
    const { open } = await stage({ answer: () => new Promise(() => {}) });
    const socket = await open();
    socket.send(Array.from({ length: 10_001 }, (_, place) => `${place + 1} {}\n`).join(""));
    expect(await socket.untilReceived("10001 !")).toContain('"code":"overloaded"');
  });
});

describe("no stream of messages", () => {
  test.each([
    ["404", "another path", head(USUAL, "GET /elsewhere HTTP/1.1")],
    ["409", "another cluster", head({ ...USUAL, "synod-cluster": "cluster-8" })],
    ["409", "no cluster", head({ host: "localhost", ...UPGRADE })],
  ])("is opened, but %s said, for %s", async (status, _, bytes) => {
    const { address } = await stage();
    const received = await exchange(address, bytes);
    expect(received.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(received).toContain(`${NODE_HEADER}: learner1 ${CLUSTER}\r\n`);
  });

  test("is opened without the secret, if there is one", async () => {
    const { address, open } = await stage({ secret: "open sesame" });
    expect(await exchange(address, head(USUAL))).toMatch(/^HTTP\/1\.1 401 /);
    expect(await exchange(address, head({ ...USUAL, authorization: "Bearer wrong" }))).toMatch(/^HTTP\/1\.1 401 /);
    const socket = await open({ ...USUAL, authorization: "Bearer open sesame" });
    expect(await socket.untilReceived("\r\n")).toMatch(/^HTTP\/1\.1 101 /);
  });

  test("is open while a fault is at work, for the messages must meet it; after it there is one again", async () => {
    const { faults, address, open, lost } = await stage();
    const before = await open();
    await faults.add("cut a>b");
    await before.untilClosed();
    expect(await exchange(address, head(USUAL))).toMatch(/^HTTP\/1\.1 503 /);
    faults.heal();
    expect(await (await open()).untilReceived("\r\n")).toMatch(/^HTTP\/1\.1 101 /);
    expect(lost).toEqual([]);
  });

  test("keeps a server from closing, nor is one opened while it does", async () => {
    let late = "";
    const { app, address, open } = await stage({}, (app) => {
      app.addHook("preClose", async () => {
        late = await exchange(address, head(USUAL));
      });
    });
    const socket = await open();
    await app.close();
    await socket.untilClosed();
    expect(late).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe("the end of a stream", () => {
  test("is told of with the role whose it was, if the other side ended it", async () => {
    const { open, lost } = await stage();
    const one = await open();
    await open({ ...USUAL, "synod-role": "proposer3" });
    // As when a process is gone: nothing more comes, and the connection is whole otherwise.
    one.end();
    await until(() => lost.length > 0);
    await one.untilClosed();
    expect(lost).toEqual(["proposer2"]);
  });

  test("is not told of when this side ends it", async () => {
    const { app, open, lost } = await stage();
    const socket = await open();
    await app.close();
    await socket.untilClosed();
    expect(lost).toEqual([]);
  });

  test("by a reset, in the middle of a refusal or of an answer, stops nobody", async () => {
    const { address, open, app } = await stage({ answer: async () => ({ long: "x".repeat(1_000_000) }) });
    for (const headers of [USUAL, { ...USUAL, "synod-cluster": "cluster-8" }]) {
      const socket = await RawSocket.open(address);
      socket.send(`${head(headers)}${"1 {}\n".repeat(20)}`);
      await socket.untilReceived("HTTP/1.1");
      socket.reset();
    }
    const socket = await open();
    socket.send("1 {}\n");
    await socket.untilReceived("1 {");
    expect((await app.inject("/livez")).statusCode).toBe(200);
  });
});

describe("an offer of another protocol", () => {
  const offer = {
    host: "localhost",
    connection: "Upgrade, HTTP2-Settings",
    upgrade: "h2c",
    "http2-settings": "AAMAAABk",
  };

  test("is passed over, and the request answered as if there were none, on one connection as often as it comes", async () => {
    const { address } = await stage({}, (app) => app.get("/echo/:count", async ({ params }) => params as object));
    const socket = await RawSocket.open(address);
    for (let count = 1; count <= 15; count++) {
      socket.send(head(offer, `GET /echo/${count} HTTP/1.1`));
      await socket.untilReceived(`{"count":"${count}"}`);
    }
  });

  test("takes no more room than one connection, however often it comes", async () => {
    const enter = vi.spyOn(CONNECTION_ROOM, "enter");
    const leave = vi.spyOn(CONNECTION_ROOM, "leave");
    onTestFinished(() => void vi.restoreAllMocks());
    const { address } = await stage();
    const socket = await RawSocket.open(address);
    for (let count = 1; count <= 15; count++) {
      socket.send(head(offer, `GET /echo/${count} HTTP/1.1`));
      await socket.untilReceived(`there is no /echo/${count} here`);
    }
    expect(enter).toHaveBeenCalledTimes(1);
    socket.reset();
    await until(() => leave.mock.calls.length > 0);
    expect(leave).toHaveBeenCalledTimes(1);
  });

  test("is passed over with a body, wherever the connection cuts it, and with the wish to close", async () => {
    const { address } = await stage();
    const body = JSON.stringify({ faults: "cut a>b" });
    const settings = { ...offer, connection: "close, Upgrade", "content-type": "application/json" };
    const bytes = head({ ...settings, "content-length": String(body.length) }, "POST /faults HTTP/1.1");
    const socket = await RawSocket.open(address);
    socket.send(`${bytes}${body.slice(0, 4)}`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.send(body.slice(4));
    const received = await socket.untilClosed();
    expect(received).toMatch(/^HTTP\/1\.1 20\d /);
    expect(received).toContain("cut a>b");
  });
});
