import { request as httpRequest, type IncomingMessage } from "node:http";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { jsonIn, problemIn } from "../http-exchange.js";

export interface RecordStreamOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** How long nothing may arrive, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** Characters of an answer that is no stream, at most. */
const LONGEST_REFUSAL = 64 * 1024;

/**
 * The bytes of a server's blocks as it holds them, as they come. Whoever reads slowly makes the server wait.
 *
 * @param path path and query
 * @throws {NoAnswer} if nobody answers, or nothing arrives for too long, or the connection breaks before the end
 * @throws {ProblemAnswer} if the server refuses
 */
export async function* recordStream(
  address: Address,
  path: string,
  { headers, signal: given, idleTimeoutMs }: RecordStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const idle = new AbortController();
  const signal = AbortSignal.any([given, idle.signal]);
  const waitForIt = () => setTimeout(() => idle.abort(), idleTimeoutMs).unref();
  let timer = waitForIt();
  try {
    const response = await begin(address, path, headers, signal);
    if (response.statusCode !== 200 || !/^application\/x-ndjson\b/.test(response.headers["content-type"] ?? "")) {
      throw await refusal(response, address);
    }
    for await (const piece of response) {
      // While the caller is busy with a piece, nobody waits for the server.
      clearTimeout(timer);
      yield piece;
      timer = waitForIt();
    }
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ProblemAnswer) throw error;
    throw NoAnswer.because(error, formatAddress(address), idle.signal.aborted ? idleTimeoutMs : null);
  } finally {
    clearTimeout(timer);
    // Also if the caller leaves the loop: then the request ends with it.
    idle.abort();
  }
}

function begin(
  { host, port }: Address,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host, port, path, signal, agent: false, headers }, resolve).on("error", reject).end();
  });
}

async function refusal(response: IncomingMessage, address: Address): Promise<NoAnswer | ProblemAnswer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    text += piece;
    if (text.length > LONGEST_REFUSAL) break;
  }
  const problem = problemIn(jsonIn(text));
  if (problem) return new ProblemAnswer(problem);
  return new NoAnswer("no-acceptor", `what listens at ${formatAddress(address)} is no server of a ledger`);
}
