import { ClusterFolder, clustersIn } from "@synod/replica-server/topology";
import { runningAcceptor } from "./acceptor-process.js";
import { runningNode } from "./cluster/node-process.js";
import { type ClusterSettings, homeOf, withClusterFolder } from "./cluster/settings.js";
import { serversOf } from "./cluster/start-nodes.js";
import { idsUpTo, type PoolSettings, poolSettings, readSecret } from "./pool-settings.js";
import type { Arguments } from "./terminal/command.js";
import { UsageError } from "./terminal/exit-code.js";
import type { Terminal } from "./terminal/terminal.js";

/**
 * Finds out whom a message by hand is meant for: flag before environment before the pool that runs here before the one
 * cluster that runs here, whose acceptors are a pool like any other, before a pool that was started here before the
 * defaults.
 *
 * @throws {UsageError} if what was said does not fit together
 */
export function acceptorsHere(args: Arguments, terminal: Terminal): PoolSettings {
  const settings = poolSettings(args, terminal);
  const { env } = terminal;
  const isNamed = args["servers"] !== undefined || Boolean(env["SYNOD_SERVERS"]);
  const isUp = idsUpTo(settings.record?.serverCount ?? 0).some((id) => runningAcceptor(settings.folder, id) !== null);
  const cluster = isNamed || isUp ? null : runningCluster(homeOf(args, terminal));
  if (cluster === null) {
    if (!isNamed && !isUp && settings.record === null) refuseRaft(homeOf(args, terminal));
    return settings;
  }
  const acceptors = [...serversOf(cluster.topology, "acceptor")].sort((one, other) => one.number - other.number);
  const isCounted = args["server-count"] !== undefined || Boolean(env["SYNOD_SERVER_COUNT"]);
  return {
    ...settings,
    serverCount: isCounted ? settings.serverCount : acceptors.length,
    addresses: acceptors.map(({ address }) => address),
    record: null,
    poolId: cluster.clusterId,
  };
}

/** @throws {UsageError} if nothing was started in this home but a cluster on Raft, which has no acceptors */
function refuseRaft(home: string): void {
  const only = onlyRaftCluster(home);
  if (only === null) return;
  throw new UsageError(
    `the cluster ${only.topology.name} runs on raft, and has no acceptors: synod raft state, synod raft request-vote and ` +
      "synod raft append-entries speak to its servers, and synod explain says why there is a leader or none",
  );
}

/** The cluster on Raft that is meant where nobody named acceptors, nor started any in this home; null if there is none. */
export function raftHere(args: Arguments, terminal: Terminal): ClusterSettings | null {
  const home = homeOf(args, terminal);
  const isNamed = args["servers"] !== undefined || Boolean(terminal.env["SYNOD_SERVERS"]);
  const only = isNamed || poolSettings(args, terminal).record !== null ? null : onlyRaftCluster(home);
  if (only === null) return null;
  const folder = new ClusterFolder(only.topology.name, home);
  return { ...only, folder, secret: readSecret(args, terminal.env) };
}

/** The only cluster of this home, if it is one on Raft. */
function onlyRaftCluster(home: string) {
  const [only, ...others] = clustersIn(home);
  if (only === undefined || others.length > 0) return null;
  const record = withClusterFolder(() => new ClusterFolder(only, home).read());
  return record?.topology.engine === "raft" ? record : null;
}

/** The cluster of this home of which an acceptor runs; null if there is none, or more than one. */
function runningCluster(home: string) {
  const running = clustersIn(home).flatMap((name) => {
    const folder = new ClusterFolder(name, home);
    const record = withClusterFolder(() => folder.read());
    const isUp = record && serversOf(record.topology, "acceptor").some(({ node }) => isRunning(folder, node));
    return isUp ? [record] : [];
  });
  const [only, ...others] = running;
  return only && others.length === 0 ? only : null;
}

function isRunning(folder: ClusterFolder, node: string): boolean {
  return runningNode({ folder }, { name: node, roles: [] }) !== null;
}
