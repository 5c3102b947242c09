import { type Address, formatAddress } from "@synod/api";
import { createParser } from "eventsource-parser";
import { answerStream } from "./answer-stream.js";
import { NoAnswer } from "./errors.js";

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
  /** How long the stream may take to begin, in milliseconds. Default: as long as nothing may arrive. */
  readonly beginTimeoutMs?: number;
}

const IDLE_TIMEOUT_MS = 30_000;
const MEDIA_TYPE = "text/event-stream";
/** Characters of one event at most. */
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
  const { headers = {}, idleTimeoutMs = IDLE_TIMEOUT_MS, beginTimeoutMs, signal } = options;
  const pieces = answerStream(address, path, {
    ...{ signal, idleTimeoutMs, beginTimeoutMs, mediaType: MEDIA_TYPE, otherwise: "gives no stream of events" },
    headers: { accept: MEDIA_TYPE, ...headers },
  });
  let events: ServerSentEvent[] = [];
  let sinceLastEvent = 0;
  const parser = createParser({
    onEvent: ({ event = "message", id = null, data }) => events.push({ event, id, data }),
    onComment: () => {
      sinceLastEvent = 0;
    },
  });
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    const text = decoder.decode(piece, { stream: true });
    sinceLastEvent += text.length;
    parser.feed(text);
    if (events.length > 0) sinceLastEvent = 0;
    if (sinceLastEvent > LONGEST_EVENT) {
      throw NoAnswer.because(`an event is longer than ${LONGEST_EVENT} characters`, formatAddress(address), null);
    }
    yield* events;
    events = [];
  }
}
