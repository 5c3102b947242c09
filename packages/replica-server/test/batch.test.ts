import { NotServed } from "@synod/acceptor-server";
import type { GatewayReply, GatewayRequest, KeyValueOperation, SessionPosition } from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import { Batch, type BatchOperation } from "../src/applications/key-value/batch.ts";
import { KeyValueService } from "../src/applications/key-value/key-value-service.ts";

type Asked = GatewayRequest & { readonly kind: "write" };

const HOW = { level: "eventual", label: null, token: null, timeoutMs: 100 } as const;
const SESSION: SessionPosition = { client: "c", openedAt: 1, sequence: 5, firstUnacknowledged: 3 };
const UNKNOWN: GatewayReply = { kind: "unknown" };
const OVERLOADED = new NotServed("overloaded", "too many");

const put = (key: string, value = "v"): BatchOperation => ({ type: "put", key, value });
const get = (key: string): BatchOperation => ({ type: "get", key });

/** A batch at a gateway that says this of writes with these values, and writes all others. */
function batchOf(
  operations: readonly BatchOperation[],
  { session = null as SessionPosition | null, said = {} as Readonly<Record<string, GatewayReply | Error>> } = {},
) {
  const waves: (readonly Asked[])[] = [];
  const reads: (GatewayRequest & { readonly kind: "read" })[] = [];
  let slot = 0;
  const written = ({ operation }: Asked): GatewayReply | Error => {
    const { value = "" } = operation as { readonly value?: string };
    const cost = { messages: 2, sharedBy: 1 };
    return said[value] ?? { kind: "written", slot: ++slot, result: { revision: slot }, token: slot, cost };
  };
  const service = new KeyValueService({
    propose: async (request) => {
      reads.push(request as (typeof reads)[number]);
      return {
        kind: "read",
        slot: 9,
        answer: { entry: null },
        learner: "l",
        token: 9,
        cost: { messages: 1, sharedBy: 1 },
      };
    },
    proposeAll: async (requests) => {
      if (requests.length > 0) waves.push(requests as readonly Asked[]);
      return (requests as readonly Asked[]).map(written);
    },
  });
  const batch = new Batch(service, operations, HOW, session);
  return { batch, waves, reads };
}

const keysOf = (waves: readonly (readonly Asked[])[]) =>
  waves.map((wave) => wave.map(({ operation }) => (operation as unknown as KeyValueOperation).key));
const codesOf = ({ results }: Batch) =>
  results.map(({ key, error }) => [key, (error as { readonly code: string } | undefined)?.code ?? "done"]);

describe("a batch whose keys do not wait for each other", () => {
  test("asks for the first write of every key together, then for the second ones, and keeps each result at its place", async () => {
    const { batch, waves } = batchOf([put("a"), put("b"), put("a"), put("c"), put("a"), put("b")]);
    await batch.byKey();
    expect(keysOf(waves)).toEqual([["a", "b", "c"], ["a", "b"], ["a"]]);
    expect(batch.results.map(({ key, slot }) => [key, slot])).toEqual([
      ["a", 1],
      ["b", 2],
      ["a", 4],
      ["c", 3],
      ["a", 6],
      ["b", 5],
    ]);
    expect(batch.cost).toEqual({ messages: 12, sharedBy: 1 });
  });

  test("numbers writes in the client's session in their order, whenever they are sent, and reads not at all", async () => {
    const { batch, waves } = batchOf([put("a"), get("r"), put("a"), put("b")], { session: SESSION });
    await batch.byKey();
    const numbers = waves.map((wave) => wave.map(({ session }) => session));
    expect(numbers).toEqual([
      [
        { ...SESSION, sequence: 5 },
        { ...SESSION, sequence: 7 },
      ],
      [{ ...SESSION, sequence: 6 }],
    ]);
  });

  test("tries nothing more on a key once a write of it failed, and goes on with the others", async () => {
    const { batch, waves } = batchOf([put("a", "lost"), put("b"), put("a"), put("b"), get("a"), put("a")], {
      said: { lost: UNKNOWN },
    });
    await batch.byKey();
    expect(keysOf(waves)).toEqual([["a", "b"], ["b"]]);
    expect(codesOf(batch)).toEqual([
      ["a", "outcome-unknown"],
      ["b", "done"],
      ["a", "not-tried"],
      ["b", "done"],
      ["a", "not-tried"],
      ["a", "not-tried"],
    ]);
  });

  test("takes an absent key for an answer: what follows on it is tried", async () => {
    const { batch } = batchOf([get("a"), put("a")]);
    await batch.byKey();
    expect(codesOf(batch)).toEqual([
      ["a", "key-not-found"],
      ["a", "done"],
    ]);
  });
});

test("a batch in order ends with the first write that failed", async () => {
  const { batch, waves } = batchOf([put("a"), put("b", "lost"), put("c")], { said: { lost: UNKNOWN } });
  await batch.inOrder();
  expect(keysOf(waves)).toEqual([["a"], ["b"]]);
  expect(codesOf(batch)).toEqual([
    ["a", "done"],
    ["b", "outcome-unknown"],
  ]);
});

test("what was taken is told, also where the first was not", async () => {
  const { batch } = batchOf([put("a", "no"), put("b"), put("a")], { said: { no: OVERLOADED } });
  await batch.byKey();
  expect(codesOf(batch)).toEqual([
    ["a", "overloaded"],
    ["b", "done"],
    ["a", "not-tried"],
  ]);
});

test("a write whose number had another write before is told so, and hides no other", async () => {
  const cost = { messages: 2, sharedBy: 1 };
  const swapped: GatewayReply = { kind: "written", slot: 7, result: { succeeded: true, revision: 7 }, token: 7, cost };
  const { batch } = batchOf([put("a", "again"), put("b")], { said: { again: swapped }, session: SESSION });
  await batch.byKey();
  expect(codesOf(batch)).toEqual([
    ["a", "bad-request"],
    ["b", "done"],
  ]);
});

test("writes have the time that the batch has, in the order in which they came", async () => {
  const { batch, waves } = batchOf([put("b"), put("a")]);
  await batch.byKey();
  expect(waves.map((wave) => wave.map(({ timeoutMs }) => timeoutMs))).toEqual([[100, 100]]);
  expect(keysOf(waves)).toEqual([["b", "a"]]);
});

test("a session read in a batch shows no less than a write before it saw", async () => {
  const { batch, reads } = batchOf([put("a"), get("a")]);
  await batch.inOrder();
  expect(reads.map(({ token }) => token)).toEqual([1]);
});

test("a batch of which nothing is taken is refused as a whole", async () => {
  for (const how of ["byKey", "inOrder"] as const) {
    const { batch } = batchOf([put("a", "no"), put("b", "no"), put("a", "no")], { said: { no: OVERLOADED } });
    await expect(batch[how]()).rejects.toBe(OVERLOADED);
  }
});

test("what is refused after something was taken is an error of its own: the rest may have happened", async () => {
  const { batch } = batchOf([put("a"), put("b", "no"), put("b")], { said: { no: OVERLOADED } });
  await batch.byKey();
  expect(codesOf(batch)).toEqual([
    ["a", "done"],
    ["b", "overloaded"],
    ["b", "not-tried"],
  ]);
});
