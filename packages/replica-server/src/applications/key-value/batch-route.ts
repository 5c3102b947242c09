import { type App, RequestRefused } from "@synod/acceptor-server";
import { problem } from "@synod/api";
import { BatchBody, BatchReplySchema, EmptyQuery, LONGEST_KV_BATCH, ProblemSchema } from "@synod/api/schemas";
import type { KeyValueOperation, PutResult, SessionPosition } from "@synod/state-machines";
import type { Static } from "typebox";
import { type HowToRead, since } from "../../people/log-calls.js";
import { checkedSession } from "../../people/session-position.js";
import type { TakesWrites } from "../../people/takes-writes.js";
import { howToRead } from "./how.js";
import type { KeyValueService } from "./key-value-service.js";
import { checkedKey, compareOperation, deleteOperation, putOperation } from "./operations.js";
import { compared, found } from "./outcomes.js";

type Body = Static<typeof BatchBody>;
type Asked = Body["operations"][number];

/** An operation of a batch that is understood. */
type Operation = { readonly type: "get"; readonly key: string } | KeyValueOperation;

/** What came of one operation. */
interface Result {
  readonly type: Operation["type"];
  readonly key: string;
  readonly [member: string]: unknown;
}

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
      const batch = new Batch(service, body, writes);
      const results = (body.ordered ?? true) ? await batch.inOrder(operations) : await batch.byKey(operations);
      const { messages, sharedBy } = batch.cost;
      return { results, untried: operations.length - results.length, cost: { messages, sharedBy, ms: since(begin) } };
    },
  });
}

/** @throws {RequestRefused} `bad-request` if it is none */
function understood({ type, key, value, expected, expectedRevision }: Asked): Operation {
  const hasExpectation = expected !== undefined || expectedRevision !== undefined;
  if (type === "cas") {
    if (value === undefined) throw new RequestRefused("bad-request", "a cas has a value, or null to delete the key");
    return compareOperation(key, value, {
      ...(expected === undefined ? {} : { expected }),
      ...(expectedRevision === undefined ? {} : { expectedRevision }),
    });
  }
  if (hasExpectation) throw new RequestRefused("bad-request", `a ${type} expects nothing: that is what cas is for`);
  if (type === "put") {
    if (typeof value !== "string") throw new RequestRefused("bad-request", "a put has a value");
    return putOperation(key, value);
  }
  if (value !== undefined) throw new RequestRefused("bad-request", `a ${type} has no value`);
  return type === "get" ? { type, key: checkedKey(key) } : deleteOperation(key);
}

/** One batch while it is carried out. */
class Batch {
  readonly #service: KeyValueService;
  readonly #how: HowToRead;
  readonly #session: SessionPosition | null;
  #numbered = 0;
  #seen: number | null;
  #messages = 0;
  #sharedBy = 1;

  constructor(service: KeyValueService, body: Body, writes: number) {
    this.#service = service;
    this.#how = howToRead(body);
    this.#session = checkedSession(body.session, writes);
    this.#seen = this.#how.token;
  }

  get cost() {
    return { messages: this.#messages, sharedBy: this.#sharedBy };
  }

  /** One after the other, up to the first that fails: one whose outcome is unknown may yet happen after the next. */
  async inOrder(operations: readonly Operation[]): Promise<Result[]> {
    const results: Result[] = [];
    for (const operation of operations) {
      const result = await this.#carryOut(operation, this.#position(operation));
      results.push(result);
      if (isFailure(result)) break;
    }
    return results;
  }

  /** Those on one key one after the other, up to the first of them that fails; all others at the same time. */
  async byKey(operations: readonly Operation[]): Promise<Result[]> {
    const lastOfKey = new Map<string, Promise<Result>>();
    const results = operations.map((operation) => {
      const position = this.#position(operation);
      const before = lastOfKey.get(operation.key);
      const result = before
        ? before.then((last) => (isFailure(last) ? untried(operation) : this.#carryOut(operation, position)))
        : this.#carryOut(operation, position);
      lastOfKey.set(operation.key, result);
      return result;
    });
    return Promise.all(results);
  }

  /** In the client's own session each write takes the next number. */
  #position({ type }: Operation): SessionPosition | null {
    if (this.#session === null || type === "get") return null;
    const { client, openedAt, sequence, firstUnacknowledged } = this.#session;
    return { client, openedAt, sequence: sequence + this.#numbered++, firstUnacknowledged };
  }

  async #carryOut(operation: Operation, session: SessionPosition | null): Promise<Result> {
    const { type, key } = operation;
    try {
      return type === "get" ? await this.#get(key) : await this.#write(operation, session);
    } catch (error) {
      if (error instanceof RequestRefused) return { type, key, error: error.problem };
      throw error;
    }
  }

  async #get(key: string): Promise<Result> {
    const { level, label, timeoutMs } = this.#how;
    const read = await this.#service.read({ type: "get", key }, { level, label, timeoutMs, token: this.#seen });
    const { slot, token, learner, cost } = read;
    this.#pay(cost, token);
    const { value, revision } = found(key, read);
    return { type: "get", key, value, revision, slot, token, learner };
  }

  async #write(operation: KeyValueOperation, session: SessionPosition | null): Promise<Result> {
    const { label, timeoutMs } = this.#how;
    const { type, key } = operation;
    const written = await this.#service.write(operation, { label, timeoutMs, session });
    const { result, slot, token, cost } = written;
    this.#pay(cost, token);
    if (type === "delete") return { type, key, ...result, slot, token };
    const { revision, previous } =
      type === "put" ? (result as PutResult) : compared(key, written as Parameters<typeof compared>[1]);
    return { type, key, revision, previous, slot, token };
  }

  #pay(cost: { readonly messages: number; readonly sharedBy: number }, token: number): void {
    this.#messages += cost.messages;
    this.#sharedBy = Math.max(this.#sharedBy, cost.sharedBy);
    this.#seen = Math.max(this.#seen ?? 0, token);
  }
}

/** One before it on its key may yet happen: after that one nothing may. */
function untried({ type, key }: Operation): Result {
  const detail = "it was not tried, since an operation before it on the same key failed: send it again after that one";
  return { type, key, error: problem("not-tried", detail) };
}

/** An absent key and a comparison that failed are answers like any other. */
function isFailure({ error }: Result): boolean {
  const code = (error as { readonly code?: string } | undefined)?.code;
  return code !== undefined && code !== "key-not-found" && code !== "compare-failed";
}
