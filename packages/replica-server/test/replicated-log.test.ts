import { expect, test } from "vitest";
import type { DecidedValue } from "../src/index.ts";
import { DecidedValues } from "../src/roles/decided-values.ts";
import { ClusterStage, COMPACT } from "./cluster-stage.ts";

const PATIENCE = { timeoutMs: 30_000 };

async function take(values: AsyncIterable<DecidedValue>, count: number): Promise<DecidedValue[]> {
  const taken: DecidedValue[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

test("what is proposed at one learner's log is read, in one order, at every other", async () => {
  const stage = await ClusterStage.started({ shape: COMPACT });
  const logs = ["learner1", "learner2", "learner3"].map((name) => stage.logOf(name));
  const proposed = await Promise.all(logs.map((log, number) => log.propose(`value ${number}`, PATIENCE)));
  for (const { result } of proposed) expect(JSON.parse(result)).toEqual({ kind: "not-a-command" });
  const last = Math.max(...proposed.map(({ slot }) => slot));
  const read = await Promise.all(logs.map((log) => take(log.subscribe(1), last)));
  expect(read[1]).toEqual(read[0]);
  expect(read[2]).toEqual(read[0]);
  for (const [number, { slot }] of proposed.entries()) {
    expect(read[0]?.[slot - 1]).toEqual({ slot, value: `value ${number}` });
  }
  expect(await logs[0]?.readBarrier(PATIENCE)).toBeGreaterThanOrEqual(last);
});

test("a log without a majority of its acceptors says that it did not do what it was asked", async () => {
  const stage = await ClusterStage.started({ without: ["acceptor2", "acceptor3"] });
  const log = stage.logOf("learner1");
  await expect(log.readBarrier({ timeoutMs: 500 })).rejects.toMatchObject({ name: "LogRefused", reason: "no-leader" });
  // Where the last attempt was on its way when the time was up, nobody knows.
  const proposed = log.propose("x", { timeoutMs: 500 });
  await expect(proposed).rejects.toMatchObject({ reason: expect.stringMatching(/^(no-leader|unknown)$/) });
});

test("values that are gone are not passed over in silence", async () => {
  const decided = new DecidedValues(10);
  decided.push(11, "eleven");
  await expect(take(decided.from(5), 1)).rejects.toMatchObject({ name: "LogCompacted", through: 10 });
  expect(await take(decided.from(11), 1)).toEqual([{ slot: 11, value: "eleven" }]);
  // After a snapshot the log goes on further up.
  decided.push(20, "twenty");
  await expect(take(decided.from(12), 1)).rejects.toMatchObject({ through: 19 });
});

test("who reads along hears each value as it comes, and the end when the log is closed", async () => {
  const decided = new DecidedValues(0);
  const reading = take(decided.from(1), 99);
  for (const slot of [1, 2, 3]) {
    decided.push(slot, `value ${slot}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  decided.close();
  expect((await reading).map(({ slot }) => slot)).toEqual([1, 2, 3]);
});
