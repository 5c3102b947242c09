import { Admission, type App, buildNodeApp, NodeMetrics } from "@synod/acceptor-server";
import { isProof, type Json, type LedgerCommand, type LedgerResult } from "@synod/state-machines";
import { expect, onTestFinished, test } from "vitest";
import { addBlockRoutes } from "../../src/applications/ledger/block-routes.ts";
import { ProofSearch } from "../../src/applications/ledger/proof-search.ts";
import { type GatewayHost, LogCalls } from "../../src/people/log-calls.ts";

const RESULT: LedgerResult = { answer: "success", height: 1, hash: "0".repeat(64), requestId: "c/1/2", nonce: 3 };

/** The routes at a server whose cluster answers like this. */
async function serverWith(difficulty: number, propose: GatewayHost["propose"]): Promise<App> {
  const app = await buildNodeApp({
    title: "test",
    identity: { name: "synod-node", value: "gateway1 c" },
    health: { role: "gateway", name: "gateway1", node: "server1", cluster: "c" },
    metrics: new NodeMetrics(),
    notReady: () => [],
  });
  const proofs = new ProofSearch();
  const calls = new LogCalls(
    { propose, proposeAll: (requests) => Promise.all(requests.map(propose)) },
    "Look at the chain",
  );
  addBlockRoutes(app, { calls, proofs, difficulty, proposer: "server1", admission: new Admission() });
  onTestFinished(async () => {
    proofs.close();
    await app.close();
  });
  return app;
}

const add = (app: App, body: object) => app.inject({ method: "POST", url: "/ledger/blocks", payload: body });
const operation = { type: "put", key: "k", value: 1 };

test("the command that is written has the work in it, the server's name, and its time; and what is left of the time-out", async () => {
  const written: { operation: Json; timeoutMs: number }[] = [];
  const app = await serverWith(4, async (request) => {
    if (request.kind === "write") written.push(request);
    return { kind: "written", slot: 7, result: RESULT, token: 7, cost: { messages: 9, sharedBy: 1 } };
  });
  const { statusCode, body } = await add(app, { operation, timeout_ms: 20_000 });
  expect([statusCode, JSON.parse(body)]).toMatchObject([200, { answer: "success", value: null, height: 1, slot: 7 }]);
  const command = written[0]?.operation as unknown as LedgerCommand;
  expect(command).toMatchObject({ operation, proposer: "server1", time: expect.any(Number) });
  expect(isProof(operation as Json, command.nonce, 4)).toBe(true);
  expect(written[0]?.timeoutMs).toBeLessThanOrEqual(20_000);
});

test("where no work is found in time nothing is written, and the client is told that it was not", async () => {
  const app = await serverWith(24, async () => {
    throw new Error("nothing is asked of the cluster");
  });
  const { statusCode, body } = await add(app, { operation, timeout_ms: 20 });
  expect([statusCode, JSON.parse(body)]).toMatchObject([503, { code: "no-work", definite: true }]);
});

test("what waits is told, with the client that numbers it, until it is answered", async () => {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const app = await serverWith(0, () => ended.then(() => ({ kind: "unknown" })));
  const requests = async () => JSON.parse((await app.inject({ url: "/ledger/requests" })).body).requests;
  const session = { client: "mine", openedAt: 1, sequence: 2, firstUnacknowledged: 2 };
  const waiting = add(app, { operation, session }).then(({ body }) => JSON.parse(body));
  while ((await requests()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await requests()).toEqual([{ operation, client: "mine", waitedMs: expect.any(Number) }]);
  end();
  expect(await waiting).toMatchObject({ code: "outcome-unknown", definite: false });
  expect(await requests()).toEqual([]);
});
