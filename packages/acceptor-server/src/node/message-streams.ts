import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CLUSTER_HEADER, MESSAGE_STREAM, problem } from "@synod/api";
import { encodeLine, LineReader, type MessageLine } from "./message-lines.js";
import type { App } from "./node-app.js";
import type { NodeFaults } from "./node-faults.js";
import type { IdentityHeader } from "./problems.js";
import { NotServed, RequestRefused } from "./refusals.js";
import { callerOf } from "./request-headers.js";
import { secretCheck } from "./secret.js";

export interface MessageStreamsOptions {
  readonly identity: IdentityHeader;
  readonly clusterId: string;
  readonly secret: string | undefined;
  /** The faults of this process; null where nobody may break the cluster. */
  readonly faults: NodeFaults | null;
  /**
   * Answers one message.
   *
   * @param from the role that sent it
   * @throws {RequestRefused | NotServed} as a route would
   */
  readonly answer: (message: unknown, from: string) => Promise<object>;
  /** Hears that a stream of this role ended, and not from this side. */
  readonly onLost?: ((from: string) => void) | undefined;
}

/** Bytes of answers that one stream holds at most; whoever reads none of them is cut off. */
const MOST_UNREAD = 64 * 1024 * 1024;
/** The system asks a silent peer after so many milliseconds whether it is there. */
const KEEP_ALIVE_MS = 10_000;
/** Questions under way on one stream at most. */
const MOST_UNDER_WAY = 10_000;

/**
 * Takes messages of other nodes on connections that stay open: the same messages as by POST, without what HTTP costs each
 * of them (docs/performance.md). While a fault is at work here there are no such connections: each message then goes
 * by HTTP, where it meets its faults.
 */
export function answerMessageStreams(app: App, options: MessageStreamsOptions): void {
  const open = new Set<Duplex>();
  let isStopping = false;
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // From here on nobody else hears of its errors, and one that nobody hears of ends the process.
    socket.on("error", ignore);
    if (request.headers.upgrade !== MESSAGE_STREAM.protocol) {
      answerWithoutUpgrade(app, request, socket, head);
      return;
    }
    const refusal = isStopping ? "503 Service Unavailable" : refusalOf(request, options);
    if (refusal !== null) {
      refuse(socket, refusal, options.identity);
      return;
    }
    const from = callerOf(request.headers) ?? "person";
    // A peer that vanished without a word would keep its place for ever.
    if (socket instanceof Socket) socket.setKeepAlive(true, KEEP_ALIVE_MS);
    open.add(socket);
    // A server's sockets stay open for writing when the other side has ended, as it has when its process is gone.
    socket.on("end", () => socket.end());
    // What this side ends it has taken out before.
    socket.on("close", () => {
      if (open.delete(socket)) options.onLost?.(from);
    });
    new MessageStream(app, socket, from, options).begin(head);
  });
  const endAll = () => {
    for (const socket of open) {
      open.delete(socket);
      socket.destroy();
    }
  };
  options.faults?.onChange(() => {
    if (options.faults?.isIdle === false) endAll();
  });
  app.addHook("preClose", async () => {
    isStopping = true;
    endAll();
  });
}

/** A connection that breaks closes, too, and of that its end is heard. */
function ignore(): void {}

function refuse(socket: Duplex, status: string, { name, value }: IdentityHeader): void {
  const head = [`HTTP/1.1 ${status}`, `${name}: ${value}`, "connection: close", "content-length: 0"];
  socket.end(`${head.join("\r\n")}\r\n\r\n`, () => socket.destroy());
}

/**
 * Whoever offers another protocol, as some clients offer HTTP/2, is answered as if it had offered none (RFC 9110 §7.8):
 * the request is put back without the offer, and read again.
 */
function answerWithoutUpgrade(app: App, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const { method, url, headers, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[at + 1] ?? ""}`);
  }
  if (/\bclose\b/i.test(headers.connection ?? "")) lines.push("connection: close");
  socket.off("error", ignore);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), rest]));
  app.server.emit("connection", socket);
}

/** The status line that says why there is no stream; null if there is one. */
function refusalOf(
  { url, headers }: IncomingMessage,
  { clusterId, secret, faults }: MessageStreamsOptions,
): string | null {
  if (url !== MESSAGE_STREAM.path) return "404 Not Found";
  if (secret !== undefined && !secretCheck(secret)(headers.authorization)) return "401 Unauthorized";
  if (headers[CLUSTER_HEADER] !== clusterId) return "409 Conflict";
  return faults === null || faults.isIdle ? null : "503 Service Unavailable";
}

/** One connection. */
class MessageStream {
  readonly #app: App;
  readonly #socket: Duplex;
  readonly #from: string;
  readonly #options: MessageStreamsOptions;
  readonly #lines = new LineReader();
  #underWay = 0;

  constructor(app: App, socket: Duplex, from: string, options: MessageStreamsOptions) {
    this.#app = app;
    this.#socket = socket;
    this.#from = from;
    this.#options = options;
  }

  begin(head: Buffer): void {
    const { name, value } = this.#options.identity;
    this.#socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: ${MESSAGE_STREAM.protocol}\r\nconnection: upgrade\r\n${name}: ${value}\r\n\r\n`,
    );
    if (head.length > 0) this.#read(head);
    this.#socket.on("data", (piece: Buffer) => this.#read(piece));
  }

  #read(piece: Buffer): void {
    try {
      for (const line of this.#lines.read(piece)) void this.#answer(line);
    } catch (error) {
      this.#app.log.warn({ err: error, from: this.#from }, "what arrived on a stream of messages was none");
      this.#socket.destroy();
    }
  }

  async #answer({ number, json }: MessageLine): Promise<void> {
    this.#underWay++;
    try {
      if (this.#underWay > MOST_UNDER_WAY)
        throw new NotServed("overloaded", `${MOST_UNDER_WAY} messages are under way`);
      const reply = await this.#options.answer(parsed(json), this.#from);
      this.#send(encodeLine(number, JSON.stringify(reply)));
    } catch (error) {
      this.#send(encodeLine(number, JSON.stringify(this.#problemOf(error)), true));
    } finally {
      this.#underWay--;
    }
  }

  #problemOf(error: unknown) {
    if (error instanceof RequestRefused) return error.problem;
    if (error instanceof NotServed) return problem(error.code, error.message);
    this.#app.log.error({ err: error }, "a message could not be answered");
    return problem("internal", "an error that should not be; the server's log has more");
  }

  #send(line: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(line);
    if (this.#socket.writableLength > MOST_UNREAD) this.#socket.destroy();
  }
}

/** @throws {RequestRefused} if it is no JSON */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new RequestRefused("bad-request", "a message is JSON; this is not");
  }
}
