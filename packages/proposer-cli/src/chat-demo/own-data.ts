import { endNode } from "../cluster/end-node.js";
import { type ClusterSettings, withClusterFolder } from "../cluster/settings.js";
import { wipeCluster } from "../cluster/wipe.js";
import { NODES_OF, nodeName, type OwnPart } from "./demo-settings.js";
import type { Met } from "./hold-meeting.js";

/**
 * Makes this machine's data that of the cluster which both agreed on: cleared first, if it is a new one. It never comes to
 * that before both agreed.
 *
 * @throws {CommandFailure} if it cannot be done
 */
export async function takeUpData(
  { folder, topology, facts }: OwnPart,
  { cluster, how }: Met,
  secret: string | undefined,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ClusterSettings> {
  const before = withClusterFolder(() => folder.read());
  if (how === "new" && before !== null) {
    const old = { ...before, folder, secret };
    // A demo that was killed left its nodes behind: they are this machine's own.
    const end = { crash: false, withinMs, interrupted };
    await Promise.all(topology.nodes.map((node) => endNode(old, node, end)));
    wipeCluster(old);
  }
  const record = withClusterFolder(() => folder.readOrCreate(topology, cluster));
  if (record.clusterId !== cluster) throw new Error(`${folder.path} is of another cluster than was agreed on`);
  const own = NODES_OF[facts.machine].map(nodeName);
  // The others have their data on the other machine: marked as made, they are never begun from nothing in this folder.
  for (const { name } of topology.nodes) {
    if (!own.includes(name)) withClusterFolder(() => folder.markMade(name));
  }
  return { ...record, folder, secret };
}
