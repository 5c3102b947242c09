import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from "fastify";
import { meetFaults, refuseOtherClusters } from "./between-nodes.js";
import type { EventFeed } from "./event-feed.js";
import { addEventRoutes } from "./event-routes.js";
import { addFaultRoutes } from "./fault-routes.js";
import { requireHost, takeJsonOnly } from "./form.js";
import type { NodeFaults } from "./node-faults.js";
import { answerBadUrl, answerBrokenHttp, answerWithProblems, type IdentityHeader, nameTheField } from "./problems.js";
import { requireSecret } from "./secret.js";
import { addServiceRoutes, type ServiceFacts } from "./service-routes.js";
import { OpenStreams } from "./sse-stream.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route answers even while a fault pauses the node: it is how one watches and mends it. */
    answersWhilePaused?: boolean;
  }
  interface FastifyInstance {
    /** The streams of events that are open; they end when the app closes. */
    readonly streams: OpenStreams;
  }
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface NodeAppOptions extends ServiceFacts {
  /** What the server is, for its `/openapi.json`. */
  readonly title: string;
  /** Sent with every answer, whatever it is. */
  readonly identity: IdentityHeader;
  /** Set where the server belongs to a cluster. */
  readonly cluster?: NodeAppCluster | undefined;
  /** Asked of every request but those for `/livez` and `/readyz`. */
  readonly secret?: string | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** How long a request may take to arrive, in milliseconds. Default 10,000. */
  readonly slowestRequestMs?: number | undefined;
}

export interface NodeAppCluster {
  /** What `/events` tells. Null: the role adds a route of its own there. */
  readonly events: EventFeed | null;
  /** The faults of this process; null where nobody may break the cluster. */
  readonly faults: NodeFaults | null;
}

/** A body at most, in bytes, unless its route says otherwise. It bounds what the history of an instance can grow to. */
const LONGEST_BODY = 128 * 1024;
const SLOWEST_REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 10_000;

/**
 * The server of one role, with everything that all of them have: JSON bodies, problems, the secret, the service routes,
 * and in a cluster events and faults. The role adds its own routes. Nothing listens yet.
 */
export async function buildNodeApp(options: NodeAppOptions): Promise<App> {
  const { identity, metrics, health, cluster, secret, slowestRequestMs = SLOWEST_REQUEST_MS } = options;
  const app: App = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LONGEST_BODY,
    requestTimeout: slowestRequestMs,
    http: {
      // Of two time-outs Node takes the longer one for the whole request.
      headersTimeout: slowestRequestMs,
      // Node looks for slow requests every 30 s unless told otherwise.
      connectionsCheckingInterval: Math.ceil(slowestRequestMs / 10),
      // Node would refuse with an empty answer; `requireHost` does with a problem.
      requireHostHeader: false,
    },
    forceCloseConnections: "idle",
    // While stopping, the role refuses with a problem of its own.
    return503OnClosing: false,
    // What a client sent is checked as it is: nothing is converted, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    schemaErrorFormatter: nameTheField,
    clientErrorHandler: answerBrokenHttp(identity, slowestRequestMs),
    frameworkErrors: answerBadUrl(identity),
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  // A request that expects what this server does not know is answered all the same, as HTTP allows.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  takeJsonOnly(app);
  // Answers are made by our own code, so a second check against their schema would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);
  answerWithProblems(app, (code) => metrics.refused(code));

  app.addHook("onRequest", async (request, reply) => {
    reply.header(identity.name, identity.value);
    requireHost(request);
  });
  endStreamsWhileStopping(app);
  closeConnectionsWhileStopping(app);
  endUnusedConnectionsWhileStopping(app);
  app.addHook("onResponse", async ({ routeOptions }, reply) => {
    metrics.answered(routeOptions.url ?? "none", reply.statusCode);
  });
  if (secret !== undefined) requireSecret(app, secret, cluster ? "cluster" : "pool");
  if (cluster) refuseOtherClusters(app, health.cluster);
  if (cluster?.faults) meetFaults(app, cluster.faults);

  await app.register(swagger, { openapi: { openapi: "3.1.0", info: { title: options.title, version: "0.1.0" } } });
  addServiceRoutes(app, options);
  if (cluster?.events) addEventRoutes(app, cluster.events);
  if (cluster) addFaultRoutes(app, cluster.faults);
  return app;
}

function endStreamsWhileStopping(app: App): void {
  const streams = new OpenStreams();
  app.decorate("streams", streams);
  app.addHook("preClose", async () => streams.closeAll());
}

/** Whoever is answered while the app closes asks no more on that connection: left open, it would keep the app from ending. */
function closeConnectionsWhileStopping(app: App): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (stopping) reply.header("connection", "close");
    done(null, payload);
  });
}

/**
 * A connection on which nothing was ever asked, such as a browser opens in advance, is not idle to Node: it would keep
 * the app from closing until the other side lets go of it.
 */
function endUnusedConnectionsWhileStopping(app: App): void {
  const unused = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.on("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }) => unused.delete(socket));
  app.addHook("preClose", async () => {
    for (const socket of unused) socket.destroy();
  });
}
