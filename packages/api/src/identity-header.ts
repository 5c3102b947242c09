import type { ServerIdentity } from "./replies.js";

/** The header in which every answer of an acceptor says whose it is: `2/3 pool-id`. */
export const IDENTITY_HEADER = "synod-server";

export function formatIdentity({ serverId, serverCount, poolId }: ServerIdentity): string {
  return `${serverId}/${serverCount} ${poolId}`;
}

/** @returns null for anything else than what `formatIdentity` writes */
export function parseIdentity(text: unknown): ServerIdentity | null {
  const match = typeof text === "string" ? /^([1-9]\d{0,5})\/([1-9]\d{0,5}) (\S+)$/.exec(text) : null;
  return match ? { serverId: Number(match[1]), serverCount: Number(match[2]), poolId: String(match[3]) } : null;
}

/** The header in which every answer of a proposer, learner or gateway says whose it is: `learner1 cluster-id`. */
export const NODE_HEADER = "synod-node";

/** One role of a cluster, as its answers name it. */
export interface NodeIdentity {
  /** The role's name, such as `learner1`. */
  readonly name: string;
  /** Names the cluster for its whole life. */
  readonly clusterId: string;
}

export function formatNodeIdentity({ name, clusterId }: NodeIdentity): string {
  return `${name} ${clusterId}`;
}

/** @returns null for anything else than what `formatNodeIdentity` writes */
export function parseNodeIdentity(text: unknown): NodeIdentity | null {
  const match = typeof text === "string" ? /^([a-z]+[1-9]\d{0,5}) (\S+)$/.exec(text) : null;
  return match ? { name: String(match[1]), clusterId: String(match[2]) } : null;
}

/** With a request from node to node: the name of the node it comes from. */
export const FROM_HEADER = "synod-from";

/** With a request from node to node: the cluster that it is meant for. */
export const CLUSTER_HEADER = "synod-cluster";

/** With a request from node to node: the role that sends it, such as `proposer1`, for those who watch. */
export const ROLE_HEADER = "synod-role";

/** How a node asks another one for a connection on which messages follow each other: the path, and the word for it. */
export const MESSAGE_STREAM = { path: "/messages", protocol: "synod-messages" } as const;
