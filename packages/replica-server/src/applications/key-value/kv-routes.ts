import { type Admission, type App, type PlainRequest, RequestRefused, wholeNumber } from "@synod/acceptor-server";
import type { DeleteReply, EntriesReply, KeyReply, PutReply } from "@synod/api";
import {
  DeleteQuery,
  DeleteReplySchema,
  EmptyQuery,
  EntriesReplySchema,
  KeyQuery,
  KeyReplySchema,
  LONGEST_KV_BODY,
  ProblemSchema,
  PutBody,
  PutReplySchema,
  RangeParameters,
} from "@synod/api/schemas";
import type { RangeQuery } from "@synod/state-machines";
import type { Static } from "typebox";
import { checkedSession } from "../../people/session-position.js";
import { addSessionRoute } from "../../people/session-route.js";
import type { TakesWrites } from "../../people/takes-writes.js";
import { type AskedHow, howToRead, howToWrite } from "./how.js";
import type { KeyValueService } from "./key-value-service.js";
import { checkedKey, compareOperation, deleteOperation, putOperation } from "./operations.js";
import { compared, found } from "./outcomes.js";

/** The key in the path: what comes after `/kv/`, slashes included. */
const KEY_PATH = "/kv/*";

/** What the routes of one key stand on. */
export interface KeyRoutes {
  readonly service: KeyValueService;
  readonly takesWrites: TakesWrites;
  /** What bounds the reads and writes that are under way. */
  readonly admission: Admission;
}

/** The key-value store for programs. */
export function addKeyValueRoutes(app: App, routes: KeyRoutes): void {
  const { service, takesWrites } = routes;
  addReads(app, routes);
  addWrites(app, routes);

  addSessionRoute(app, {
    url: "/kv/sessions",
    summary: "Open a session, for a client that numbers its writes itself so that each happens once",
    open: async (client, withinMs) => {
      takesWrites();
      return await service.openSession(client, withinMs);
    },
  });
}

function addReads(app: App, { service, admission }: KeyRoutes): void {
  const get = async (asked: string, query: AskedHow): Promise<KeyReply> => {
    const key = checkedKey(asked);
    const how = howToRead(query);
    const read = await service.read({ type: "get", key }, how);
    const { slot, token, learner, cost } = read;
    const { value, revision } = found(key, read);
    return { key, value, revision, slot, consistency: how.level, token, learner, cost };
  };
  app.shortWay.add({
    method: "GET",
    url: KEY_PATH,
    admission,
    answer: (key, { query }) => {
      const level = PLAIN_LEVELS.get(query);
      return level === undefined || key === "" ? null : () => get(key, level);
    },
  });
  app.route({
    method: "GET",
    url: KEY_PATH,
    schema: {
      summary: "Read one key",
      querystring: KeyQuery,
      response: { 200: KeyReplySchema, default: ProblemSchema },
    },
    handler: ({ params, query }): Promise<KeyReply> => get(keyIn(params), query),
  });

  app.route({
    method: "GET",
    url: "/kv",
    schema: {
      summary: "Read the keys within bounds, in code-unit order, a page at a time",
      querystring: RangeParameters,
      response: { 200: EntriesReplySchema, default: ProblemSchema },
    },
    handler: async ({ query }): Promise<EntriesReply> => {
      const { prefix, from, to, after, limit } = query;
      const how = howToRead(query);
      const bounds = { prefix, from, to, after, limit: limit && wholeNumber("limit", limit, 1) };
      const named = Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined));
      const { answer, ...asRead } = await service.read({ type: "range", ...named } as RangeQuery, how);
      return { entries: [...answer.entries], next: answer.next, ...asRead, consistency: how.level };
    },
  });
}

function addWrites(app: App, { service, takesWrites, admission }: KeyRoutes): void {
  const put = async (asked: string, body: Static<typeof PutBody>): Promise<PutReply> => {
    takesWrites();
    const key = checkedKey(asked);
    const { value, expected, expectedRevision } = body;
    const { label, timeoutMs } = howToWrite(body);
    const how = { label, timeoutMs, session: checkedSession(body.session) };
    if (expected === undefined && expectedRevision === undefined) {
      const { result, slot, token, cost } = await service.write(putOperation(key, value, body), how);
      return { key, ...result, slot, token, cost };
    }
    const written = await service.write(compareOperation(key, value, body), how);
    const { succeeded: _, ...result } = compared(key, written);
    const { slot, token, cost } = written;
    return { key, ...result, slot, token, cost };
  };
  app.shortWay.add({
    method: "PUT",
    url: KEY_PATH,
    admission,
    answer: (key, { query, body }) => (query !== "" || key === "" || !isValueAlone(body) ? null : () => put(key, body)),
  });
  app.route({
    method: "PUT",
    url: KEY_PATH,
    bodyLimit: LONGEST_KV_BODY,
    schema: {
      summary: "Put a value; with an expectation only if it holds",
      querystring: EmptyQuery,
      body: PutBody,
      response: { 200: PutReplySchema, default: ProblemSchema },
    },
    handler: ({ params, body }): Promise<PutReply> => put(keyIn(params), body),
  });

  app.route({
    method: "DELETE",
    url: KEY_PATH,
    schema: {
      summary: "Delete a key; with an expected revision only if it is that one",
      querystring: DeleteQuery,
      response: { 200: DeleteReplySchema, default: ProblemSchema },
    },
    handler: async ({ params, query, body }): Promise<DeleteReply> => {
      takesWrites();
      // An expectation that was put there would be passed over, and the key deleted whatever it holds.
      if (body !== undefined && body !== null) {
        throw new RequestRefused("bad-request", "DELETE takes no body: expectedRevision is a query parameter");
      }
      const key = checkedKey(keyIn(params));
      const how = { ...howToWrite(query), session: null };
      const asks = { previous: query.previous === "true" };
      if (query.expectedRevision === undefined) {
        const { result, ...written } = await service.write(deleteOperation(key, asks), how);
        return { key, ...result, ...written };
      }
      const expectedRevision = wholeNumber("expectedRevision", query.expectedRevision, 0);
      if (expectedRevision < 1) throw new RequestRefused("bad-request", "querystring/expectedRevision is at least 1");
      const written = await service.write(compareOperation(key, null, { expectedRevision, ...asks }), how);
      const { succeeded: _, revision: __, ...result } = compared(key, written);
      const { slot, token, cost } = written;
      return { key, deleted: true, ...result, slot, token, cost };
    },
  });
}

/** What a plain read asks: a level or nothing. All else is for the app, which checks it. */
const PLAIN_LEVELS = new Map<string, AskedHow>([
  ["", {}],
  ["consistency=strong", { consistency: "strong" }],
  ["consistency=session", { consistency: "session" }],
  ["consistency=eventual", { consistency: "eventual" }],
]);

/** Whether a body is a value and nothing else: it then fits the schema. */
function isValueAlone(body: PlainRequest["body"]): body is { readonly value: string } {
  return typeof body?.value === "string" && Object.keys(body).length === 1;
}

/** What the path has in the key's place; it is not checked. */
function keyIn(params: unknown): string {
  return (params as { readonly "*"?: string })["*"] ?? "";
}
