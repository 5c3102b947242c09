import { problem } from "@synod/api";
import { describe, expect, test } from "vitest";
import { OutcomeUnknown } from "../../src/index.ts";
import { failureOf, oneStore, storeOf } from "./open-stores.ts";
import {
  breakOff,
  numbersOf,
  refuse,
  refuseEach,
  StandInGateway,
  StandInState,
  say,
  until,
} from "./stand-in-gateway.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, place) => place);

describe("a write whose connection broke", () => {
  test("is sent again under its number, and happens once", async () => {
    const { gateway, store } = await oneStore();
    gateway.instead.push((batch, response) => {
      gateway.state.carryOut(batch);
      response.destroy();
    }, breakOff);
    const { revision } = await store.put("a", "1");
    expect(gateway.batches.map(numbersOf)).toEqual([[2], [2], [2]]);
    expect(gateway.state.written).toEqual(["a=1"]);
    expect(gateway.state.keys.get("a")?.revision).toBe(revision);
  });

  test("is sent again to another server, which knows it by the same session", async () => {
    const state = new StandInState();
    const gateways = [await StandInGateway.started(state), await StandInGateway.started(state)] as const;
    gateways[0].instead.push((batch, response) => {
      state.carryOut(batch);
      response.destroy();
    });
    const store = storeOf(gateways);
    await store.put("a", "1");
    expect(gateways[1].batches[0]?.session).toEqual(gateways[0].batches[0]?.session);
    expect(state.written).toEqual(["a=1"]);
  });

  test("goes before what follows it on its key, and with its batch in several pieces if it must", async () => {
    const { gateway, store } = await oneStore();
    gateway.instead.push(breakOff, breakOff);
    const first = numbers(9).map((number) => store.put(`k${number % 3}`, String(number)));
    await until("they are sent", () => gateway.batches.length === 1);
    await Promise.all([...first, ...numbers(3).map((key) => store.put(`k${key}`, "last"))]);
    // Each is half of what broke: it may have been too much.
    expect(gateway.batches.map(({ operations }) => operations.length).slice(0, 3)).toEqual([9, 5, 3]);
    for (const key of numbers(3)) {
      const written = gateway.state.written.filter((write) => write.startsWith(`k${key}=`));
      expect(written).toEqual([key, key + 3, key + 6, "last"].map((value) => `k${key}=${value}`));
    }
  });
});

describe("a write that one answer of a batch says nothing certain of", () => {
  test("is sent again under its number, without those between that are done", async () => {
    const { gateway, store } = await oneStore();
    const lost = [1, 3, 4];
    gateway.instead.push((batch, response) => {
      const results = gateway.state.carryOut(batch);
      const unknown = problem("outcome-unknown", "nobody said");
      say(response, { results: results.map((result, place) => (lost.includes(place) ? { error: unknown } : result)) });
    });
    await Promise.all(["a", "b", "c", "d", "e"].map((key) => store.put(key, "1")));
    expect(gateway.batches.map(numbersOf)).toEqual([[2, 3, 4, 5, 6], [3], [5, 6]]);
    expect(gateway.state.written).toEqual(["a=1", "b=1", "c=1", "d=1", "e=1"]);
  });

  test("is tried again after errors that pass, and not after those that do not", async () => {
    const { gateway, store } = await oneStore();
    for (const code of ["no-leader", "no-quorum", "overloaded", "not-tried", "outcome-unknown"] as const) {
      gateway.instead.push(refuseEach(code));
    }
    await store.put("a", "1");
    expect(gateway.batches).toHaveLength(6);
    gateway.instead.push(refuseEach("no-learner"), refuseEach("not-caught-up"));
    expect(await store.get("a")).toMatchObject({ value: "1" });
    gateway.instead.push((_batch, response) => refuse(response, "unauthorized"));
    expect(await failureOf(store.put("a", "2"))).toMatchObject({ code: "unauthorized", definite: true });
    expect(gateway.state.written).toEqual(["a=1"]);
  });
});

describe("the numbers of a session", () => {
  test("are acknowledged only below those that somebody waits for", async () => {
    const { gateway, store } = await oneStore();
    let answerFirst: () => void = () => {};
    gateway.instead.push((_batch, _response, answer) => {
      answerFirst = answer;
    });
    const first = store.put("slow", "1");
    await until("it is sent", () => gateway.batches.length === 1);
    for (const round of numbers(3)) await store.put("quick", String(round));
    answerFirst();
    await first;
    await store.put("quick", "last");
    const positions = gateway.batches.map(({ session }) => [session?.sequence, session?.firstUnacknowledged]);
    expect(positions).toEqual([
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 2],
      [6, 6],
    ]);
  });

  test("never run further ahead than the replicas let them, while one waits", async () => {
    const { gateway, store } = await oneStore({ timeoutMs: 30_000 });
    let answerFirst: () => void = () => {};
    gateway.instead.push((_batch, _response, answer) => {
      answerFirst = answer;
    });
    const first = store.put("slow", "1");
    await until("it is sent", () => gateway.batches.length === 1);
    const others = numbers(3000).map((number) => store.put(`quick ${number}`, "1"));
    await Promise.all(others.slice(0, 900));
    // Whatever would be sent without an answer to the first is sent before this is answered.
    await store.get("b");
    await store.get("b");
    const highest = Math.max(...gateway.batches.filter(({ session }) => session).flatMap(numbersOf));
    expect(highest).toBeLessThan(2 + 1024);
    answerFirst();
    await Promise.all([first, ...others]);
    expect(gateway.state.written).toHaveLength(3001);
  });

  test("of a write that was given up are acknowledged, and it is not sent again", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    let breakIt: () => void = () => {};
    gateway.instead.push((_batch, response) => {
      breakIt = () => response.destroy();
    });
    const given = await failureOf(store.put("a", "2", { timeoutMs: 1000 }));
    expect(given).toBeInstanceOf(OutcomeUnknown);
    expect(given).toMatchObject({ code: "outcome-unknown", definite: false });
    breakIt();
    await store.put("a", "3");
    expect(gateway.batches.map(numbersOf)).toEqual([[2], [3], [4]]);
    expect(gateway.batches[2]?.session?.firstUnacknowledged).toBe(4);
  });
});

describe("a session", () => {
  test("is opened by the first write, once for all that wait, under a name of its own; a read needs none", async () => {
    const { gateway, store } = await oneStore();
    await store.get("a");
    expect(gateway.asked).toEqual([]);
    gateway.openings.push("no-leader", "outcome-unknown");
    await Promise.all(numbers(10).map((number) => store.put(`k${number}`, "1")));
    expect(gateway.asked).toEqual(["POST /kv/sessions", "POST /kv/sessions", "POST /kv/sessions"]);
    expect(new Set(gateway.names).size, "an opening that may have happened is done again, not another one").toBe(1);
    await storeOf([gateway]).put("a", "1");
    expect(gateway.state.sessions.size).toBe(2);
  });

  test("that is refused for good fails those that wait for it, and did nothing", async () => {
    const { gateway, store } = await oneStore();
    gateway.openings.push("unauthorized");
    expect(await failureOf(store.put("a", "1"))).toMatchObject({ code: "unauthorized", definite: true });
    expect(await store.put("a", "2", { previous: true })).toMatchObject({ previous: null });
  });

  test("that nobody opens in time leaves the write certainly undone, and says why", async () => {
    const { gateway, store } = await oneStore();
    gateway.openings.push(...numbers(1000).map(() => "no-quorum" as const));
    const failure = await failureOf(store.put("a", "1", { timeoutMs: 500 }));
    expect(failure).toMatchObject({ code: "no-quorum", definite: true });
    expect((failure as Error).message).toContain("refused with no-quorum");
  });

  test("that has expired leaves the outcome of what was under way unknown, and the next write opens a new one", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    gateway.state.sessions.clear();
    const failures = await Promise.all([failureOf(store.put("a", "2")), failureOf(store.put("b", "2"))]);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(OutcomeUnknown);
      expect(failure).toMatchObject({ code: "session-expired", definite: false });
    }
    expect(await store.put("a", "3", { previous: true })).toMatchObject({ previous: { value: "1" } });
    const clients = gateway.batches.map(({ session }) => session?.client);
    expect(new Set(clients).size).toBe(2);
  });
});

describe("waiting", () => {
  test("ends in time where nobody answers: a read is definite, a write may have happened", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    gateway.always = () => {};
    expect(await failureOf(store.get("a", { timeoutMs: 100 }))).toMatchObject({
      name: "StoreError",
      code: "timeout",
      definite: true,
    });
    expect(await failureOf(store.put("b", "1", { timeoutMs: 1000 }))).toMatchObject({
      name: "OutcomeUnknown",
      definite: false,
    });
    gateway.isMute = true;
    expect(await failureOf(store.status({ timeoutMs: 100 }))).toMatchObject({
      name: "StoreError",
      code: "timeout",
      definite: true,
    });
  });

  test("ends with the signal; a write that was sent says that it may happen, one that was not that it did not", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    gateway.always = () => {};
    const [early, late] = [new AbortController(), new AbortController()];
    const sent = store.put("a", "2", { signal: late.signal });
    await until("it is sent", () => gateway.batches.length === 2);
    const behind = store.put("a", "3", { signal: early.signal });
    early.abort(new Error("no more"));
    expect(await failureOf(behind)).toMatchObject({ code: "aborted", definite: true, cause: { message: "no more" } });
    late.abort();
    expect(await failureOf(sent)).toMatchObject({ name: "OutcomeUnknown", code: "aborted", definite: false });
    const aborted = AbortSignal.abort();
    expect(await failureOf(store.get("b", { signal: aborted }))).toMatchObject({ code: "aborted", definite: true });
    expect(await failureOf(store.getRange({ signal: aborted }))).toMatchObject({ code: "aborted" });
  });

  test("in vain for a leader says so, and that nothing was written", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    gateway.always = refuseEach("no-leader");
    let failure: unknown = null;
    // If its time is up just while a request is under way, it cannot know; so it may take more than one.
    for (let count = 0; count < 5 && (failure === null || failure instanceof OutcomeUnknown); count++) {
      failure = await failureOf(store.put("a", "2", { timeoutMs: 300 }));
    }
    expect(failure).toMatchObject({ name: "StoreError", code: "no-leader", definite: true });
    expect((failure as Error).message).toContain("Nothing was written");
  });

  test("ends in doubt if any copy may have happened, whatever the last answer was", async () => {
    const { gateway, store } = await oneStore();
    await store.put("a", "1");
    gateway.instead.push(breakOff);
    gateway.always = refuseEach("no-leader");
    const failure = await failureOf(store.put("a", "2", { timeoutMs: 1000 }));
    expect(failure).toMatchObject({ name: "OutcomeUnknown", definite: false });
  });
});
