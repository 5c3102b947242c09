import { type Address, parseAddress } from "@synod/api";
import type { TransportFactory } from "../transport.js";

/** What a client of several servers can be given, whatever they serve. */
export interface ConnectOptions {
  /** The gateways of one cluster, such as `http://127.0.0.1:8000`; in the order in which they are asked at first. */
  readonly servers: string | readonly (string | Address)[];
  /** How long a call waits unless it says otherwise, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /**
   * How long one server may take for an answer before another one is asked, in milliseconds; after failures it is up to
   * four times as much. Default 2000.
   */
  readonly serverTimeoutMs?: number;
  /** The secret of a cluster that is reached from other machines. */
  readonly secret?: string;
  /** Ends everything: calls, watches, connections. */
  readonly signal?: AbortSignal;
  /** What carries requests; for tests. Default: undici. */
  readonly transport?: TransportFactory;
}

/** What every call can be given. */
export interface CallOptions {
  /** How long to wait, in milliseconds. */
  readonly timeoutMs?: number;
  /** Ends the waiting. A write that was sent may have happened all the same. */
  readonly signal?: AbortSignal;
}

/** How a caller waits. */
export interface CallPatience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How long a call waits, if nobody says. */
export const USUAL_TIMEOUT_MS = 5000;
/** How long one server may take at first, if nobody says. */
export const USUAL_SERVER_TIMEOUT_MS = 2000;

/** @throws {TypeError | RangeError} saying which option is wrong, and what it can be */
export function checkedAddresses({ servers }: ConnectOptions): Address[] {
  const listed = typeof servers === "string" ? servers.split(",") : servers;
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new TypeError('servers: name at least one gateway, such as { servers: ["http://127.0.0.1:8000"] }');
  }
  return listed.map((one: string | Address) => (typeof one === "string" ? parseAddress(one) : one));
}

/** @throws {RangeError} if this is no time to wait */
export function checkedTimeout(timeoutMs: number, option = "timeoutMs"): number {
  if (timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1) return timeoutMs;
  throw new RangeError(`${option}: a number of milliseconds above 0 and below 2^31, not ${timeoutMs}`);
}

/** How the caller of one call waits. @param usualMs unless the call says otherwise @throws {RangeError} if it is no time to wait */
export function patienceOf({ timeoutMs, signal }: CallOptions, usualMs: number): CallPatience {
  return { timeoutMs: timeoutMs === undefined ? usualMs : checkedTimeout(timeoutMs), signal };
}
