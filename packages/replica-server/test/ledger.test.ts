import { beforeAll, describe, expect, test } from "vitest";
import { ClusterStage, COMPACT } from "./cluster-stage.ts";

/** One ledger for all tests of this file. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile({ shape: COMPACT, application: "ledger" });
  return () => stage.end();
});

const put = (key: unknown, value: unknown, at = "gateway1", more: object = {}) =>
  stage.ask(at, "POST /ledger/blocks", { operation: { type: "put", key, value }, timeout_ms: 30_000, ...more });
const get = (key: unknown, at = "gateway1") =>
  stage.ask(at, "POST /ledger/blocks", { operation: { type: "get", key }, timeout_ms: 30_000 });

describe("a ledger", () => {
  test("answers what was put, and makes a block of every request", async () => {
    const first = await put("alice", 10);
    expect(first).toMatchObject({ status: 200, body: { answer: "success", value: null } });
    expect((await get("alice", "gateway2")).body).toMatchObject({ answer: "value", value: 10 });
    expect((await get("bob", "gateway3")).body).toMatchObject({ answer: "KEY_DOES_NOT_EXIST", value: null });
    const { body: chain } = await stage.ask("gateway1", "GET /ledger/chain");
    expect(chain).toMatchObject({ server: "node1", height: 3, keys: 1, difficulty: 0 });
    const { blocks } = (await stage.ask("gateway1", "GET /ledger/blocks")).body;
    expect(blocks.map(({ proposer }: { proposer: string }) => proposer)).toEqual(["node1", "node2", "node3"]);
  });
});
