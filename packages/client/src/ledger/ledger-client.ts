import { randomUUID } from "node:crypto";
import { ClientEnd } from "../calls/client-end.js";
import { openServers } from "../calls/open-servers.js";
import {
  type CallOptions,
  type ConnectOptions,
  checkedTimeout,
  patienceOf,
  USUAL_TIMEOUT_MS,
} from "../calls/options.js";
import { WriteCalls, type WritesOptions } from "../calls/write-calls.js";
import type { Json } from "./json.js";
import { answerIn, checkedJson, type LedgerAnswer, type LedgerOperation } from "./ledger-operation.js";

/** `servers` are those of the ledger, such as `http://127.0.0.1:8101`. */
export interface LedgerOptions extends ConnectOptions {
  /** The cluster that must answer; default: whichever answers first, and no other after it. */
  readonly clusterId?: string;
  /** How blocks name this client, before what was drawn for its session: 1 to 40 characters. Default: nothing. */
  readonly name?: string;
}

/** Drawn for a session, so that no two have one name: characters of a UUID. */
const DRAWN_CHARACTERS = 18;
const MOST_NAME_CHARACTERS = 40;

const WRITES: Omit<WritesOptions, "newName"> = {
  sessionsPath: "/ledger/sessions",
  words: {
    unknown: "The block may have been added, and may still be: look at the chain to see",
    nothing: "No block was added",
  },
  client: "the ledger's client",
  noSuchRoute: "what answers there is a server of Synod, but not of a ledger",
};

/**
 * A client of a ledger. It does not connect before it is used; each call waits as long as it was told to.
 *
 * A request has one number for life, in a session that the replicas know: whichever servers it is sent to while leaders
 * change, it becomes one block at most. Calls that are made together have no order: who needs one awaits.
 *
 * Every method rejects with a `StoreError`.
 */
export class LedgerClient {
  readonly #calls: WriteCalls;
  readonly #end: ClientEnd;
  readonly #timeoutMs: number;

  /** @throws {TypeError | RangeError | Error} if an option makes no sense */
  constructor(options: LedgerOptions) {
    const { timeoutMs = USUAL_TIMEOUT_MS, signal, clusterId, name } = options;
    this.#timeoutMs = checkedTimeout(timeoutMs);
    const servers = openServers(options, clusterId);
    const calls = new WriteCalls(servers, { ...WRITES, newName: namesAfter(name) });
    this.#calls = calls;
    const finish = async () => {
      await calls.close();
      await servers.close();
    };
    this.#end = new ClientEnd({ finish, endAll: (reason) => calls.endAll(reason) }, signal);
  }

  /**
   * Puts a value under a key, in a block of its own.
   *
   * @throws {OutcomeUnknown} if the block may have been added all the same
   */
  put(key: Json, value: Json, options: CallOptions = {}): Promise<LedgerAnswer> {
    return this.#add(
      () => ({ type: "put", key: checkedJson(key, "key"), value: checkedJson(value, "value") }),
      options,
    );
  }

  /**
   * What is under a key, as of a block of its own: it sees every put that was answered before.
   *
   * @throws {OutcomeUnknown} if the block may have been added all the same
   */
  get(key: Json, options: CallOptions = {}): Promise<LedgerAnswer> {
    return this.#add(() => ({ type: "get", key: checkedJson(key, "key") }), options);
  }

  /** Takes no more calls, waits for those under way, each within its own time, and ends the connections. */
  close(): Promise<void> {
    return this.#end.come();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A get, too, is a block, and must not become two. */
  async #add(operation: () => LedgerOperation, options: CallOptions): Promise<LedgerAnswer> {
    const patience = patienceOf(options, this.#timeoutMs);
    const body = { operation: operation() };
    return this.#calls.submit({ path: "/ledger/blocks", body, isNumbered: true, read: answerIn }, patience);
  }
}

/** @throws {RangeError} if a session cannot be called so */
function namesAfter(name: string | undefined): () => string {
  if (name === undefined) return randomUUID;
  if (name.length >= 1 && name.length <= MOST_NAME_CHARACTERS) {
    return () => `${name}-${randomUUID().slice(0, DRAWN_CHARACTERS)}`;
  }
  throw new RangeError(`name: 1 to ${MOST_NAME_CHARACTERS} characters, not ${JSON.stringify(name)}`);
}

/**
 * A client of this ledger.
 *
 * @throws {TypeError | RangeError | Error} if an option makes no sense
 */
export function connectLedger(options: LedgerOptions): LedgerClient {
  return new LedgerClient(options);
}
