import { readFileSync } from "node:fs";
import { formatAddress, type Topology } from "@synod/api";
import { ClusterFolder, isPreset, PRESETS, preset } from "@synod/replica-server/topology";
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

export const clusterStart: Command = {
  usage: "cluster start [topology]",
  summary: "Start every node of a cluster that is down, in the background, and wait until a leader serves",
  examples: [
    ["synod cluster start", "the cluster that was started here; if there is none, the preset kv on its usual ports"],
    ["synod cluster start kv-compact", "three nodes, each with all four roles"],
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
      terminal.note("  synod kv put greeting hello && synod kv get greeting && synod cluster status");
    }
    const document = { cluster, clusterId: settings.clusterId, leader, nodes, warnings: terminal.warnings };
    return { exitCode: ExitCode.done, document };
  },
};

/** The cluster to start: the one that was asked for, else the one that was started here before, else the preset kv. */
async function clusterToStart(args: Arguments, terminal: Terminal): Promise<ClusterSettings> {
  const asked = await askedTopology(args, terminal);
  const known = asked ? null : clusterIfAny(args, terminal);
  if (known) refuseToMove(known, args);
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
  if (
    presets.some((one) =>
      isSamePlaced(
        topology,
        withClusterFolder(() => preset(one, { portOffset })),
      ),
    )
  )
    return;
  const [first] = topology.nodes.flatMap(({ roles }) => roles);
  const place = first ? ` (${first.name} is at ${formatAddress(first.address)})` : "";
  throw new UsageError(
    `the cluster ${topology.name} was started here on other ports${place}, and keeps them: leave --port-offset out, or ` +
      "start a second cluster in a folder of its own, with --home",
  );
}

function isSamePlaced({ nodes }: Topology, other: Topology): boolean {
  return JSON.stringify(nodes) === JSON.stringify(other.nodes);
}

/** The topology that was named; null if none was. */
async function askedTopology(args: Arguments, { env }: Terminal): Promise<Topology | null> {
  const asked = (args["topology"] as string | undefined) ?? (env["SYNOD_TOPOLOGY"] || undefined);
  if (asked !== undefined && isPreset(asked)) return presetFor(asked, args);
  if (args["port-offset"] !== undefined && asked !== undefined) {
    throw new UsageError("--port-offset moves a preset: in a file, write the ports that you want");
  }
  return asked === undefined ? null : readTopologyFile(asked);
}

function presetFor(asked: keyof typeof PRESETS, args: Arguments): Topology {
  const portOffset = (args["port-offset"] as number | undefined) ?? 0;
  return withClusterFolder(() => preset(asked, { portOffset }));
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
