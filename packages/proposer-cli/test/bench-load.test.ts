import { Random } from "@synod/consensus";
import { expect, test } from "vitest";
import { load, NEVER_SENT } from "../src/bench/load.ts";
import type { LoadConnection, LoadedStore } from "../src/bench/load-connection.ts";
import { Measurement } from "../src/bench/measurement.ts";
import { openLoop } from "../src/bench/open-loop.ts";
import { PAXOS_PROTOCOL } from "../src/bench/synod-protocol.ts";
import { keyPrefix, keysOf, Workload } from "../src/bench/workload.ts";
import { type Answering, fakeServer } from "./fake-cluster.ts";

const SHAPE = { keys: 10, keySize: 16, valueSize: 20, mix: { put: 1, get: 1 }, record: null };
type Settings = ConstructorParameters<typeof Workload>[0];

function workloadOf(shape: Partial<Settings>): Workload {
  const random = Random.fromSeed(1);
  const settings = { ...SHAPE, ...shape } as Settings;
  return new Workload(settings, keysOf(settings, keyPrefix(random)), random);
}

async function storeThat(answers: Answering): Promise<LoadedStore> {
  const { port } = await fakeServer(answers);
  const addresses = [{ host: "127.0.0.1", port }];
  return {
    ...{ protocol: PAXOS_PROTOCOL, addresses, secret: undefined, level: "strong", timeoutMs: 5000, recorder: null },
  };
}

const never = new AbortController().signal;

test("times are kept to three figures, and the distribution ends with the slowest", () => {
  const measurement = new Measurement();
  measurement.spans(0, 1000);
  for (let ms = 1; ms <= 1000; ms++) measurement.done("put", 0, ms);
  measurement.done("put", 1, 60_001);
  const { put } = measurement.latencies;
  expect(put?.count).toBe(1001);
  for (const [percent, ms] of [
    [put?.p50, 500],
    [put?.p90, 900],
    [put?.p99, 990],
  ] as const) {
    expect(Math.abs((percent ?? 0) / ms - 1)).toBeLessThan(0.003);
  }
  expect(Math.abs((put?.max ?? 0) / 60_000 - 1)).toBeLessThan(0.001);
  const percents = put?.distribution.map(([percent]) => percent) ?? [];
  expect(percents).toEqual([...percents].sort((one, other) => one - other));
  expect(put?.distribution.at(-1)).toEqual([100, put?.max]);
});

test("what began before the measurement, or was answered after it, is in the times or the rate of neither", () => {
  const measurement = new Measurement();
  measurement.spans(1000, 2000);
  measurement.done("put", 900, 990);
  measurement.failed("overloaded", 990);
  expect([measurement.latencies.put, measurement.rate(2000), measurement.errors]).toEqual([undefined, 0, {}]);
  measurement.done("put", 1100, 1200);
  measurement.done("put", 1900, 2900);
  measurement.failed("overloaded", 1500);
  // The slow one counts as slow, but not as answered in this second.
  expect([measurement.latencies.put?.count, measurement.rate(3000)]).toEqual([2, 1]);
  expect(measurement.errors).toEqual({ overloaded: 1 });
});

test("a mix is done in its shares, each key as likely as the others, the same with the same seed", () => {
  const asked = () => {
    const workload = workloadOf({ mix: { put: 1, get: 3 } });
    return Array.from({ length: 4000 }, () => workload.next());
  };
  const gets = asked().filter(({ operation }) => operation === "get").length;
  expect(gets).toBeGreaterThan(2800);
  expect(gets).toBeLessThan(3200);
  expect(new Set(asked().map(({ key }) => key)).size).toBe(10);
  expect(asked()).toEqual(asked());
  for (const { key } of asked()) expect(key).toMatch(/^bench-[0-9a-z]{5}-[0-9a-z]{4}$/);
});

test("for a history, every value is written once", () => {
  const workload = workloadOf({ mix: { put: 1, get: 0 }, record: "run.jsonl" });
  const values = Array.from({ length: 1000 }, () => workload.next().value);
  expect(new Set(values).size).toBe(1000);
  for (const value of values) expect(value).toHaveLength(20);
});

test("in a closed loop each connection has one request under way, and asks again when it is answered", async () => {
  let underWay = 0;
  let most = 0;
  const store = await storeThat(async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return { body: {} };
  });
  const measurement = new Measurement();
  const plan = { concurrency: 3, warmUpMs: 0, durationMs: 200, rate: null };
  await load(plan, store, "test", workloadOf({ mix: { put: 1, get: 0 } }), measurement, never);
  expect(most).toBe(3);
  expect(measurement.latencies.put?.count).toBeGreaterThan(3);
  expect(measurement.latencies.put?.min).toBeGreaterThan(4);
});

test("in an open loop a request's time runs from when it was due: a stall makes all late that are due meanwhile", async () => {
  let stalls = true;
  const store = await storeThat(async () => {
    if (stalls) await new Promise((resolve) => setTimeout(resolve, 300));
    stalls = false;
    return { body: {} };
  });
  const measurement = new Measurement();
  // One connection: behind the first answer some sixty others are due, and each is that much late.
  const plan = { concurrency: 1, warmUpMs: 0, durationMs: 600, rate: 200 };
  await load(plan, store, "test", workloadOf({ mix: { put: 1, get: 0 } }), measurement, never);
  const late = measurement.latencies.put?.distribution.filter(([, ms]) => ms > 100).map(([percent]) => percent) ?? [];
  expect(measurement.latencies.put?.max).toBeGreaterThan(290);
  // A closed loop would call one of a hundred slow.
  expect(Math.min(...late)).toBeLessThan(95);
});

test("what is due and finds no connection before the time is up is counted as never sent", async () => {
  const store = await storeThat(async () => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return { body: {} };
  });
  const measurement = new Measurement();
  const plan = { concurrency: 2, warmUpMs: 0, durationMs: 200, rate: 100 };
  await load(plan, store, "test", workloadOf({ mix: { put: 1, get: 0 } }), measurement, never);
  expect(measurement.latencies.put?.count).toBe(2);
  expect(Object.keys(measurement.errors)).toEqual([NEVER_SENT]);
  expect(measurement.errors[NEVER_SENT]).toBeGreaterThanOrEqual(17);
});

test("interrupted, an open loop counts what waited as never sent", async () => {
  const store = await storeThat(() => new Promise(() => {}));
  const measurement = new Measurement();
  const plan = { concurrency: 2, warmUpMs: 0, durationMs: 60_000, rate: 100 };
  const workload = workloadOf({ mix: { put: 1, get: 0 } });
  await load(plan, store, "test", workload, measurement, AbortSignal.timeout(300));
  expect(Object.keys(measurement.errors)).toEqual([NEVER_SENT]);
  expect(measurement.errors[NEVER_SENT]).toBeGreaterThan(10);
});

test("interrupted, an open loop is over, so that no timer of it keeps the process from ending", async () => {
  const connections = [{} as LoadConnection];
  const [fromMs, endMs] = [performance.now(), performance.now() + 60_000];
  const interrupted = AbortSignal.timeout(100);
  await openLoop({ connections, fromMs, endMs, send: () => {}, givesUp: () => {}, interrupted }, 100);
  expect(performance.now()).toBeLessThan(endMs);
});
