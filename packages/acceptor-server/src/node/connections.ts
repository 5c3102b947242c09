import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { CONNECTION_ROOM, type ConnectionRoom } from "./connection-room.js";
import type { HeldExchange } from "./held-bytes.js";
import type { SparingLog } from "./sparing-log.js";
import { UnreadAnswers } from "./unread-answers.js";

/** Why a connection was ended from this side before its time. */
export type CutReason =
  /** There was no room for it. */
  | "full"
  /** Its other side read nothing for too long, or large answers of others needed the memory. */
  | "unread"
  /** It sent many requests without waiting for answers. */
  | "pipelined"
  /** A request did not arrive in time. */
  | "too-slow"
  /** What arrived was no HTTP. */
  | "no-http";

export interface ConnectionLimits {
  /** Connections of this server at most; there may be room for fewer in the process. */
  readonly most: number;
  /** How long the other side of a connection may read nothing of what waits for it, in milliseconds. */
  readonly unreadMs: number;
  /** Requests that wait on one connection behind the one that is answered, ... */
  readonly pipelined: number;
  /** ... and on all connections together. */
  readonly pipelinedInAll: number;
  /** Bytes of large bodies that arrive or are worked on, all together. */
  readonly bodyBytes: number;
  /** Bytes of large answers that wait for their readers, all together. */
  readonly answerBytes: number;
}

const LIMITS: ConnectionLimits = {
  most: 10_000,
  unreadMs: 30_000,
  pipelined: 64,
  pipelinedInAll: 4096,
  bodyBytes: 128 * 1024 * 1024,
  answerBytes: 128 * 1024 * 1024,
};

export interface ConnectionsOptions {
  /** What somebody is told for whom there is no room: a whole answer in HTTP. */
  readonly noRoom: string;
  readonly log: SparingLog;
  /** Hears of every connection that is cut. */
  readonly onCut: (reason: CutReason) => void;
  readonly limits?: Partial<ConnectionLimits>;
  readonly room?: ConnectionRoom;
}

/** How long somebody who is sent away may take to hear why, in milliseconds. */
const FAREWELL_MS = 1000;
/** Those for whom there was no room, and who are being told so at a time; more are cut without a word. */
const MOST_FAREWELLS = 100;
/** Looks at what is unread so many times within the bound. */
const LOOKS = 10;

const WHY: Readonly<Record<CutReason, string>> = {
  full: "there was no room for a connection",
  unread: "the other side of a connection did not read what it was sent",
  pipelined: "a connection sent many requests without waiting for an answer",
  "too-slow": "a request did not arrive in time",
  "no-http": "what arrived on a connection was no HTTP",
};

/**
 * The connections of one server. How many there are is bounded, and what each of them can make the server hold: whoever
 * opens one too many is told so, and whoever takes without reading is cut off.
 */
export class Connections {
  readonly limits: ConnectionLimits;
  readonly #options: ConnectionsOptions;
  readonly #room: ConnectionRoom;
  readonly #open = new Set<Socket>();
  /** Connections on which nothing was asked yet. */
  readonly #unused = new Set<Socket>();
  readonly #farewells = new Set<Socket>();
  readonly #unread: UnreadAnswers;
  /** How many requests wait behind another one, by connection. */
  readonly #pipelined = new Map<Socket, number>();
  #pipelinedInAll = 0;
  #looking: NodeJS.Timeout | null = null;

  constructor(server: Server, options: ConnectionsOptions) {
    this.#options = options;
    this.#room = options.room ?? CONNECTION_ROOM;
    this.limits = { ...LIMITS, ...options.limits };
    this.#unread = new UnreadAnswers(this.limits);
    standBefore(server, "connection", (socket: Socket) => this.#opened(socket));
    standBefore(server, "request", (request: IncomingMessage, response: ServerResponse) =>
      this.#asked(request, response),
    );
    // Whatever happens, Node itself takes no more; who is sent away counts there, too.
    server.maxConnections = this.limits.most + MOST_FAREWELLS;
    server.on("drop", () => this.#count("full"));
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  /** How many may be open at once. */
  get most(): number {
    return Math.min(this.limits.most, this.#room.ofOnePort);
  }

  /** To be called for an answer that is large, before it is sent: beyond a bound the oldest of them give way. */
  holdAnswer(response: HeldExchange, bytes: number): void {
    for (const one of this.#unread.hold(response, bytes)) this.cut(one.req.socket, "unread");
  }

  /** To be called when something was asked on a connection and the app does not see it. */
  asked(socket: Socket): void {
    this.#unused.delete(socket);
  }

  /** Ends a connection at once. */
  cut(socket: Socket, reason: CutReason): void {
    if (socket.destroyed) return;
    socket.destroy();
    this.#count(reason);
  }

  /** Ends a connection with last words; its other side has a moment to read them. @param words a whole answer in HTTP */
  sendAway(socket: Socket, reason: CutReason, words: string): void {
    this.#count(reason);
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    socket.on("error", () => {});
    socket.on("close", () => clearTimeout(timer));
    // What still arrives is passed over: left unread, it would make the system throw the last words away.
    socket.resume();
    socket.end(words);
  }

  /**
   * Ends those on which nothing was ever asked, such as a browser opens in advance: they are not idle to Node, and would
   * keep the server from closing until the other side lets go of them.
   */
  endUnused(): void {
    for (const socket of [...this.#unused, ...this.#farewells]) socket.destroy();
  }

  /** @returns whether there is room for it: if not, it never comes to HTTP, and nothing that it asks is carried out */
  #opened(socket: Socket): boolean {
    // It comes again when a request on it offered another protocol, and is counted already.
    if (this.#open.has(socket)) return true;
    if (this.#open.size < this.limits.most && this.#room.isLeft(this.#open.size)) {
      this.#watch(socket);
      return true;
    }
    if (this.#farewells.size >= MOST_FAREWELLS) {
      this.cut(socket, "full");
      return false;
    }
    this.#farewells.add(socket);
    socket.on("close", () => this.#farewells.delete(socket));
    this.sendAway(socket, "full", this.#options.noRoom);
    return false;
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    this.#unused.add(socket);
    this.#room.enter();
    this.#looking ??= setInterval(() => this.#look(), this.limits.unreadMs / LOOKS).unref();
    socket.on("close", () => {
      this.#open.delete(socket);
      this.#unused.delete(socket);
      this.#pipelinedInAll -= this.#pipelined.get(socket) ?? 0;
      this.#pipelined.delete(socket);
      this.#room.leave();
    });
  }

  #look(): void {
    if (this.#open.size === 0 && this.#looking) {
      clearInterval(this.#looking);
      this.#looking = null;
    }
    for (const socket of this.#unread.stuck(this.#open, performance.now())) this.cut(socket, "unread");
  }

  /** @returns whether the request may come to the app */
  #asked({ socket }: IncomingMessage, response: ServerResponse): boolean {
    this.#unused.delete(socket);
    if (socket.destroyed) return false;
    // It has the connection: no other request is unanswered there.
    if (response.socket !== null) return true;
    const { pipelined, pipelinedInAll } = this.limits;
    const waiting = (this.#pipelined.get(socket) ?? 0) + 1;
    if (waiting > pipelined || this.#pipelinedInAll >= pipelinedInAll) {
      this.cut(socket, "pipelined");
      stopParsing(socket);
      return false;
    }
    this.#pipelined.set(socket, waiting);
    this.#pipelinedInAll++;
    response.on("close", () => this.#answeredPipelined(socket));
    return true;
  }

  #answeredPipelined(socket: Socket): void {
    const waiting = this.#pipelined.get(socket);
    if (waiting === undefined) return;
    this.#pipelinedInAll--;
    if (waiting > 1) this.#pipelined.set(socket, waiting - 1);
    else this.#pipelined.delete(socket);
  }

  #count(reason: CutReason): void {
    this.#options.onCut(reason);
    this.#options.log.write("warn", reason, { connections: this.#open.size }, WHY[reason]);
  }
}

/** Asks first, for each event, whether those who listen already shall hear of it. */
function standBefore<Heard extends unknown[]>(
  server: Server,
  event: string,
  mayPass: (...heard: Heard) => boolean,
): void {
  const behind = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (...heard: Heard) => {
    if (!mayPass(...heard)) return;
    for (const listener of behind) listener.apply(server, heard);
  });
}

/**
 * Has Node leave the rest of what arrived in one piece: it may be thousands of requests, and the end of the connection does
 * not keep Node from reading them. There is no public way to say so; to the parser, 2 means that what follows is no HTTP.
 */
function stopParsing(socket: Socket & { parser?: { onIncoming?: () => number } | null }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2;
}
