import type { RoleServer } from "@synod/api";
import { NoAnswer, type Transport } from "@synod/client";
import { stateServers } from "../../roles/log-servers.js";
import { headersOf, isOf, PEER_TIMEOUT_MS, type RoleContext, transportTo } from "../../roles/role-context.js";
import type { BlockSource } from "./gap-filler.js";

/** The chains of the other servers, at their learners. */
export class PeerRecords {
  readonly sources: readonly BlockSource[];
  readonly #transports: readonly Transport[];

  constructor(context: RoleContext) {
    const { topology, server } = context;
    const others = stateServers(topology).filter(({ name }) => name !== server.name);
    const ways = others.map((to) => ({ to, transport: transportTo(context, to) }));
    this.#transports = ways.map(({ transport }) => transport);
    this.sources = ways.map(({ to, transport }) => ({
      name: to.name,
      records: (from, limit, signal) => recordsOf(context, to, transport, { from, limit, signal }),
    }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }
}

/** @throws {Error} if there is no whole answer, or not that of this learner */
async function recordsOf(
  context: RoleContext,
  to: RoleServer,
  transport: Transport,
  { from, limit, signal }: { readonly from: number; readonly limit: number; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { status, headers, text } = await transport.exchange({
    method: "GET",
    path: `/ledger/records?from=${from}&limit=${limit}`,
    headers: headersOf(context),
    body: null,
    signal,
    timeoutMs: context.tuning.peerTimeoutMs ?? PEER_TIMEOUT_MS,
  });
  if (status !== 200 || !isOf(to, context.clusterId, headers)) {
    throw new NoAnswer("wrong-server", `${to.name} answered with status ${status}, or it was another server`);
  }
  return text.split("\n").slice(0, -1);
}
