import { readFileSync } from "node:fs";
import { type ApplicationName, formatAddress, type Topology } from "@synod/api";
import { ClusterFolder, isPreset, PRESETS } from "@synod/replica-server/topology";
import { advice } from "../cluster/advice.js";
import { PRESET_OPTIONS, presetFor, refuseShape, refuseToMove, refuseToReshape } from "../cluster/preset-options.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterIfAny, homeOf, withClusterFolder } from "../cluster/settings.js";
import { serversOf, startNodes, untilServing } from "../cluster/start-nodes.js";
import { readSecret } from "../pool-settings.js";
import type { Arguments, Command } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, name } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** What to type first on a cluster that serves. */
const GO_ON: Readonly<Record<ApplicationName, string>> = {
  "key-value": "synod kv put greeting hello && synod kv get greeting && synod cluster status",
  ledger: `synod ledger put '"alice"' 10 && synod ledger get '"alice"' && synod ledger show`,
  chat: "synod chat",
};

export const clusterStart: Command = {
  usage: "cluster start [topology]",
  summary: "Start every node of a cluster that is down, in the background, and wait until a leader serves",
  examples: [
    ["synod cluster start", "the cluster that was started here; if there is none, the preset kv on its usual ports"],
    ["synod cluster start kv-compact", "three nodes, each with all roles"],
    ["synod cluster start kv --engine raft --nodes 5", "the same store on Raft: two of five servers may fail"],
    ["synod cluster start ledger --nodes 5", "a block chain on five servers, each with all roles"],
    ["synod cluster start chat", "a chat on five nodes, of which two may fail"],
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
    ...PRESET_OPTIONS,
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
    refuseToReshape(known, args);
  }
  const topology = asked ?? known?.topology ?? presetFor("kv", args);
  const cluster = (args["cluster"] as string | undefined) ?? topology.name;
  const meant = { ...topology, name: cluster, chaos: topology.chaos && args["chaos"] === true };
  const folder = new ClusterFolder(cluster, homeOf(args, terminal));
  const record = withClusterFolder(() => folder.readOrCreate(meant));
  return { ...record, folder, secret: readSecret(args, terminal.env) };
}

/** The topology that was named; null if none was. */
async function askedTopology(args: Arguments, { env }: Terminal): Promise<Topology | null> {
  const asked = (args["topology"] as string | undefined) ?? (env["SYNOD_TOPOLOGY"] || undefined);
  if (asked !== undefined && isPreset(asked)) return presetFor(asked, args);
  if (asked === undefined) return null;
  refuseShape(args);
  return readTopologyFile(asked);
}

/** @throws {CommandFailure} if it cannot be read, or if it says what is no topology */
export async function readTopologyFile(file: string): Promise<Topology> {
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
