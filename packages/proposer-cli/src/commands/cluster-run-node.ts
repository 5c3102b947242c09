import { placesOf } from "../cluster/node-process.js";
import { runNodeHere } from "../cluster/run-node.js";
import { CLUSTER_OPTIONS, clusterSettings, nodesNamed } from "../cluster/settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { LOG_LEVEL_OPTION, logToStdout } from "../terminal/server-log.js";
import type { Terminal } from "../terminal/terminal.js";

export const clusterRunNode: Command = {
  usage: "cluster run-node <node>",
  summary: "Run one node of a cluster in the foreground, until Ctrl-C; cluster start runs it in the background",
  examples: [["synod cluster run-node acceptor1", "the node of this name, of the cluster that was started here"]],
  positionals: { node: { type: "string", describe: "The node by name, as the topology calls it" } },
  options: { ...LOG_LEVEL_OPTION, ...CLUSTER_OPTIONS },
  run: runNode,
};

async function runNode(args: Arguments, terminal: Terminal): Promise<Result> {
  const settings = clusterSettings(args, terminal);
  const [node] = nodesNamed(settings.topology, [String(args["node"])]);
  if (!node) throw new CommandFailure(ExitCode.usage, "usage", "name a node");
  await runNodeHere(settings, node, logToStdout(args["log-level"]), terminal);
  terminal.note(
    `${node.name} of the cluster ${settings.topology.name} listens on ${placesOf(node).replace(/^(at|as) /, "")}`,
  );
  // From here on signals end the process, when the node has finished.
  return new Promise(() => {});
}
