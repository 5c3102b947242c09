import type { IncomingHttpHeaders } from "node:http";
import { formatIdentity, IDENTITY_HEADER, roleName, type ServerIdentity } from "@synod/api";
import type { AcceptorClient } from "@synod/client";
import type { AcceptorRequest, ReplyTo } from "@synod/consensus";
import type { FastifyBaseLogger } from "fastify";
import type { AcceptorHost } from "./acceptor-host.js";
import { Metrics } from "./metrics.js";
import type { EventFeed } from "./node/event-feed.js";
import { answerMessageStreams } from "./node/message-streams.js";
import { type App, buildNodeApp } from "./node/node-app.js";
import type { NodeFaults } from "./node/node-faults.js";
import { callerOf } from "./node/request-headers.js";
import { replyEvent } from "./reply-event.js";
import { addRoutesByHand } from "./routes/by-hand.js";
import { addLogRoutes } from "./routes/log.js";
import { acceptLogIn } from "./routes/log-stream.js";
import { addPoolRoute } from "./routes/pool.js";
import { addStatusRoute } from "./routes/status.js";

export interface AppOptions {
  readonly host: AcceptorHost;
  readonly identity: ServerIdentity;
  /** The other servers of the pool, by id. May be filled later: it is read with each request. */
  readonly peers: ReadonlyMap<number, Pick<AcceptorClient, "state">>;
  readonly metrics?: Metrics;
  /** Set where the acceptor is one of a cluster; its id is the pool's. */
  readonly cluster?: AppCluster | undefined;
  /** Asked of every request but those for `/livez` and `/readyz`. */
  readonly secret?: string | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** How long a request may take to arrive, in milliseconds. Default 10,000. */
  readonly slowestRequestMs?: number | undefined;
}

export interface AppCluster {
  /** The node that the acceptor runs in. */
  readonly node: string;
  readonly events: EventFeed;
  /** Null where nobody may break the cluster. */
  readonly faults: NodeFaults | null;
}

/** Puts a request to the acceptor, on behalf of who sent these headers. */
export type Ask = <T extends AcceptorRequest>(request: T, headers: IncomingHttpHeaders) => Promise<ReplyTo<T>>;

/** One acceptor's routes. Nothing listens yet, and nothing here knows a rule of Paxos. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { host, identity, cluster, metrics = new Metrics() } = options;
  const name = roleName("acceptor", identity.serverId);
  const app = await buildNodeApp({
    title: "Synod acceptor",
    identity: { name: IDENTITY_HEADER, value: formatIdentity(identity) },
    health: { role: "acceptor", name, node: cluster?.node ?? null, cluster: identity.poolId },
    metrics,
    notReady: () => (host.failure ? [`${host.failure.code}: ${host.failure.message}`] : []),
    cluster,
    secret: options.secret,
    logger: options.logger,
    slowestRequestMs: options.slowestRequestMs,
  });
  metrics.watch(host);
  const ask = cluster
    ? askOverHttp(host, cluster.events)
    : <T extends AcceptorRequest>(request: T) => host.ask(request);
  addRoutesByHand(app, ask);
  addLogRoutes(app, ask, cluster !== undefined);
  addPoolRoute(app, host, identity.serverId, options.peers);
  if (cluster) {
    addStatusRoute(app, host, identity);
    answerStreams(app, options, cluster, metrics);
  }
  return app;
}

function answerStreams(app: App, { host, identity, secret }: AppOptions, cluster: AppCluster, metrics: Metrics): void {
  const ask = askAndTell(host, cluster.events);
  answerMessageStreams(app, {
    identity: { name: IDENTITY_HEADER, value: formatIdentity(identity) },
    clusterId: identity.poolId,
    secret,
    faults: cluster.faults,
    answer: async (message, from) => {
      const reply = await ask(acceptLogIn(message), from);
      if (reply.type === "refused") {
        metrics.refused(reply.reason);
        app.log.warn({ code: reply.reason, from, id: reply.id, instance: reply.instance }, "an accept was refused");
      }
      return reply;
    },
  });
}

function askOverHttp(host: AcceptorHost, events: EventFeed): Ask {
  const ask = askAndTell(host, events);
  return (request, headers) => ask(request, callerOf(headers));
}

/** Asks, and tells those who watch of the answer. */
export function askAndTell(
  host: AcceptorHost,
  events: EventFeed,
): <T extends AcceptorRequest>(request: T, from: string | null) => Promise<ReplyTo<T>> {
  return async (request, from) => {
    const reply = await host.ask(request);
    const event = events.isWatched ? replyEvent(reply, from) : null;
    if (event) events.record(event);
    return reply;
  };
}
