import type { NodeId } from "@synod/consensus";

/** Words that may follow the nodes of a fault: no node can be called so, in whatever case. */
const TAKEN = new Set(["at", "for", "by", "losing", "keeping"]);

/** Whether the language can speak of a node of this name: letters, digits and `_`, within it also `-`, `.` and `:`. */
export function isNodeName(name: NodeId): boolean {
  const isWord = /^\w(?:[\w.:-]*\w)?$/.test(name) && !name.includes("..");
  return isWord && !TAKEN.has(name.toLowerCase());
}
