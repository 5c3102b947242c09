import { formatAddress } from "@synod/api";
import { connectStore, OutcomeUnknown, type Store, StoreError, type StoreOptions } from "@synod/client";
import { expect, onTestFinished, test } from "vitest";
import { ClusterStage, COMPACT, until } from "./cluster-stage.ts";

/** What is put at the end. */
const LAST = "the last";

const GATEWAYS = ["gateway1", "gateway2", "gateway3"];

function storeOf(stage: ClusterStage, options: Partial<StoreOptions> = {}): Store {
  const servers = GATEWAYS.map((name) => formatAddress(stage.server(name).address));
  const ending = new AbortController();
  const store = connectStore({ servers, timeoutMs: 30_000, signal: ending.signal, ...options });
  onTestFinished(async () => {
    ending.abort();
    await store.close();
  });
  return store;
}

/** What became of every write of a caller: the values by outcome. */
class Outcomes {
  readonly acknowledged: string[] = [];
  readonly unknown: string[] = [];
  readonly failed: string[] = [];

  async of(value: string, write: Promise<unknown>): Promise<void> {
    await write.then(
      () => this.acknowledged.push(value),
      (error: unknown) => {
        if (error instanceof OutcomeUnknown) this.unknown.push(value);
        else if (error instanceof StoreError && error.definite) this.failed.push(value);
        else throw error;
      },
    );
  }
}

/** Every value that is ever put, in the order of revisions, up to the last one. */
async function history(store: Store): Promise<string[]> {
  const values: string[] = [];
  for await (const change of store.watch({ pattern: "*", from: 1 })) {
    expect(change.type).toBe("put");
    if (change.type === "compacted" || change.value === LAST) break;
    values.push(change.value ?? "");
  }
  return values;
}

test("every write that was acknowledged is there once, in the order of its caller, while leaders die and come back", async () => {
  const stage = await ClusterStage.started({
    shape: COMPACT,
    tuning: { proposer: { timing: { electionTimeoutMs: 700 } } },
  });
  const stores = [storeOf(stage), storeOf(stage)];
  // One watch looks on all the while, over every connection that breaks; another one reads it all afterwards.
  const seen = history(storeOf(stage));
  const outcomes = new Outcomes();
  let isOver = false;
  const caller = async (number: number) => {
    const store = stores[number % stores.length] as Store;
    for (let count = 0; !isOver; count++) {
      // Two at a time on one key, so that their order is put to the test as well.
      const values = [`${number} ${count} a`, `${number} ${count} b`];
      await Promise.all(values.map((value) => outcomes.of(value, store.put(`key ${number}`, value))));
    }
  };
  const callers = Array.from({ length: 24 }, (_, number) => caller(number));
  const progress = async () => {
    const enough = outcomes.acknowledged.length + 200;
    await until("200 more are acknowledged", () => outcomes.acknowledged.length >= enough);
  };
  await progress();
  for (let round = 0; round < 2; round++) {
    const leader = await stage.leader(GATEWAYS[round]);
    const { node } = stage.server(leader);
    await stage.stop(node);
    await progress();
    await stage.start(node);
    await progress();
  }
  isOver = true;
  await Promise.all(callers);
  const [one] = stores as [Store];
  await one.put("last", LAST);
  const all = await history(one);
  expect(await seen, "nothing is lost or told twice").toEqual(all);
  expect(new Set(all).size, "each once").toBe(all.length);
  const there = new Set(all);
  expect(outcomes.acknowledged.filter((value) => !there.has(value))).toEqual([]);
  expect([outcomes.failed, outcomes.unknown], "what is safe to send again is, until it is known").toEqual([[], []]);
  const known = new Set(outcomes.acknowledged);
  for (let number = 0; number < 24; number++) {
    const mine = all.filter((value) => value.startsWith(`${number} `) && known.has(value));
    const rank = (value: string) => Number(value.split(" ")[1]) * 2 + (value.endsWith("b") ? 1 : 0);
    expect(mine, "in order").toEqual([...mine].sort((first, second) => rank(first) - rank(second)));
  }
});

test("two clients that count together lose no step, and both read what the other wrote", async () => {
  const stage = await ClusterStage.started({ shape: COMPACT });
  const stores = [storeOf(stage), storeOf(stage, { consistency: "session" })];
  const add = async (store: Store) => {
    for (;;) {
      const before = await store.get("count");
      const expectation = before === null ? { expected: null } : { expectedRevision: before.revision };
      const next = String(Number(before?.value ?? 0) + 1);
      if ((await store.compareAndSet("count", expectation, next)).succeeded) return;
    }
  };
  const work = stores.map(async (store) => {
    for (let count = 0; count < 20; count++) await add(store);
  });
  await Promise.all(work);
  expect(await stores[0]?.get("count")).toMatchObject({ value: "40" });
});

test("a list sees all keys over many pages, and the store's status is the cluster's", async () => {
  const stage = await ClusterStage.started({ shape: COMPACT });
  const store = storeOf(stage);
  const keys = Array.from({ length: 250 }, (_, place) => `list/${String(place).padStart(3, "0")}`);
  await Promise.all(keys.map((key) => store.put(key, "x")));
  const listed: string[] = [];
  for await (const { key } of store.list({ prefix: "list/", limit: 100 })) listed.push(key);
  expect(listed).toEqual(keys);
  expect((await store.status()).leader).toMatch(/^proposer\d$/);
});

test("a batch goes on up to the first operation that fails on each key, so that none overtakes it", async () => {
  const stage = await ClusterStage.started({ shape: COMPACT });
  const session = { client: "nobody", openedAt: 1, sequence: 2, firstUnacknowledged: 2 };
  const operations = ["x", "x", "y", "x"].map((key) => ({ type: "put", key, value: "1" }));
  const body = { operations, ordered: false, session, timeout_ms: 30_000 };
  const { body: answer } = await stage.ask("gateway1", "POST /kv/batch", body);
  const codes = answer.results.map(({ error }: { error: { code: string } }) => error.code);
  expect(codes).toEqual(["session-expired", "not-tried", "session-expired", "not-tried"]);
});
