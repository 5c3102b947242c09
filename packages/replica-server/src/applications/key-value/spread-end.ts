import type { RoleServer } from "@synod/api";
import type { Transport } from "@synod/client";
import { stateServers } from "../../roles/log-servers.js";
import { headersOf, type RoleContext, serversOf, transportTo } from "../../roles/role-context.js";

/** How long the others may take to hear that a subscription has ended, in milliseconds. */
const WITHIN_MS = 500;

/** The way to tell all other learners and gateways that a subscription has ended. */
export class EndSpreader {
  readonly #context: RoleContext;
  readonly #transports: ReadonlyMap<RoleServer, Transport>;

  constructor(context: RoleContext) {
    this.#context = context;
    const { topology, server } = context;
    const all = [...stateServers(topology), ...serversOf(topology, "gateway")];
    const others = all.filter(({ name }) => name !== server.name);
    this.#transports = new Map(others.map((to) => [to, transportTo(context, to)]));
  }

  /** Whoever is not reached may go on with the streams that it has: they end with their readers. */
  async spread(id: string): Promise<void> {
    const body = JSON.stringify({ subscription_id: id });
    const headers = { ...headersOf(this.#context), "content-type": "application/json" };
    const signal = AbortSignal.timeout(WITHIN_MS);
    const request = { method: "POST", path: "/unsubscribe", headers, body, signal } as const;
    const told = [...this.#transports.values()].map((transport) => transport.exchange(request));
    await Promise.allSettled(told);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }
}
