import { type App, EventFeed } from "@synod/acceptor-server";
import { EmptyQuery, GatewayStatusReplySchema, ProblemSchema } from "@synod/api/schemas";
import { type Hear, Peers } from "../host/peers.js";
import { ClusterNodes } from "../page/cluster-nodes.js";
import { addNodeRoutes } from "../page/node-routes.js";
import { addPageRoutes } from "../page/page-routes.js";
import { KeyValueService } from "../people/key-value-service.js";
import { addPeoplesRoutes } from "../people/peoples-routes.js";
import { ClusterStatus } from "./cluster-status.js";
import { gatewayHost, type HostedGateway } from "./gateway-host.js";
import { addMergedEventRoute, MergedEvents } from "./merged-events.js";
import { RelayedChanges } from "./relayed-changes.js";
import { admissionOf, closeApp, listenAt, roleApp, runningRole } from "./role-app.js";
import { namesOf, peersOf, type RoleContext, type RunningRole, serversOf } from "./role-context.js";
import { EndSpreader } from "./spread-end.js";

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
  readonly #service: KeyValueService;
  readonly #events: MergedEvents;
  readonly #changes: RelayedChanges;
  readonly #spreader: EndSpreader;
  readonly #status: ClusterStatus;
  readonly #nodes: ClusterNodes;
  #app: App | null = null;

  constructor(context: RoleContext) {
    this.#context = context;
    const { topology, server } = context;
    this.#events = new MergedEvents(context, new EventFeed(server.name));
    this.#hosted = gatewayHost(context, namesOf(topology, "learner"), (hear: Hear) => {
      const others = [...serversOf(topology, "proposer"), ...serversOf(topology, "learner")];
      return new Peers(peersOf(context, others, this.#events.own, hear));
    });
    this.#service = new KeyValueService(this.#hosted.host);
    this.#changes = new RelayedChanges(context);
    this.#spreader = new EndSpreader(context);
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
    const subscriptions = addPeoplesRoutes(app, {
      service: this.#service,
      takesWrites: () => {},
      admission: admissionOf(this.#context, metrics),
      watching: {
        now: (label) => this.#slotSeen(label),
        open: (_request, reply, subscription, after) => this.#changes.open(reply, subscription, after),
        spreadEnd: (id) => this.#spreader.spread(id),
      },
    });
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
        const own = { name, node, client: gateway.state.client, subscriptions: subscriptions.count };
        return { ...(await this.#status.look()), gateway: own };
      },
    });
    return app;
  }

  async close(): Promise<void> {
    this.#events.close();
    this.#changes.close();
    await Promise.all([closeApp(this.#app), this.#hosted.host.close()]);
    await Promise.all([this.#spreader.close(), this.#status.close(), this.#nodes.close()]);
  }

  /** A slot at or above all that the session has seen: a subscription that begins there tells nothing twice. */
  async #slotSeen(label: string | null): Promise<number> {
    const how = { level: "session", label, token: null, timeoutMs: 5000 } as const;
    const { slot } = await this.#service.read({ type: "count" }, how);
    return slot;
  }
}
