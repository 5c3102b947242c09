import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Admission } from "../admission.js";
import type { Connections } from "../connections.js";
import type { NodeFaults } from "../node-faults.js";
import type { PlainRequest } from "./plain-request.js";
import type { ShortAnswers } from "./short-answers.js";
import { ShortConnection } from "./short-connection.js";

/** A route that plain requests reach by the short way. */
export interface ShortRoute {
  readonly method: PlainRequest["method"];
  /** As the app has it: the path up to a `*` that stands for all of the rest. */
  readonly url: string;
  /** What bounds the requests that are under way, here as in the app. */
  readonly admission: Admission;
  /**
   * Does what the route's handler does.
   *
   * @param rest what stands in place of the `*`
   * @returns null, before anything has happened, if the app shall take it
   */
  readonly answer: (rest: string, request: PlainRequest) => Promise<object> | null;
}

export interface ShortWayOptions {
  readonly connections: () => Connections;
  readonly answers: ShortAnswers;
  /** Whether somebody who sends this may ask here; null where everybody may. */
  readonly isAllowed: ((authorization: string | undefined) => boolean) | null;
  /** The faults of the process: while there are any, requests meet them in the app. */
  readonly faults: NodeFaults | null;
}

/** Where a request goes. */
export interface Place {
  readonly route: ShortRoute;
  /** What its path has in place of the route's `*`. */
  readonly rest: string;
}

/** How often connections are looked at on which nothing is asked, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Answers requests of the plainest form on the routes that are asked most, without what Node's HTTP and the app cost each of
 * them (docs/performance.md). It leads to the same handlers, and the answers are the same: of whatever is not certainly a
 * plain request for one of these routes nothing is done here, and its connection is the app's from there on.
 */
export class ShortWay {
  readonly options: ShortWayOptions;
  readonly #server: Server;
  readonly #toApp: (socket: Socket) => void;
  readonly #routes: (ShortRoute & { readonly prefix: string })[] = [];
  /** Paths that have a route of their own. */
  readonly #others = new Set<string>();
  readonly #open = new Set<ShortConnection>();
  /** Those that came once: whoever brings one again means it for the app. */
  readonly #seen = new WeakSet<Socket>();
  #looking: NodeJS.Timeout | null = null;
  #isStopping = false;

  /** To be made before whatever else looks at the server's connections first. */
  constructor(server: Server, options: ShortWayOptions) {
    this.#server = server;
    this.options = options;
    const behind = server.listeners("connection");
    this.#toApp = (socket) => {
      for (const listener of behind) listener.call(server, socket);
    };
    server.removeAllListeners("connection");
    server.on("connection", (socket) => this.#take(socket));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** To be told of every route of the app: one that has no `*` goes before one that has. */
  passOver(method: string, url: string): void {
    if (!url.endsWith("*")) this.#others.add(`${method} ${url}`);
  }

  add(route: ShortRoute): void {
    this.#routes.push({ ...route, prefix: route.url.slice(0, -1) });
  }

  /** Ends what is idle; what is under way ends with its answer. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of this.#open) connection.endIfIdle();
    if (this.#looking) clearInterval(this.#looking);
  }

  /** @returns null if it is for the app */
  find(request: PlainRequest): Place | null {
    const { isAllowed, faults } = this.options;
    if (this.#isStopping || faults?.isIdle === false) return null;
    if (isAllowed !== null && !isAllowed(request.authorization)) return null;
    const { method, path } = request;
    for (const route of this.#routes) {
      if (route.method !== method || !path.startsWith(route.prefix)) continue;
      return this.#others.has(`${method} ${path}`) ? null : { route, rest: path.slice(route.prefix.length) };
    }
    return null;
  }

  #take(socket: Socket): void {
    if (this.#routes.length === 0 || this.#isStopping || this.#seen.has(socket)) {
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
}
