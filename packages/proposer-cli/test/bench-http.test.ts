import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { ETCD_PROTOCOL } from "../src/bench/etcd-protocol.ts";
import { readHttpAnswer } from "../src/bench/http-answer.ts";
import { type Heard, HttpCaller, httpText } from "../src/bench/http-caller.ts";
import { PAXOS_PROTOCOL } from "../src/bench/synod-protocol.ts";

describe("an answer of HTTP", () => {
  const LONG = 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"value":"ä"}'.replace("13", "14");
  const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";

  test.each([
    [LONG, '{"value":"ä"}'],
    [CHUNKED, "abc0123456789"],
  ])("is whole with its last byte, and not before", (text, body) => {
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length++) expect(readHttpAnswer(bytes.subarray(0, length))).toBeNull();
    expect(readHttpAnswer(bytes)).toEqual({ status: 200, body, keepsAlive: true });
  });

  test("may be the last on its connection", () => {
    const text = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    expect(readHttpAnswer(Buffer.from(text))).toEqual({ status: 503, body: "", keepsAlive: false });
  });

  test.each([
    ["SSH-2.0-OpenSSH\r\n\r\n", "no answer of HTTP/1.1"],
    ["HTTP/1.1 200 OK\r\n\r\n", "an answer without a length"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "a chunk without a size"],
  ])("is refused where its end cannot be told: %j", (text, says) => {
    expect(() => readHttpAnswer(Buffer.from(text))).toThrow(says);
  });
});

describe("a caller", () => {
  /** A server that does with each request, and its number, as a test says. */
  async function serverThat(does: (socket: Socket, number: number) => void) {
    let number = 0;
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => does(socket, ++number));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    return { host: "127.0.0.1", port };
  }

  const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  const request = { method: "GET", path: "/x", body: "" } as const;

  async function heardFrom(address: { host: string; port: number }, times: number, timeoutMs = 5000): Promise<Heard[]> {
    const caller = new HttpCaller(address, timeoutMs);
    const heard: Heard[] = [];
    for (let time = 0; time < times; time++) {
      heard.push(await new Promise((resolve) => caller.call(httpText(request, address, undefined), resolve)));
    }
    caller.close();
    return heard;
  }

  test("connects again after its connection broke, and says that the outcome is not known", async () => {
    const address = await serverThat((socket, number) => (number === 1 ? socket.destroy() : socket.write(OK)));
    const [first, second] = await heardFrom(address, 2);
    expect(first).toEqual({ kind: "failed", code: "connection broken", definite: false });
    expect(second).toMatchObject({ status: 200, body: "ok" });
  });

  test("knows that nothing happened where nobody listens", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    const heard = await heardFrom({ host: "127.0.0.1", port }, 1);
    expect(heard).toEqual([{ kind: "failed", code: "not reachable", definite: true }]);
  });

  test("does not wait longer than it was told", async () => {
    const address = await serverThat((socket, number) => number > 1 && socket.write(OK));
    const [first, second] = await heardFrom(address, 2, 50);
    expect(first).toEqual({ kind: "failed", code: "time-out", definite: false });
    expect(second).toMatchObject({ status: 200 });
  });
});

describe("what a store's answers mean", () => {
  test("a gateway's problems are counted by their codes, and say whether anything happened", () => {
    const overloaded = JSON.stringify({ code: "overloaded", detail: "too much", definite: true });
    expect(PAXOS_PROTOCOL.outcomeOf(503, overloaded)).toEqual({ kind: "failed", code: "overloaded", definite: true });
    expect(PAXOS_PROTOCOL.outcomeOf(502, "<html>")).toEqual({ kind: "failed", code: "status 502", definite: false });
  });

  test("that there is no such key is an answer", () => {
    const body = JSON.stringify({ code: "key-not-found", detail: "there is none", definite: true });
    expect(PAXOS_PROTOCOL.outcomeOf(404, body)).toEqual({ kind: "done" });
    expect(PAXOS_PROTOCOL.valueIn(body)).toBeNull();
    expect(ETCD_PROTOCOL.valueIn("{}")).toBeNull();
  });

  test("etcd's keys and values travel in base64, and come back as they were", () => {
    const put = JSON.parse(ETCD_PROTOCOL.put("key", "value").body);
    expect(put).toEqual({ key: "a2V5", value: "dmFsdWU=" });
    expect(ETCD_PROTOCOL.valueIn(JSON.stringify({ kvs: [put] }))).toBe("value");
    const busy = JSON.stringify({ error: "etcdserver: request timed out", code: 14 });
    expect(ETCD_PROTOCOL.outcomeOf(503, busy)).toEqual({ kind: "failed", code: "request timed out", definite: false });
  });

  test("keys are removed by their prefix and nothing beyond it", () => {
    const [removal] = ETCD_PROTOCOL.removal(["bench-x-1"], "bench-x-");
    const { key, range_end: end } = JSON.parse(removal?.body ?? "");
    expect([key, end].map((text) => Buffer.from(text, "base64").toString())).toEqual(["bench-x-", "bench-x."]);
    const keys = Array.from({ length: 1001 }, (_, number) => `bench-x-${number}`);
    const removed = PAXOS_PROTOCOL.removal(keys, "bench-x-").flatMap(({ body }) => JSON.parse(body).operations);
    expect(removed.map((one: { key: string }) => one.key)).toEqual(keys);
  });
});
