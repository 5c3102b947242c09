import { faultyTransport, headersBetweenNodes, type NodeFaults } from "@synod/acceptor-server";
import type { Address, Role, RoleServer, Topology } from "@synod/api";
import { AcceptorClient, type Transport, undiciTransport } from "@synod/client";
import type {
  ClientLimits,
  ClientTiming,
  LearnerLimits,
  LearnerTiming,
  NodeId,
  ProposerLimits,
  ProposerTiming,
} from "@synod/consensus";
import type { ChangeLogLimits } from "@synod/state-machines";
import type { FastifyBaseLogger } from "fastify";
import { acceptorExchange } from "../host/acceptor-exchange.js";
import { aboutOf } from "../host/message-event.js";
import type { HostLimits } from "../host/node-host.js";
import { PeerConnection } from "../host/peer-connection.js";
import type { Hear, Peer } from "../host/peers.js";
import { roleExchange } from "../host/role-exchange.js";
import type { RoleEvents } from "./role-events.js";

/** What every role of a node knows of its cluster and its process. */
export interface RoleContext {
  readonly topology: Topology;
  /** This role. */
  readonly server: RoleServer;
  readonly clusterId: string;
  /** The faults of the process, which all its roles share; null where nobody may break the cluster. */
  readonly faults: NodeFaults | null;
  /** Shared by all nodes and commands; needed as soon as other machines can reach the node. */
  readonly secret?: string | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  readonly tuning: NodeTuning;
}

/** Other times and bounds than the usual ones: for tests, and to measure. */
export interface NodeTuning {
  readonly proposer?: { readonly timing?: Partial<ProposerTiming>; readonly limits?: Partial<ProposerLimits> };
  readonly learner?: { readonly timing?: Partial<LearnerTiming>; readonly limits?: Partial<LearnerLimits> };
  readonly client?: { readonly timing?: Partial<ClientTiming>; readonly limits?: Partial<ClientLimits> };
  readonly host?: Partial<HostLimits>;
  readonly changes?: Partial<ChangeLogLimits>;
  /** How long another role may take to answer, in milliseconds. Default 2000. */
  readonly peerTimeoutMs?: number;
  /** How often a stream to another node of the cluster says that it lives, in milliseconds. Default 1000. */
  readonly heartbeatMs?: number;
}

const PEER_TIMEOUT_MS = 2000;

/** One role that runs. */
export interface RunningRole {
  readonly name: string;
  readonly role: Role;
  readonly address: Address;
  /** Finishes what is under way, then lets go of port and folder. */
  close(): Promise<void>;
}

/** All servers of a role, in their order. */
export function serversOf({ nodes }: Topology, role: Role): RoleServer[] {
  const servers = nodes.flatMap(({ roles }) => roles.filter((server) => server.role === role));
  return servers.sort((one, other) => one.number - other.number);
}

/** The names of all servers of a role, in their order. */
export function namesOf(topology: Topology, role: Role): NodeId[] {
  return serversOf(topology, role).map(({ name }) => name);
}

/** What every request of this role to another node carries. */
export function headersOf({ server, clusterId, secret }: RoleContext): Readonly<Record<string, string>> {
  const bearer = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  return { ...headersBetweenNodes(server.node, clusterId, server.name), ...bearer };
}

/** The way to another server, with the faults of the link to its node. */
export function transportTo({ server, faults }: RoleContext, to: RoleServer): Transport {
  const transport = undiciTransport(to.address);
  return faults ? faultyTransport(transport, faults, server.node, to.node) : transport;
}

/** The connection of this role to another one, whose answers are told to `hear`. */
function peerOf(context: RoleContext, to: RoleServer, events: RoleEvents, hear: Hear): Peer {
  const { name } = to;
  const onSent = (message: Parameters<typeof aboutOf>[0]) => {
    if (events.isWatched) events.record({ to: name, ...aboutOf(message), reply: false });
  };
  const timeoutMs = context.tuning.peerTimeoutMs ?? PEER_TIMEOUT_MS;
  if (to.role === "acceptor") {
    const client = acceptorClientTo(context, to, timeoutMs);
    const exchange = acceptorExchange(client);
    return new PeerConnection({ name, exchange, hear, onSent, onClose: () => client.close() });
  }
  const { clusterId } = context;
  const transport = transportTo(context, to);
  const headers = headersOf(context);
  const exchange = roleExchange({ name, address: to.address, clusterId, transport, headers, timeoutMs });
  return new PeerConnection({ name, exchange, hear, onSent, onClose: () => transport.close() });
}

/** The connections of this role to all these others, by name. */
export function peersOf(
  context: RoleContext,
  servers: readonly RoleServer[],
  events: RoleEvents,
  hear: Hear,
): Map<NodeId, Peer> {
  return new Map(servers.map((to) => [to.name, peerOf(context, to, events, hear)]));
}

function acceptorClientTo(context: RoleContext, to: RoleServer, timeoutMs: number): AcceptorClient {
  const { secret, clusterId, server } = context;
  return new AcceptorClient(to.address, {
    serverId: to.number,
    poolId: clusterId,
    timeoutMs,
    headers: headersBetweenNodes(server.node, clusterId, server.name),
    transport: () => transportTo(context, to),
    ...(secret === undefined ? {} : { secret }),
  });
}
