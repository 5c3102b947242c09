import { type Admission, type App, RequestRefused, takeTurns } from "@synod/acceptor-server";
import type { AddBlockReply, RequestsReply } from "@synod/api";
import {
  AddBlockBody,
  AddBlockReplySchema,
  EmptyQuery,
  LONGEST_LEDGER_BODY,
  ProblemSchema,
  RequestsReplySchema,
} from "@synod/api/schemas";
import {
  type Json,
  type LedgerOperation,
  type LedgerResult,
  ledgerCommandJson,
  operationComplaint,
  type SessionPosition,
} from "@synod/state-machines";
import { type LogCalls, since } from "../../people/log-calls.js";
import { checkedSession } from "../../people/session-position.js";
import { addSessionRoute } from "../../people/session-route.js";
import { timeoutMs } from "../../people/time-out.js";
import type { ProofSearch } from "./proof-search.js";

type JsonObject = { readonly [name: string]: Json };

/** What requests for blocks stand on. */
export interface BlockRoutes {
  readonly calls: LogCalls;
  readonly proofs: ProofSearch;
  /** As `isProof` takes it. */
  readonly difficulty: number;
  /** The name of the server, for the blocks that it adds. */
  readonly proposer: string;
  readonly admission: Admission;
}

/** A request that has no answer yet. */
interface UnderWay {
  readonly operation: LedgerOperation;
  readonly client: string | null;
  /** By `performance.now()`. */
  readonly since: number;
}

/** The routes that add to the chain, and the one that tells what waits for that. */
export function addBlockRoutes(app: App, { calls, proofs, difficulty, proposer, admission }: BlockRoutes): void {
  const underWay = new Set<UnderWay>();
  app.register(async (scope) => {
    const byTurns = scope as App;
    takeTurns(byTurns, admission);

    byTurns.route({
      method: "POST",
      url: "/ledger/blocks",
      bodyLimit: LONGEST_LEDGER_BODY,
      schema: {
        summary: "Put or get a key: does the work, adds a block, and answers once a learner has applied it",
        querystring: EmptyQuery,
        body: AddBlockBody,
        response: { 200: AddBlockReplySchema, default: ProblemSchema },
      },
      handler: async ({ body, raw }): Promise<AddBlockReply> => {
        const begin = performance.now();
        const operation = checkedOperation(body.operation as JsonObject);
        const session = checkedSession(body.session);
        const end = begin + timeoutMs(body.timeout_ms);
        const request = { operation, client: session?.client ?? null, since: begin };
        underWay.add(request);
        try {
          const isWanted = () => !raw.socket.destroyed;
          const nonce = await proofs.find({ operation, difficulty, withinMs: end - begin, isWanted });
          const command = ledgerCommandJson({ operation, nonce, proposer, time: Date.now() });
          const left = Math.max(1, Math.floor(end - performance.now()));
          const { result, slot, cost } = await calls.write(command, { label: null, session, timeoutMs: left });
          const own = ownResult(operation, result as LedgerResult, session);
          return replyOf(own, slot, { ...cost, ms: since(begin) });
        } finally {
          underWay.delete(request);
        }
      },
    });

    addSessionRoute(byTurns, {
      url: "/ledger/sessions",
      summary: "Open a session, for a client that numbers its requests itself so that each makes one block at most",
      open: (client, withinMs) => calls.openSession(client, withinMs),
    });
  });

  app.route({
    method: "GET",
    url: "/ledger/requests",
    schema: {
      summary: "What this server was asked to add and has not answered, the oldest first",
      querystring: EmptyQuery,
      response: { 200: RequestsReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<RequestsReply> => {
      const told = [...underWay].slice(0, MOST_REQUESTS_TOLD);
      return {
        requests: told.map(({ operation, client, since: begin }) => ({ operation, client, waitedMs: since(begin) })),
      };
    },
  });
}

/** Requests in one answer. */
const MOST_REQUESTS_TOLD = 1000;

/** @throws {RequestRefused} for what the replicas would not understand, before it costs work and a slot */
function checkedOperation(operation: JsonObject): LedgerOperation {
  const complaint = operationComplaint(operation);
  if (complaint === null) return operation as unknown as LedgerOperation;
  throw new RequestRefused("bad-request", `body/operation: ${complaint}`);
}

/** @throws {RequestRefused} if it is one of the other kind: under a number that was used before, one hears what came of the first */
function ownResult({ type }: LedgerOperation, result: LedgerResult, session: SessionPosition | null): LedgerResult {
  if ((type === "put") === (result.answer === "success")) return result;
  throw new RequestRefused(
    "bad-request",
    `body/session: its number ${session?.sequence} was that of another request, which made a block; this one did not. Give ` +
      "each request a number of its own",
  );
}

function replyOf(result: LedgerResult, slot: number, cost: AddBlockReply["cost"]): AddBlockReply {
  const { answer, height, hash, requestId, nonce } = result;
  const value = result.answer === "value" ? result.value : null;
  return { answer, value, height, hash, requestId, nonce, slot, cost };
}
