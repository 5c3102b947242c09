import type { NodeId } from "@synod/consensus";
import type { Placement, System } from "../world/system.js";
import type { Fault, Nodes } from "./fault.js";

/** What faults of this system name: its machines where it has some, else its nodes. */
export function namesForFaults({ nodes, placements }: Pick<System, "nodes" | "placements">): readonly NodeId[] {
  return placements?.map(({ machine }) => machine) ?? nodes.map(({ name }) => name);
}

/** The fault of machines as one of the nodes that run there. */
export function onNodes(fault: Fault, placements: readonly Placement[]): Fault {
  const on = (machines: Nodes): Nodes =>
    placements.flatMap(({ machine, nodes }) => (machines === "*" || machines.includes(machine) ? nodes : []));
  if ("links" in fault) {
    const { from, to, bothWays } = fault.links;
    return { ...fault, links: { from: on(from), to: on(to), bothWays } };
  }
  return "nodes" in fault ? { ...fault, nodes: on(fault.nodes) } : fault;
}
