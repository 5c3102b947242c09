import {
  Admission,
  type App,
  buildNodeApp,
  type EventFeed,
  listen,
  NodeMetrics,
  type NotServed,
  refuseWithoutSecret,
} from "@synod/acceptor-server";
import { type Address, formatNodeIdentity, NODE_HEADER } from "@synod/api";
import type { RoleContext, RunningRole } from "./role-context.js";

/** What stops answering when something is wrong with it. */
interface CanFail {
  readonly failure: NotServed | null;
}

export interface RoleAppOptions {
  /** What `/events` tells; null where the role adds a route of its own there. */
  readonly events: EventFeed | null;
  /** Everything that runs behind the routes. */
  readonly hosts: readonly CanFail[];
  /** What else keeps the role from its work, each reason with a code in front. */
  readonly obstacles?: () => readonly string[];
}

/** The server of a role, with all that every role's server has. */
export async function roleApp(
  context: RoleContext,
  { events, hosts, obstacles = () => [] }: RoleAppOptions,
): Promise<{ app: App; metrics: NodeMetrics }> {
  const { server, clusterId, faults, secret, logger } = context;
  const metrics = new NodeMetrics();
  metrics.collectProcessMetrics();
  const failures = () => hosts.flatMap(({ failure }) => (failure ? [`${failure.code}: ${failure.message}`] : []));
  const app = await buildNodeApp({
    title: `Synod ${server.role}`,
    identity: { name: NODE_HEADER, value: formatNodeIdentity({ name: server.name, clusterId }) },
    health: { role: server.role, name: server.name, node: server.node, cluster: clusterId },
    metrics,
    notReady: () => [...failures(), ...obstacles()],
    cluster: { events, faults },
    secret,
    logger,
  });
  return { app, metrics };
}

/** To be called before a route tells what a role has in memory. @throws {NotServed} why the role answers nothing any more */
export type OnlySound = () => Promise<void>;

/**
 * Once a disk failed, memory may be ahead of it, and whoever counted such a server would count one too many. So it says
 * nothing of itself, as an acceptor does not; why, `/readyz` tells.
 */
export function onlySound(host: CanFail): OnlySound {
  return async () => {
    if (host.failure) throw host.failure;
  };
}

/** What bounds the reads and writes of people that are under way at a role. */
export function admissionOf({ tuning }: RoleContext, metrics: NodeMetrics): Admission {
  const admission = new Admission(tuning.admission);
  metrics.gauge("synod_requests_allowed", "Reads and writes that may be under way now", () => admission.allowed);
  metrics.gauge("synod_requests_in_line", "Reads and writes that wait to be let in", () => admission.inLine);
  return admission;
}

/** How long an app may take to close before its connections are cut, in milliseconds. */
const CLOSE_WITHIN_MS = 3000;

/** Closes the app of a role: what is under way may end, within a bound. */
export async function closeApp(app: App | null): Promise<void> {
  if (app === null) return;
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS).unref();
  await app.close();
  clearTimeout(timer);
}

/**
 * Lets the app of a role listen at its place in the topology.
 *
 * @throws {CannotStart} if it cannot
 */
export function listenAt({ server, secret }: RoleContext, app: App): Promise<Address> {
  refuseWithoutSecret(server.address, secret);
  return listen(app, server.address, "in its topology");
}

/** A role that listens. @param close lets go of all that is behind the app, after it */
export function runningRole({ server }: RoleContext, address: Address, close: () => Promise<void>): RunningRole {
  let closing: Promise<void> | null = null;
  return {
    name: server.name,
    role: server.role,
    address,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
