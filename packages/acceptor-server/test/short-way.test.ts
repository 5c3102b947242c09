import { connect, type Socket } from "node:net";
import type { Address } from "@synod/api";
import { describe, expect, onTestFinished, test } from "vitest";
import type { NodeMetrics } from "../src/node/node-metrics.ts";
import { isPending, until } from "./node-stage.ts";
import { exchange, RawSocket, saidTo } from "./raw-socket.ts";
import { plainGet, plainPut, type ShortWayStageOptions, shortWayStage } from "./short-way-stage.ts";

const ONE = { least: 1, most: 1, patienceMs: 60_000 };

/** The same by both ways. */
const WAYS = [
  ["the short way", true],
  ["the app", false],
] as const;

async function counted(metrics: NodeMetrics, name: string): Promise<number> {
  const line = (await metrics.text()).split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1) ?? 0);
}

/** A server on which `wait` is under way for somebody who asked for nothing before. */
async function withOneUnderWay(options: ShortWayStageOptions = {}) {
  const stage = await shortWayStage(options);
  const socket = await RawSocket.open(stage.address);
  socket.send(plainGet("wait"));
  await until(() => stage.waiting.length === 1);
  return { ...stage, socket };
}

describe("plain requests take the short way", () => {
  test("one after another on one connection, until one is not plain: from there on it is the app's", async () => {
    const { address, taken } = await shortWayStage();
    const socket = await RawSocket.open(address);
    for (const one of ["a", "b"]) {
      socket.send(plainPut(one, '{"v":1}'));
      await socket.untilReceived(`{"thing":"${one}","body":{"v":1}}`);
    }
    expect(taken()).toBe(2);
    socket.send(plainGet("c", "x-more: 1\r\n"));
    await socket.untilReceived('{"thing":"c"');
    socket.send(plainGet("d"));
    await socket.untilReceived('{"thing":"d"');
    expect(taken()).toBe(2);
  });

  test("but not where a more exact route has them", async () => {
    const { address, taken } = await shortWayStage();
    expect(await saidTo(address, [plainGet("special")])).toContain('{"isSpecial":true');
    expect(await saidTo(address, [plainGet("of/me")])).toContain('{"owner":"me"}');
    expect(taken()).toBe(0);
    expect(await saidTo(address, [plainGet("specials")])).toContain('{"thing":"specials"');
    expect(await saidTo(address, [plainPut("special", "{}")])).toContain('{"thing":"special"');
    expect(taken()).toBe(2);
  });

  test("with the secret; without it, the app refuses them", async () => {
    const { address, taken } = await shortWayStage({ secret: "s" });
    expect(await saidTo(address, [plainGet("a")])).toContain("401 Unauthorized");
    expect(await saidTo(address, [plainGet("a", "authorization: Bearer t\r\n")])).toContain("401 Unauthorized");
    expect(taken()).toBe(0);
    expect(await saidTo(address, [plainGet("a", "authorization: Bearer s\r\n")])).toContain('{"thing":"a"');
    expect(taken()).toBe(1);
  });

  test.each(WAYS)("by %s each answer is counted, and each problem", async (_way, hasShortWay) => {
    const { address, metrics, taken } = await shortWayStage({ hasShortWay });
    for (const thing of ["a", "bad", "busy"]) await saidTo(address, [plainGet(thing)]);
    expect(taken()).toBe(hasShortWay ? 3 : 0);
    for (const status of [200, 409, 503]) {
      expect(await counted(metrics, `synod_requests_total{route="/things/*",status="${status}"}`)).toBe(1);
    }
    for (const code of ["id-too-high", "overloaded"]) {
      expect(await counted(metrics, `synod_problems_total{code="${code}"}`)).toBe(1);
    }
  });
});

describe.each(WAYS)("by %s", (_way, hasShortWay) => {
  test("what is asked before an answer has come is answered after it", async () => {
    const { socket, answerAll, waiting } = await withOneUnderWay({ hasShortWay });
    socket.send(plainPut("b", "{}"));
    socket.send(plainGet("c"));
    expect(await isPending(socket.untilReceived("HTTP"))).toBe(true);
    answerAll();
    const said = await socket.untilReceived('{"thing":"c"');
    expect(said.match(/"thing":"\w+"/g)).toEqual(['"thing":"wait"', '"thing":"b"', '"thing":"c"']);
    expect(waiting).toEqual([]);
  });

  test("who sends no more gets no more; what was begun is done, and leaves its place", async () => {
    const { socket, answerAll, admission, metrics } = await withOneUnderWay({ hasShortWay });
    socket.end();
    expect(await socket.untilClosed()).toBe("");
    expect(admission.underWay).toBe(1);
    answerAll();
    await until(() => admission.underWay === 0);
    expect(await counted(metrics, 'synod_requests_total{route="/things/*",status="200"}')).toBe(0);
  });

  test("a sender that is gone leaves its place once what it asked is done", async () => {
    const { socket, answerAll, admission, metrics } = await withOneUnderWay({ hasShortWay });
    socket.reset();
    const open = () => counted(metrics, "synod_connections");
    while ((await open()) > 0) await soon();
    answerAll();
    await until(() => admission.underWay === 0);
  });

  test("a request waits for its turn, unless its sender goes away", async () => {
    const { address, socket, admission, answerAll, waiting } = await withOneUnderWay({ hasShortWay, limits: ONE });
    const gone = await RawSocket.open(address);
    gone.send(plainGet("wait-gone"));
    await until(() => admission.inLine === 1);
    const patient = await RawSocket.open(address);
    patient.send(plainGet("wait-patient"));
    await until(() => admission.inLine === 2);
    gone.close();
    answerAll();
    await socket.untilReceived('"thing":"wait"');
    await until(() => waiting.length === 1);
    expect(waiting).toEqual(["wait-patient"]);
    answerAll();
    await patient.untilReceived('"thing":"wait-patient"');
    expect([admission.underWay, admission.inLine]).toEqual([0, 0]);
  });

  test("who waited too long for a turn is told when to come again", async () => {
    const { address, answerAll } = await withOneUnderWay({ hasShortWay, limits: { ...ONE, patienceMs: 1 } });
    const refused = await RawSocket.open(address);
    refused.send(plainGet("a"));
    expect(await refused.untilReceived('"code":"overloaded"')).toMatch(/^HTTP\/1.1 503 .*\r\nretry-after: 1\r\n/s);
    answerAll();
  });

  test("an answer waits while a fault pauses the node", async () => {
    const { socket, answerAll, faults, admission } = await withOneUnderWay({ hasShortWay });
    await faults.add("pause a");
    answerAll();
    expect(await isPending(socket.untilReceived("HTTP"))).toBe(true);
    expect(admission.underWay).toBe(1);
    faults.heal();
    await socket.untilReceived('"thing":"wait"');
    expect(admission.underWay).toBe(0);
  });

  test("a request waits, too, while a fault pauses the node", async () => {
    const { address, faults, taken } = await shortWayStage({ hasShortWay });
    await faults.add("pause a");
    const socket = await RawSocket.open(address);
    socket.send(plainGet("a"));
    expect(await isPending(socket.untilReceived("HTTP"))).toBe(true);
    faults.heal();
    await socket.untilReceived('"thing":"a"');
    expect(taken()).toBe(0);
  });

  test("a connection that asks nothing for a while is ended, and no earlier", async () => {
    const { app, address } = await shortWayStage({ hasShortWay });
    app.server.keepAliveTimeout = 10;
    const socket = await RawSocket.open(address);
    socket.send(plainGet("a"));
    expect(await socket.untilClosed()).toContain("Keep-Alive: timeout=0");
    app.server.keepAliveTimeout = 60_000;
    const kept = await RawSocket.open(address);
    kept.send(plainGet("a"));
    expect(await isPending(kept.untilClosed(), 1200)).toBe(true);
  });

  test("a connection on which nothing is ever asked is told that it is too slow", async () => {
    const { address } = await shortWayStage({ hasShortWay, slowestRequestMs: 100 });
    expect(await exchange(address, "")).toContain('"code":"request-timeout"');
  });

  test("a reader that does not read is cut off", async () => {
    const { address, metrics } = await shortWayStage({ hasShortWay, connections: { unreadMs: 100 } });
    await blind(address, "huge");
    while ((await counted(metrics, 'synod_connections_cut_total{why="unread"}')) === 0) await soon();
    while ((await counted(metrics, "synod_connections")) > 0) await soon();
  });

  test("large answers that were read count no more", async () => {
    const { address, metrics } = await shortWayStage({ hasShortWay, connections: { answerBytes: 45_000 } });
    for (let reader = 0; reader < 4; reader++) {
      const socket = await RawSocket.open(address);
      socket.send(plainGet("large"));
      await socket.untilReceived('x"}');
    }
    expect(await counted(metrics, 'synod_connections_cut_total{why="unread"}')).toBe(0);
    expect(await counted(metrics, "synod_connections")).toBe(4);
  });

  test("of large answers that nobody reads the oldest give way", async () => {
    const { address, metrics } = await shortWayStage({ hasShortWay, connections: { answerBytes: 17_000_000 } });
    for (let reader = 0; reader < 3; reader++) await blind(address, "huge");
    while ((await counted(metrics, 'synod_connections_cut_total{why="unread"}')) === 0) await soon();
    expect(await counted(metrics, 'synod_connections_cut_total{why="unread"}')).toBe(1);
  });
});

describe.each(WAYS)("by %s, while the server stops", (_way, hasShortWay) => {
  test("what is under way is answered, the first request of its sender too, and then the connection ends", async () => {
    const { app, socket, answerAll } = await withOneUnderWay({ hasShortWay });
    const closed = app.close();
    expect(await isPending(closed)).toBe(true);
    answerAll();
    const said = await socket.untilClosed();
    expect(said).toMatch(
      /^HTTP\/1.1 200 OK\r\nsynod-node: .*\r\ncontent-type: .*\r\nconnection: close\r\ncontent-length: \d+\r\nDate: .*\r\n\r\n{"thing":"wait"/,
    );
    await closed;
  });

  test("an answer that was made before, and had not left, is the last one of its connection", async () => {
    const { app, address, waiting, answerAll } = await shortWayStage();
    const socket = await RawSocket.open(address);
    socket.send(plainGet("wait"));
    await until(() => waiting.length === 1);
    // Answers leave in the order in which they were made, and so after this.
    app.shortWay.leaving.add(() => app.shortWay.stop());
    answerAll();
    const answer = await socket.untilClosed();
    expect(answer).toContain('"thing":"wait"');
    expect(answer).toContain("Connection: keep-alive");
  });

  test("connections that ask nothing end, used or not", async () => {
    const { app, address } = await shortWayStage({ hasShortWay });
    const [used, unused] = [await RawSocket.open(address), await RawSocket.open(address)];
    used.send(plainGet("a"));
    await used.untilReceived('"thing":"a"');
    await app.close();
    await Promise.all([used.untilClosed(), unused.untilClosed()]);
  });

  test("those who wait for their turn are refused", async () => {
    const { app, address, admission, answerAll } = await withOneUnderWay({ hasShortWay, limits: ONE });
    const waiting = exchange(address, plainGet("a"));
    await until(() => admission.inLine === 1);
    const closed = app.close();
    expect(await waiting).toMatch(/connection: close\r\n.*"code":"stopping"/s);
    answerAll();
    await closed;
  });

  test("an answer waits for no pause", async () => {
    const { app, socket, answerAll, faults } = await withOneUnderWay({ hasShortWay });
    await faults.add("pause a");
    answerAll();
    expect(await isPending(socket.untilReceived("HTTP"))).toBe(true);
    await app.close();
    expect(await socket.untilClosed()).toContain('"thing":"wait"');
  });

  test("whoever closes all connections closes those with something under way", async () => {
    const { app, socket, answerAll, admission } = await withOneUnderWay({ hasShortWay });
    const closed = app.close();
    expect(await isPending(closed)).toBe(true);
    app.server.closeAllConnections();
    await closed;
    expect(await socket.untilClosed()).toBe("");
    answerAll();
    await until(() => admission.underWay === 0);
  });
});

describe("what is asked before an answer of the short way has left", () => {
  test("is for the app, which bounds what one connection may have it hold", async () => {
    const { address, waiting, taken, answerAll } = await shortWayStage();
    const reader = await blind(address, "huge");
    await until(() => reader.writableLength === 0 && taken() === 1);
    reader.write(plainPut("wait", "{}"));
    await until(() => waiting.length === 1);
    expect(taken()).toBe(1);
    answerAll();
  });

  test("is not carried out if that was the last one: it would get no answer", async () => {
    const { app, address, specials, metrics } = await shortWayStage();
    const reader = await blind(address, "huge");
    while ((await counted(metrics, 'synod_requests_total{route="/things/*",status="200"}')) === 0) await soon();
    const closed = app.close();
    await until(() => !app.server.listening);
    reader.write(plainGet("special"));
    expect(await isPending(closed)).toBe(true);
    let bytes = 0;
    reader.on("data", (piece) => {
      bytes += piece.length;
    });
    reader.resume();
    await closed;
    expect(specials()).toBe(0);
    await until(() => bytes > 8_000_000);
  });
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Asks, and reads nothing. */
async function blind(address: Address, thing: string): Promise<Socket> {
  const socket = connect(address);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {}).pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(plainGet(thing));
  return socket;
}
