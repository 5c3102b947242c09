import { setMaxListeners } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Connections } from "../connections.js";
import type { NodeFaults } from "../node-faults.js";
import { orUntil } from "../waiting.js";
import { LeavingAnswers } from "./leaving-answers.js";
import type { PlainRequest } from "./plain-request.js";
import type { ShortAnswers } from "./short-answers.js";
import { ShortConnection } from "./short-connection.js";
import { type ShortRoute, ShortRoutes } from "./short-routes.js";

export interface ShortWayOptions {
  readonly connections: () => Connections;
  readonly answers: ShortAnswers;
  /** Hears of each answer that is sent. */
  readonly onAnswered: (route: string, status: number) => void;
  /** Whether somebody who sends this may ask here. */
  readonly isAllowed: (request: PlainRequest) => boolean;
  /** The faults of the process: while there are any, requests meet them in the app. */
  readonly faults: NodeFaults | null;
}

/** A request that goes the short way. */
export interface Asked {
  readonly request: PlainRequest;
  readonly route: ShortRoute;
  readonly begin: () => Promise<object>;
}

/** How often connections are looked at on which nothing is asked, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Answers requests of the plainest form on the routes that are asked most, without what Node's HTTP and the app cost each of
 * them. It leads to the same handlers, and the answers are the same: of whatever is not certainly a plain request for one of
 * these routes nothing is done here, and its connection is the app's from there on.
 */
export class ShortWay {
  readonly options: ShortWayOptions;
  readonly leaving = new LeavingAnswers();
  readonly #server: Server;
  readonly #toApp: (socket: Socket) => void;
  readonly #routes = new ShortRoutes();
  readonly #open = new Set<ShortConnection>();
  /** Those that came once: whoever brings one again means it for the app. */
  readonly #seen = new WeakSet<Socket>();
  readonly #stop = new AbortController();
  #looking: NodeJS.Timeout | null = null;

  /** To be made before whatever else looks at the server's connections first. */
  constructor(server: Server, options: ShortWayOptions) {
    this.#server = server;
    this.options = options;
    // Any number of answers may wait for the node to go on.
    setMaxListeners(0, this.#stop.signal);
    const behind = server.listeners("connection");
    this.#toApp = (socket) => {
      for (const listener of behind) listener.call(server, socket);
    };
    server.removeAllListeners("connection");
    server.on("connection", (socket) => this.#take(socket));
    this.#closeWith(server);
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Null while the node does its work, and when it stops; else what resolves once either may be so. */
  whilePaused(): Promise<void> | null {
    const paused = this.isStopping ? null : (this.options.faults?.whilePaused() ?? null);
    return paused && orUntil(paused, this.#stop.signal);
  }

  /** To be told of every route of the app: one that says more of a path than a short one goes before it. */
  passOver(method: string, url: string): void {
    this.#routes.passOver(method, url);
  }

  add(route: ShortRoute): void {
    this.#routes.add(route);
  }

  /** Ends what is idle; what is under way ends with its answer. */
  stop(): void {
    this.#stop.abort();
    for (const connection of this.#open) connection.endIfIdle();
    if (this.#looking) clearInterval(this.#looking);
  }

  /** @returns null if it is for the app */
  find(request: PlainRequest): Asked | null {
    const { isAllowed, faults } = this.options;
    if (this.isStopping || faults?.isIdle === false) return null;
    const found = this.#routes.find(request);
    if (found === null) return null;
    if (!isAllowed(request)) return null;
    const { route, rest } = found;
    const begin = route.answer(rest, request);
    return begin && { request, route, begin };
  }

  #take(socket: Socket): void {
    if (this.#routes.isEmpty || this.isStopping || this.#seen.has(socket)) {
      this.#toApp(socket);
      return;
    }
    this.#seen.add(socket);
    const connection = new ShortConnection(socket, this, {
      toApp: () => {
        this.#open.delete(connection);
        this.#toApp(socket);
      },
      gone: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** One that asked nothing yet is the app's to bound; one that did is kept as long as the app would keep it. */
  #look(): void {
    const now = performance.now();
    for (const connection of this.#open) connection.look(now, this.#server.keepAliveTimeout);
  }

  /** Node knows only those connections that came to it: whoever closes all of the server's closes these, too. */
  #closeWith(server: Server): void {
    const closeOthers = server.closeAllConnections.bind(server);
    server.closeAllConnections = () => {
      closeOthers();
      for (const connection of this.#open) connection.destroy();
    };
  }
}
