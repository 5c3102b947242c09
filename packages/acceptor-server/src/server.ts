import type { Address, ServerIdentity } from "@synod/api";
import { AcceptorClient, undiciTransport } from "@synod/client";
import type { AcceptorReply, AcceptorRequest } from "@synod/consensus";
import type { TornTail } from "@synod/storage";
import type { FastifyBaseLogger } from "fastify";
import { AcceptorHost } from "./acceptor-host.js";
import { AcceptorStore } from "./acceptor-store.js";
import { askAndTell, buildApp } from "./app.js";
import { Metrics } from "./metrics.js";
import type { EventFeed } from "./node/event-feed.js";
import { faultyTransport } from "./node/faulty-transport.js";
import { CannotStart, listen, refuseWithoutSecret } from "./node/listening.js";
import type { App } from "./node/node-app.js";
import type { NodeFaults } from "./node/node-faults.js";
import type { NotServed } from "./node/refusals.js";
import { headersBetweenNodes } from "./node/request-headers.js";
import { placeInCluster, placeInPool } from "./server-place.js";

export interface AcceptorServerOptions {
  /** 1..serverCount */
  readonly serverId: number;
  readonly serverCount: number;
  /** Where servers 1, 2, 3, ... of the pool listen, this one included. A port 0 of its own: any free one. */
  readonly addresses: readonly Address[];
  /** Set where the acceptor is one of a cluster: `home` and `poolId` mean nothing then. */
  readonly cluster?: ClusterMembership | undefined;
  /** The folder of all state. Default: SYNOD_HOME, else `.synod` in the current folder. */
  readonly home?: string | undefined;
  /** The pool's name. Default: that of the pool in this home; in a fresh one `default`. */
  readonly poolId?: string | undefined;
  /** An address to listen on in place of this server's own, such as 0.0.0.0. */
  readonly listen?: string | undefined;
  /** Shared by all nodes and commands; needed as soon as other machines can reach the server. */
  readonly secret?: string | undefined;
  /** How long another server may take to tell its state, in milliseconds. Default 1000. */
  readonly peerTimeoutMs?: number | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
}

/** What an acceptor of a cluster has of its node. */
export interface ClusterMembership {
  /** The cluster's id, which is the acceptors' pool id, too. */
  readonly clusterId: string;
  /** The name of the node that it runs in. */
  readonly node: string;
  /** The names of the nodes of acceptors 1, 2, 3, ..., this one's included. */
  readonly nodes: readonly string[];
  /** The folder of the acceptor's state. */
  readonly folder: string;
  /** The file outside that folder that remembers that it was made. Default: the folder's name with `.made`. */
  readonly madeMark?: string | undefined;
  /** Whether people may accept values by hand. */
  readonly chaos: boolean;
  /** The faults of the process; null where nobody may break the cluster. */
  readonly faults: NodeFaults | null;
  /** Where it tells what it answers. */
  readonly events: EventFeed;
}

export interface AcceptorServer {
  readonly address: Address;
  readonly identity: ServerIdentity;
  /** The folder of this server's state. */
  readonly folder: string;
  readonly created: boolean;
  readonly tornTail: TornTail | null;
  /**
   * Puts a request of another role of this process to the acceptor.
   *
   * @param from the name of that role
   * @throws {NotServed} as `AcceptorHost.ask`
   */
  readonly ask: (request: AcceptorRequest, from: string) => Promise<AcceptorReply>;
  /** Finishes what is under way, then lets go of port and folder. */
  close(): Promise<void>;
}

/**
 * Starts one acceptor: opens its store, then listens, then says so in its pid file, if it has one of its own.
 *
 * @throws {CannotStart | JournalError | StoreRefused | PoolFolderError} having let go of everything again
 */
export async function startAcceptor(options: AcceptorServerOptions): Promise<AcceptorServer> {
  const { cluster, logger, secret } = options;
  const where = addressToListenOn(options);
  const place = placeOf(options);
  const { identity, folder } = place;
  const { store, state, created, tornTail } = await AcceptorStore.onDisk(folder, identity);

  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const observer = {
    flushed: (writeCount: number, seconds: number) => metrics.flushed(writeCount, seconds),
    failed: (error: NotServed) => logger?.fatal({ err: error }, error.message),
  };
  const host = new AcceptorHost(store, state, observer, cluster ? hostOptions(cluster) : {});
  const peers = connectPeers(options, identity.poolId);
  let app: App | null = null;
  const close = async (running: boolean) => {
    host.hurry();
    await app?.close();
    // While the folder is still locked: afterwards the file may be another server's.
    if (running) place.withdraw();
    await host.close();
    await Promise.all([...peers.values()].map((peer) => peer.close()));
  };
  try {
    place.markMade();
    app = await buildApp({ host, identity, peers, metrics, cluster, secret, logger });
    const address = await listen(app, where, cluster ? "in its topology" : "--port, --servers");
    place.announce(address);
    const ask = cluster ? askAndTell(host, cluster.events) : (request: AcceptorRequest) => host.ask(request);
    return { address, identity, folder, created, tornTail, ask, close: () => close(true) };
  } catch (error) {
    await close(false);
    throw error;
  }
}

function addressToListenOn({ serverId, addresses, listen: host, secret }: AcceptorServerOptions): Address {
  const own = addresses[serverId - 1];
  if (own === undefined) throw new CannotStart(`no address is known for server ${serverId}`);
  const where = { host: host ?? own.host, port: own.port };
  refuseWithoutSecret(where, secret);
  return where;
}

function placeOf(options: AcceptorServerOptions) {
  const { serverId, serverCount, cluster } = options;
  if (!cluster) return placeInPool(options);
  const { clusterId, folder, madeMark = `${folder}.made` } = cluster;
  return placeInCluster({ serverId, serverCount, poolId: clusterId }, folder, madeMark);
}

function hostOptions({ chaos, faults }: ClusterMembership) {
  return { cluster: { acceptsByHand: chaos }, slowDiskMs: faults ? () => faults.slowDiskMs() : undefined };
}

function connectPeers(options: AcceptorServerOptions, poolId: string): Map<number, AcceptorClient> {
  const { serverId: ownId, addresses, peerTimeoutMs = 1000, secret, cluster } = options;
  const peers = new Map<number, AcceptorClient>();
  addresses.forEach((address, position) => {
    const serverId = position + 1;
    if (serverId === ownId || address.port === 0) return;
    const clientOptions = { serverId, poolId, timeoutMs: peerTimeoutMs, ...(secret === undefined ? {} : { secret }) };
    const ofCluster = cluster ? callsBetweenNodes(cluster, cluster.nodes[position]) : {};
    peers.set(serverId, new AcceptorClient(address, { ...clientOptions, ...ofCluster }));
  });
  return peers;
}

/** What calls from this node to another one carry, and what they meet. */
function callsBetweenNodes({ node, clusterId, faults }: ClusterMembership, to: string | undefined) {
  const headers = headersBetweenNodes(node, clusterId);
  if (faults === null || to === undefined) return { headers };
  return { headers, transport: (address: Address) => faultyTransport(undiciTransport(address), faults, node, to) };
}
