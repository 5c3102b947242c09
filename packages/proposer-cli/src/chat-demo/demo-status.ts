import { formatAddress, type Role, type Topology } from "@synod/api";
import type { ClusterSeen } from "../cluster/observation.js";
import { nodeNumber } from "./demo-settings.js";
import type { LocalProcess } from "./local-nodes.js";

/** What is said of a node: it answers in all its roles; it does not; it is about to; its process ended. */
type NodeState = "Online" | "Offline" | "Starting" | "Failed";

/** A node of the demo, as it was probed. */
export interface NodeSeen {
  readonly id: number;
  readonly location: "Local" | "Remote";
  readonly state: NodeState;
  readonly leads: boolean;
  /** Where people, and where other nodes reach it. */
  readonly clients: string;
  readonly nodes: string;
}

/** All nodes, from what each of their servers answered just now. @param processOf null for a node of the other machine */
export function nodesSeen(
  { nodes }: Topology,
  seen: ClusterSeen,
  processOf: (id: number) => LocalProcess | null,
): NodeSeen[] {
  const leader = seen.servers.find(({ name }) => name === seen.leader)?.node;
  return nodes.map(({ name, roles }) => {
    const servers = seen.servers.filter(({ node }) => node === name);
    const process = processOf(nodeNumber(name));
    const place = (role: Role) =>
      roles.filter((one) => one.role === role).map(({ address }) => formatAddress(address))[0];
    return {
      id: nodeNumber(name),
      location: process === null ? "Remote" : "Local",
      state: stateOf(
        servers.map(({ up }) => up),
        process,
      ),
      leads: name === leader,
      clients: place("gateway") ?? "-",
      nodes: place("raft") ?? place("acceptor") ?? "-",
    };
  });
}

function stateOf(isUp: readonly boolean[], process: LocalProcess | null): NodeState {
  if (isUp.every((up) => up)) return "Online";
  if (process === null) return isUp.some((up) => up) ? "Starting" : "Offline";
  if (process.isRunning) return process.wasReady ? "Offline" : "Starting";
  return process.wasReady ? "Failed" : "Offline";
}

/** The table's header, and a row for each node. */
export const STATUS_HEADER = ["Node", "Location", "Status", "Leads", "Clients at", "Nodes at"];

export function statusRow({ id, location, state, leads, clients, nodes }: NodeSeen): string[] {
  return [String(id), location, state, leads ? "leader" : "-", clients, nodes];
}

/** Who leads, and whether there is a majority, in a sentence or two. */
export function statusSentence(nodes: readonly NodeSeen[], { acceptorsUp, majorityRequired }: ClusterSeen): string {
  const leader = nodes.find(({ leads }) => leads);
  const leads = leader ? `Node ${leader.id} leads.` : "Nobody leads.";
  const count = `${acceptorsUp} of ${nodes.length} ${acceptorsUp === 1 ? "node is" : "nodes are"} online, ${majorityRequired} are needed`;
  return `${leads} ${acceptorsUp >= majorityRequired ? `There is a quorum: ${count}.` : `There is no quorum: ${count}.`}`;
}
