import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { EventFeed, NodeFaults, startAcceptor } from "@synod/acceptor-server";
import type { RoleServer, Topology } from "@synod/api";
import type { AcceptorRequest } from "@synod/consensus";
import type { FastifyBaseLogger } from "fastify";
import type { Application } from "./applications/application.js";
import { applicationOf } from "./applications/applications.js";
import { RolesHere } from "./host/roles-here.js";
import type { NodeOperator } from "./page/node-operator.js";
import { startGateway } from "./roles/gateway.js";
import { startLearner } from "./roles/learner.js";
import { startProposer } from "./roles/proposer.js";
import { startRaft } from "./roles/raft.js";
import { type NodeTuning, type RoleContext, type RunningRole, serversOf } from "./roles/role-context.js";

export interface NodeOptions {
  readonly topology: Topology;
  /** The name of the node that this process is. */
  readonly node: string;
  /** Names the cluster for its whole life. */
  readonly clusterId: string;
  /** The node's folder: each role has one of its own in it. */
  readonly folder: string;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Shared by all nodes and commands; needed as soon as other machines can reach the node. */
  readonly secret?: string | undefined;
  /** Ends and starts the processes of the cluster's nodes, for the web page; without one nobody can do that from there. */
  readonly operator?: NodeOperator | undefined;
  /** Other times and bounds than the usual ones: for tests, and to measure. */
  readonly tuning?: NodeTuning;
}

/** A node that runs. */
export interface RunningNode {
  readonly roles: readonly RunningRole[];
  /** Finishes what is under way in all roles, then lets go of ports and folders. */
  close(): Promise<void>;
}

/**
 * Starts all roles of a node, or none.
 *
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { topology, node: name, folder, logger } = options;
  const node = topology.nodes.find((one) => one.name === name);
  if (!node) throw new Error(`there is no node ${name} in ${topology.name}`);
  const nodes = topology.nodes.map((one) => one.name);
  const faults = topology.chaos ? new NodeFaults({ node: name, nodes, logger }) : null;
  mkdirSync(folder, { recursive: true });
  const roles: RunningRole[] = [];
  const close = async () => {
    faults?.heal();
    await Promise.all(roles.map((role) => role.close()));
  };
  try {
    const shared = { faults, here: new RolesHere(), application: applicationOf(topology) };
    for (const server of node.roles) roles.push(await startRole(options, server, shared));
    return { roles, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What all roles of a process have in common. */
interface Shared {
  readonly faults: NodeFaults | null;
  readonly here: RolesHere;
  readonly application: Application;
}

function startRole(options: NodeOptions, server: RoleServer, shared: Shared): Promise<RunningRole> {
  const { topology, clusterId, logger, secret, operator, tuning = {} } = options;
  const context: RoleContext = { topology, server, clusterId, logger, secret, operator, tuning, ...shared };
  const folder = join(options.folder, server.role);
  switch (server.role) {
    case "acceptor":
      return acceptorRole(context, folder);
    case "proposer":
      return startProposer({ ...context, folder });
    case "learner":
      return startLearner({ ...context, folder });
    case "raft":
      return startRaft({ ...context, folder });
    case "gateway":
      return startGateway(context);
  }
}

async function acceptorRole(context: RoleContext, folder: string): Promise<RunningRole> {
  const { topology, server, clusterId, faults, logger, secret, here } = context;
  const acceptors = serversOf(topology, "acceptor");
  const { address, ask, close } = await startAcceptor({
    serverId: server.number,
    serverCount: acceptors.length,
    addresses: acceptors.map((acceptor) => acceptor.address),
    cluster: {
      clusterId,
      node: server.node,
      nodes: acceptors.map(({ node }) => node),
      folder,
      chaos: topology.chaos,
      faults,
      events: new EventFeed(server.name),
    },
    logger,
    secret,
  });
  here.add(server.name, { request: (message, from) => ask(message as AcceptorRequest, from) });
  return { name: server.name, role: server.role, address, close };
}
