import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Address, formatAddress, PROBLEM_MEDIA_TYPE, type Problem, problem } from "@synod/api";
import { jsonIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { LONGEST_TEXT } from "./sealed.js";

/** Where the two programs of a demo speak to each other. */
export const MEETING_PATH = "/meeting";

/** A request at most, in bytes: a text with its proof, however it is escaped. */
const LONGEST_BODY = 4 * LONGEST_TEXT;

/** How long a request may take to arrive, in milliseconds, and how many there may be at a time. */
const SLOWEST_REQUEST_MS = 5000;
const MOST_CONNECTIONS = 50;

/** A server that two programs meet at. */
export interface MeetingServer {
  close(): Promise<void>;
}

/**
 * Answers what is posted to the meeting.
 *
 * @param answer to a body, from this address
 * @throws {CommandFailure} if nobody can listen there: most often because another demo does
 */
export async function startMeetingServer(
  address: Address,
  answer: (body: unknown, from: string) => object | Problem,
): Promise<MeetingServer> {
  const server = createServer({
    requestTimeout: SLOWEST_REQUEST_MS,
    headersTimeout: SLOWEST_REQUEST_MS,
    connectionsCheckingInterval: SLOWEST_REQUEST_MS / 5,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void answerTo(request, answer).then((said) => send(response, said));
  });
  server.listen(address.port, address.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw notListening(error, address);
  }
  return {
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo(
  request: IncomingMessage,
  answer: (body: unknown, from: string) => object | Problem,
): Promise<object | Problem> {
  if (request.url !== MEETING_PATH) return problem("not-found", `there is ${MEETING_PATH} alone`);
  if (request.method !== "POST") return problem("method-not-allowed", `post to ${MEETING_PATH}`);
  const text = await bodyOf(request);
  if (text === null) return problem("body-too-large", `a body has at most ${LONGEST_BODY} bytes`);
  return answer(jsonIn(text), request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "somewhere");
}

/** The whole body; null if it is too long, or does not come to its end. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > LONGEST_BODY) return null;
      pieces.push(piece);
    }
  } catch {
    // The connection broke: nobody is there to be answered.
    return null;
  }
  return Buffer.concat(pieces).toString("utf8");
}

function send(response: ServerResponse, said: object | Problem): void {
  const isProblem = "code" in said && "status" in said;
  const type = isProblem ? PROBLEM_MEDIA_TYPE : "application/json";
  // Whoever sent too much has more to send: nothing further is read from there.
  response.writeHead(isProblem ? Number(said.status) : 200, { "content-type": type, connection: "close" });
  response.end(JSON.stringify(said));
}

function notListening(error: unknown, address: Address): CommandFailure {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const place = formatAddress(address);
  const why =
    code === "EADDRINUSE"
      ? `another program listens at ${place}, most likely a demo with the same --machine-id: end that one, or give this pair a --port-offset of its own`
      : `cannot listen at ${place}: ${error instanceof Error ? error.message : String(error)}`;
  return new CommandFailure(ExitCode.failure, "cannot-listen", why, { cause: error });
}
