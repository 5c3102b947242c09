import { type IncomingMessage, request } from "node:http";
import { type Address, PROBLEM_MEDIA_TYPE } from "@synod/api";
import { createParser, type EventSourceMessage } from "eventsource-parser";

export interface EventSourceOptions {
  readonly address: Address;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** The stream is taken for dead after so many milliseconds without a sign of life. */
  readonly silenceMs: number;
  /** @returns whether to go on reading */
  readonly onEvent: (event: EventSourceMessage) => boolean;
  /** Waits until more can be taken; while it does, silence means nothing. */
  readonly untilReady?: () => Promise<void>;
}

/** The server answered with something else than a stream. */
export class NoStream extends Error {
  override readonly name = "NoStream";
  /** @param code the error's code, if it answered with a problem */
  constructor(
    readonly status: number,
    readonly code: string | null,
  ) {
    super(`the answer has status ${status}${code === null ? "" : ` (${code})`}, and is no stream of events`);
  }
}

/** Characters of an answer that is no stream, at most. */
const LONGEST_PROBLEM = 64 * 1024;

/**
 * Reads a stream of server-sent events, on a connection of its own, until it ends.
 *
 * @throws {NoStream} if the answer is none
 * @throws {Error} if the connection breaks, or is silent for too long
 */
export async function readEvents(options: EventSourceOptions): Promise<void> {
  const { signal, silenceMs, onEvent, untilReady } = options;
  const silence = new AbortController();
  const tooSilent = () => silence.abort(new Error(`no sign of life for ${silenceMs} ms`));
  let timer = setTimeout(tooSilent, silenceMs).unref();
  try {
    const response = await open(options, AbortSignal.any([signal, silence.signal]));
    if (response.statusCode !== 200) throw await noStream(response);
    let goesOn = true;
    const parser = createParser({
      onEvent: (event) => {
        goesOn = goesOn && onEvent(event);
      },
    });
    response.setEncoding("utf8");
    for await (const text of response) {
      clearTimeout(timer);
      parser.feed(text);
      if (!goesOn) break;
      await untilReady?.();
      timer = setTimeout(tooSilent, silenceMs).unref();
    }
  } finally {
    clearTimeout(timer);
  }
}

function open({ address, path, headers }: EventSourceOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const asked = {
      host,
      port,
      path,
      signal,
      agent: false,
      headers: { ...headers, accept: "text/event-stream" },
    } as const;
    request(asked, resolve).on("error", reject).end();
  });
}

async function noStream(response: IncomingMessage): Promise<NoStream> {
  const status = response.statusCode ?? 0;
  if (!response.headers["content-type"]?.startsWith(PROBLEM_MEDIA_TYPE)) {
    response.destroy();
    return new NoStream(status, null);
  }
  let text = "";
  for await (const piece of response.setEncoding("utf8")) {
    text += piece;
    if (text.length > LONGEST_PROBLEM) break;
  }
  return new NoStream(status, codeIn(text));
}

function codeIn(text: string): string | null {
  try {
    const { code } = JSON.parse(text);
    return typeof code === "string" ? code : null;
  } catch {
    return null;
  }
}
