import type { LogMessage } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { isReplyTo } from "../src/host/message-routes.ts";
import { streamedExchange } from "../src/host/streamed-exchange.ts";
import { until } from "./cluster-stage.ts";
import { faultsOf, opened, serverOfStreams, streamTo } from "./stream-stage.ts";
import { heartbeat } from "./toy-participant.ts";

const HEARD: LogMessage = { type: "heartbeat-heard", highestId: 4 };
const BY_HTTP: LogMessage = { type: "heartbeat-heard", highestId: 5 };

/** Proposer2's way to learner1, which answers everything so; by HTTP it hears `BY_HTTP`. */
async function stage(reply: object = HEARD) {
  const server = await serverOfStreams({ answer: async () => reply });
  const faults = faultsOf("b");
  const stream = streamTo(server.address);
  const byHttp = async () => BY_HTTP;
  const exchange = streamedExchange({ stream, byHttp, name: "learner1", timeoutMs: 5000, faults });
  return { exchange, stream, faults, server };
}

describe("a message to another node", () => {
  test("goes by HTTP until there is a stream, and by the stream from then on", async () => {
    const { exchange, stream } = await stage();
    expect(await exchange(heartbeat(1))).toEqual(BY_HTTP);
    await opened(stream);
    expect(await exchange(heartbeat(1))).toEqual(HEARD);
  });

  test("that is rare goes by HTTP", async () => {
    const { exchange, stream } = await stage();
    await opened(stream);
    for (const message of [
      { type: "prepare-log", id: 17, from: 1 },
      { type: "read-log", from: 1, limit: 1 },
      { type: "sync", from: 1, limit: 1 },
    ] as const) {
      expect(await exchange(message)).toEqual(BY_HTTP);
    }
  });

  test("goes by HTTP while a fault is at work where it is sent, and by the stream once it is healed", async () => {
    const { exchange, stream, faults } = await stage();
    await opened(stream);
    await faults.add("cut b>a");
    expect(await exchange(heartbeat(1))).toEqual(BY_HTTP);
    faults.heal();
    expect(await exchange(heartbeat(1))).toEqual(HEARD);
  });

  test("goes by HTTP while a fault is at work where it is answered, and by a new stream once it is healed", async () => {
    const { exchange, stream, server } = await stage();
    await opened(stream);
    await server.faults.add("cut a>b");
    await until("the stream is closed", () => !stream.isOpen());
    expect(await exchange(heartbeat(1))).toEqual(BY_HTTP);
    server.faults.heal();
    await opened(stream);
    expect(await exchange(heartbeat(1))).toEqual(HEARD);
  });

  test("is not answered while the node that sent it is paused", async () => {
    const answers: ((reply: object) => void)[] = [];
    const answer = () => new Promise<object>((resolve) => answers.push(resolve));
    const server = await serverOfStreams({ answer });
    const faults = faultsOf("b");
    const stream = streamTo(server.address);
    const byHttp = async () => BY_HTTP;
    await opened(stream);
    const exchange = streamedExchange({ stream, byHttp, name: "learner1", timeoutMs: 60_000, faults });
    const heard: unknown[] = [];
    const done = exchange(heartbeat(1)).then((reply) => heard.push(reply));
    await until("it was asked", () => answers.length === 1);
    await faults.add("pause b");
    answers[0]?.(HEARD);
    // What is answered after it on the same stream comes after it.
    const next = stream.exchange("{}", 60_000);
    await until("it was asked", () => answers.length === 2);
    answers[1]?.({});
    await next;
    expect(heard).toEqual([]);
    faults.heal();
    await done;
    expect(heard).toEqual([HEARD]);
  });

  test("that is answered in another form has no answer", async () => {
    const { exchange, stream } = await stage({ type: "heartbeat-heard", highestId: "four" });
    await opened(stream);
    await expect(exchange(heartbeat(1))).rejects.toMatchObject({ name: "NoAnswer", reason: "broken" });
  });
});

test.each<LogMessage>([
  { type: "accepted-log", id: 17, instances: [1, 2] },
  { type: "accepted-log", id: 17, instances: [], sequence: 3 },
  { type: "accept-log-ignored", id: 17, promisedId: 33 },
  { type: "refused", id: 17, instance: 1, reason: "value-conflict", accepted: { acceptedId: 17, acceptedValue: "v" } },
  { type: "refused", id: 17, instance: 1, reason: "duplicate-instance", accepted: null },
  { type: "truncated", instance: 1, truncatedThrough: 9, promisedId: 17 },
])("to an accept on a stream an acceptor may answer %j, and nothing with a member more", (reply) => {
  expect(isReplyTo("accept-log", reply)).toBe(true);
  expect(isReplyTo("accept-log", { ...reply, more: 1 })).toBe(false);
  expect(isReplyTo("heartbeat", reply)).toBe(false);
});
