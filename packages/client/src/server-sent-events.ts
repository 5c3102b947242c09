import { request as httpRequest, type IncomingMessage } from "node:http";
import { type Address, formatAddress } from "@synod/api";
import { createParser } from "eventsource-parser";
import { NoAnswer, ProblemAnswer } from "./errors.js";
import { isProblem, parseJson } from "./reply-form.js";

/** One event of a stream. */
export interface ServerSentEvent {
  /** `message` if the server names none. */
  readonly event: string;
  /** Null if the server gives none. */
  readonly id: string | null;
  readonly data: string;
}

export interface ServerSentEventsOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Sent with the request, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long nothing may arrive, in milliseconds; heartbeats count. Default 30,000, three of a server's heartbeats. */
  readonly idleTimeoutMs?: number;
}

const IDLE_TIMEOUT_MS = 30_000;
/** Characters of one event at most, and of an answer that is no stream. */
const LONGEST_EVENT = 16 * 1024 * 1024;

/**
 * The events of a server, as they come. Whoever reads slowly makes the server wait, and the server bounds that. The
 * connection ends with the loop.
 *
 * Ends when the server ends the stream.
 *
 * @param path path and query
 * @throws {NoAnswer} if nobody answers, or nothing arrives for too long, or the connection breaks, or the signal ends it
 * @throws {ProblemAnswer} if the server refuses
 */
export async function* serverSentEvents(
  address: Address,
  path: string,
  options: ServerSentEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const idle = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, idle.signal]) : idle.signal;
  const waitForIt = () => setTimeout(() => idle.abort(), idleTimeoutMs).unref();
  let timer = waitForIt();
  try {
    const response = await begin(address, path, options.headers ?? {}, signal);
    if (response.statusCode !== 200 || !/^text\/event-stream\b/.test(response.headers["content-type"] ?? "")) {
      throw await refusal(response, address);
    }
    for await (const events of parsed(response)) {
      // While the caller is busy with an event, nobody waits for the server.
      clearTimeout(timer);
      yield* events;
      timer = waitForIt();
    }
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ProblemAnswer) throw error;
    const place = formatAddress(address);
    if (options.signal?.aborted)
      throw new NoAnswer("cancelled", `the stream of ${place} was given up`, { cause: error });
    throw NoAnswer.because(error, place, idle.signal.aborted ? idleTimeoutMs : null);
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
    const options = { host, port, path, signal, agent: false, headers: { accept: "text/event-stream", ...headers } };
    httpRequest(options, resolve).on("error", reject).end();
  });
}

/** The events of each piece that arrives. */
async function* parsed(response: IncomingMessage): AsyncGenerator<readonly ServerSentEvent[]> {
  let events: ServerSentEvent[] = [];
  let sinceLastEvent = 0;
  const parser = createParser({
    onEvent: ({ event = "message", id = null, data }) => events.push({ event, id, data }),
    onComment: () => {
      sinceLastEvent = 0;
    },
  });
  response.setEncoding("utf8");
  for await (const piece of response) {
    sinceLastEvent += piece.length;
    parser.feed(piece);
    if (events.length > 0) sinceLastEvent = 0;
    if (sinceLastEvent > LONGEST_EVENT) throw new Error(`an event is longer than ${LONGEST_EVENT} characters`);
    yield events;
    events = [];
  }
}

async function refusal(response: IncomingMessage, address: Address): Promise<NoAnswer | ProblemAnswer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    text += piece;
    if (text.length > LONGEST_EVENT) break;
  }
  const reply = parseJson(text);
  if (isProblem(reply)) return new ProblemAnswer(reply);
  return new NoAnswer("no-acceptor", `what listens at ${formatAddress(address)} gives no stream of events`);
}
