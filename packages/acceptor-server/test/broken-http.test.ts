import { connect } from "node:net";
import type { Address } from "@synod/api";
import { describe, expect, test } from "vitest";
import type { App } from "../src/node/node-app.ts";
import { everythingTold, listening, memoryApp, post } from "./memory-app.ts";
import { expectProblem, parseAnswer } from "./problem.ts";
import { exchange, RawSocket } from "./raw-socket.ts";

async function usedServer(slowestRequestMs?: number): Promise<{ app: App; address: Address }> {
  const { app } = await memoryApp(undefined, { slowestRequestMs });
  await post(app, "/accept", { id: 3, value: "apple" });
  return { app, address: await listening(app) };
}

const BODY = '{"id":9}';
const POST_HEAD = "POST /prepare HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
const JSON_HEAD = `${POST_HEAD}content-type: application/json\r\n`;

describe("what is no HTTP, or not the HTTP that was meant", () => {
  test.each([
    ["noise", "\x00\x01\x02\r\n\r\n"],
    ["a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["a method nobody knows", "BREW /prepare HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["a version nobody knows", "GET /state HTTP/9.7\r\nhost: localhost\r\n\r\n"],
    ["a space in the path", "GET /sta te HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["a header without colon", "GET /state HTTP/1.1\r\nhost: localhost\r\nbroken\r\n\r\n"],
    ["no host", "GET /state HTTP/1.1\r\nconnection: close\r\n\r\n"],
    ["a length that is no number", `${JSON_HEAD}content-length: abc\r\n\r\n${BODY}`],
    ["a negative length", `${JSON_HEAD}content-length: -1\r\n\r\n${BODY}`],
    ["two lengths", `${JSON_HEAD}content-length: 8\r\ncontent-length: 9\r\n\r\n${BODY}`],
    [
      "a length and chunks",
      `${JSON_HEAD}content-length: 8\r\ntransfer-encoding: chunked\r\n\r\n8\r\n${BODY}\r\n0\r\n\r\n`,
    ],
    ["a chunk of no size", `${JSON_HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n${BODY}\r\n0\r\n\r\n`],
  ])("%s gets 400, as a problem, and changes nothing", async (_what, bytes) => {
    const { app, address } = await usedServer();
    const before = await everythingTold(app);
    expectProblem(parseAnswer(await exchange(address, Buffer.from(bytes, "latin1"))), "bad-request");
    expect(await everythingTold(app)).toEqual(before);
  });

  test("noise behind a whole request is never taken for its answer, which would be untrue", async () => {
    const { address } = await usedServer();
    const request = `POST /prepare HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n${BODY}`;
    const text = await exchange(address, `${request}\x00noise\r\n\r\n`);
    expect(text).not.toContain('"definite":true');
  });

  test("headers as long as the three longest bounds of a range are taken; above 32 KiB they get 431", async () => {
    const { address } = await usedServer();
    const withHeader = (length: number) =>
      exchange(
        address,
        `GET /state HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nbig: ${"x".repeat(length)}\r\n\r\n`,
      );
    expect(parseAnswer(await withHeader(3 * 1000 * "%E2%82%AC".length)).statusCode).toBe(200);
    expectProblem(parseAnswer(await withHeader(33_000)), "headers-too-large");
  });

  test("a body that is shorter than announced changes nothing when its sender goes away", async () => {
    const { app, address } = await usedServer();
    const before = await everythingTold(app);
    const socket = connect(address);
    await new Promise<void>((resolve) => socket.write(`${JSON_HEAD}content-length: 9\r\n\r\n${BODY}`, () => resolve()));
    socket.end();
    await new Promise((resolve) => socket.on("close", resolve).resume());
    expect(await everythingTold(app)).toEqual(before);
  });

  test("an expectation it does not know is no reason to refuse, since it would have been answered anyway", async () => {
    const { address } = await usedServer();
    const text = await exchange(
      address,
      "GET /state HTTP/1.1\r\nhost: localhost\r\nexpect: tea\r\nconnection: close\r\n\r\n",
    );
    const { statusCode, payload } = parseAnswer(text);
    expect([statusCode, payload]).toEqual([200, '{"promisedId":3,"acceptedId":3,"acceptedValue":"apple"}']);
  });

  test("HTTP/1.0 needs no host", async () => {
    const { address } = await usedServer();
    expect(parseAnswer(await exchange(address, "GET /state HTTP/1.0\r\n\r\n")).statusCode).toBe(200);
  });
});

describe("a body that is too large", () => {
  test("is refused by its announced length, before any of it is sent", async () => {
    const { address } = await usedServer();
    const socket = await RawSocket.open(address);
    socket.send(`${JSON_HEAD}content-length: 131073\r\n\r\n`);
    expectProblem(parseAnswer(await socket.untilReceived("\r\n\r\n{")), "body-too-large");
  });

  test("is refused in chunks as soon as the limit is passed, long before its end", async () => {
    const { app, address } = await usedServer();
    const before = await everythingTold(app);
    const socket = await RawSocket.open(address);
    socket.send(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`);
    const chunk = " ".repeat(0x8000);
    for (let sent = 0; sent < 5; sent++) socket.send(`8000\r\n${chunk}\r\n`);
    expectProblem(parseAnswer(await socket.untilReceived("\r\n\r\n{")), "body-too-large");
    expect(await everythingTold(app)).toEqual(before);
  });
});

describe("a request that arrives too slowly", () => {
  const LIMIT_MS = 200;

  test.each([
    ["in its body", `${JSON_HEAD}content-length: 8\r\n\r\n{"id"`],
    ["in its headers", "POST /prepare HTTP/1.1\r\nhost: localhost\r\nconten"],
    ["between two chunks", `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n8\r\n{"id"`],
  ])("(it stops %s) gets 408, as a problem, and the connection ends", async (_where, bytes) => {
    const { app, address } = await usedServer(LIMIT_MS);
    const before = await everythingTold(app);
    const begin = performance.now();
    const answer = parseAnswer(await exchange(address, bytes));
    expect(performance.now() - begin).toBeGreaterThanOrEqual(LIMIT_MS - 1);
    expectProblem(answer, "request-timeout");
    expect(JSON.parse(answer.payload).detail).toContain("0.2 s");
    expect(await everythingTold(app)).toEqual(before);
  });

  test("does not keep others waiting", async () => {
    const { address } = await usedServer();
    const slow = await Promise.all(Array.from({ length: 50 }, () => RawSocket.open(address)));
    for (const socket of slow) socket.send(`${JSON_HEAD}content-length: 8\r\n\r\n{"id"`);
    const text = await exchange(address, `${JSON_HEAD}content-length: 8\r\n\r\n${BODY}`);
    expect(parseAnswer(text).statusCode).toBe(200);
  });

  test("may take ten seconds unless the app was told otherwise", async () => {
    const { app } = await memoryApp();
    expect([app.server.requestTimeout, app.server.headersTimeout]).toEqual([10_000, 10_000]);
  });
});
