import {
  type AcceptorStatusReply,
  type AcceptReply,
  type Address,
  formatAddress,
  type HistoryReply,
  IDENTITY_HEADER,
  type LogAcceptReply,
  type LogPrepareReply,
  type LogReply,
  type LogTruncateReply,
  type PoolStateReply,
  type PrepareReply,
  parseIdentity,
  type ServerIdentity,
  type StateReply,
} from "@synod/api";
import { NoAnswer, ProblemAnswer } from "./errors.js";
import {
  isAcceptorStatusReply,
  isAcceptReply,
  isHistoryReply,
  isLogAcceptReply,
  isLogPrepareReply,
  isLogReply,
  isLogTruncateReply,
  isPoolStateReply,
  isPrepareReply,
  isProblem,
  isStateReply,
  parseJson,
} from "./reply-form.js";
import type { Transport, TransportFactory } from "./transport.js";
import { undiciTransport } from "./undici-transport.js";

export interface AcceptorClientOptions {
  /**
   * Which server is expected at this address. An answer from another one is no answer: counting one acceptor as two
   * would make a majority that is none.
   */
  readonly serverId?: number;
  /** Which pool that server is expected to belong to. */
  readonly poolId?: string;
  /** How long a call waits at most, in milliseconds. Default 1000. */
  readonly timeoutMs?: number;
  /** The shared secret of servers that are reached from other machines. */
  readonly secret?: string;
  /** Sent with every call, by lower-case name: what requests between the nodes of a cluster carry. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What carries the calls. Default: undici. */
  readonly transport?: TransportFactory;
}

/** Phase 2 for many instances under one id. */
export interface LogAcceptRequest {
  readonly id: number;
  readonly entries: readonly { readonly instance: number; readonly value: string }[];
  /** Given back with the answer. */
  readonly sequence?: number;
  /** What is accepted in these instances under this id is chosen. */
  readonly decided?: { readonly from: number; readonly through: number };
}

/** Beside the time-out, a caller's own reason to stop waiting. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Speaks to one acceptor. Every call ends within its time-out, with an answer of the form that was promised or with an
 * error: `NoAnswer` if there is none, `ProblemAnswer` if the server refused.
 */
export class AcceptorClient {
  readonly address: Address;
  readonly #options: AcceptorClientOptions;
  readonly #transport: Transport;
  #identity: ServerIdentity | null = null;

  constructor(address: Address, options: AcceptorClientOptions = {}) {
    this.address = address;
    this.#options = options;
    this.#transport = (options.transport ?? undiciTransport)(address);
  }

  /** Who the server said it is, with its last answer; null before the first. */
  get identity(): ServerIdentity | null {
    return this.#identity;
  }

  /** Phase 1: asks for a promise. */
  prepare(request: { id: number; instance?: number }, options?: CallOptions): Promise<PrepareReply> {
    return this.#call("POST", "/prepare", request, isPrepareReply, options);
  }

  /** Phase 2: asks to accept a value. */
  accept(request: { id: number; value: string; instance?: number }, options?: CallOptions): Promise<AcceptReply> {
    return this.#call("POST", "/accept", request, isAcceptReply, options);
  }

  /** What this server has promised and accepted. */
  state(instance: number, options?: CallOptions): Promise<StateReply> {
    return this.#call("GET", `/state?instance=${instance}`, null, isStateReply, options);
  }

  /** What every server of the pool that this one can reach has promised and accepted. */
  poolState(instance: number, options?: CallOptions): Promise<PoolStateReply> {
    return this.#call("GET", `/pool/state?instance=${instance}`, null, isPoolStateReply, options);
  }

  /** The acceptances of this server that were made by hand. */
  history(instance: number, options?: CallOptions): Promise<HistoryReply> {
    return this.#call("GET", `/history?instance=${instance}`, null, isHistoryReply, options);
  }

  /** Phase 1 for every instance from `from` on; the answer has the first page of what was accepted there. */
  logPrepare(request: { id: number; from: number }, options?: CallOptions): Promise<LogPrepareReply> {
    return this.#call("POST", "/log/prepare", request, isLogPrepareReply, options);
  }

  /**
   * Phase 2 for many instances: all are accepted, or none.
   *
   * @param request or its JSON text: to several acceptors goes the same
   */
  logAccept(request: LogAcceptRequest | string, options?: CallOptions): Promise<LogAcceptReply> {
    return this.#call("POST", "/log/accept", request, isLogAcceptReply, options);
  }

  /** One page of what this server has accepted, from an instance on. */
  log({ from, limit }: { from: number; limit?: number }, options?: CallOptions): Promise<LogReply> {
    const most = limit === undefined ? "" : `&limit=${limit}`;
    return this.#call("GET", `/log?from=${from}${most}`, null, isLogReply, options);
  }

  /** Makes the server forget everything up to here. The caller knows that it is decided, and kept elsewhere. */
  logTruncate(request: { through: number }, options?: CallOptions): Promise<LogTruncateReply> {
    return this.#call("POST", "/log/truncate", request, isLogTruncateReply, options);
  }

  /** How far this acceptor of a cluster is. */
  status(options?: CallOptions): Promise<AcceptorStatusReply> {
    return this.#call("GET", "/status", null, isAcceptorStatusReply, options);
  }

  /** Lets go of the connections; calls that are under way fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #call<T>(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    isExpected: (reply: unknown) => reply is T,
    options: CallOptions = {},
  ): Promise<T> {
    const timeoutMs = this.#options.timeoutMs ?? 1000;
    let answer: { status: number; reply: unknown };
    try {
      answer = await this.#exchange(method, path, body, timeoutMs, options.signal);
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      throw NoAnswer.because(error, formatAddress(this.address), isLate(error) ? timeoutMs : null);
    }
    const { status, reply } = answer;
    if (isProblem(reply)) throw new ProblemAnswer(reply);
    if (status === 200 && isExpected(reply)) return reply;
    throw new NoAnswer("no-acceptor", `what listens at ${formatAddress(this.address)} is not an acceptor of Synod`);
  }

  async #exchange(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ) {
    const { secret, headers: always } = this.#options;
    const { status, headers, text } = await this.#transport.exchange({
      method,
      path,
      signal,
      timeoutMs,
      headers: {
        ...always,
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: body === null || typeof body === "string" ? body : JSON.stringify(body),
    });
    const identity = parseIdentity(headers[IDENTITY_HEADER]);
    this.#refuseStrangers(identity);
    this.#identity = identity;
    return { status, reply: parseJson(text) };
  }

  #refuseStrangers(identity: ServerIdentity | null): void {
    const { serverId, poolId } = this.#options;
    const where = formatAddress(this.address);
    if (!identity) return;
    if (serverId !== undefined && identity.serverId !== serverId) {
      throw new NoAnswer("wrong-server", `at ${where} is server ${identity.serverId}, not server ${serverId}`);
    }
    if (poolId !== undefined && identity.poolId !== poolId) {
      throw new NoAnswer(
        "wrong-server",
        `at ${where} is server ${identity.serverId} of another pool, ${identity.poolId}`,
      );
    }
  }
}

/** Whether an exchange failed because its time was up, and not because its caller gave it up. */
function isLate(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
