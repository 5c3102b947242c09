import { RequestRefused } from "@synod/acceptor-server";
import type {
  CompareResult,
  DeleteResult,
  GetAnswer,
  Json,
  KeyValueOperation,
  KeyValueQuery,
  PutResult,
  RangeAnswer,
} from "@synod/state-machines";
import {
  type Answered,
  type GatewayHost,
  type HowToRead,
  type HowToWrite,
  LogCalls,
  type WriteOfMany,
  type Written,
} from "../../people/log-calls.js";

/** What a write comes to, whichever it is. */
export type WriteResult = PutResult | DeleteResult | CompareResult;

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
  readonly #calls: LogCalls;

  constructor(host: GatewayHost) {
    this.#calls = new LogCalls(host, "Read the key to see");
  }

  /**
   * Writes, and answers once a learner has applied it.
   *
   * @throws {RequestRefused} if it certainly did not happen, or nobody knows
   */
  async write<O extends KeyValueOperation>(operation: O, how: HowToWrite): Promise<Written<ResultOf<O>>> {
    const written = (await this.#calls.write(operation, how)) as Written<WriteResult>;
    if (!isOfKind(operation, written)) throw new RequestRefused("bad-request", NUMBER_OF_ANOTHER);
    return written as Written<ResultOf<O>>;
  }

  /** Writes all of these, each by itself, at the same time, as `LogCalls.writeAll`. */
  async writeAll(
    writes: readonly (WriteOfMany & { readonly operation: KeyValueOperation })[],
    how: Omit<HowToWrite, "session">,
  ): Promise<readonly (Written<WriteResult> | Error)[]> {
    const outcomes = (await this.#calls.writeAll(writes, how)) as readonly (Written<WriteResult> | Error)[];
    return outcomes.map((outcome, place) => {
      const { operation } = writes[place] as (typeof writes)[number];
      const isItsOwn = outcome instanceof Error || isOfKind(operation, outcome);
      return isItsOwn ? outcome : new RequestRefused("bad-request", NUMBER_OF_ANOTHER);
    });
  }

  /**
   * Opens a session for a client that numbers its writes itself.
   *
   * @throws {RequestRefused} as `write`
   */
  openSession(client: string, timeoutMs: number): Promise<Written<{ readonly openedAt: number }>> {
    return this.#calls.openSession(client, timeoutMs);
  }

  /** @throws {RequestRefused} if it cannot be answered at this level, or is no question */
  read<Q extends KeyValueQuery>(query: Q, how: HowToRead): Promise<Answered<AnswerTo<Q>>> {
    return this.#calls.read(query as unknown as Json, how) as Promise<unknown> as Promise<Answered<AnswerTo<Q>>>;
  }
}

const NUMBER_OF_ANOTHER =
  "another write has this number of the session, and this one did not happen: use each number for one write only";

/** Whether a result is that of such a write: under a number that was used before, the machine says what came of the first. */
function isOfKind({ type }: KeyValueOperation, { result }: Written<WriteResult>): boolean {
  if (type === "delete") return "deleted" in result;
  return type === "cas" ? "succeeded" in result : "revision" in result && !("succeeded" in result);
}
