import type { AddressInfo } from "node:net";
import { AcceptorHost, AcceptorStore, buildApp } from "@synod/acceptor-server";
import { type Address, formatAddress } from "@synod/api";
import { AcceptorClient } from "@synod/client";
import { onTestFinished } from "vitest";
import { LOOPBACK } from "../../client/test/stand-in-server.ts";

/** Real acceptors in this process: the whole of a server but its process and its disk. */
export interface TestPool {
  /** For `--servers`. */
  readonly servers: string;
  readonly addresses: readonly Address[];
  /** What arrived at each server, by its id: method and path. */
  readonly requests: Readonly<Record<number, string[]>>;
  /** All that arrived anywhere. */
  readonly allRequests: () => string[];
  /** Makes a server let go of its port: from then on, nobody listens there. */
  readonly stop: (serverId: number) => Promise<void>;
  /** Lets servers accept, behind the back of the command that is tested. */
  readonly accept: (serverIds: readonly number[], id: number, value: string, instance?: number) => Promise<void>;
  readonly promise: (serverIds: readonly number[], id: number) => Promise<void>;
}

interface PoolOptions {
  readonly poolId?: string;
  readonly secret?: string;
  /** Runs before a server answers a request, and holds the answer back until it is done. */
  readonly beforeAnswer?: (serverId: number, request: string) => Promise<void> | void;
}

/** Starts a pool on free ports; it goes when the test ends. */
export async function startPool(size: number, options: PoolOptions = {}): Promise<TestPool> {
  const requests: Record<number, string[]> = {};
  const ids = Array.from({ length: size }, (_, position) => position + 1);
  const started = await Promise.all(ids.map((id) => startOne(id, size, options, requests)));
  const clients = new Map<number, AcceptorClient>();
  const { secret } = options;
  for (const { serverId, address } of started) {
    clients.set(serverId, new AcceptorClient(address, { serverId, ...(secret === undefined ? {} : { secret }) }));
  }
  for (const { serverId, peers } of started) {
    for (const [id, client] of clients) if (id !== serverId) peers.set(id, client);
  }
  const closed = new Map<number, Promise<void>>();
  const stop = (serverId: number): Promise<void> => {
    const one = started.find((server) => server.serverId === serverId);
    const closing = closed.get(serverId) ?? one?.close() ?? Promise.resolve();
    closed.set(serverId, closing);
    return closing;
  };
  onTestFinished(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()));
    await Promise.all(ids.map(stop));
  });
  const clientsOf = (serverIds: readonly number[]) => serverIds.flatMap((id) => clients.get(id) ?? []);
  return {
    servers: started.map(({ address }) => formatAddress(address)).join(","),
    addresses: started.map(({ address }) => address),
    requests,
    allRequests: () => Object.values(requests).flat(),
    stop,
    accept: async (serverIds, id, value, instance = 1) => {
      await Promise.all(clientsOf(serverIds).map((client) => client.accept({ id, value, instance })));
    },
    promise: async (serverIds, id) => {
      await Promise.all(clientsOf(serverIds).map((client) => client.prepare({ id })));
    },
  };
}

async function startOne(
  serverId: number,
  serverCount: number,
  { poolId = "pool-of-a-test", secret, beforeAnswer }: PoolOptions,
  requests: Record<number, string[]>,
) {
  const identity = { serverId, serverCount, poolId };
  const { store, state } = await AcceptorStore.inMemory(identity);
  const host = new AcceptorHost(store, state);
  const peers = new Map<number, AcceptorClient>();
  const app = await buildApp({ host, identity, peers, secret });
  const arrived: string[] = [];
  requests[serverId] = arrived;
  app.addHook("onRequest", async ({ method, url }) => {
    arrived.push(`${method} ${url}`);
    await beforeAnswer?.(serverId, `${method} ${url}`);
  });
  await app.listen({ host: LOOPBACK, port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const address: Address = { host: LOOPBACK, port };
  const close = async () => {
    app.server.closeAllConnections();
    await app.close();
    await host.close();
  };
  return { serverId, address, peers, close };
}
