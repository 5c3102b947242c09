import { describe, expect, test } from "vitest";
import { failureOf, oneStore } from "./open-stores.ts";
import { type BatchBody, type StandInGateway, until } from "./stand-in-gateway.ts";

const keysOf = ({ operations }: BatchBody) => operations.map(({ key }) => key);
const numbers = (count: number) => Array.from({ length: count }, (_, place) => place);

/** Holds the answers to the next batches back. @returns lets go of them, in their order */
function heldBack(gateway: StandInGateway, count: number): (() => void)[] {
  const answers: (() => void)[] = [];
  for (const _ of numbers(count)) gateway.instead.push((_batch, _response, answer) => void answers.push(answer));
  return answers;
}

describe("calls made together", () => {
  test("travel together", async () => {
    const { gateway, store } = await oneStore();
    const results = await Promise.all(numbers(100).map((number) => store.put(`key ${number}`, "x")));
    expect(gateway.batches).toHaveLength(1);
    expect(gateway.batches[0]?.ordered).toBe(false);
    expect(new Set(results.map(({ revision }) => revision)).size).toBe(100);
    expect(results.map(({ key }) => key)).toEqual(numbers(100).map((number) => `key ${number}`));
  });

  test("while requests are under way go with the next one, all of them", async () => {
    const { gateway, store } = await oneStore();
    const answers = heldBack(gateway, 2);
    const calls = [store.put("a", "1")];
    await until("the first is sent", () => gateway.batches.length === 1);
    calls.push(store.put("b", "1"));
    await until("there are two at a time", () => gateway.batches.length === 2);
    for (const number of numbers(10)) {
      calls.push(store.put(`c${number}`, "1"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(gateway.batches).toHaveLength(2);
    for (const answer of answers) answer();
    await Promise.all(calls);
    expect(gateway.batches.map(keysOf).slice(2)).toEqual([numbers(10).map((number) => `c${number}`)]);
  });

  test("are no more in a batch than the servers take, in number and in bytes", async () => {
    const { gateway, store } = await oneStore();
    await Promise.all(numbers(1200).map((number) => store.put(`key ${number}`, "x")));
    await Promise.all(numbers(1200).map((number) => store.get(`key ${number}`)));
    await Promise.all(numbers(20).map((number) => store.put(`key ${number}`, "\u0001".repeat(65_536))));
    expect(Math.max(...gateway.batches.map(({ operations }) => operations.length))).toBeLessThanOrEqual(1000);
    for (const batch of gateway.batches) expect(JSON.stringify(batch).length).toBeLessThan(4 * 1024 * 1024);
    expect(gateway.state.written).toHaveLength(1220);
  });

  test("are batched apart by the level of reads, since a batch has one", async () => {
    const { gateway, store } = await oneStore();
    const levels = ["strong", "session", "eventual"] as const;
    const reads = levels.flatMap((consistency) =>
      ["a", "b"].map((key) => store.get(key + consistency, { consistency })),
    );
    await Promise.all([store.put("c", "1"), ...reads]);
    expect(gateway.batches.map(({ consistency }) => consistency ?? "write").sort()).toEqual([
      "eventual",
      "session",
      "strong",
      "write",
    ]);
    for (const batch of gateway.batches) expect(batch.operations).toHaveLength(batch.consistency ? 2 : 1);
  });

  test("do not wait for a read that no server answers: each level has its own requests", async () => {
    const { gateway, store } = await oneStore();
    gateway.always = ({ consistency }, _response, answer) => {
      if (consistency !== "strong") answer();
    };
    const strong = numbers(5).map((number) => failureOf(store.get(`s${number}`, { timeoutMs: 1000 })));
    await until("they are sent", () => gateway.batches.length === 1);
    expect(await store.get("a", { consistency: "eventual" })).toBeNull();
    await store.put("a", "1");
    for (const failure of await Promise.all(strong)) expect(failure).toMatchObject({ code: "timeout", definite: true });
  });
});

describe("the order on a key", () => {
  test("is that in which the calls were made, whatever they are and however they travel", async () => {
    const { gateway, store } = await oneStore();
    const answers = heldBack(gateway, 1);
    const first = store.put("k", "1");
    await until("it is sent", () => gateway.batches.length === 1);
    const calls = [
      store.get("k"),
      store.put("k", "2"),
      store.put("k", "3", { previous: true }),
      store.get("k", { consistency: "eventual" }),
      store.delete("k", { previous: true }),
      store.get("k"),
      store.put("other", "1"),
    ] as const;
    await calls[6];
    expect(gateway.batches.map(keysOf)).toEqual([["k"], ["other"]]);
    for (const answer of answers) answer();
    const [one, , third, three, deleted, gone] = await Promise.all([...calls, first]);
    expect([one?.value, third.previous?.value, three?.value, deleted.previous?.value, gone]).toEqual([
      "1",
      "2",
      "3",
      "3",
      null,
    ]);
    expect(gateway.state.written.filter((write) => write.startsWith("k="))).toEqual(["k=1", "k=2", "k=3", "k="]);
  });

  test("holds where there are more calls on one key than a batch takes, among others", async () => {
    const { gateway, store } = await oneStore();
    // Every other request is slow: what another one could overtake, it would.
    gateway.always = (_batch, _response, answer) => setTimeout(answer, gateway.batches.length % 2 === 0 ? 0 : 30);
    const calls = numbers(3000).map((number) => store.put(number % 3 === 0 ? "k" : `o${number}`, String(number)));
    await Promise.all(calls);
    const written = gateway.state.written.filter((write) => write.startsWith("k="));
    expect(written).toEqual(numbers(1000).map((number) => `k=${number * 3}`));
  });

  test("two requests that are under way never have calls on the same key", async () => {
    const { gateway, store } = await oneStore();
    const underWay = new Set<string>();
    let together = 0;
    gateway.always = (batch, _response, answer) => {
      for (const key of new Set(keysOf(batch))) {
        if (underWay.has(key)) together++;
        underWay.add(key);
      }
      setImmediate(() => {
        for (const key of keysOf(batch)) underWay.delete(key);
        answer();
      });
    };
    const caller = async (number: number) => {
      for (const round of numbers(50)) {
        const key = `k${(number * round) % 7}`;
        await (round % 3 === 0 ? store.get(key) : store.put(key, `${number}.${round}`));
      }
    };
    await Promise.all(numbers(40).map(caller));
    expect(together).toBe(0);
  });
});

describe("too many calls", () => {
  test("are refused at once, and did nothing; those that wait go on", async () => {
    const { gateway, store } = await oneStore();
    const answers = heldBack(gateway, 1);
    const waiting = numbers(10_000).map((number) => store.put(`key ${number}`, "x", { timeoutMs: 60_000 }));
    expect(await failureOf(store.put("one more", "x"))).toMatchObject({ code: "overloaded", definite: true });
    await until("the first are sent", () => answers.length === 1);
    answers[0]?.();
    await Promise.all(waiting);
    expect(await store.put("one more", "x", { previous: true })).toMatchObject({ previous: null });
    expect(gateway.state.written).toHaveLength(10_001);
  });

  test("are also those that are too long together", async () => {
    const { gateway, store } = await oneStore({ timeoutMs: 60_000 });
    const answers = heldBack(gateway, 1);
    const value = "x".repeat(65_536);
    const waiting = numbers(1024).map((number) => store.put(String(number), value));
    expect(await failureOf(store.get("one more"))).toMatchObject({ code: "overloaded", definite: true });
    await until("the first are sent", () => answers.length === 1);
    answers[0]?.();
    await Promise.all(waiting);
  });
});
