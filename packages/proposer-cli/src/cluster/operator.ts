import { removePidFile } from "@synod/acceptor-server/pid-file";
import type { NodeOperator } from "@synod/replica-server";
import { CommandFailure } from "../terminal/exit-code.js";
import { endNode } from "./end-node.js";
import { bringUpNode } from "./node-process.js";
import { type ClusterSettings, type Node, nodesNamed } from "./settings.js";

/** How long a node may take to end, and to get ready, in milliseconds: as `cluster fail` and `cluster recover` give it. */
const END_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 30_000;

/** The error of the servers' package, which is loaded apart from the commands. */
type FailureClass = new (message: string, options: ErrorOptions) => Error;

/**
 * Does for the web page what `cluster fail` and `cluster recover` do.
 *
 * @param self the node of this process: nothing is left to be done after it is killed
 */
export function clusterOperator(settings: ClusterSettings, self: Node, OperationFailed: FailureClass): NodeOperator {
  const never = new AbortController().signal;
  const withNode = async <T>(name: string, act: (node: Node) => Promise<T>): Promise<T> => {
    try {
      const [node] = nodesNamed(settings.topology, [name]);
      if (!node) throw new Error(`there is no node ${name}`);
      return await act(node);
    } catch (error) {
      if (error instanceof CommandFailure) throw new OperationFailed(error.message, { cause: error });
      throw error;
    }
  };
  return {
    fail: (name) =>
      withNode(name, async (node) => {
        // As whoever kills it from outside does; here nobody is left for that afterwards.
        if (node.name === self.name) {
          removePidFile(settings.folder.node(node.name).pidFile);
          process.kill(process.pid, "SIGKILL");
        }
        const how = { crash: true, withinMs: END_WITHIN_MS, interrupted: never };
        const { done, pid = null } = await endNode(settings, node, how);
        return { done: done === "not-up" ? done : "killed", pid };
      }),
    recover: (name) =>
      withNode(name, async (node) => {
        const { server, wasUp } = await bringUpNode(settings, node, READY_WITHIN_MS, never);
        return { done: wasUp ? "already-up" : "started", pid: server.pid };
      }),
  };
}
