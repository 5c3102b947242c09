import type { Fault, PlannedFault } from "@synod/simulator";
import { doneWith, type NodeDeed } from "../cluster/deeds.js";
import { type FaultCalls, faultsOfAll, inject } from "../cluster/fault-exchange.js";
import { CLUSTER_OPTIONS, nodesNamed } from "../cluster/settings.js";
import { TIMEOUT_OPTION } from "../pool-settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { table } from "../terminal/table.js";
import { faultCalls } from "./cluster-cut.js";

export const clusterFault: Command = {
  usage: "cluster fault <text>",
  summary: "Make something go wrong in a running cluster, in the words of docs/faults.md",
  examples: [
    ["synod cluster fault 'delay proposer1<>acceptor2 by 50ms..200ms for 10s'", "a slow link"],
    ["synod cluster fault 'drop 20%; slow-disk acceptor1 by 30ms'", "two faults, until synod cluster heal"],
  ],
  positionals: { text: { type: "string", describe: "One fault, or several with ; between them" } },
  options: { ...TIMEOUT_OPTION, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const calls = faultCalls(args, terminal);
    const byNode = await faultsByNode(String(args["text"]), calls);
    const deeds = await Promise.all(
      [...byNode].map(async ([name, faults]): Promise<NodeDeed> => {
        const [node] = nodesNamed(calls.settings.topology, [name]);
        if (node) await inject(calls, node, faults.join("\n"));
        return { node: name, done: "faulty", words: faults.join("; ") };
      }),
    );
    for (const { node, words } of deeds) terminal.line(`${node}: ${words}`);
    return doneWith(deeds, terminal);
  },
};

export const clusterFaults: Command = {
  usage: "cluster faults",
  summary: "List what is wrong on purpose in a running cluster",
  examples: [
    ["synod cluster faults", "a table"],
    ["synod cluster faults --json | jq -r '.faults[].text'", "their texts"],
  ],
  options: { ...TIMEOUT_OPTION, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const calls = faultCalls(args, terminal);
    const faults = await faultsOfAll(calls, calls.settings.topology.nodes);
    if (faults.length === 0) terminal.line("no faults");
    const rows = faults.map(({ node, id, text, endsInMs }) => [
      ...[node, String(id), text],
      endsInMs === null ? "when healed" : `in ${(endsInMs / 1000).toFixed(1)} s`,
    ]);
    if (rows.length > 0) for (const row of table(["node", "id", "fault", "ends"], rows)) terminal.line(row);
    return { exitCode: ExitCode.done, document: { faults, warnings: terminal.warnings } };
  },
};

/** What of this text concerns each node: it is where a link begins, or the node that is slow. */
async function faultsByNode(text: string, { settings }: FaultCalls): Promise<Map<string, string[]>> {
  // Loaded here, so that no other command pays for it.
  const { faultInWords, FaultSyntaxError, linksOf, nodesOf, parseFaults } = await import("@synod/simulator");
  const all = settings.topology.nodes.map(({ name }) => name);
  const concerned = (fault: Fault): readonly string[] => {
    if ("links" in fault) return linksOf(fault.links, all).map(([from]) => from);
    return "nodes" in fault ? nodesOf(fault.nodes, all) : all;
  };
  const byNode = new Map<string, string[]>();
  try {
    for (const planned of parseFaults(text, all)) {
      refuseWhatIsNoRunningFault(planned);
      for (const node of new Set(concerned(planned))) {
        byNode.set(node, [...(byNode.get(node) ?? []), faultInWords(planned)]);
      }
    }
  } catch (error) {
    if (error instanceof FaultSyntaxError) throw new UsageError(error.message);
    throw error;
  }
  if (byNode.size === 0) throw new UsageError("say what shall go wrong, such as 'drop 20%'");
  return byNode;
}

/** What a running node does otherwise than by a fault, and how. */
const INSTEAD: Readonly<Partial<Record<Fault["kind"], string>>> = {
  crash: "to kill a node: synod cluster fail NODE",
  restart: "to start a node: synod cluster recover NODE",
  resume: "to take faults back: synod cluster heal",
  heal: "to take faults back: synod cluster heal",
  skew: "the clock of a running node is the machine's, and cannot be skewed",
};

function refuseWhatIsNoRunningFault({ kind, atUs }: PlannedFault): void {
  const instead = INSTEAD[kind];
  if (instead !== undefined) throw new UsageError(`${kind}: ${instead}`);
  if (atUs !== null && atUs > 0) throw new UsageError("at: in a running cluster a fault begins now; leave it out");
}
