import { readPidFile, removePidFile } from "@synod/acceptor-server/pid-file";
import { stop } from "../background-process.js";
import { doneWith, NODES_POSITIONAL, type NodeDeed, namesGiven, withEach } from "../cluster/deeds.js";
import { runningNode } from "../cluster/node-process.js";
import {
  CLUSTER_OPTIONS,
  type ClusterSettings,
  clusterIfAny,
  clusterSettings,
  homeOf,
  type Node,
  nodesNamed,
} from "../cluster/settings.js";
import type { Command } from "../terminal/command.js";
import { duration } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

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
    const deeds = await withEach(nodes, end(settings, true, args["within"] as number, terminal), terminal);
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
    const deeds = await withEach(nodes, end(settings, false, args["within"] as number, terminal), terminal);
    return doneWith(deeds, terminal);
  },
};

/** Ends the process that the node's own pid file names, and no other. */
function end(settings: ClusterSettings, crash: boolean, withinMs: number, { interrupted }: Terminal) {
  return async (node: Node): Promise<NodeDeed> => {
    const { pidFile } = settings.folder.node(node.name);
    const running = runningNode(settings, node);
    if (running) {
      const done = await stop(running, crash, withinMs, interrupted);
      if (runningNode(settings, node) === null) removePidFile(pidFile);
      return { node: node.name, done, words: `${done} (pid ${running.pid})`, pid: running.pid };
    }
    const stale = readPidFile(pidFile);
    if (!stale) return { node: node.name, done: "not-up", words: "was not up" };
    removePidFile(pidFile);
    const words = `was not up (its pid file named process ${stale.pid}, which is gone)`;
    return { node: node.name, done: "not-up", words };
  };
}
