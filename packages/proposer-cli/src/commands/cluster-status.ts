import { advice } from "../cluster/advice.js";
import { type ClusterSeen, observe, type ServerSeen } from "../cluster/observation.js";
import { CLUSTER_OPTIONS, clusterSettings } from "../cluster/settings.js";
import { TIMEOUT_OPTION } from "../pool-settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { table } from "../terminal/table.js";

/** What the columns are called where an engine has words of its own. */
const WORDS = { paxos: ["promised", "decided"], raft: ["term", "committed"] } as const;

function headerOf({ engine }: ClusterSeen): string[] {
  return ["server", "node", "address", "pid", "status", "state", ...WORDS[engine], "applied", "lag"];
}

export const clusterStatus: Command = {
  usage: "cluster status",
  summary: "Show every server of a cluster: its process, what it says of itself, and what is missing",
  examples: [
    ["synod cluster status", "a table, and what to do"],
    ["synod cluster status --json | jq -r .leader", "who leads"],
    ["synod cluster status --json | jq -r '.servers[] | select(.up | not).node'", "the nodes that are down"],
  ],
  options: { ...TIMEOUT_OPTION, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const settings = clusterSettings(args, terminal);
    const seen = await observe(settings, args["timeout"] as number, terminal.interrupted);
    for (const row of table(headerOf(seen), seen.servers.map(cells))) terminal.line(row);
    const sentences = advice(seen);
    terminal.line();
    for (const sentence of sentences) terminal.line(sentence);
    const { topology, clusterId } = settings;
    const cluster = { cluster: topology.name, clusterId, chaos: topology.chaos };
    const document = { ...cluster, ...seen, advice: sentences, warnings: terminal.warnings };
    return { exitCode: exitCodeOf(seen), document };
  },
};

function cells({ name, node, address, pid, status, state, promised, decided, applied, lag }: ServerSeen): string[] {
  const numbers = [promised, decided, applied, lag].map((number) =>
    number === null || number < 0 ? "-" : String(number),
  );
  return [name, node, address, pid === null ? "-" : String(pid), status, state ?? "-", ...numbers];
}

function exitCodeOf({ servers, quorum }: ClusterSeen): ExitCode {
  if (!servers.some(({ up }) => up)) return ExitCode.nobodyReachable;
  return quorum ? ExitCode.done : ExitCode.noConsensus;
}
