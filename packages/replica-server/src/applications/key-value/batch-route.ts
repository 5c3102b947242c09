import { type App, RequestRefused } from "@synod/acceptor-server";
import { BatchBody, BatchReplySchema, EmptyQuery, LONGEST_KV_BATCH, ProblemSchema } from "@synod/api/schemas";
import type { Static } from "typebox";
import { since } from "../../people/log-calls.js";
import { checkedSession } from "../../people/session-position.js";
import type { TakesWrites } from "../../people/takes-writes.js";
import { Batch, type BatchOperation } from "./batch.js";
import { howToRead } from "./how.js";
import type { KeyValueService } from "./key-value-service.js";
import { checkedKey, compareOperation, deleteOperation, putOperation } from "./operations.js";

type Body = Static<typeof BatchBody>;
type Asked = Body["operations"][number];

/** Many operations in one request: each is a command, or a read, of its own. */
export function addBatchRoute(app: App, service: KeyValueService, takesWrites: TakesWrites): void {
  app.route({
    method: "POST",
    url: "/kv/batch",
    bodyLimit: LONGEST_KV_BATCH,
    schema: {
      summary: "Many operations in one request, each a command of its own; not a transaction",
      querystring: EmptyQuery,
      body: BatchBody,
      response: { 200: BatchReplySchema, default: ProblemSchema },
    },
    handler: async ({ body }) => {
      const begin = performance.now();
      const operations = body.operations.map(understood);
      const writes = operations.filter(({ type }) => type !== "get").length;
      if (writes > 0) takesWrites();
      const batch = new Batch(service, operations, howToRead(body), checkedSession(body.session, writes));
      if (body.ordered ?? true) await batch.inOrder();
      else await batch.byKey();
      const { results, cost } = batch;
      return {
        results,
        untried: operations.length - results.length,
        cost: { ...cost, ms: since(begin) },
      };
    },
  });
}

/** @throws {RequestRefused} `bad-request` if it is none */
function understood(asked: Asked): BatchOperation {
  const { type, key, value, expected, expectedRevision } = asked;
  const hasExpectation = expected !== undefined || expectedRevision !== undefined;
  if (type === "cas") {
    if (value === undefined) throw new RequestRefused("bad-request", "a cas has a value, or null to delete the key");
    return compareOperation(key, value, asked);
  }
  if (hasExpectation) throw new RequestRefused("bad-request", `a ${type} expects nothing: that is what cas is for`);
  if (type === "put") {
    if (typeof value !== "string") throw new RequestRefused("bad-request", "a put has a value");
    return putOperation(key, value, asked);
  }
  if (value !== undefined) throw new RequestRefused("bad-request", `a ${type} has no value`);
  if (type === "delete") return deleteOperation(key, asked);
  if (asked.previous) throw new RequestRefused("bad-request", "a get replaces nothing: previous is for writes");
  return { type, key: checkedKey(key) };
}
