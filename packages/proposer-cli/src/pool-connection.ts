import type { Address, ServerIdentity } from "@synod/api";
import { AcceptorClient, nodeHttpTransport } from "@synod/client";
import { type Answer, answerOf } from "./asking.js";
import { addressOf, type PoolSettings } from "./pool-settings.js";
import type { Terminal } from "./terminal/terminal.js";

/** A client for each server, by id. */
export type Clients = ReadonlyMap<number, AcceptorClient>;

/**
 * Opens clients to these servers, each of which counts an answer only if it comes from that very server; hands them to
 * `use`; then warns if the pool is not the one that was meant, and lets go of all connections.
 */
export async function withServers<T>(
  settings: PoolSettings,
  serverIds: readonly number[],
  timeoutMs: number,
  terminal: Terminal,
  use: (clients: Clients) => Promise<T>,
): Promise<T> {
  const clients = new Map(
    serverIds.map((id) => [id, clientAt(addressOf(settings, id), id, timeoutMs, settings)] as const),
  );
  try {
    return await use(clients);
  } finally {
    const identities = [...clients.values()].map(({ identity }) => identity);
    warnOfStrangers(settings, identities, terminal);
    await Promise.all([...clients.values()].map((client) => client.close()));
  }
}

/** A client for the server of this id at this address, that speaks as commands do. */
export function clientAt(
  address: Address,
  serverId: number,
  timeoutMs: number,
  { secret, poolId }: Pick<PoolSettings, "secret" | "poolId">,
): AcceptorClient {
  return new AcceptorClient(address, {
    serverId,
    timeoutMs,
    transport: nodeHttpTransport,
    ...(secret === undefined ? {} : { secret }),
    ...(poolId === undefined ? {} : { poolId }),
  });
}

/** Asks all of them at the same time. @returns an answer of each, in the order of the clients */
export async function askAll<T>(
  clients: Clients,
  ask: (client: AcceptorClient, serverId: number) => Promise<T>,
  { interrupted }: Terminal,
): Promise<Answer<T>[]> {
  const answers = await Promise.all([...clients].map(([id, client]) => answerOf(id, ask(client, id))));
  interrupted.throwIfAborted();
  return answers;
}

/** Warns if the pool that answered has another size than the one that was given, or if two pools answered. */
export function warnOfStrangers(
  { serverCount: expected }: PoolSettings,
  seen: readonly (ServerIdentity | null)[],
  terminal: Terminal,
): void {
  const identities = seen.filter((identity) => identity !== null);
  const other = identities.find(({ serverCount }) => expected !== null && serverCount !== expected);
  if (other) {
    terminal.warn(
      `--server-count is ${expected}, but the pool has ${other.serverCount} servers: a majority is counted of the wrong whole`,
    );
  }
  if (new Set(identities.map(({ poolId }) => poolId)).size > 1) {
    terminal.warn("these servers belong to different pools: what they say together means nothing");
  }
}
