import { type AcceptorStatusReply, roleName, type ServerIdentity } from "@synod/api";
import { AcceptorStatusReplySchema, EmptyQuery, ProblemSchema } from "@synod/api/schemas";
import type { AcceptorHost } from "../acceptor-host.js";
import type { App } from "../node/node-app.js";

/** How far a cluster's acceptor is. */
export function addStatusRoute(app: App, host: AcceptorHost, { serverId, poolId }: ServerIdentity): void {
  app.route({
    method: "GET",
    url: "/status",
    schema: {
      summary: "What this acceptor promised, and how much of the log it has",
      querystring: EmptyQuery,
      response: { 200: AcceptorStatusReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<AcceptorStatusReply> => ({
      name: roleName("acceptor", serverId),
      role: "acceptor",
      id: serverId,
      ...(await host.summary()),
      cluster: poolId,
    }),
  });
}
