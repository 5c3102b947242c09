import { type App, buildNodeApp, NodeMetrics, type NotServed, RequestRefused } from "@synod/acceptor-server";
import { NODE_HEADER } from "@synod/api";
import { EmptyQuery } from "@synod/api/schemas";
import type { NodeId, RingMessage } from "@synod/consensus";
import type { FastifyBaseLogger } from "fastify";
import type { RingHosts } from "./hosts-file.js";
import { RingMessageBody, RingMessageReply, RingStateReply } from "./message-schema.js";
import { MESSAGES_PATH } from "./neighbours.js";

export interface RingAppOptions {
  readonly hosts: RingHosts;
  /** The member's name. */
  readonly own: NodeId;
  readonly secret: string | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Why nothing is answered any more; null while all is well. */
  readonly failure: () => NotServed | null;
  /** @throws {NotServed} if nothing is heard any more */
  readonly hear: (from: NodeId, message: RingMessage) => void;
  readonly state: () => RingStateReply;
}

/** The server of one member: others' messages, and what can be seen of it. Nothing listens yet. */
export async function buildRingApp({ hosts, own, secret, logger, failure, hear, state }: RingAppOptions): Promise<App> {
  const { clusterId } = hosts;
  const members = new Set(hosts.hosts.map(({ name }) => name).filter((name) => name !== own));
  const app = await buildNodeApp({
    title: "Synod ring",
    identity: { name: NODE_HEADER, value: `${own} ${clusterId}` },
    health: { role: "ring", name: own, node: own, cluster: clusterId },
    metrics: new NodeMetrics(),
    notReady: () => {
      const why = failure();
      return why ? [`${why.code}: ${why.message}`] : [];
    },
    cluster: { events: null, faults: null },
    secret,
    logger,
  });
  app.route({
    method: "POST",
    url: MESSAGES_PATH,
    schema: { summary: "A message of another member", body: RingMessageBody, response: { 200: RingMessageReply } },
    handler: async ({ body }) => {
      const { from, to, message } = body;
      if (to !== own) throw new RequestRefused("wrong-cluster", `this is ${own}, not ${to}`);
      if (!members.has(from)) throw new RequestRefused("bad-request", `${from} is no other member of this ring`);
      // The schema has seen to it.
      hear(from, message as unknown as RingMessage);
      return { heard: true as const };
    },
  });
  app.route({
    method: "GET",
    url: "/ring/state",
    schema: { summary: "What can be seen of this member", querystring: EmptyQuery, response: { 200: RingStateReply } },
    handler: async () => state(),
  });
  return app;
}
