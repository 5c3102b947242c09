import type { IncomingMessage, ServerResponse } from "node:http";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { formatIdentity, IDENTITY_HEADER, type ServerIdentity } from "@synod/api";
import type { AcceptorClient } from "@synod/client";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from "fastify";
import type { AcceptorHost } from "./acceptor-host.js";
import { requireHost, takeJsonOnly } from "./form.js";
import { Metrics } from "./metrics.js";
import { answerBadUrl, answerBrokenHttp, answerWithProblems, nameTheField } from "./problems.js";
import { addRoutesByHand } from "./routes/by-hand.js";
import { addLogRoutes } from "./routes/log.js";
import { addPoolRoute } from "./routes/pool.js";
import { addServiceRoutes } from "./routes/service.js";
import { requireSecret } from "./secret.js";

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface AppOptions {
  readonly host: AcceptorHost;
  readonly identity: ServerIdentity;
  /** The other servers of the pool, by id. May be filled later: it is read with each request. */
  readonly peers: ReadonlyMap<number, Pick<AcceptorClient, "state">>;
  readonly metrics?: Metrics;
  /** Asked of every request but those for `/livez` and `/readyz`. */
  readonly secret?: string | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** How long a request may take to arrive, in milliseconds. Default 10,000. */
  readonly slowestRequestMs?: number | undefined;
}

/** A body at most, in bytes, unless its route says otherwise. It bounds what the history of an instance can grow to. */
const LONGEST_BODY = 128 * 1024;
const SLOWEST_REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 10_000;

/** One acceptor's routes. Nothing listens yet, and nothing here knows a rule of Paxos. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { host, identity, metrics = new Metrics(), slowestRequestMs = SLOWEST_REQUEST_MS } = options;
  const identityText = formatIdentity(identity);
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
    // While stopping, the host refuses with a problem of its own.
    return503OnClosing: false,
    // What a client sent is checked as it is: nothing is converted, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    schemaErrorFormatter: nameTheField,
    clientErrorHandler: answerBrokenHttp(identityText, slowestRequestMs),
    frameworkErrors: answerBadUrl(identityText),
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  // A request that expects what this server does not know is answered all the same, as HTTP allows.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  takeJsonOnly(app);
  // Answers are made by our own code, so a second check against their schema would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);
  answerWithProblems(app, (code) => metrics.refused(code));

  app.addHook("onRequest", async (request, reply) => {
    reply.header(IDENTITY_HEADER, identityText);
    requireHost(request);
  });
  closeConnectionsWhileStopping(app);
  app.addHook("onResponse", async ({ routeOptions }, reply) => {
    metrics.answered(routeOptions.url ?? "none", reply.statusCode);
  });
  if (options.secret !== undefined) requireSecret(app, options.secret);

  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "Synod acceptor", version: "0.1.0" } },
  });
  metrics.watch(host);
  addRoutesByHand(app, host);
  addLogRoutes(app, host);
  addPoolRoute(app, host, identity.serverId, options.peers);
  addServiceRoutes(app, host, metrics);
  return app;
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
