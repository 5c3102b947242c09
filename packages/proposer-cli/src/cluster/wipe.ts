import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { runningNode } from "./node-process.js";
import { type ClusterSettings, withClusterFolder } from "./settings.js";

/**
 * Removes all that is kept of a cluster here, whose nodes do not run.
 *
 * @throws {CommandFailure} if a node runs all the same; then nothing has changed
 */
export function wipeCluster({ folder, topology }: Pick<ClusterSettings, "folder" | "topology">): void {
  const wiped = withClusterFolder(() => folder.setAside());
  // One that was started meanwhile has its pid file there by now, or will find its folder gone when it makes one.
  if (topology.nodes.some((node) => runningNode({ folder: wiped.folder }, node) !== null)) {
    withClusterFolder(() => wiped.putBack());
    throw new CommandFailure(ExitCode.failure, "still-running", "a node was started meanwhile: stop it first");
  }
  withClusterFolder(() => wiped.remove());
}
