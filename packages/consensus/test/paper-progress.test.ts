import { describe, expect, test } from "vitest";
import type { Outgoing } from "../src/core/participant.js";
import { Random } from "../src/core/random.js";
import type { ProposerMessage } from "../src/paxos/messages.js";
import type { Proposer } from "../src/paxos/proposer.js";
import { accept, folded, prepare, RecordedAcceptor } from "./recorded-acceptor.js";
import { SmallPool } from "./small-pool.js";

// Leslie Lamport, "Paxos Made Simple" (2001), continued: progress, and the log that is a sequence of instances.

describe("§2.4 progress", () => {
  type Messages = readonly Outgoing<ProposerMessage>[];
  const begin = (proposer: Proposer, value: string): Messages =>
    proposer.step({ kind: "propose", requestId: value, command: { instance: 1, value, id: null } }).messages;
  const retry = (proposer: Proposer): Messages => proposer.step({ kind: "timeout", timer: "back-off" }).messages;

  /** Each prepares with a higher id just before the other's accepts arrive; gives the accepts of the last to prepare. */
  function duel(pool: SmallPool, a: Proposer, b: Proposer, turns: number): Messages {
    let acceptsOfA = pool.deliver(a, begin(a, "x")).messages;
    let acceptsOfB: Messages = [];
    for (let turn = 0; turn < turns; turn++) {
      acceptsOfB = pool.deliver(b, turn === 0 ? begin(b, "y") : retry(b)).messages;
      expect(pool.deliver(a, acceptsOfA).replies).toEqual([]);
      acceptsOfA = pool.deliver(a, retry(a)).messages;
      expect(pool.deliver(b, acceptsOfB).replies).toEqual([]);
    }
    return acceptsOfA;
  }

  const pair = (pool: SmallPool) =>
    [1, 2].map((index) => pool.proposer({ index, attempts: 100, random: Random.fromSeed(index) })) as [
      Proposer,
      Proposer,
    ];

  test("two proposers that answer each other at once can duel for ever: nothing is accepted at all", () => {
    const pool = new SmallPool(3);
    duel(pool, ...pair(pool), 20);
    for (const name of pool.names) expect(pool.at(name).state.entries).toEqual([]);
  });

  test("as soon as one of them waits long enough for the other's two phases, that one gets through", () => {
    const pool = new SmallPool(3);
    const [a, b] = pair(pool);
    const [answer] = pool.deliver(a, duel(pool, a, b, 5)).replies;
    expect(answer?.reply).toMatchObject({ outcome: "chosen", chosen: { acceptedValue: "x" } });
  });

  test("every next attempt has an id above all that it was told of, so that one attempt alone can succeed", () => {
    const pool = new SmallPool(3);
    pool.at("2").ask(prepare(100));
    pool.at("3").ask(prepare(90));
    const reply = pool.propose(pool.proposer({ attempts: 2 }), { id: 9 });
    expect(reply.attempts.map(({ id }) => id)).toEqual([9, 112]);
    expect(reply.outcome).toBe("chosen");
  });

  test("the wait is random, and doubles up to 32 times, so that duelling proposers come apart", () => {
    const waits = [1, 2, 3, 4, 5].map((seed) => {
      const pool = new SmallPool(3);
      pool.takeDown(...pool.names);
      const proposer = pool.proposer({ attempts: 9, backOffMs: 100, random: Random.fromSeed(seed) });
      const found: number[] = [];
      let messages = begin(proposer, "x");
      while (messages.length > 0) {
        for (const { timer, afterMs } of pool.deliver(proposer, messages).timers) {
          if (timer === "back-off" && afterMs !== null) found.push(afterMs);
        }
        messages = proposer.state.round ? retry(proposer) : [];
      }
      return found;
    });
    for (const found of waits) {
      expect(found).toHaveLength(8);
      found.forEach((wait, failure) => {
        const longest = 100 * 2 ** Math.min(failure, 5);
        expect(wait).toBeGreaterThanOrEqual(longest / 2);
        expect(wait).toBeLessThanOrEqual(longest);
      });
    }
    expect(new Set(waits.map(([first]) => first)).size).toBeGreaterThan(2);
  });
});

describe("§3 one promise for a whole log", () => {
  test("a prepare in one instance raises the promise for all, so one phase 1 serves every instance", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(prepare(20, 5));
    expect(acceptor.ask(accept(19, "x", 1))).toMatchObject({ type: "accept-ignored", promisedId: 20 });
    expect(acceptor.ask(prepare(20, 2))).toMatchObject({ type: "prepare-ignored", promisedId: 20 });
    expect(acceptor.ask(accept(20, "x", 7)).type).toBe("accepted");
  });

  test("an instance tells only of what was accepted in it", () => {
    const acceptor = new RecordedAcceptor();
    acceptor.ask(accept(20, "x", 5));
    expect(acceptor.ask(prepare(30, 6))).toMatchObject({ type: "promise", accepted: null });
    expect(acceptor.ask(prepare(31, 5))).toMatchObject({ accepted: { acceptedId: 20, acceptedValue: "x" } });
  });

  test("a log-wide prepare is promised under the same rule, and ignored if it is not higher", () => {
    const acceptor = new RecordedAcceptor();
    expect(acceptor.ask({ type: "prepare-log", id: 20, from: 1 }).type).toBe("promise-log");
    expect(acceptor.ask({ type: "prepare-log", id: 20, from: 1 })).toEqual({
      type: "prepare-log-ignored",
      id: 20,
      promisedId: 20,
    });
    expect(acceptor.ask(accept(19, "x", 1_000_000)).type).toBe("accept-ignored");
  });

  test("the promise brings the first page of what was accepted, and further pages can be read on, none left out", () => {
    const acceptor = new RecordedAcceptor();
    const entries = Array.from({ length: 250 }, (_, i) => ({ instance: 2 * i + 1, value: `v${i}` }));
    acceptor.ask({ type: "accept-log", id: 17, entries: [...entries].reverse() });
    const promise = acceptor.ask({ type: "prepare-log", id: 33, from: 2 });
    if (promise.type !== "promise-log") throw new Error(promise.type);
    expect(promise.page.entries).toHaveLength(100);
    expect(promise.page.entries[0]).toEqual({ instance: 3, acceptedId: 17, acceptedValue: "v1" });
    const seen = [...promise.page.entries];
    for (let from = promise.page.next; from !== null; ) {
      const reply = acceptor.ask({ type: "read-log", from, limit: 60 });
      if (reply.type !== "log") throw new Error(reply.type);
      expect(reply.page.entries.length).toBeLessThanOrEqual(60);
      seen.push(...reply.page.entries);
      from = reply.page.next;
    }
    expect(seen.map(({ instance }) => instance)).toEqual(entries.slice(1).map(({ instance }) => instance));
  });

  test("a page holds 1000 entries and a million characters at most, but always one entry, so that reading goes on", () => {
    const acceptor = new RecordedAcceptor();
    const page = (from: number) => {
      const reply = acceptor.ask({ type: "read-log", from, limit: 5000 });
      if (reply.type !== "log") throw new Error(reply.type);
      return { instances: reply.page.entries.map(({ instance }) => instance), next: reply.page.next };
    };
    const many = Array.from({ length: 1001 }, (_, i) => ({ instance: 10 + i, value: "" }));
    const long = "x".repeat(2 ** 20 + 1);
    const large = [1, 2, 3].map((instance) => ({ instance, value: instance === 1 ? long : "y".repeat(600_000) }));
    acceptor.ask({ type: "accept-log", id: 17, entries: [...large, ...many] });
    expect(page(1)).toEqual({ instances: [1], next: 2 });
    expect(page(2)).toEqual({ instances: [2], next: 3 });
    expect(page(10).instances).toHaveLength(1000);
    expect(page(10).next).toBe(1010);
    expect(page(1010)).toEqual({ instances: [1010], next: null });
  });

  test("a batch under one id is accepted whole", () => {
    const acceptor = new RecordedAcceptor();
    const entries = [1, 2, 3].map((instance) => ({ instance, value: `v${instance}` }));
    const reply = acceptor.ask({ type: "accept-log", id: 17, entries });
    expect(reply).toEqual({ type: "accepted-log", id: 17, instances: [1, 2, 3] });
    expect(acceptor.state.entries.map(({ acceptedValue }) => acceptedValue)).toEqual(["v1", "v2", "v3"]);
  });

  test.each([
    ["below the promise", 16, [{ instance: 2, value: "x" }], "accept-log-ignored"],
    ["with another value under an id that is taken", 17, [{ instance: 1, value: "y" }], "refused"],
    ["naming an instance twice", 18, [{ instance: 2, value: "y" }], "refused"],
    ["reaching into the truncated part", 18, [{ instance: 9, value: "x" }], "truncated"],
  ] as const)("a batch %s is accepted in no part", (_, id, last, type) => {
    const acceptor = new RecordedAcceptor();
    const truncates = type === "truncated";
    if (truncates) acceptor.truncate(9);
    acceptor.ask(accept(17, "x", truncates ? 11 : 1));
    const before = structuredClone(acceptor.state);
    const first = { instance: truncates ? 10 : 2, value: "x" };
    const entries = type === "accept-log-ignored" ? last : [first, ...last];
    expect(acceptor.ask({ type: "accept-log", id, entries }).type).toBe(type);
    expect(acceptor.state).toEqual(before);
  });

  test("an empty batch asks whether its sender still leads, and is a promise if its id is higher", () => {
    const acceptor = new RecordedAcceptor();
    expect(acceptor.ask({ type: "accept-log", id: 17, entries: [] }).type).toBe("accepted-log");
    expect(acceptor.writes).toEqual([{ kind: "promised", id: 17 }]);
    acceptor.ask({ type: "prepare-log", id: 33, from: 1 });
    expect(acceptor.ask({ type: "accept-log", id: 17, entries: [] })).toMatchObject({ promisedId: 33 });
  });

  test("a batch that comes twice is confirmed twice and written once", () => {
    const acceptor = new RecordedAcceptor();
    const batch = { type: "accept-log", id: 17, entries: [{ instance: 1, value: "x" }] } as const;
    expect(acceptor.ask(batch)).toEqual(acceptor.ask(batch));
    expect(acceptor.writes).toHaveLength(1);
  });

  test("a truncated instance was decided: no answer about it ever reads as if nothing had been accepted", () => {
    const acceptor = new RecordedAcceptor();
    for (const instance of [1, 2, 3]) acceptor.ask(accept(17, `v${instance}`, instance));
    acceptor.truncate(2);
    const truncated = { type: "truncated", instance: 2, truncatedThrough: 2, promisedId: 17 };
    expect(acceptor.ask(prepare(17, 2))).toEqual(truncated);
    expect(acceptor.ask(accept(33, "other", 2))).toEqual(truncated);
    expect(acceptor.ask({ type: "read-state", instance: 2 })).toEqual(truncated);
    expect(acceptor.ask({ type: "read-history", instance: 2 })).toEqual(truncated);
    expect(acceptor.ask({ type: "read-log", from: 1, limit: 9 })).toMatchObject({
      page: { entries: [{ instance: 3 }], truncatedThrough: 2 },
    });
    expect(acceptor.ask({ type: "prepare-log", id: 33, from: 1 })).toMatchObject({
      page: { entries: [{ instance: 3 }], truncatedThrough: 2 },
    });
    // The promise is for the whole log, and is made all the same.
    expect(acceptor.ask(prepare(49, 2))).toEqual({ ...truncated, promisedId: 49, promised: true });
  });

  test("a proposer that meets a truncated instance stops, whatever the others promised", () => {
    const pool = new SmallPool(3);
    pool.at("2").truncate(1);
    const reply = pool.propose(pool.proposer({ attempts: 5 }), { id: 9 });
    expect(reply).toMatchObject({ outcome: "truncated", attempts: [{ acceptsSentTo: [], value: null }] });
  });

  test("truncation only advances, and nothing can be written behind it", () => {
    const truncated = { kind: "truncated", through: 5 } as const;
    expect(() => folded([truncated, truncated])).toThrow(/only ever advances/);
    const accepted = { kind: "accepted", id: 1, instance: 5, value: "x", byHand: true } as const;
    expect(() => folded([truncated, accepted])).toThrow(/in a truncated instance/);
  });
});
