import { describe, expect, test } from "vitest";
import { connectLedger, OutcomeUnknown } from "../../src/index.ts";
import { failureOf } from "../key-value/open-stores.ts";
import { until } from "../key-value/stand-in-gateway.ts";
import { NOBODY } from "../stand-in-server.ts";
import { clientOf, refuseWith, StandInChain, StandInLedger } from "./stand-in-ledger.ts";

const HASH = "0".repeat(64);

describe("a client of a ledger", () => {
  test("puts and gets any JSON, and is told the block that each request became", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    const key = { name: ["alice", 1, null, true] };
    expect(await client.get(key)).toMatchObject({ answer: "KEY_DOES_NOT_EXIST", value: null, height: 1 });
    expect(await client.put(key, [10])).toMatchObject({ answer: "success", value: null, height: 2, hash: HASH });
    const { requestId, ...got } = await client.get(key);
    expect(got).toEqual({ answer: "value", value: [10], height: 3, hash: HASH, nonce: 3, slot: 4 });
    expect(requestId).toMatch(/^.{36}\/1\/4$/);
    expect(ledger.bodies.map(({ operation }) => operation.type)).toEqual(["get", "put", "get"]);
  });

  test("numbers its requests in one session, and acknowledges what is answered", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    for (const value of [1, 2, 3]) await client.put("a", value);
    const positions = ledger.bodies.map(({ session }) => [session.sequence, session.firstUnacknowledged]);
    expect(positions).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(new Set(ledger.bodies.map(({ session }) => session.client)).size).toBe(1);
  });

  test("is known in the chain by the name that it was given", async () => {
    const ledger = await StandInLedger.started();
    const { requestId } = await clientOf([ledger], { name: "client7" }).put("a", 1);
    expect(requestId).toMatch(/^client7-[0-9a-f-]{18}\/1\/2$/);
    expect(() => clientOf([ledger], { name: "" })).toThrow("1 to 40 characters");
  });

  test("goes on to another server while leaders change, under the number that the request has", async () => {
    const chain = new StandInChain();
    const ledgers = [await StandInLedger.started(chain), await StandInLedger.started(chain)] as const;
    ledgers[0].instead.push(refuseWith("no-leader"));
    ledgers[1].instead.push(refuseWith("no-quorum"));
    const client = clientOf(ledgers);
    expect(await client.put("a", 1)).toMatchObject({ answer: "success", height: 1 });
    const asked = ledgers.flatMap(({ bodies }) => bodies.map(({ session }) => session.sequence));
    expect(asked).toEqual([2, 2, 2]);
    expect(chain.blocks).toHaveLength(1);
  });

  test("sends again what a server did and could not tell, and it is one block", async () => {
    const chain = new StandInChain();
    const ledgers = [await StandInLedger.started(chain), await StandInLedger.started(chain)] as const;
    ledgers[0].instead.push((body, response) => {
      chain.add(body);
      response.destroy();
    });
    const client = clientOf(ledgers);
    expect(await client.put("a", 1)).toMatchObject({ answer: "success", height: 1 });
    expect(ledgers[1].bodies[0]?.session).toEqual(ledgers[0].bodies[0]?.session);
    expect(chain.blocks).toHaveLength(1);
  });

  test("says that nobody knows, when its time is up and a server had the request", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger], { serverTimeoutMs: 100 });
    await client.put("a", 1);
    ledger.always = () => {};
    const error = await failureOf(client.put("a", 2, { timeoutMs: 300 }));
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect(error).toMatchObject({ code: "outcome-unknown", definite: false });
    expect((error as Error).message).toContain("look at the chain");
  });

  test("says that nothing happened, and why, when its time is up and no server did anything", async () => {
    const ledger = await StandInLedger.started();
    // Nothing that could happen is sent while there is no session.
    ledger.openings.push(...Array.from({ length: 1000 }, () => "no-quorum" as const));
    const client = clientOf([ledger], { timeoutMs: 300 });
    expect(await failureOf(client.put("a", 1))).toMatchObject({ code: "no-quorum", definite: true });
    const nobody = connectLedger({ servers: [NOBODY], timeoutMs: 200 });
    expect(await failureOf(nobody.get("a"))).toMatchObject({ code: "unreachable", definite: true });
    await nobody.close();
  });

  test("says what a server said, and not that another one is not there", async () => {
    const ledger = await StandInLedger.started();
    // Nothing that could happen is sent while there is no session.
    ledger.openings.push(...Array.from({ length: 1000 }, () => "no-quorum" as const));
    const client = clientOf([ledger, NOBODY], { timeoutMs: 400 });
    const error = await failureOf(client.put("a", 1));
    expect(error).toMatchObject({ code: "no-quorum", definite: true });
    expect((error as Error).message).toContain("refused with no-quorum");
  });

  test("gives the next server all of its time for work that was too long for one, which begins anew there", async () => {
    const ledger = await StandInLedger.started();
    ledger.instead.push(refuseWith("no-work"));
    const client = clientOf([ledger], { timeoutMs: 30_000, serverTimeoutMs: 1000 });
    expect(await client.put("a", 1)).toMatchObject({ answer: "success" });
    const [first, second] = ledger.bodies.map((body) => body.timeout_ms);
    expect(first).toBe(900);
    expect(second).toBeGreaterThan(20_000);
    expect(second).toBeLessThanOrEqual(27_000);
  });

  test("asks nobody for work that there is no time for, so that it is known that nothing happened", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    await client.put("a", 1);
    ledger.always = ({ timeout_ms }, response) => {
      setTimeout(() => refuseWith("no-work")({} as never, response, () => {}), 0.88 * timeout_ms);
    };
    const error = await failureOf(client.put("a", 2, { timeoutMs: 2000 }));
    expect(error).toMatchObject({ code: "no-work", definite: true });
    expect(ledger.bodies).toHaveLength(2);
  });

  test("tells that a session expired, and opens another one for what comes next", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    await client.put("a", 1);
    ledger.chain.sessions.clear();
    expect(await failureOf(client.put("a", 2))).toMatchObject({ code: "session-expired", definite: false });
    expect(await client.put("a", 3)).toMatchObject({ answer: "success", height: 2 });
    expect(ledger.chain.blocks.map(({ value }) => value)).toEqual([1, 3]);
  });

  test("refuses a server of another cluster, and one of no ledger, without a second try", async () => {
    const [ledger, store] = [await StandInLedger.started(), await StandInLedger.started()];
    ledger.always = refuseWith("wrong-cluster");
    expect(await failureOf(clientOf([ledger]).put("a", 1))).toMatchObject({ code: "wrong-cluster", definite: true });
    store.openings.push("not-found");
    const error = await failureOf(clientOf([store]).put("a", 1));
    expect(error).toMatchObject({ code: "not-found", definite: true });
    expect((error as Error).message).toContain("not of a ledger");
  });

  test("refuses what is no JSON before it is sent: it would arrive as something else", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    const sparse: unknown[] = [];
    sparse[2] = 1;
    for (const value of [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Date(0),
      () => {},
      1n,
      sparse,
      { a: undefined },
    ]) {
      expect(await failureOf(client.put("a", value as never))).toMatchObject({ code: "bad-request", definite: true });
    }
    expect(ledger.bodies).toEqual([]);
  });

  test("ends with its signal, a call with its own, and none is taken after that", async () => {
    const ledger = await StandInLedger.started();
    ledger.always = () => {};
    const ending = new AbortController();
    const client = clientOf([ledger], { signal: ending.signal });
    const one = new AbortController();
    const calls = [failureOf(client.put("a", 1, { signal: one.signal })), failureOf(client.put("b", 1))];
    await until("both are sent", () => ledger.bodies.length === 2);
    one.abort();
    expect(await calls[0]).toMatchObject({ code: "aborted", definite: false });
    ending.abort();
    expect(await calls[1]).toMatchObject({ code: "closed", definite: false });
    expect(await failureOf(client.get("a"))).toMatchObject({ code: "closed", definite: true });
  });

  test("carries out a thousand calls that are made at once, each as one block", async () => {
    const ledger = await StandInLedger.started();
    const client = clientOf([ledger]);
    // One is held back, so that the numbers of the others run ahead of it, but no further than the replicas take them.
    let letGo = () => {};
    ledger.instead.push((_body, _response, answer) => {
      letGo = answer;
    });
    const calls = Array.from({ length: 1500 }, (_, number) => client.put(number, number));
    await until("the numbers have run as far ahead as they may", () => ledger.bodies.length >= 1000);
    letGo();
    const heights = (await Promise.all(calls)).map(({ height }) => height);
    expect(new Set(heights).size).toBe(1500);
    await client.close();
    expect(ledger.chain.blocks).toHaveLength(1500);
    const ahead = ledger.bodies.map(({ session }) => session.sequence - session.firstUnacknowledged);
    expect(Math.max(...ahead)).toBeGreaterThan(900);
    expect(Math.max(...ahead)).toBeLessThan(1000);
  });
});
