import { type App, RequestRefused } from "@synod/acceptor-server";
import type { ReadReply, WriteReply } from "@synod/api";
import {
  EmptyQuery,
  LONGEST_KV_BODY,
  ProblemSchema,
  ReadBody,
  ReadReplySchema,
  WriteBody,
  WriteReplySchema,
} from "@synod/api/schemas";
import type { Static } from "typebox";
import type { TakesWrites } from "../../people/takes-writes.js";
import { howToRead, howToWrite } from "./how.js";
import type { KeyValueService } from "./key-value-service.js";
import { checkedKey, putOperation } from "./operations.js";

/** `/write` and `/read`, as the first people typed them. */
export function addOriginalRoutes(app: App, service: KeyValueService, takesWrites: TakesWrites): void {
  app.route({
    method: "POST",
    url: "/write",
    bodyLimit: LONGEST_KV_BODY,
    schema: {
      summary: "Put a value; answered once a learner has applied it",
      querystring: EmptyQuery,
      body: WriteBody,
      response: { 200: WriteReplySchema, default: ProblemSchema },
    },
    handler: async ({ body }): Promise<WriteReply> => {
      takesWrites();
      const operation = putOperation(body.key, body.value);
      const { result, slot, token, cost } = await service.write(operation, { ...howToWrite(body), session: null });
      return { success: true, key: body.key, value: body.value, slot, revision: result.revision, token, cost };
    },
  });

  app.route({
    method: "POST",
    url: "/read",
    schema: {
      summary: "Read a key, all keys, or those with a prefix",
      querystring: EmptyQuery,
      body: ReadBody,
      response: { 200: ReadReplySchema, default: ProblemSchema },
    },
    handler: async ({ body }): Promise<ReadReply> => {
      const how = howToRead(body);
      if ((body.type ?? "key") !== "key") {
        const { answer, ...asRead } = await service.read(rangeOf(body), how);
        return { entries: [...answer.entries], next: answer.next, ...asRead, consistency: how.level };
      }
      const key = keyOf(body);
      const { answer, ...asRead } = await service.read({ type: "get", key }, how);
      const { value = null, revision = null } = answer.entry ?? {};
      return { key, value, found: answer.entry !== null, revision, ...asRead, consistency: how.level };
    },
  });
}

type Body = Static<typeof ReadBody>;

/** @throws {RequestRefused} if the body does not name a key, and nothing but one */
function keyOf({ key, prefix, after, limit }: Body): string {
  if (key === undefined) {
    throw new RequestRefused("bad-request", 'body must have a key; or a type of "all", or of "prefix" with a prefix');
  }
  if (prefix !== undefined || after !== undefined || limit !== undefined) {
    throw new RequestRefused("bad-request", 'prefix, after and limit are for reads of type "all" and "prefix"');
  }
  return checkedKey(key);
}

/** @throws {RequestRefused} if the body mixes up one key and many */
function rangeOf({ type, key, prefix, after, limit }: Body) {
  if (key !== undefined) throw new RequestRefused("bad-request", `a read of type "${type}" has no key`);
  if ((type === "prefix") !== (prefix !== undefined)) {
    throw new RequestRefused("bad-request", 'a read of type "prefix" has a prefix, and one of type "all" has none');
  }
  return {
    type: "range",
    ...(prefix === undefined ? {} : { prefix }),
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit }),
  } as const;
}
