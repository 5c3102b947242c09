import type { ServerResponse } from "node:http";
import { ERRORS, problem } from "@synod/api";
import { describe, expect, test } from "vitest";
import { type ServerSentEventsOptions, serverSentEvents } from "../src/server-sent-events.ts";
import { NOBODY, startServerSaying, startSilentServer, startStandIn } from "./stand-in-server.ts";

/** A server that begins a stream and hands it to the test. */
async function streaming(onStream: (response: ServerResponse) => void) {
  return startStandIn((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    onStream(response);
  });
}

async function firstOf(address: { host: string; port: number }, options?: ServerSentEventsOptions) {
  for await (const event of serverSentEvents(address, "/events", options)) return event;
  return null;
}

describe("a stream of events", () => {
  test("is read as it comes, whatever pieces it comes in, until the server ends it", async () => {
    const text = ': alive\n\nevent: change\nid: 7\ndata: {"key":"naïve"}\n\ndata: one\ndata: two\n\n';
    const server = await streaming(async (response) => {
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const seen = [];
    for await (const event of serverSentEvents(server.address, "/events?from=3")) seen.push(event);
    expect(seen).toEqual([
      { event: "change", id: "7", data: '{"key":"naïve"}' },
      { event: "message", id: null, data: "one\ntwo" },
    ]);
    expect(server.requests).toEqual(["GET /events?from=3"]);
  });

  test("is asked for with the caller's own headers", async () => {
    const server = await streaming((response) => response.end());
    await firstOf(server.address, { headers: { "last-event-id": "7" } });
    expect((await server.asked).headers).toMatchObject({ accept: "text/event-stream", "last-event-id": "7" });
  });

  test("is let go of when the caller leaves the loop", async () => {
    let left: () => void = () => {};
    const isLeft = new Promise<void>((resolve) => {
      left = resolve;
    });
    const server = await streaming((response) => {
      response.on("close", left);
      response.write("data: 1\n\ndata: 2\n\n");
    });
    expect(await firstOf(server.address)).toMatchObject({ data: "1" });
    await isLeft;
  });

  test("ends with the signal, and says whose doing that was", async () => {
    const server = await streaming(() => {});
    const giveUp = new AbortController();
    const first = firstOf(server.address, { signal: giveUp.signal });
    await server.asked;
    giveUp.abort();
    await expect(first).rejects.toMatchObject({ name: "NoAnswer", reason: "cancelled" });
  });

  test.each([
    ["that never begins", () => startSilentServer()],
    ["that has begun and says nothing any more", () => streaming((response) => response.write("data: half"))],
  ])("%s is given up after a while", async (_what, start) => {
    const { address } = await start();
    await expect(firstOf(address, { idleTimeoutMs: 50 })).rejects.toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("within 50 ms"),
    });
  });

  test("lives as long as its heartbeats do", async () => {
    const server = await streaming((response) => {
      let beats = 0;
      const timer = setInterval(() => {
        response.write(": alive\n\n");
        if (++beats < 30) return;
        clearInterval(timer);
        response.end("data: late\n\n");
      }, 20);
    });
    expect(await firstOf(server.address, { idleTimeoutMs: 400 })).toMatchObject({ data: "late" });
  });

  test("waits for a caller who takes long over an event: that is not the server's silence", async () => {
    const server = await streaming((response) => response.end("data: 1\n\ndata: 2\n\n"));
    const seen = [];
    const options = { idleTimeoutMs: 30, beginTimeoutMs: 5000 };
    for await (const { data } of serverSentEvents(server.address, "/events", options)) {
      seen.push(data);
      await new Promise((resolve) => setTimeout(resolve, 90));
    }
    expect(seen).toEqual(["1", "2"]);
  });

  test("that breaks off is no stream that ended", async () => {
    const server = await streaming((response) => {
      response.write("data: 1\n\n");
      setImmediate(() => response.destroy());
    });
    const all = async () => {
      for await (const _ of serverSentEvents(server.address, "/events"));
    };
    await expect(all()).rejects.toMatchObject({ name: "NoAnswer", reason: "broken" });
  });

  test("whose event has no end is given up before it fills the memory", async () => {
    const piece = "x".repeat(1024 * 1024);
    let sent = 0;
    const server = await streaming((response) => {
      response.write("data: ");
      const pour = () => {
        while (!response.destroyed && sent < 256) {
          sent++;
          if (!response.write(piece)) return;
        }
      };
      response.on("drain", pour);
      pour();
    });
    await expect(firstOf(server.address)).rejects.toMatchObject({ reason: "broken" });
    expect(sent).toBeLessThan(64);
  });
});

describe("what is no stream of events", () => {
  test("a refusal from the table of errors is handed over whole", async () => {
    const refusal = problem("unknown-subscription", "there is none");
    const { status } = ERRORS["unknown-subscription"];
    const server = await startServerSaying(refusal, { status });
    await expect(firstOf(server.address)).rejects.toMatchObject({ name: "ProblemAnswer", problem: refusal });
  });

  test.each([
    ["a web page", "<html>hello</html>", 200],
    ["JSON", { hello: "world" }, 200],
    ["another service's error", "oops", 500],
  ])("%s is told as such", async (_what, body, status) => {
    const server = await startServerSaying(body, { status });
    await expect(firstOf(server.address)).rejects.toMatchObject({ name: "NoAnswer", reason: "no-acceptor" });
  });

  test("an address at which nobody listens is refused", async () => {
    await expect(firstOf(NOBODY)).rejects.toMatchObject({ name: "NoAnswer", reason: "refused" });
  });
});
