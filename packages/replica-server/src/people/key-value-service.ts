import { RequestRefused } from "@synod/acceptor-server";
import type {
  CompareResult,
  DeleteResult,
  GatewayReply,
  GatewayRequest,
  GetAnswer,
  Json,
  KeyValueOperation,
  KeyValueQuery,
  PutResult,
  RangeAnswer,
  ReadLevel,
  SessionPosition,
} from "@synod/state-machines";
import { readRefused, writeRefused } from "./refusals.js";

/** Asks the cluster on behalf of people. */
export interface GatewayHost {
  propose(request: GatewayRequest): Promise<GatewayReply>;
}

/** What an answer cost: messages of the cluster, how many requests shared them, and the time it took here. */
interface CostInTime {
  readonly messages: number;
  readonly sharedBy: number;
  readonly ms: number;
}

export interface HowToWrite {
  readonly label: string | null;
  readonly session: SessionPosition | null;
  readonly timeoutMs: number;
}

export interface HowToRead {
  readonly level: ReadLevel;
  readonly label: string | null;
  readonly token: number | null;
  readonly timeoutMs: number;
}

export interface Written<Result> {
  readonly result: Result;
  readonly slot: number;
  readonly token: number;
  readonly cost: CostInTime;
}

export interface Answered<Answer> {
  readonly answer: Answer;
  readonly slot: number;
  readonly token: number;
  readonly learner: string;
  readonly cost: CostInTime;
}

type ResultOf<O extends KeyValueOperation> = O extends { type: "put" }
  ? PutResult
  : O extends { type: "delete" }
    ? DeleteResult
    : CompareResult;

type AnswerTo<Q extends KeyValueQuery> = Q extends { type: "get" }
  ? GetAnswer
  : Q extends { type: "range" }
    ? RangeAnswer
    : { readonly keys: number };

/** The key-value store as its routes use it: whatever comes of a request that is no success is a `RequestRefused`. */
export class KeyValueService {
  readonly #host: GatewayHost;

  constructor(host: GatewayHost) {
    this.#host = host;
  }

  /**
   * Writes, and answers once a learner has applied it.
   *
   * @throws {RequestRefused} if it certainly did not happen, or nobody knows
   */
  async write<O extends KeyValueOperation>(operation: O, how: HowToWrite): Promise<Written<ResultOf<O>>> {
    const begin = performance.now();
    const { label, session, timeoutMs } = how;
    const reply = await this.#host.propose({ kind: "write", operation, label, session, timeoutMs });
    // The machine gives each operation the result of its kind.
    return written(reply, begin) as Written<ResultOf<O>>;
  }

  /**
   * Opens a session for a client that numbers its writes itself.
   *
   * @throws {RequestRefused} as `write`
   */
  async openSession(client: string, timeoutMs: number): Promise<Written<{ readonly openedAt: number }>> {
    const begin = performance.now();
    const reply = await this.#host.propose({ kind: "open-session", client, timeoutMs });
    return written(reply, begin) as Written<{ readonly openedAt: number }>;
  }

  /** @throws {RequestRefused} if it cannot be answered at this level, or is no question */
  async read<Q extends KeyValueQuery>(query: Q, how: HowToRead): Promise<Answered<AnswerTo<Q>>> {
    const begin = performance.now();
    const { level, label, token: seen, timeoutMs } = how;
    const asked = { kind: "read", query: query as unknown as Json, level, label, token: seen, timeoutMs } as const;
    const reply = await this.#host.propose(asked);
    if (reply.kind === "written") throw new RequestRefused("internal", "a read was answered as a write");
    if (reply.kind !== "read") throw readRefused(reply, how.level);
    const { answer, slot, token, learner, cost } = reply;
    refuseIfNoQuestion(answer);
    return { answer: answer as unknown as AnswerTo<Q>, slot, token, learner, cost: inTime(cost, begin) };
  }
}

/** @throws {RequestRefused} if it is no success */
function written(reply: GatewayReply, begin: number): Written<Json> {
  if (reply.kind === "read") throw new RequestRefused("internal", "a write was answered as a read");
  if (reply.kind !== "written") throw writeRefused(reply);
  const { result, slot, token, cost } = reply;
  return { result, slot, token, cost: inTime(cost, begin) };
}

function inTime({ messages, sharedBy }: Omit<CostInTime, "ms">, begin: number): CostInTime {
  return { messages, sharedBy, ms: since(begin) };
}

/** @throws {RequestRefused} `bad-request` with what the machine says is wrong */
function refuseIfNoQuestion(answer: Json): void {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return;
  throw new RequestRefused("bad-request", String(answer.error));
}

/** Milliseconds since then, with microseconds as decimals. */
export function since(begin: number): number {
  return Math.round((performance.now() - begin) * 1000) / 1000;
}
