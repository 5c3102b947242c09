import type { IncomingMessage, ServerResponse } from "node:http";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { problem } from "@synod/api";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from "fastify";
import { meetFaults, refuseOtherClusters } from "./between-nodes.js";
import { type ConnectionLimits, Connections } from "./connections.js";
import type { EventFeed } from "./event-feed.js";
import { addEventRoutes } from "./event-routes.js";
import { addFaultRoutes } from "./fault-routes.js";
import { hostMissing, queryBroken, takeJsonOnly } from "./form.js";
import { boundLargeExchanges } from "./large-exchanges.js";
import type { NodeFaults } from "./node-faults.js";
import { refuseOtherNames } from "./own-names.js";
import {
  answerBadUrl,
  answerBrokenHttp,
  answerWithProblems,
  type IdentityHeader,
  LONGEST_HEADERS,
  refusalOf,
  wholeAnswer,
} from "./problems.js";
import { nameTheField } from "./schema-complaints.js";
import { requireSecret, secretCheck } from "./secret.js";
import { addServiceRoutes, type ServiceFacts } from "./service-routes.js";
import { ShortAnswers } from "./short-way/short-answers.js";
import { ShortWay } from "./short-way/short-way.js";
import { SparingLog } from "./sparing-log.js";
import { OpenStreams } from "./sse-stream.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route answers even while a fault pauses the node: it is how one watches and mends it. */
    answersWhilePaused?: boolean;
    /** Whether strangers may ask, too, where others must send the secret: for what tells nothing of the cluster. */
    needsNoSecret?: boolean;
  }
  interface FastifyInstance {
    /** The streams of events that are open; they end when the app closes. */
    readonly streams: OpenStreams;
    /** For routes that are asked so often that the cost of HTTP counts. */
    readonly shortWay: ShortWay;
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
  /** What the connections of others may take up. */
  readonly connections?: Partial<ConnectionLimits> | undefined;
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

/**
 * The server of one role, with everything that all of them have: JSON bodies, problems, the secret, the service routes,
 * and in a cluster events and faults. The role adds its own routes. Nothing listens yet.
 */
export async function buildNodeApp(options: NodeAppOptions): Promise<App> {
  const { identity, metrics, health, cluster, secret, slowestRequestMs = SLOWEST_REQUEST_MS } = options;
  const app: App = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    // One logger for all requests: what is logged of a request names its URL, and a logger each would cost more than it.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LONGEST_BODY,
    requestTimeout: slowestRequestMs,
    http: {
      maxHeaderSize: LONGEST_HEADERS,
      // Of two time-outs Node takes the longer one for the whole request.
      headersTimeout: slowestRequestMs,
      // Node looks for slow requests every 30 s unless told otherwise.
      connectionsCheckingInterval: Math.ceil(slowestRequestMs / 10),
      // Node would refuse with an empty answer; `hostMissing` has a problem for it.
      requireHostHeader: false,
    },
    forceCloseConnections: "idle",
    // While stopping, the role refuses with a problem of its own.
    return503OnClosing: false,
    // What a client sent is checked as it is: nothing is converted, dropped or filled in. The schemas themselves are checked
    // by a test: at each start of a server that would take a tenth of it.
    ajv: {
      customOptions: {
        ...{ coerceTypes: false, removeAdditional: false, useDefaults: false },
        ...{ verbose: true, validateSchema: false },
      },
    },
    schemaErrorFormatter: nameTheField,
    clientErrorHandler: answerBrokenHttp(identity, slowestRequestMs, () => connections),
    frameworkErrors: answerBadUrl(identity),
  });
  const log = new SparingLog(app.log);
  openShortWay(app, options, log, () => connections);
  const connections = watchConnections(app, options, log);
  // A request that expects what this server does not know is answered all the same, as HTTP allows.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  takeJsonOnly(app);
  // Answers are made by our own code, so a second check against their schema would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);
  answerWithProblems(app, log, (code) => metrics.refused(code));

  app.addHook("onRequest", (request, reply, done) => {
    reply.header(identity.name, identity.value);
    done(hostMissing(request) ?? queryBroken(request));
  });
  endStreamsWhileStopping(app);
  closeConnectionsWhileStopping(app);
  app.addHook("onResponse", ({ routeOptions }, reply, done) => {
    metrics.answered(routeOptions.url ?? "none", reply.statusCode);
    done();
  });
  if (secret === undefined) refuseOtherNames(app);
  else requireSecret(app, secret, cluster ? "cluster" : "pool");
  if (cluster) refuseOtherClusters(app, health.cluster);
  if (cluster?.faults) meetFaults(app, cluster.faults);
  // Behind those that turn strangers away, so that these take up nothing.
  boundLargeExchanges(app, connections);

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

/** The way for plain requests; it leads nowhere until a route is added. */
function openShortWay(
  app: App,
  { identity, metrics, cluster, secret }: NodeAppOptions,
  log: SparingLog,
  connections: () => Connections,
): void {
  const answers = new ShortAnswers({
    identity,
    keepMs: () => app.server.keepAliveTimeout,
    refuse: (error, url) => refusalOf(error, url, { log, onRefusal: (code) => metrics.refused(code) }),
  });
  const hasSecret = secret === undefined ? null : secretCheck(secret);
  const way = new ShortWay(app.server, {
    answers,
    connections,
    onAnswered: (route, status) => metrics.answered(route, status),
    isAllowed: ({ authorization, namesThisMachine }) => hasSecret?.(authorization) ?? namesThisMachine,
    faults: cluster?.faults ?? null,
  });
  app.decorate("shortWay", way);
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) way.passOver(one, url);
  });
  app.addHook("preClose", async () => way.stop());
}

/** Bounds the connections of the app, counts them, and says in the log which of them were cut. */
function watchConnections(app: App, { identity, metrics, connections: limits }: NodeAppOptions, log: SparingLog) {
  const words = problem("overloaded", "there is no room for another connection here; close one, or ask another server");
  const connections = new Connections(app.server, {
    noRoom: wholeAnswer(identity, words),
    log,
    onCut: (why) => metrics.cut(why),
    ...(limits ? { limits } : {}),
  });
  metrics.gauge("synod_connections", "Connections that are open", () => connections.count);
  metrics.gauge("synod_connections_most", "Connections there is room for", () => connections.most);
  app.addHook("preClose", async () => connections.endUnused());
  app.addHook("onClose", async () => log.close());
  return connections;
}
