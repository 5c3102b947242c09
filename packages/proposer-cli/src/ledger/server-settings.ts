import { existsSync } from "node:fs";
import {
  type Address,
  defaultLedgerAddress,
  type EngineName,
  isLoopback,
  MOST_DIFFICULTY,
  type Topology,
} from "@synod/api";
import { ClusterFolder, clusterIdOf, clustersIn, MOST_PRESET_SERVERS, preset } from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { PRESET_OPTIONS } from "../cluster/preset-options.js";
import { CLUSTER_OPTIONS, type ClusterSettings, homeOf, type Node, withClusterFolder } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { readTopologyFile } from "../commands/cluster-start.js";
import { readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { name, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** The name of a ledger that nobody named. */
const USUAL_NAME = "ledger";

/** How many servers a ledger has, if nobody says. */
const USUAL_SERVERS = 3;

/** The options that say which ledger a server is of. All its servers are given the same. */
export const LEDGER_SERVER_OPTIONS = {
  "server-count": {
    type: "string",
    describe: `How many servers the ledger has, 1..${MOST_PRESET_SERVERS} (default: those it was begun with, else ${USUAL_SERVERS})`,
    coerce: wholeNumber("--server-count", 1, MOST_PRESET_SERVERS),
  },
  difficulty: {
    type: "string",
    describe: `Zero bits that a proof of work begins with, 0..${MOST_DIFFICULTY} (default: as it was begun, else 0)`,
    coerce: wholeNumber("--difficulty", 0, MOST_DIFFICULTY),
  },
  "port-offset": {
    type: "string",
    describe: "Added to every port, so that a second ledger has room beside the first",
    coerce: PRESET_OPTIONS["port-offset"].coerce,
  },
  engine: {
    type: "string",
    describe: "What decides the values of its log, paxos or raft (default: as it was begun, else paxos)",
    coerce: PRESET_OPTIONS.engine.coerce,
  },
  topology: {
    type: "string",
    describe: "A topology file in place of these, for servers on several machines: the same file on each",
    coerce: name("--topology"),
  },
  ...CLUSTER_OPTIONS,
} as const satisfies Record<string, Options>;

/**
 * The ledger that a server is of: the one in this home, which is begun if there is none. Servers that start at the same
 * time begin the same one.
 *
 * @throws {UsageError} if the options do not fit together
 * @throws {CommandFailure} if it was begun otherwise
 */
export async function ledgerOfServer(args: Arguments, terminal: Terminal): Promise<ClusterSettings> {
  const home = homeOf(args, terminal);
  const file = args["topology"] as string | undefined;
  const topology = file === undefined ? presetMeant(args, home) : await topologyIn(file, args);
  const folder = new ClusterFolder(topology.name, home);
  const record = withClusterFolder(() =>
    folder.readOrCreate(topology, file === undefined ? undefined : idFor(topology)),
  );
  return { ...record, folder, secret: readSecret(args, terminal.env) };
}

/** The node of this server: the one of that name, or in that place. @throws {UsageError} if there is none */
export function nodeOfServer({ topology }: ClusterSettings, id: number): Node {
  const { nodes, name: cluster } = topology;
  const node = nodes.find(({ name: one }) => one === `server${id}`) ?? nodes[id - 1];
  if (node) return node;
  const known = nodes.length === 1 ? "its only server is 1" : `its servers are 1 to ${nodes.length}`;
  throw new UsageError(`the cluster ${cluster} has no server ${id}: ${known}`);
}

/** Servers on several machines have no folder in common, and must agree on what they are all the same. */
function idFor(topology: Topology): string | undefined {
  const isHere = topology.nodes.every(({ roles }) => roles.every(({ address }) => isLoopback(address.host)));
  return isHere ? undefined : clusterIdOf(topology);
}

async function topologyIn(file: string, args: Arguments): Promise<Topology> {
  const given = ["server-count", "difficulty", "port-offset", "engine"].find((option) => args[option] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} does not go with --topology: the file says that`);
  const topology = await readTopologyFile(file);
  refuseOthers(topology, file);
  return { ...topology, name: (args["cluster"] as string | undefined) ?? topology.name };
}

/** What the options say; where they say nothing, as the ledger was begun that is there. */
function presetMeant(args: Arguments, home: string): Topology {
  const cluster = clusterMeant(args, home);
  const known = withClusterFolder(() => new ClusterFolder(cluster, home).read())?.topology;
  if (known) refuseOthers(known, cluster);
  const {
    "server-count": count,
    difficulty,
    "port-offset": offset,
  } = args as Readonly<Record<string, number | undefined>>;
  const engine = args["engine"] as EngineName | undefined;
  const isAsBegun = [count, difficulty, offset, engine].every((option) => option === undefined);
  if (known && isAsBegun) return known;
  const asked = withClusterFolder(() =>
    preset("ledger", {
      cluster,
      engine: engine ?? known?.engine ?? "paxos",
      servers: count ?? known?.nodes.length ?? USUAL_SERVERS,
      difficulty: difficulty ?? known?.difficulty ?? 0,
      portOffset: offset ?? offsetOf(known),
    }),
  );
  return { ...asked, chaos: known?.chaos ?? asked.chaos };
}

/** By how much its ports are moved. */
function offsetOf(known: Topology | undefined): number {
  const first: Address | undefined = known && serversOf(known, "gateway")[0]?.address;
  return first ? Math.max(0, first.port - defaultLedgerAddress("gateway", 1).port) : 0;
}

/** The name that was given, else that of the only ledger in this home, else the usual one. */
function clusterMeant(args: Arguments, home: string): string {
  const given = args["cluster"] as string | undefined;
  if (given !== undefined) return given;
  if (!existsSync(home)) return USUAL_NAME;
  const isLedger = (one: string) =>
    withClusterFolder(() => new ClusterFolder(one, home).read())?.topology.application === "ledger";
  const [only, ...others] = clustersIn(home).filter(isLedger);
  if (only === undefined) return USUAL_NAME;
  if (others.length === 0) return only;
  throw new UsageError(`which ledger? Say --cluster NAME; there is ${[only, ...others].join(", ")}`);
}

function refuseOthers({ application }: Topology, what: string): void {
  if (application === "ledger") return;
  throw new UsageError(`${what} is a ${application} cluster and no ledger: its topology needs application: ledger`);
}
