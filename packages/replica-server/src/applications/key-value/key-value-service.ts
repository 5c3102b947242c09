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
  write<O extends KeyValueOperation>(operation: O, how: HowToWrite): Promise<Written<ResultOf<O>>> {
    // The machine gives each operation the result of its kind.
    return this.#calls.write(operation, how) as Promise<Written<ResultOf<O>>>;
  }

  /** Writes all of these, each by itself, at the same time, as `LogCalls.writeAll`. */
  writeAll(
    writes: readonly WriteOfMany[],
    how: Omit<HowToWrite, "session">,
  ): Promise<readonly (Written<WriteResult> | Error)[]> {
    return this.#calls.writeAll(writes, how) as Promise<readonly (Written<WriteResult> | Error)[]>;
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
