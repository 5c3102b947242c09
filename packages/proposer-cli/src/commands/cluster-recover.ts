import { doneWith, NODES_POSITIONAL, namesGiven } from "../cluster/deeds.js";
import { CLUSTER_OPTIONS, clusterSettings, nodesNamed } from "../cluster/settings.js";
import { startNodes } from "../cluster/start-nodes.js";
import type { Command } from "../terminal/command.js";
import { duration } from "../terminal/option-values.js";

export const clusterRecover: Command = {
  usage: "cluster recover <nodes..>",
  summary: "Start nodes that are down, with the state they had, and wait until they answer",
  examples: [["synod cluster recover acceptor1 proposer2", "two nodes that were stopped, or failed"]],
  positionals: NODES_POSITIONAL,
  options: {
    within: {
      type: "string",
      default: "30s",
      describe: "How long a node may take to get ready",
      coerce: duration("--within"),
    },
    ...CLUSTER_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = clusterSettings(args, terminal);
    const nodes = nodesNamed(settings.topology, namesGiven(args));
    return doneWith(await startNodes(settings, nodes, args["within"] as number, terminal), terminal);
  },
};
