import type { Address } from "@synod/api";

/** One HTTP request to the server that a transport leads to. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Ends the exchange, wherever it is. */
  readonly signal?: AbortSignal | undefined;
  /** How long the whole exchange may take, in milliseconds; then it is rejected with a `TimeoutError`. */
  readonly timeoutMs?: number;
}

/** A whole answer, whatever its status. */
export interface TransportAnswer {
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * Carries requests to one server over HTTP/1.1, on connections that are kept. Rejects if there is no whole answer:
 * because of the network, because of the signal or the time, one of which each request has, or because the answer is longer than LONGEST_ANSWER.
 */
export interface Transport {
  exchange(request: TransportRequest): Promise<TransportAnswer>;
  /** Lets go of the connections; what is under way is rejected. */
  close(): Promise<void>;
}

export type TransportFactory = (address: Address) => Transport;

/** The longest answer that is read, in bytes. */
export const LONGEST_ANSWER = 64 * 1024 * 1024;

/** Connections to one server at most; further requests wait for one, within their time-out. */
export const MOST_CONNECTIONS = 64;
