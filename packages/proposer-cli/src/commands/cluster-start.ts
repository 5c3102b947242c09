import { readFileSync } from "node:fs";
import { type ApplicationName, formatAddress, MOST_DIFFICULTY, type Topology } from "@synod/api";
import { ClusterFolder, isPreset, MOST_LEDGER_SERVERS, PRESETS, preset } from "@synod/replica-server/topology";
import { advice } from "../cluster/advice.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterIfAny, homeOf, withClusterFolder } from "../cluster/settings.js";
import { serversOf, startNodes, untilServing } from "../cluster/start-nodes.js";
import { readSecret } from "../pool-settings.js";
import type { Arguments, Command } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, name, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** Ports that a preset can be moved by, so that its highest is a port, too. */
const MOST_OFFSET = 57_000;

/** What to type first on a cluster that serves. */
const GO_ON: Readonly<Record<ApplicationName, string>> = {
  "key-value": "synod kv put greeting hello && synod kv get greeting && synod cluster status",
  ledger: `synod ledger put '"alice"' 10 && synod ledger get '"alice"' && synod ledger show`,
};

export const clusterStart: Command = {
  usage: "cluster start [topology]",
  summary: "Start every node of a cluster that is down, in the background, and wait until a leader serves",
  examples: [
    ["synod cluster start", "the cluster that was started here; if there is none, the preset kv on its usual ports"],
    ["synod cluster start kv-compact", "three nodes, each with all four roles"],
    ["synod cluster start ledger --nodes 5", "a block chain on five servers, each with all roles"],
    [
      "synod cluster start --topology my-cluster.yaml",
      "one of your own; synod cluster topology prints a file to begin with",
    ],
  ],
  positionals: {
    topology: {
      type: "string",
      describe: `A preset (${Object.keys(PRESETS).join(", ")}) or a topology file in YAML; --topology and SYNOD_TOPOLOGY say the same`,
      coerce: name("the topology"),
    },
  },
  options: {
    within: {
      type: "string",
      default: "30s",
      describe: "How long the nodes may take to get ready, and then a leader to be found",
      coerce: duration("--within"),
    },
    chaos: {
      type: "boolean",
      default: true,
      describe: "Let faults be injected and values be accepted by hand; --no-chaos forbids it, for good",
    },
    "port-offset": {
      type: "string",
      describe:
        "Added to every port of a preset, so that a second cluster has room beside the first; for its first start",
      coerce: wholeNumber("--port-offset", 0, MOST_OFFSET),
    },
    nodes: {
      type: "string",
      describe: `Of the preset ledger: how many servers, 1..${MOST_LEDGER_SERVERS} (default 3); for its first start`,
      coerce: wholeNumber("--nodes", 1, MOST_LEDGER_SERVERS),
    },
    difficulty: {
      type: "string",
      describe: `Of the preset ledger: zero bits that a proof of work begins with, 0..${MOST_DIFFICULTY} (default 0); for its first start`,
      coerce: wholeNumber("--difficulty", 0, MOST_DIFFICULTY),
    },
    ...CLUSTER_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = await clusterToStart(args, terminal);
    const withinMs = args["within"] as number;
    const nodes = await startNodes(settings, settings.topology.nodes, withinMs, terminal);
    const seen = await untilServing(settings, withinMs, terminal.interrupted);
    const { leader, quorum } = seen;
    if (!quorum) {
      throw new CommandFailure(
        ExitCode.noConsensus,
        "no-leader",
        `the nodes are up, but no leader served within ${withinMs} ms.\n${advice(seen).join("\n")}`,
      );
    }
    terminal.line(`${leader} leads`);
    const [gateway] = serversOf(settings.topology, "gateway");
    const { name: cluster } = settings.topology;
    if (gateway) {
      terminal.note(`the cluster ${cluster} serves at http://${formatAddress(gateway.address)}. Go on with:`);
      terminal.note(`  ${GO_ON[settings.topology.application]}`);
    }
    const document = { cluster, clusterId: settings.clusterId, leader, nodes, warnings: terminal.warnings };
    return { exitCode: ExitCode.done, document };
  },
};

/** The cluster to start: the one that was asked for, else the one that was started here before, else the preset kv. */
async function clusterToStart(args: Arguments, terminal: Terminal): Promise<ClusterSettings> {
  const asked = await askedTopology(args, terminal);
  const known = asked ? null : clusterIfAny(args, terminal);
  if (known) {
    refuseToMove(known, args);
    refuseToResize(known, args);
  }
  const topology = asked ?? known?.topology ?? presetFor("kv", args);
  const cluster = (args["cluster"] as string | undefined) ?? topology.name;
  const meant = { ...topology, name: cluster, chaos: topology.chaos && args["chaos"] === true };
  const folder = new ClusterFolder(cluster, homeOf(args, terminal));
  const record = withClusterFolder(() => folder.readOrCreate(meant));
  return { ...record, folder, secret: readSecret(args, terminal.env) };
}

/** @throws {UsageError} if other ports are asked for than those that the cluster was started with, and keeps */
export function refuseToMove({ topology }: ClusterSettings, args: Arguments): void {
  const portOffset = args["port-offset"] as number | undefined;
  if (portOffset === undefined) return;
  const presets = Object.keys(PRESETS).filter(isPreset);
  const servers = Math.min(topology.nodes.length, MOST_LEDGER_SERVERS);
  const isThere = (one: (typeof presets)[number]) =>
    isSamePlaced(
      topology,
      withClusterFolder(() => preset(one, { portOffset, ...(one === "ledger" && { servers }) })),
    );
  if (presets.some(isThere)) return;
  const [first] = topology.nodes.flatMap(({ roles }) => roles);
  const place = first ? ` (${first.name} is at ${formatAddress(first.address)})` : "";
  throw new UsageError(
    `the cluster ${topology.name} was started here on other ports${place}, and keeps them: leave --port-offset out, or ` +
      "start a second cluster in a folder of its own, with --home",
  );
}

/** @throws {UsageError} if a ledger of another size or difficulty is asked for than the cluster was started as, and stays */
function refuseToResize({ topology }: ClusterSettings, { nodes, difficulty }: Arguments): void {
  if (topology.application !== "ledger") refuseSizes({ nodes, difficulty }, `${topology.name} is a key-value store`);
  const [count, own] = [topology.nodes.length, topology.difficulty ?? 0];
  if ((nodes ?? count) === count && (difficulty ?? own) === own) return;
  throw new UsageError(
    `the cluster ${topology.name} was started here with ${count} servers and difficulty ${own}, and keeps them: leave ` +
      "--nodes and --difficulty out, or start a second cluster in a folder of its own, with --home",
  );
}

/** @throws {UsageError} if one of the options that only the preset ledger has was given */
function refuseSizes({ nodes, difficulty }: Arguments, why: string): void {
  if (nodes === undefined && difficulty === undefined) return;
  throw new UsageError(
    `--nodes and --difficulty are for the preset ledger: ${why}. Such as: synod cluster start ledger --nodes 5`,
  );
}

function isSamePlaced({ nodes }: Topology, other: Topology): boolean {
  return JSON.stringify(nodes) === JSON.stringify(other.nodes);
}

/** The topology that was named; null if none was. */
async function askedTopology(args: Arguments, { env }: Terminal): Promise<Topology | null> {
  const asked = (args["topology"] as string | undefined) ?? (env["SYNOD_TOPOLOGY"] || undefined);
  if (asked !== undefined && isPreset(asked)) return presetFor(asked, args);
  if (asked !== undefined) refuseSizes(args, "in a file, write the nodes and the difficulty that you want");
  if (args["port-offset"] !== undefined && asked !== undefined) {
    throw new UsageError("--port-offset moves a preset: in a file, write the ports that you want");
  }
  return asked === undefined ? null : readTopologyFile(asked);
}

function presetFor(asked: keyof typeof PRESETS, args: Arguments): Topology {
  const portOffset = (args["port-offset"] as number | undefined) ?? 0;
  if (asked !== "ledger") {
    refuseSizes(args, `${asked} has as many nodes as it has`);
    return withClusterFolder(() => preset(asked, { portOffset }));
  }
  const { nodes: servers = 3, difficulty = 0 } = args as { readonly nodes?: number; readonly difficulty?: number };
  return withClusterFolder(() => preset(asked, { portOffset, servers, difficulty }));
}

/** @throws {CommandFailure} if it cannot be read, or if it says what is no topology */
async function readTopologyFile(file: string): Promise<Topology> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const presets = Object.keys(PRESETS).join(", ");
    const reason = (error as Error).message;
    throw new UsageError(`${file} is no preset (there is ${presets}), and cannot be read as a file: ${reason}`);
  }
  // Loaded here, so that no other command pays for it.
  const { readTopology } = await import("@synod/replica-server/topology/read-yaml");
  return withClusterFolder(() => readTopology(text, file));
}
