import { setMaxListeners } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Admission } from "../admission.js";
import type { Connections } from "../connections.js";
import type { NodeFaults } from "../node-faults.js";
import { orUntil } from "../waiting.js";
import type { PlainRequest } from "./plain-request.js";
import type { ShortAnswers } from "./short-answers.js";
import { ShortConnection } from "./short-connection.js";

/** A route that plain requests reach by the short way. */
export interface ShortRoute {
  readonly method: PlainRequest["method"];
  /** As the app has it: the path up to a `*` that stands for all of the rest. */
  readonly url: string;
  /** What bounds the requests that are under way, here as in the app. */
  readonly admission: Pick<Admission, "entersAtOnce" | "lineUp" | "leave">;
  /**
   * @param rest what stands in place of the `*`
   * @returns what does as the route's handler does, to be called once the request is let in; null if the app shall take it
   */
  readonly answer: (rest: string, request: PlainRequest) => (() => Promise<object>) | null;
}

export interface ShortWayOptions {
  readonly connections: () => Connections;
  readonly answers: ShortAnswers;
  /** Hears of each answer that is sent. */
  readonly onAnswered: (route: string, status: number) => void;
  /** Whether somebody who sends this may ask here; null where everybody may. */
  readonly isAllowed: ((authorization: string | undefined) => boolean) | null;
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
  readonly #server: Server;
  readonly #toApp: (socket: Socket) => void;
  readonly #routes: (ShortRoute & { readonly prefix: string })[] = [];
  /** Paths that have a route of their own, by method; and how those begin that have a part which stands for anything. */
  readonly #exact = new Set<string>();
  readonly #beginnings = new Set<string>();
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
    const open = url.search(/[:*]/);
    if (open < 0) this.#exact.add(`${method} ${url}`);
    else this.#beginnings.add(`${method} ${url.slice(0, open)}`);
  }

  add(route: ShortRoute): void {
    this.#routes.push({ ...route, prefix: route.url.slice(0, -1) });
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
    const { method, path } = request;
    const route = this.#routes.find((one) => one.method === method && path.startsWith(one.prefix));
    if (route === undefined || this.#isOfAnother(route, `${method} ${path}`)) return null;
    if (isAllowed !== null && !isAllowed(request.authorization)) return null;
    const begin = route.answer(path.slice(route.prefix.length), request);
    return begin && { request, route, begin };
  }

  #isOfAnother({ method, prefix }: { method: string; prefix: string }, asked: string): boolean {
    if (this.#exact.has(asked)) return true;
    const own = `${method} ${prefix}`.length;
    for (const beginning of this.#beginnings) if (beginning.length > own && asked.startsWith(beginning)) return true;
    return false;
  }

  #take(socket: Socket): void {
    if (this.#routes.length === 0 || this.isStopping || this.#seen.has(socket)) {
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
