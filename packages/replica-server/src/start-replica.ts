import { readFileSync } from "node:fs";
import { CannotStart } from "@synod/acceptor-server";
import { type Address, ENGINES, type EngineName, formatAddress, type Topology } from "@synod/api";
import { connectStore, type Store, type StoreOptions } from "@synod/client";
import type { FastifyBaseLogger } from "fastify";
import { startNode } from "./node.js";
import { type NodeTuning, serversOf } from "./roles/role-context.js";
import { checkTopology } from "./topology/check-topology.js";
import { ClusterFolder } from "./topology/cluster-folder.js";
import { clusterIdOf, isClusterId } from "./topology/cluster-id.js";
import { isPreset, PRESETS, preset } from "./topology/presets.js";
import { TopologyError } from "./topology/topology-error.js";
import { written } from "./topology/written-topology.js";

export interface ReplicaOptions {
  /** A preset (`kv-compact`, `kv`), the path of a topology file in YAML, or a topology. The same for all nodes. */
  readonly cluster: string | Topology;
  /** Which node of it this program is: `node1`, `node2` or `node3` in `kv-compact`. */
  readonly node: string;
  /**
   * Where this node keeps its state, and finds it again. Nodes on one machine may share the folder: each has its own part,
   * laid out as `synod cluster` does.
   */
  readonly folder: string;
  /** Of a preset: what decides the values of the log. Default: paxos. */
  readonly engine?: EngineName;
  /** Of a preset: added to every port. */
  readonly portOffset?: number;
  /** Of a preset: whether faults may be injected and values be accepted by hand. Default false. */
  readonly chaos?: boolean;
  /** Shared by all nodes and clients; needed as soon as other machines can reach a node. */
  readonly secret?: string;
  /**
   * Names the cluster for its whole life; the same for all nodes. Default: the one that the folder has, else one made from
   * the topology, so that nodes with folders of their own agree.
   */
  readonly clusterId?: string;
  /** Where the node's log goes, such as a pino logger. Default: nowhere. */
  readonly logger?: FastifyBaseLogger;
  /** How `store` behaves. */
  readonly store?: Omit<StoreOptions, "servers" | "secret">;
  /** Other times and bounds than the usual ones: for tests, and to measure. */
  readonly tuning?: NodeTuning;
}

/** A node of a cluster that runs in this program. */
export interface Replica {
  /** A client of this node's own gateway; if that fails, or the node has none, of the cluster's other ones. */
  readonly store: Store;
  /** Where this node's gateway listens, such as `http://127.0.0.1:8000`; null if it has none. */
  readonly address: string | null;
  readonly clusterId: string;
  /** Ends the calls of `store`, finishes what is under way, then lets go of ports and folder. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a node of a cluster in this program. It is the same as `synod cluster run-node` without a process of its own. A
 * majority of the nodes has to run somewhere before anything is written; `store` waits for that as long as a call may take.
 *
 * @throws {CannotStart | TopologyError | ClusterFolderError | JournalError | StoreRefused} saying what a person can do;
 *   then nothing runs
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { node: name, folder: home, secret, logger, tuning } = options;
  // Before anything is written: a record with such an id, or such a topology, could not be read again.
  if (options.clusterId !== undefined && !isClusterId(options.clusterId)) {
    throw new CannotStart(`clusterId: 1 to 64 letters, digits, _ and -, not ${JSON.stringify(options.clusterId)}`);
  }
  const topology = await topologyOf(options);
  const node = topology.nodes.find((one) => one.name === name);
  if (!node) throw new CannotStart(noSuchNode(topology, name));
  if (topology.application !== "key-value") {
    throw new CannotStart(`${topology.name} is a ${topology.application}: startReplica is for key-value stores`);
  }
  const gateways = gatewaysFrom(topology, name);
  if (gateways.length === 0) throw new CannotStart(`no node of ${topology.name} is a gateway: "store" needs one`);
  const cluster = new ClusterFolder(topology.name, home);
  const { clusterId } = cluster.readOrCreate(topology, options.clusterId ?? clusterIdOf(topology));
  refuseOtherId(cluster, clusterId, options.clusterId);
  cluster.refuseLost(node);
  const { folder } = cluster.node(name);
  const running = await startNode({
    topology,
    node: name,
    clusterId,
    folder,
    secret,
    logger,
    ...(tuning && { tuning }),
  });
  let store: Store;
  try {
    cluster.markMade(name);
    store = connectStore({ ...options.store, servers: gateways, ...(secret === undefined ? {} : { secret }) });
  } catch (error) {
    await running.close();
    throw error;
  }
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= store.close().then(() => running.close());
    return closing;
  };
  const own = running.roles.find(({ role }) => role === "gateway");
  const address = own ? `http://${formatAddress(reachable(own.address))}` : null;
  return { store, address, clusterId, close, [Symbol.asyncDispose]: close };
}

/** @throws {TopologyError | CannotStart} */
async function topologyOf({ cluster, engine, portOffset, chaos }: ReplicaOptions): Promise<Topology> {
  if (engine !== undefined && !ENGINES.includes(engine)) {
    throw new CannotStart(`engine: there is ${ENGINES.join(" and ")}, not ${JSON.stringify(engine)}`);
  }
  if (typeof cluster === "string" && isPreset(cluster)) {
    return { ...preset(cluster, { engine: engine ?? "paxos", portOffset: portOffset ?? 0 }), chaos: chaos ?? false };
  }
  if (engine !== undefined || portOffset !== undefined || chaos !== undefined) {
    throw new CannotStart(
      "engine, portOffset and chaos are for presets: a topology says its engine, its ports, and whether faults are allowed",
    );
  }
  return typeof cluster === "string" ? topologyIn(cluster) : checked(cluster);
}

/** @throws {TopologyError} if a program made it otherwise than a file could say it */
function checked(topology: Topology): Topology {
  let said: unknown;
  try {
    said = written(topology);
  } catch (cause) {
    const error = new TopologyError([
      "cluster: give a preset, the path of a topology file, or a topology with its nodes",
    ]);
    throw Object.assign(error, { cause });
  }
  return checkTopology(said, () => "cluster: ");
}

async function topologyIn(file: string): Promise<Topology> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const stores = Object.keys(PRESETS).filter((one) => isPreset(one) && preset(one).application === "key-value");
    const presets = stores.join(", ");
    const reason = (error as Error).message;
    const message = `cluster: ${file} is no preset (there is ${presets}), and cannot be read as a file: ${reason}`;
    throw new CannotStart(message, { cause: error });
  }
  // Loaded here: who gives no file needs no reader of YAML.
  const { readTopology } = await import("./topology/read-yaml.js");
  return readTopology(text, file);
}

function noSuchNode({ name, nodes }: Topology, asked: string): string {
  return `there is no node ${asked} in ${name}: there is ${nodes.map((one) => one.name).join(", ")}`;
}

/** The gateways of the cluster, that of this node first. */
function gatewaysFrom(topology: Topology, node: string): Address[] {
  const all = serversOf(topology, "gateway");
  const own = all.filter((server) => server.node === node);
  return [...own, ...all.filter((server) => server.node !== node)].map(({ address }) => reachable(address));
}

/** An address that means every one of this machine, as one to connect to. */
function reachable({ host, port }: Address): Address {
  return { host: host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host, port };
}

function refuseOtherId({ recordFile }: ClusterFolder, found: string, asked: string | undefined): void {
  if (asked === undefined || asked === found) return;
  throw new CannotStart(
    `${recordFile} is of the cluster ${found}, not of ${asked}: give that clusterId, or another folder`,
  );
}
