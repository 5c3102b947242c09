import { endInBackground, type HowToEnd, type ServerEnd } from "../background-end.js";
import type { NodeDeed } from "./deeds.js";
import type { ClusterSettings, Node } from "./settings.js";

/**
 * Ends a node's process, and no other.
 *
 * @throws {CommandFailure} if it is still there when the time is up
 */
export async function endNode(
  { folder }: Pick<ClusterSettings, "folder">,
  { name }: Node,
  how: HowToEnd,
): Promise<NodeDeed & Pick<ServerEnd, "done">> {
  return { node: name, ...(await endInBackground(folder.node(name), how)) };
}
