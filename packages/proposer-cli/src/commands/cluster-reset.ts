import { clusterAt, runningNode } from "../cluster/node-process.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterIfAny, homeOf } from "../cluster/settings.js";
import { wipeCluster } from "../cluster/wipe.js";
import type { Command } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

export const clusterReset: Command = {
  usage: "cluster reset",
  summary: "Wipe a whole cluster, with all that it ever decided; refused while one of its nodes runs",
  examples: [["synod cluster stop && synod cluster reset", "begin anew"]],
  options: CLUSTER_OPTIONS,
  run: async (args, terminal) => {
    const settings = clusterIfAny(args, terminal);
    if (settings === null) {
      terminal.line(`nothing to reset: no cluster was started in ${homeOf(args, terminal)}`);
      return { exitCode: ExitCode.done, document: { reset: [], warnings: terminal.warnings } };
    }
    const { folder, topology } = settings;
    await refuseWhileRunning(settings, terminal.interrupted);
    wipeCluster(settings);
    terminal.line(`the cluster ${topology.name} in ${folder.path} is wiped: its nodes forget everything`);
    const reset = topology.nodes.map(({ name }) => name);
    return { exitCode: ExitCode.done, document: { reset, warnings: terminal.warnings } };
  },
};

/** One that runs would go on from what it remembers, and its folder would say otherwise. */
async function refuseWhileRunning(settings: ClusterSettings, signal: AbortSignal): Promise<void> {
  const isRunning = await Promise.all(
    settings.topology.nodes.map(async (node) => {
      if (runningNode(settings, node) !== null) return true;
      const clusters = await Promise.all(node.roles.map(({ address }) => clusterAt(settings, address, signal)));
      return clusters.includes(settings.clusterId);
    }),
  );
  signal.throwIfAborted();
  const names = settings.topology.nodes.map(({ name }) => name).filter((_, position) => isRunning[position]);
  if (names.length === 0) return;
  const message = `still running: ${names.join(" ")}. Stop them first: synod cluster stop`;
  throw new CommandFailure(ExitCode.failure, "still-running", message);
}
