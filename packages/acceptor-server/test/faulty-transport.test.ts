import type { Transport, TransportRequest } from "@synod/client";
import { describe, expect, test } from "vitest";
import { faultyTransport } from "../src/node/faulty-transport.ts";
import { faultsOfA, isPending, until } from "./node-stage.ts";

const ANSWER = { status: 200, headers: {}, text: "{}" };

/** A network without faults, and what went over it. */
function network() {
  const sent: { readonly path: string; readonly atMs: number }[] = [];
  const transport: Transport = {
    async exchange({ path }) {
      sent.push({ path, atMs: performance.now() });
      return { ...ANSWER, text: `answer ${sent.length}` };
    },
    async close() {},
  };
  return { sent, transport };
}

function request(signal: AbortSignal = new AbortController().signal): TransportRequest {
  return { method: "GET", path: "/hello", headers: {}, body: null, signal };
}

/** Node a's transport to node b. */
function stage() {
  const { sent, transport } = network();
  const faults = faultsOfA();
  return { sent, faults, transport: faultyTransport(transport, faults, "a", "b") };
}

describe("a request to another node", () => {
  test("leaves at once where no fault is", async () => {
    const { sent, transport } = stage();
    expect(await transport.exchange(request())).toMatchObject({ text: "answer 1" });
    expect(sent).toHaveLength(1);
  });

  test("is never answered where it is lost: nobody is told sooner than by the caller's own time-out", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("cut a>b");
    const ending = new AbortController();
    const asked = transport.exchange(request(ending.signal));
    expect(await isPending(asked)).toBe(true);
    ending.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(sent).toEqual([]);
    // A cut that is healed brings back nothing of what was lost.
    faults.heal();
    expect(await transport.exchange(request())).toMatchObject({ text: "answer 1" });
  });

  test("leaves later by as much as the link is slower", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("delay a>b by 60ms");
    const begin = performance.now();
    await transport.exchange(request());
    expect((sent[0]?.atMs ?? 0) - begin).toBeGreaterThanOrEqual(58);
  });

  test("is lost if the link is cut while it is on its way", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("delay a>b by 20ms");
    const asked = transport.exchange(request(AbortSignal.timeout(200)));
    await faults.add("cut a>b");
    await expect(asked).rejects.toMatchObject({ name: "TimeoutError" });
    expect(sent).toEqual([]);
  });

  test("is not answered if the way back is cut here, be it that the cut began while it was under way", async () => {
    const { sent, transport: plain } = network();
    const faults = faultsOfA();
    const cutting: Transport = {
      async exchange(asked) {
        if (faults.isIdle) await faults.add("cut b>a");
        return plain.exchange(asked);
      },
      close: plain.close,
    };
    const transport = faultyTransport(cutting, faults, "a", "b");
    for (const times of [1, 2]) {
      const asked = transport.exchange(request(AbortSignal.timeout(50)));
      await expect(asked).rejects.toMatchObject({ name: "TimeoutError" });
      expect(sent).toHaveLength(times);
    }
  });

  test("that is sent twice is answered once", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("duplicate 100% a>b");
    expect(await transport.exchange(request())).toMatchObject({ text: "answer 1" });
    await until(() => sent.length === 2);
  });

  test("waits while the node is paused, and so does the answer", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("pause a");
    const asked = transport.exchange(request());
    expect(await isPending(asked)).toBe(true);
    expect(sent).toEqual([]);
    faults.heal();
    expect(await asked).toMatchObject({ text: "answer 1" });
  });

  test("an answer that comes while the node is paused is heard when it goes on", async () => {
    const faults = faultsOfA();
    let answer = () => {};
    const inner: Transport = {
      exchange: () =>
        new Promise((resolve) => {
          answer = () => resolve(ANSWER);
        }),
      async close() {},
    };
    const asked = faultyTransport(inner, faults, "a", "b").exchange(request());
    await faults.add("pause a");
    answer();
    expect(await isPending(asked)).toBe(true);
    faults.heal();
    expect(await asked).toEqual(ANSWER);
  });

  test("ends with its signal while the node is paused", async () => {
    const { sent, faults, transport } = stage();
    await faults.add("pause a");
    await expect(transport.exchange(request(AbortSignal.timeout(20)))).rejects.toMatchObject({ name: "TimeoutError" });
    expect(sent).toEqual([]);
  });
});
