import { type Address, ERRORS, formatAddress, type Problem } from "@synod/api";
import { NoAnswer, nodeHttpTransport } from "@synod/client";

/** One request of a command to a server of a cluster. */
export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long to wait for the whole answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly secret: string | undefined;
}

/** A whole answer, whatever its status. */
export interface Reply {
  readonly status: number;
  /** The body, read as JSON; undefined if it is none. */
  readonly body: unknown;
}

/**
 * Sends a request and reads its whole answer.
 *
 * @throws {NoAnswer} if there is none: `refused` if it was certainly not sent
 */
export async function exchange(address: Address, call: Call): Promise<Reply> {
  const { method = "GET", path, body, secret, timeoutMs } = call;
  const timeout = AbortSignal.timeout(timeoutMs);
  const transport = nodeHttpTransport(address);
  try {
    const { status, text } = await transport.exchange({
      ...{ method, path, body: body === undefined ? null : JSON.stringify(body) },
      headers: {
        ...call.headers,
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.any([timeout, call.signal]),
    });
    return { status, body: jsonIn(text) };
  } catch (error) {
    throw NoAnswer.because(error, formatAddress(address), timeout.aborted ? timeoutMs : null);
  } finally {
    // The process ends as soon as the command is done, without waiting for connections that are kept.
    await transport.close();
  }
}

/** @returns undefined if it is no JSON */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error that this answer is (RFC 9457); null if it is none of ours. */
export function problemIn(body: unknown): Problem | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, detail } = body as Record<string, unknown>;
  const isProblem = typeof code === "string" && Object.hasOwn(ERRORS, code) && typeof detail === "string";
  return isProblem ? (body as Problem) : null;
}
