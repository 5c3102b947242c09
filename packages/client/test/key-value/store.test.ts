import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { CompareFailed, connectStore } from "../../src/index.ts";
import { NOBODY, startServerSaying, startStandIn } from "../stand-in-server.ts";
import { failureOf, oneStore, storeOf } from "./open-stores.ts";
import { refuse, refuseEach, StandInGateway, StandInState, until } from "./stand-in-gateway.ts";

const ASKING = { previous: true };

describe("a store", () => {
  test("puts, gets and deletes, and says to who asks what was there", async () => {
    const { store } = await oneStore();
    const first = await store.put("tea", "hot", { previous: true });
    expect(first).toEqual({ key: "tea", revision: first.slot, previous: null, slot: first.slot });
    const second = await store.put("tea", "cold", { previous: true });
    expect(second.previous).toEqual({ value: "hot", revision: first.revision });
    expect(await store.get("tea")).toMatchObject({ key: "tea", value: "cold", revision: second.revision });
    expect(await store.delete("tea", { previous: true })).toMatchObject({ deleted: true, previous: { value: "cold" } });
    expect(await store.delete("tea", { previous: true })).toMatchObject({ deleted: false, previous: null });
    await store.put("tea", "hot");
    const swapped = await store.put("tea", "cold", { expected: "hot", previous: true });
    expect(swapped.previous).toMatchObject({ value: "hot" });
    await store.delete("tea");
    expect(await store.get("tea")).toBeNull();
  });

  test("sends what it understands of its options, and nothing else: one bad operation would have all others refused", async () => {
    const { store } = await oneStore();
    const calls = [
      store.put("a", "1", { previous: 1 as unknown as boolean }),
      store.compareAndSet("b", { expected: null, key: "other", value: "2" } as { expected: null }, "1"),
      store.put("c", "1", { expected: null, revision: 7 } as { expected: null }),
    ];
    expect(await Promise.all(calls)).toMatchObject([{ previous: null }, { key: "b", succeeded: true }, { key: "c" }]);
    expect(await store.get("b")).toMatchObject({ value: "1" });
  });

  test("says nothing of what was there to who does not ask", async () => {
    const { store } = await oneStore();
    const first = await store.put("tea", "hot");
    expect(first).toStrictEqual({ key: "tea", revision: first.slot, slot: first.slot });
    const second = await store.put("tea", "cold", { expected: "hot", timeoutMs: 4000, previous: false });
    const { slot, revision } = second;
    expect(second).toStrictEqual({ key: "tea", revision: first.slot + 1, slot: first.slot + 1 });
    expect(await store.delete("tea", { expectedRevision: revision })).toStrictEqual({
      key: "tea",
      deleted: true,
      slot: slot + 1,
    });
    expect(await store.delete("tea", { expected: null })).toStrictEqual({ key: "tea", deleted: false, slot: slot + 2 });
    expect(await store.delete("tea")).toStrictEqual({ key: "tea", deleted: false, slot: slot + 3 });
  });

  test("compares and sets, and tells a comparison that failed from an error", async () => {
    const { store } = await oneStore();
    expect(await store.compareAndSet("n", { expected: null }, "1", { previous: true })).toMatchObject({
      succeeded: true,
      previous: null,
    });
    const failed = await store.compareAndSet("n", { expected: "7" }, "8");
    expect(failed).toMatchObject({ succeeded: false, key: "n", current: { value: "1" } });
    const revision = (await store.get("n"))?.revision ?? 0;
    expect(await store.compareAndSet("n", { expectedRevision: revision }, null)).toMatchObject({ succeeded: true });
    expect(await store.get("n")).toBeNull();
  });

  test("puts and deletes with an expectation, and rejects with what is there if it does not hold", async () => {
    const { store } = await oneStore();
    await store.put("n", "1", { expected: null });
    const refused = await failureOf(store.put("n", "3", { expected: "2" }));
    expect(refused).toBeInstanceOf(CompareFailed);
    expect(refused).toMatchObject({ code: "compare-failed", definite: true, current: { value: "1" } });
    expect(await failureOf(store.delete("n", { expectedRevision: 999 }))).toBeInstanceOf(CompareFailed);
    expect(await store.delete("n", { expected: "1" })).toMatchObject({ deleted: true });
  });

  test("lists keys, a page after the other", async () => {
    const { gateway, store } = await oneStore();
    for (const key of ["a/1", "a/2", "a/3", "b"]) await store.put(key, key);
    const page = await store.getRange({ prefix: "a/", limit: 2 });
    expect([page.entries.map(({ key }) => key), page.next]).toEqual([["a/1", "a/2"], "a/2"]);
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix: "a/", limit: 2 })) keys.push(key);
    expect(keys).toEqual(["a/1", "a/2", "a/3"]);
    expect(gateway.asked.at(-1)).toContain("prefix=a%2F&after=a%2F2&limit=2&consistency=strong");
  });

  test("reads at the level that is asked for, a session's with what this client has seen", async () => {
    const { gateway, store } = await oneStore({ consistency: "eventual" });
    const { slot } = await store.put("a", "1");
    await store.get("a");
    await store.get("a", { consistency: "session" });
    await store.get("a", { consistency: "strong" });
    const reads = gateway.batches.slice(1).map(({ consistency, token, session }) => ({ consistency, token, session }));
    expect(reads).toEqual([
      { consistency: "eventual" },
      { consistency: "session", token: slot },
      { consistency: "strong" },
    ]);
    expect(store.token).toBe(slot);
    // Absence is something that was seen, too.
    gateway.state.slot += 10;
    await store.get("b");
    expect(store.token).toBe(slot + 10);
    const other = storeOf([gateway], { token: 40, consistency: "session" });
    await other.get("b");
    expect(gateway.batches.at(-1)?.token).toBe(40);
  });

  test("sends the secret, and the cluster that answered first, so that no other one is mistaken for it", async () => {
    const { gateway, store } = await oneStore({ secret: "s3cret" });
    await store.get("a");
    await store.get("a");
    const [first, second] = gateway.headers;
    expect([first?.authorization, first?.["synod-cluster"]]).toEqual(["Bearer s3cret", undefined]);
    expect(second?.["synod-cluster"]).toBe("cluster-a");
  });

  test("refuses what no server takes before it is sent, so that it harms nobody who travels with it", async () => {
    const { gateway, store } = await oneStore();
    const wrong = [
      store.put("", "x"),
      store.put("k".repeat(1025), "x"),
      store.put("k", "\ud800"),
      store.put("k", 7 as unknown as string),
      store.put("k", "v".repeat(65_537)),
      store.get("\udc00"),
      store.compareAndSet("k", {} as { expected: null }, "v"),
      store.compareAndSet("k", { expectedRevision: 0 }, "v"),
      // Who meant to compare must not overwrite.
      store.put("k", "v", { expectedRevision: undefined as unknown as number }),
      store.delete("k", { expected: undefined as unknown as string }),
    ];
    for (const call of wrong) expect(await failureOf(call)).toMatchObject({ code: "bad-request", definite: true });
    expect(gateway.batches).toEqual([]);
  });

  test("refuses bounds of a page that a query would turn into others", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    const asked = gateway.asked.length;
    const none = null as unknown as string;
    const wrong = [{ after: none }, { prefix: none }, { from: 7 as unknown as string }, { to: "\ud83e" }];
    for (const bounds of wrong) {
      expect(await failureOf(store.getRange(bounds))).toMatchObject({ code: "bad-request", definite: true });
      expect(await failureOf(store.list(bounds).next())).toMatchObject({ code: "bad-request" });
    }
    expect(gateway.asked).toHaveLength(asked);
    expect(await store.getRange({ prefix: "" })).toMatchObject({ entries: [{ key: "a" }] });
  });

  test("waits as long as it may, also if that is as long as can be said", async () => {
    const { gateway, store } = await oneStore();
    gateway.isMute = true;
    const longest = 2 ** 31 - 1;
    const pages = [longest, longest - 0.5].map((timeoutMs) => failureOf(store.getRange({ timeoutMs })));
    const early = Promise.race([...pages, store.get("a", { timeoutMs: longest })]);
    expect(await early).toBeNull();
    const soon = new Promise((resolve) => setTimeout(resolve, 50, "it waits"));
    expect(await Promise.race([...pages, soon])).toBe("it waits");
  });

  test("takes one signal for any number of calls without a warning of a leak, and leaves nothing on it", async () => {
    const { store } = await oneStore();
    const { signal } = new AbortController();
    const warnings: string[] = [];
    const warned = ({ name }: Error) => warnings.push(name);
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    const calls = Array.from({ length: 20 }, (_, place) => store.put(`k${place}`, "v", { signal }));
    await Promise.all([...calls, ...calls.map(() => store.getRange({ signal }))]);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("says at once which option makes no sense", () => {
    const servers = ["http://127.0.0.1:8000"];
    expect(() => connectStore({ servers: [] })).toThrow("name at least one gateway");
    expect(() => connectStore({ servers: ["https://example"] })).toThrow("write host:port");
    expect(() => connectStore({ servers, timeoutMs: 0 })).toThrow("timeoutMs");
    expect(() => connectStore({ servers, consistency: "linear" as "strong" })).toThrow("strong, session, eventual");
  });
});

describe("several servers", () => {
  test("one that does not listen costs nothing but the turn to the next", async () => {
    const gateway = await StandInGateway.started();
    const store = connectStore({ servers: [NOBODY, gateway.address] });
    onTestFinished(() => store.close());
    expect(await store.put("a", "1", ASKING)).toMatchObject({ previous: null });
    expect(await store.status()).toMatchObject({ leader: "proposer1" });
  });

  test("one that is stopping, or leads nowhere, has its turn passed on", async () => {
    const state = new StandInState();
    const gateways = [await StandInGateway.started(state), await StandInGateway.started(state)] as const;
    gateways[0].always = (_batch, response) => refuse(response, "stopping");
    gateways[0].openings.push("no-leader");
    const store = storeOf(gateways);
    expect(await store.put("a", "1", ASKING)).toMatchObject({ previous: null });
    expect(gateways[1].batches).toHaveLength(1);
    gateways[0].always = null;
    gateways[1].always = refuseEach("no-quorum");
    expect(await store.put("a", "2", ASKING)).toMatchObject({ previous: { value: "1" } });
    expect(gateways.map(({ batches }) => batches.length)).toEqual([1, 2]);
  });

  test("one that does not answer has its turn passed on in time, and the write is the same one at the next", async () => {
    const state = new StandInState();
    const gateways = [await StandInGateway.started(state), await StandInGateway.started(state)] as const;
    gateways[0].always = () => {};
    const store = storeOf(gateways, { serverTimeoutMs: 100 });
    await store.put("a", "1");
    expect(gateways[1].batches[0]?.session).toEqual(gateways[0].batches[0]?.session);
  });

  test("the one beside the leader is asked, once it is known", async () => {
    const state = new StandInState();
    const gateways = [await StandInGateway.started(state), await StandInGateway.started(state)] as const;
    gateways[0].nodes = { own: "node1", leader: "node2" };
    gateways[1].nodes = { own: "node2", leader: "node2" };
    const store = storeOf(gateways);
    await store.get("a");
    expect(gateways[0].batches).toHaveLength(1);
    await until("both have said where the leader is", () =>
      gateways.every(({ asked }) => asked.includes("GET /status")),
    );
    for (let count = 0; gateways[1].batches.length === 0 && count < 1000; count++) await store.get("a");
    expect(gateways[1].batches).toHaveLength(1);
  });
});

describe("something else than a gateway", () => {
  test.each([
    ["a page in HTML", "<html>"],
    ["JSON of another kind", { hello: "world" }],
    ["results for another batch", { results: [{ slot: 1 }, { slot: 2 }] }],
    ["results of no known form", { results: [{ error: { code: "unheard-of", detail: "?" } }] }],
  ])("that answers with %s is passed over; if it is alone, that is said", async (_what, body) => {
    const stranger = await startServerSaying(body);
    const alone = connectStore({ servers: [stranger.address], timeoutMs: 1000 });
    onTestFinished(() => alone.close());
    const calls = [alone.get("a"), alone.put("b", "1"), alone.status(), alone.getRange()];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ name: "StoreError", code: "unreachable", definite: true });
      expect((failure as Error).message).toContain("does not answer as a gateway of Synod");
    }
    const gateway = await StandInGateway.started();
    const store = connectStore({ servers: [stranger.address, gateway.address] });
    onTestFinished(() => store.close());
    expect(await store.put("a", "1", ASKING)).toMatchObject({ previous: null });
  });
});

test.each([{ gateway: null }, { gateway: { node: "node9" }, proposers: {} }, { gateway: {}, proposers: [null] }])(
  "a server that tells %j of its cluster is no leader's, and ends nothing",
  async (body) => {
    const gateway = await StandInGateway.started();
    const stranger = await startServerSaying(body);
    const store = storeOf([gateway], { servers: [gateway.address, stranger.address] });
    await store.put("a", "1");
    await until("it is looked at", () => stranger.requests.length > 0);
    expect(await store.put("a", "2", ASKING)).toMatchObject({ previous: { value: "1" } });
    expect(stranger.requests).toEqual(["GET /status"]);
  },
);

describe("closing a store", () => {
  test("waits for the calls under way, and takes no more", async () => {
    const gateway = await StandInGateway.started();
    const store = connectStore({ servers: gateway.url });
    let answer: () => void = () => {};
    gateway.instead.push((_batch, _response, itsAnswer) => {
      answer = itsAnswer;
    });
    const put = store.put("a", "1", ASKING);
    await until("it is sent", () => gateway.batches.length === 1);
    const closed = store.close();
    expect(await failureOf(store.get("a"))).toMatchObject({ code: "closed", definite: true });
    answer();
    expect(await put).toMatchObject({ previous: null });
    await closed;
    await store.close();
  });

  test("waits also for those that travel alone, and the signal still ends what it waits for", async () => {
    const answers: (() => void)[] = [];
    const { address } = await startStandIn((_request, response) => {
      answers.push(() => response.end(JSON.stringify({ entries: [], next: null, slot: 7 })));
    });
    const ending = new AbortController();
    const store = connectStore({
      servers: [address],
      timeoutMs: 30_000,
      serverTimeoutMs: 30_000,
      signal: ending.signal,
    });
    const [answered, ended] = [store.getRange({ prefix: "a" }), failureOf(store.getRange({ prefix: "b" }))];
    await until("both are sent", () => answers.length === 2);
    const closed = store.close();
    expect(await failureOf(store.getRange())).toMatchObject({ code: "closed", definite: true });
    answers[0]?.();
    expect(await answered).toMatchObject({ entries: [], slot: 7 });
    ending.abort();
    expect(await ended).toMatchObject({ code: "closed", definite: true });
    await closed;
  });

  test("by the signal ends all at once: what was sent has an unknown outcome, what was not had none", async () => {
    const gateway = await StandInGateway.started();
    const ending = new AbortController();
    const store = connectStore({ servers: gateway.url, signal: ending.signal });
    gateway.always = () => {};
    const sent = store.put("a", "1");
    await until("it is sent", () => gateway.batches.length === 1);
    const behind = store.put("a", "2");
    const read = store.get("b");
    ending.abort();
    expect(await failureOf(sent)).toMatchObject({ name: "OutcomeUnknown", code: "closed", definite: false });
    expect(await failureOf(behind)).toMatchObject({ name: "StoreError", code: "closed", definite: true });
    expect(await failureOf(read)).toMatchObject({ code: "closed", definite: true });
    await store.close();
  });
});
