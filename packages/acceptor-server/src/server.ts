import type { AddressInfo } from "node:net";
import { type Address, formatAddress, isLoopback, type ServerIdentity } from "@synod/api";
import { AcceptorClient } from "@synod/client";
import type { TornTail } from "@synod/storage";
import type { FastifyBaseLogger } from "fastify";
import { AcceptorHost, type NotServed } from "./acceptor-host.js";
import { AcceptorStore } from "./acceptor-store.js";
import { type App, buildApp } from "./app.js";
import { Metrics } from "./metrics.js";
import { removePidFile, writePidFile } from "./pid-file.js";
import { PoolFolder } from "./pool-folder.js";

export interface AcceptorServerOptions {
  /** 1..serverCount */
  readonly serverId: number;
  readonly serverCount: number;
  /** Where servers 1, 2, 3, ... of the pool listen, this one included. A port 0 of its own: any free one. */
  readonly addresses: readonly Address[];
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

/**
 * The pool of servers that are started one by one, perhaps each in a home of its own or on a machine of its own, by
 * somebody who gave it no name: they must be able to find together.
 */
const UNNAMED_POOL = "default";

/** The server cannot start. The message says why, and what a person can do. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

export interface AcceptorServer {
  readonly address: Address;
  readonly identity: ServerIdentity;
  /** The folder of this server's state. */
  readonly folder: string;
  readonly created: boolean;
  readonly tornTail: TornTail | null;
  /** Finishes what is under way, then lets go of port and folder. */
  close(): Promise<void>;
}

/**
 * Starts one acceptor: opens its store, then listens, then says so in its pid file.
 *
 * @throws {CannotStart | JournalError | StoreRefused | PoolFolderError} having let go of everything again
 */
export async function startAcceptor(options: AcceptorServerOptions): Promise<AcceptorServer> {
  const { serverId, serverCount, logger } = options;
  const where = addressToListenOn(options);
  const pool = new PoolFolder(options.home);
  const { poolId } = pool.readOrCreate(serverCount, options.poolId, UNNAMED_POOL);
  const identity: ServerIdentity = { serverId, serverCount, poolId };
  const folder = pool.acceptor(serverId);
  pool.refuseLost(serverId);
  const { store, state, created, tornTail } = await AcceptorStore.onDisk(folder, identity);

  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const host = new AcceptorHost(store, state, {
    flushed: (writeCount, seconds) => metrics.flushed(writeCount, seconds),
    failed: (error: NotServed) => logger?.fatal({ err: error }, error.message),
  });
  const peers = connectPeers(options, poolId);
  let app: App | null = null;
  const pidFile = pool.pidFile(serverId);
  const close = async (running: boolean) => {
    await app?.close();
    // While the folder is still locked: afterwards the file may be another server's.
    if (running) removePidFile(pidFile);
    await host.close();
    await Promise.all([...peers.values()].map((peer) => peer.close()));
  };
  try {
    pool.markMade(serverId);
    app = await buildApp({ host, identity, peers, metrics, secret: options.secret, logger });
    const address = await listen(app, where);
    writePidFile(pidFile, address);
    return { address, identity, folder, created, tornTail, close: () => close(true) };
  } catch (error) {
    await close(false);
    throw error;
  }
}

function addressToListenOn({ serverId, addresses, listen, secret }: AcceptorServerOptions): Address {
  const own = addresses[serverId - 1];
  if (own === undefined) throw new CannotStart(`no address is known for server ${serverId}`);
  const where = { host: listen ?? own.host, port: own.port };
  if (isLoopback(where.host) || secret !== undefined) return where;
  throw new CannotStart(
    `other machines could reach ${where.host}, and whoever reaches an acceptor can make it accept anything: ` +
      "give all servers and commands one shared secret (--secret-file FILE, or SYNOD_SECRET)",
  );
}

function connectPeers(options: AcceptorServerOptions, poolId: string): Map<number, AcceptorClient> {
  const { serverId: ownId, addresses, peerTimeoutMs = 1000, secret } = options;
  const peers = new Map<number, AcceptorClient>();
  addresses.forEach((address, position) => {
    const serverId = position + 1;
    if (serverId === ownId || address.port === 0) return;
    const clientOptions = { serverId, poolId, timeoutMs: peerTimeoutMs, ...(secret === undefined ? {} : { secret }) };
    peers.set(serverId, new AcceptorClient(address, clientOptions));
  });
  return peers;
}

async function listen(app: App, where: Address): Promise<Address> {
  try {
    await app.listen({ host: where.host, port: where.port });
  } catch (error) {
    throw new CannotStart(whyNotListening(error, where), { cause: error });
  }
  const { port } = app.server.address() as AddressInfo;
  return { host: where.host, port };
}

function whyNotListening(error: unknown, where: Address): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const place = formatAddress(where);
  if (code === "EADDRINUSE") {
    return `${place} is in use by another program: stop that one, or give this server another address (--port, --servers)`;
  }
  if (code === "EADDRNOTAVAIL") return `${place} is no address of this machine`;
  if (code === "EACCES") return `${place} may not be used by this user: take a port above 1023`;
  return `cannot listen on ${place}: ${error instanceof Error ? error.message : String(error)}`;
}
