import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NotServed } from "@synod/acceptor-server";
import { type Address, NODE_HEADER } from "@synod/api";
import { ProblemAnswer } from "@synod/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "./cluster-stage.ts";
import { CLUSTER, opened, serverOfStreams, streamTo } from "./stream-stage.ts";

/** A server that does this with whoever wants a stream, and counts them. */
async function odd(upgrade: Parameters<Server["on"]>[1]): Promise<{ address: Address; asked: () => number }> {
  let asked = 0;
  const server = createServer((_request, response) => response.end());
  server.on("upgrade", (...args) => {
    asked++;
    upgrade(...args);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port }, asked: () => asked };
}

/** Says that it is learner1 and takes the stream; what it then says is up to the test. */
function speaking(words: string): Promise<{ address: Address; asked: () => number }> {
  return odd((_request, socket) => {
    socket.on("error", () => {});
    socket.write(
      `HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: x\r\n${NODE_HEADER}: learner1 ${CLUSTER}\r\n\r\n`,
    );
    socket.once("data", () => socket.write(words));
  });
}

describe("a stream of messages to another node", () => {
  test("opens when it is looked at, and carries messages and their answers", async () => {
    const { address } = await serverOfStreams();
    const stream = streamTo(address);
    expect(stream.isOpen()).toBe(false);
    await opened(stream);
    const asked = [1, 2, 3].map((number) => stream.exchange(JSON.stringify({ number }), 5000));
    expect(await Promise.all(asked)).toEqual([1, 2, 3].map((number) => ({ heard: { number }, from: "proposer2" })));
  });

  test("takes nothing while it is not open, and says that nothing arrived", async () => {
    const { address } = await serverOfStreams();
    await expect(streamTo(address).exchange("{}", 5000)).rejects.toMatchObject({ reason: "refused" });
  });

  test("hands over a problem as what it is", async () => {
    const answer = () => Promise.reject(new NotServed("overloaded", "too much"));
    const { address } = await serverOfStreams({ answer });
    const stream = streamTo(address);
    await opened(stream);
    const problem = { code: "overloaded", detail: "too much" };
    await expect(stream.exchange("{}", 5000)).rejects.toMatchObject({ name: ProblemAnswer.name, problem });
  });

  test("waits for an answer no longer than it is told to; what comes too late is passed over", async () => {
    const late: (() => void)[] = [];
    const answer = (message: unknown) =>
      message === "slow"
        ? new Promise<object>((resolve) => late.push(() => resolve({})))
        : Promise.resolve({ is: "fast" });
    const { address } = await serverOfStreams({ answer });
    const stream = streamTo(address);
    await opened(stream);
    await expect(stream.exchange('"slow"', 20)).rejects.toMatchObject({ reason: "timeout" });
    late[0]?.();
    expect(await stream.exchange('"fast"', 5000)).toEqual({ is: "fast" });
  });

  test("brings answers that are much longer than any question", async () => {
    const text = "x".repeat(20 * 1024 * 1024);
    const { address } = await serverOfStreams({ answer: async () => ({ text }) });
    const stream = streamTo(address);
    await opened(stream);
    const { text: heard } = (await stream.exchange("{}", 30_000)) as { text: string };
    expect(heard.length).toBe(text.length);
  });

  test("on which nothing comes any more is given up, and opened again", async () => {
    const { address, asked } = await speaking("");
    const stream = streamTo(address);
    await opened(stream);
    await expect(stream.exchange("{}", 1600)).rejects.toMatchObject({ reason: "timeout" });
    await until("it is asked for again", () => !stream.isOpen() || asked() === 2);
    await opened(stream);
    expect(asked()).toBe(2);
  });

  test("is kept where one answer does not come and others do", async () => {
    const answer = (message: unknown) => (message === "slow" ? new Promise<object>(() => {}) : Promise.resolve({}));
    const { address } = await serverOfStreams({ answer });
    const stream = streamTo(address);
    await opened(stream);
    const waiting = stream.exchange('"slow"', 60_000).catch((error) => error.reason);
    let slow = "";
    void stream.exchange('"slow"', 1600).catch((error) => {
      slow = error.reason;
    });
    while (slow === "") {
      expect(await stream.exchange('"fast"', 20_000)).toEqual({});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(slow).toBe("timeout");
    expect(await stream.exchange('"fast"', 20_000)).toEqual({});
    stream.close();
    expect(await waiting).toBe("broken");
  });

  test("that breaks says so to all who wait, and opens again", async () => {
    const { address, close } = await serverOfStreams({ answer: () => new Promise(() => {}) });
    const stream = streamTo(address);
    await opened(stream);
    const waiting = [1, 2].map(() => stream.exchange("{}", 60_000).catch((error) => error.reason));
    await close();
    expect(await Promise.all(waiting)).toEqual(["broken", "broken"]);
    expect(stream.isOpen()).toBe(false);
    await serverOfStreams({}, address.port);
    await opened(stream);
    expect(await stream.exchange("{}", 5000)).toMatchObject({ from: "proposer2" });
  });

  test("that is closed says so to all who wait, and opens no more", async () => {
    const { address } = await serverOfStreams({ answer: () => new Promise(() => {}) });
    const stream = streamTo(address);
    await opened(stream);
    const waiting = stream.exchange("{}", 60_000).catch((error) => error.reason);
    stream.close();
    expect(await waiting).toBe("broken");
    expect(stream.isOpen()).toBe(false);
    await expect(stream.exchange("{}", 10)).rejects.toMatchObject({ reason: "refused" });
  });
});

describe("no stream of messages", () => {
  test("is opened to one that is not meant", async () => {
    let ends = 0;
    const { address } = await serverOfStreams({ onLost: () => ends++ });
    const stream = streamTo(address, {}, "learner2");
    expect(stream.isOpen()).toBe(false);
    await until("it was let go", () => ends > 0);
    expect(stream.isOpen()).toBe(false);
  });

  test.each<[why: string, headers: Record<string, string>, secret: string | undefined]>([
    ["the cluster is another one", { "synod-cluster": "cluster-8" }, undefined],
    ["the secret is wrong", { authorization: "Bearer wrong" }, "open sesame"],
  ])("is opened where %s, and others still can", async (_, headers, secret) => {
    const { address } = await serverOfStreams({ secret });
    const refused = streamTo(address, headers);
    expect(refused.isOpen()).toBe(false);
    const right = streamTo(address, secret === undefined ? {} : { authorization: `Bearer ${secret}` });
    await opened(right);
    expect(refused.isOpen()).toBe(false);
  });

  test("is asked for again and again where it is refused, but not with each message", async () => {
    const { address, asked } = await odd((_request, socket) => socket.end("HTTP/1.1 503 No\r\n\r\n"));
    const stream = streamTo(address);
    for (let look = 0; look < 1000; look++) expect(stream.isOpen()).toBe(false);
    await until("it was asked for", () => asked() === 1);
    await until("it is asked for again", () => stream.isOpen() || asked() === 2);
    expect(asked()).toBe(2);
  });

  test("is kept on which something else than answers comes", async () => {
    for (const words of ["no answer\n", "1 no JSON\n", `${"x".repeat(64)}\n`]) {
      const { address } = await speaking(words);
      const stream = streamTo(address);
      await opened(stream);
      await expect(stream.exchange("{}", 20_000), words).rejects.toMatchObject({ reason: "broken" });
    }
  });

  test("makes a problem of what is none that is known", async () => {
    const { address } = await speaking('1 !{"code":"unheard-of","detail":"?"}\n');
    const stream = streamTo(address);
    await opened(stream);
    await expect(stream.exchange("{}", 20_000)).rejects.toMatchObject({ name: "NoAnswer", reason: "broken" });
  });
});
