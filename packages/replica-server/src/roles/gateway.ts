import { type App, EventFeed } from "@synod/acceptor-server";
import type { RoleServer } from "@synod/api";
import { EmptyQuery, GatewayStatusReplySchema, ProblemSchema } from "@synod/api/schemas";
import type { NodeId } from "@synod/consensus";
import type { GatewayApplication } from "../applications/application.js";
import { type Hear, Peers } from "../host/peers.js";
import { ClusterNodes } from "../page/cluster-nodes.js";
import { addNodeRoutes } from "../page/node-routes.js";
import { addPageRoutes } from "../page/page-routes.js";
import { ClusterStatus } from "./cluster-status.js";
import { gatewayHost, type HostedGateway } from "./gateway-host.js";
import { clientsServers, stateServers } from "./log-servers.js";
import { addMergedEventRoute, MergedEvents } from "./merged-events.js";
import { admissionOf, closeApp, listenAt, roleApp, runningRole } from "./role-app.js";
import { peersOf, type RoleContext, type RunningRole } from "./role-context.js";

/**
 * Starts a gateway. It keeps nothing: what it knows of sessions and of the leader it finds out anew.
 *
 * @throws {CannotStart} having let go of everything again
 */
export async function startGateway(context: RoleContext): Promise<RunningRole> {
  const gateway = new GatewayRole(context);
  try {
    const address = await listenAt(context, await gateway.app());
    return runningRole(context, address, () => gateway.close());
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

/** Everything that runs in a gateway's role. */
class GatewayRole {
  readonly #context: RoleContext;
  readonly #hosted: HostedGateway;
  readonly #application: GatewayApplication;
  readonly #events: MergedEvents;
  readonly #status: ClusterStatus;
  readonly #nodes: ClusterNodes;
  #app: App | null = null;

  constructor(context: RoleContext) {
    this.#context = context;
    const { topology, server } = context;
    this.#events = new MergedEvents(context, new EventFeed(server.name));
    const learners = nearestFirst(stateServers(topology), server.node);
    this.#hosted = gatewayHost(context, learners, (hear: Hear) => {
      return new Peers(peersOf(context, clientsServers(topology), this.#events.own, hear));
    });
    this.#application = context.application.gateway(context, this.#hosted.host);
    this.#status = new ClusterStatus(context);
    this.#nodes = new ClusterNodes(context);
  }

  async app(): Promise<App> {
    const { host, gateway } = this.#hosted;
    const { app, metrics } = await roleApp(this.#context, { events: null, hosts: [host] });
    this.#app = app;
    metrics.gauge("synod_requests_under_way", "Requests that wait for their answer", () => host.underWay);
    addPageRoutes(app);
    addNodeRoutes(app, this.#context, this.#nodes);
    addMergedEventRoute(app, this.#events);
    this.#application.addRoutes(app, admissionOf(this.#context, metrics));
    app.route({
      method: "GET",
      url: "/status",
      schema: {
        summary: "Every server of the cluster, who leads, and what to do if something is wrong",
        querystring: EmptyQuery,
        response: { 200: GatewayStatusReplySchema, default: ProblemSchema },
      },
      handler: async () => {
        const { name, node } = this.#context.server;
        const own = { name, node, client: gateway.state.client, subscriptions: this.#application.subscriptions };
        return { ...(await this.#status.look()), gateway: own };
      },
    });
    return app;
  }

  async close(): Promise<void> {
    this.#events.close();
    this.#application.stop();
    await Promise.all([closeApp(this.#app), this.#hosted.host.close()]);
    await Promise.all([this.#application.close(), this.#status.close(), this.#nodes.close()]);
  }
}

/** The servers that a gateway reads from: what its own node has answers without a network, and the others if it cannot. */
function nearestFirst(servers: readonly RoleServer[], node: string): NodeId[] {
  const isHere = (server: RoleServer) => server.node === node;
  const here = servers.filter(isHere);
  return [...here, ...servers.filter((server) => !isHere(server))].map(({ name }) => name);
}
