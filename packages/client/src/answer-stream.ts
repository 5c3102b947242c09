import { request as httpRequest, type IncomingMessage } from "node:http";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "./errors.js";
import { isProblem, parseJson } from "./reply-form.js";

export interface AnswerStreamOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with the request, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long nothing may arrive, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long the answer may take to begin, in milliseconds. Default: as long as nothing may arrive. */
  readonly beginTimeoutMs?: number | undefined;
  /** The media type of the stream that is asked for, ... */
  readonly mediaType: string;
  /** ... and what is said of whoever answers with another: `is no server of a ledger`. */
  readonly otherwise: string;
}

/** Characters of an answer that is no stream, at most. */
const LONGEST_REFUSAL = 64 * 1024;

/**
 * The bytes of a long answer, as they come. Whoever reads slowly makes the server wait. The connection ends with the loop.
 *
 * @param path path and query
 * @throws {NoAnswer} if nobody answers, or nothing arrives for too long, or the connection breaks before the end, or the
 *   signal ends it
 * @throws {ProblemAnswer} if the server refuses
 */
export async function* answerStream(
  address: Address,
  path: string,
  options: AnswerStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { idleTimeoutMs, headers, mediaType } = options;
  const idle = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, idle.signal]) : idle.signal;
  let silentMs = options.beginTimeoutMs ?? idleTimeoutMs;
  const waitForIt = () => setTimeout(() => idle.abort(), silentMs).unref();
  let timer = waitForIt();
  try {
    const response = await begin(address, path, headers, signal);
    clearTimeout(timer);
    silentMs = idleTimeoutMs;
    timer = waitForIt();
    const [type] = (response.headers["content-type"] ?? "").split(";");
    if (response.statusCode !== 200 || type?.trim() !== mediaType) throw await refusal(response, address, options);
    for await (const piece of response) {
      // While the caller is busy with a piece, nobody waits for the server.
      clearTimeout(timer);
      yield piece;
      timer = waitForIt();
    }
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ProblemAnswer) throw error;
    const place = formatAddress(address);
    if (options.signal?.aborted)
      throw new NoAnswer("cancelled", `the stream of ${place} was given up`, { cause: error });
    throw NoAnswer.because(error, place, idle.signal.aborted ? silentMs : null);
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
    // A connection of its own, not one of those that are kept: it is taken for as long as the stream lasts.
    httpRequest({ host, port, path, signal, agent: false, headers }, resolve).on("error", reject).end();
  });
}

async function refusal(
  response: IncomingMessage,
  address: Address,
  { otherwise }: AnswerStreamOptions,
): Promise<NoAnswer | ProblemAnswer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    text += piece;
    if (text.length > LONGEST_REFUSAL) break;
  }
  const reply = parseJson(text);
  if (isProblem(reply)) return new ProblemAnswer(reply);
  return new NoAnswer("no-acceptor", `what listens at ${formatAddress(address)} ${otherwise}`);
}
