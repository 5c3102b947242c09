import { readPidFile, removePidFile } from "@synod/acceptor-server/pid-file";
import { stop } from "../background-process.js";
import type { NodeDeed } from "./deeds.js";
import { runningNode } from "./node-process.js";
import type { ClusterSettings, Node } from "./settings.js";

/** How a node is ended. */
export interface HowToEnd {
  /** Kill it at once, as a failing machine would; else it is asked to stop first. */
  readonly crash: boolean;
  readonly withinMs: number;
  readonly interrupted: AbortSignal;
}

/**
 * Ends the process that the node's own pid file names, and no other.
 *
 * @throws {CommandFailure} if it is still there when the time is up
 */
export async function endNode(
  settings: ClusterSettings,
  node: Node,
  { crash, withinMs, interrupted }: HowToEnd,
): Promise<NodeDeed & { readonly done: "stopped" | "killed" | "not-up" }> {
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
}
