import type { IncomingMessage, ServerResponse } from "node:http";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { formatIdentity, IDENTITY_HEADER, type ServerIdentity } from "@synod/api";
import type { AcceptorClient } from "@synod/client";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from "fastify";
import type { AcceptorHost } from "./acceptor-host.js";
import { Metrics } from "./metrics.js";
import { answerBrokenHttp, answerWithProblems, nameTheField } from "./problems.js";
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
}

/** A body at most, in bytes, unless its route says otherwise. It bounds what the history of an instance can grow to. */
const LONGEST_BODY = 128 * 1024;
/** How long a request may take to arrive, in milliseconds. */
const SLOWEST_REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 10_000;

/** One acceptor's routes. Nothing listens yet, and nothing here knows a rule of Paxos. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { host, identity, metrics = new Metrics() } = options;
  const app: App = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LONGEST_BODY,
    requestTimeout: SLOWEST_REQUEST_MS,
    forceCloseConnections: "idle",
    // While stopping, the host refuses with a problem of its own.
    return503OnClosing: false,
    // What a client sent is checked as it is: nothing is converted, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    schemaErrorFormatter: nameTheField,
    clientErrorHandler: answerBrokenHttp,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.removeContentTypeParser("text/plain");
  // Answers are made by our own code, so a second check against their schema would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);
  answerWithProblems(app, (code) => metrics.refused(code));

  const identityText = formatIdentity(identity);
  app.addHook("onRequest", async (_request, reply) => {
    reply.header(IDENTITY_HEADER, identityText);
  });
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
