import { doneWith, NODES_POSITIONAL, namesGiven, withEach } from "../cluster/deeds.js";
import { endNode } from "../cluster/end-node.js";
import { CLUSTER_OPTIONS, clusterIfAny, clusterSettings, homeOf, nodesNamed } from "../cluster/settings.js";
import type { Command } from "../terminal/command.js";
import { duration } from "../terminal/option-values.js";

const WITHIN_OPTION = {
  within: {
    type: "string",
    default: "10s",
    describe: "How long a node may take to end",
    coerce: duration("--within"),
  },
} as const;

export const clusterFail: Command = {
  usage: "cluster fail <nodes..>",
  summary: "Kill nodes at once (kill -9), as a failing machine would; what they had on disk stays",
  examples: [
    ["synod cluster fail acceptor1", "the others go on; synod cluster recover acceptor1 brings it back"],
    ["synod cluster fail $(synod cluster status --json | jq -r .leader)", "the leader, in the preset kv"],
  ],
  positionals: NODES_POSITIONAL,
  options: { ...WITHIN_OPTION, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const settings = clusterSettings(args, terminal);
    const nodes = nodesNamed(settings.topology, namesGiven(args));
    const how = { crash: true, withinMs: args["within"] as number, interrupted: terminal.interrupted };
    const deeds = await withEach(nodes, (node) => endNode(settings, node, how), terminal);
    return doneWith(deeds, terminal);
  },
};

export const clusterStop: Command = {
  usage: "cluster stop [nodes..]",
  summary: "Stop a cluster, or some of its nodes, in good order; they keep their state",
  examples: [
    ["synod cluster stop", "all of it"],
    ["synod cluster stop proposer2", "one node"],
  ],
  positionals: NODES_POSITIONAL,
  options: {
    within: { ...WITHIN_OPTION.within, describe: "How long a node may take to stop before it is killed" },
    ...CLUSTER_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = clusterIfAny(args, terminal);
    if (settings === null) {
      terminal.line(`nothing to stop: no cluster was started in ${homeOf(args, terminal)}`);
      return doneWith([], terminal);
    }
    const nodes = nodesNamed(settings.topology, namesGiven(args));
    const how = { crash: false, withinMs: args["within"] as number, interrupted: terminal.interrupted };
    const deeds = await withEach(nodes, (node) => endNode(settings, node, how), terminal);
    return doneWith(deeds, terminal);
  },
};
