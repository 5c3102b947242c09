import { type AdmissionLimits, faultyTransport, headersBetweenNodes, type NodeFaults } from "@synod/acceptor-server";
import {
  type Address,
  IDENTITY_HEADER,
  NODE_HEADER,
  parseIdentity,
  parseNodeIdentity,
  type Role,
  type RoleServer,
  type Topology,
} from "@synod/api";
import { AcceptorClient, type Transport, undiciTransport } from "@synod/client";
import type {
  ClientLimits,
  ClientTiming,
  LearnerLimits,
  LearnerTiming,
  NodeId,
  ProposerLimits,
  ProposerTiming,
  RaftLimits,
  RaftTiming,
} from "@synod/consensus";
import type { ChangeLogLimits } from "@synod/state-machines";
import type { FastifyBaseLogger } from "fastify";
import type { Application } from "../applications/application.js";
import type { PasswordLimits } from "../applications/chat/passwords.js";
import type { ChainStoreLimits } from "../applications/ledger/chain-store.js";
import { acceptorExchange } from "../host/acceptor-exchange.js";
import { LocalPeer } from "../host/local-peer.js";
import { aboutOf } from "../host/message-event.js";
import { MessageStream } from "../host/message-stream.js";
import type { HostLimits } from "../host/node-host.js";
import { PeerConnection } from "../host/peer-connection.js";
import type { Hear, Peer } from "../host/peers.js";
import { roleExchange } from "../host/role-exchange.js";
import type { RolesHere } from "../host/roles-here.js";
import { streamedExchange } from "../host/streamed-exchange.js";
import type { NodeOperator } from "../page/node-operator.js";
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
  /** Ends and starts the processes of nodes, where there is one who does. */
  readonly operator?: NodeOperator | undefined;
  readonly tuning: NodeTuning;
  /** What runs on the log: one for all roles of the process. */
  readonly application: Application;
  /** The roles of this process that have started. */
  readonly here: RolesHere;
}

/** Other times and bounds than the usual ones: for tests, and to measure. */
export interface NodeTuning {
  readonly proposer?: { readonly timing?: Partial<ProposerTiming>; readonly limits?: Partial<ProposerLimits> };
  readonly learner?: { readonly timing?: Partial<LearnerTiming>; readonly limits?: Partial<LearnerLimits> };
  readonly raft?: { readonly timing?: Partial<RaftTiming>; readonly limits?: Partial<RaftLimits> };
  readonly client?: { readonly timing?: Partial<ClientTiming>; readonly limits?: Partial<ClientLimits> };
  readonly host?: Partial<HostLimits>;
  readonly admission?: Partial<AdmissionLimits>;
  readonly changes?: Partial<ChangeLogLimits>;
  /** Of a chat: what hashing passwords costs, and how long a stream may be behind the others, in milliseconds. */
  readonly chat?: { readonly passwords?: Partial<PasswordLimits>; readonly freshWithinMs?: number };
  /** Of a ledger. */
  readonly chain?: Partial<ChainStoreLimits>;
  /** How long another role may take to answer, in milliseconds. Default 2000. */
  readonly peerTimeoutMs?: number;
  /** How often a stream of changes says that it lives, in milliseconds. Default: 1000 to another node, 2000 of a chat. */
  readonly heartbeatMs?: number;
}

/** How long another role may take to answer unless it is said otherwise, in milliseconds. */
export const PEER_TIMEOUT_MS = 2000;

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
  const { server, here, faults } = context;
  if (to.node === server.node) {
    const whilePaused = () => faults?.whilePaused() ?? null;
    return new LocalPeer({ name, self: server.name, find: () => here.find(name), hear, onSent, whilePaused });
  }
  const timeoutMs = context.tuning.peerTimeoutMs ?? PEER_TIMEOUT_MS;
  const { exchange: byHttp, close } = exchangeByHttp(context, to, timeoutMs);
  const stream = new MessageStream({
    address: to.address,
    headers: headersOf(context),
    isMeant: (headers) => isOf(to, context.clusterId, headers),
  });
  const exchange = streamedExchange({ stream, byHttp, name, timeoutMs, faults });
  const onClose = async () => {
    stream.close();
    await close();
  };
  return new PeerConnection({ name, exchange, hear, onSent, onClose });
}

/** Whether this role of this cluster answered. */
export function isOf(to: RoleServer, clusterId: string, headers: Readonly<Record<string, unknown>>): boolean {
  if (to.role === "acceptor") {
    const identity = parseIdentity(headers[IDENTITY_HEADER]);
    return identity?.serverId === to.number && identity.poolId === clusterId;
  }
  const identity = parseNodeIdentity(headers[NODE_HEADER]);
  return identity?.name === to.name && identity.clusterId === clusterId;
}

function exchangeByHttp(context: RoleContext, to: RoleServer, timeoutMs: number) {
  if (to.role === "acceptor") {
    const client = acceptorClientTo(context, to, timeoutMs);
    return { exchange: acceptorExchange(client), close: () => client.close() };
  }
  const { clusterId } = context;
  const transport = transportTo(context, to);
  const headers = headersOf(context);
  const { name, address } = to;
  const exchange = roleExchange({ name, address, clusterId, transport, headers, timeoutMs });
  return { exchange, close: () => transport.close() };
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
