import type { NodeId } from "@synod/consensus";
import type { Links, Nodes } from "./fault.js";

/** Every link there is. */
export const EVERY_LINK: Links = { from: "*", to: "*", bothWays: false };

/** The nodes that are meant, of all there are. */
export function nodesOf(nodes: Nodes, all: readonly NodeId[]): readonly NodeId[] {
  return nodes === "*" ? all : nodes;
}

/**
 * The links that are meant, as pairs of sender and receiver: each once, and never one of a node to itself.
 *
 * @param all the names of the nodes there are
 */
export function linksOf({ from, to, bothWays }: Links, all: readonly NodeId[]): [from: NodeId, to: NodeId][] {
  const senders = nodesOf(from, all);
  const receivers = nodesOf(to, all);
  const there = pairs(senders, receivers);
  if (!bothWays) return there;
  const back = pairs(receivers, senders);
  return [...there, ...back.filter(([one, other]) => !(senders.includes(one) && receivers.includes(other)))];
}

function pairs(senders: readonly NodeId[], receivers: readonly NodeId[]): [from: NodeId, to: NodeId][] {
  const links: [from: NodeId, to: NodeId][] = [];
  for (const from of senders) {
    for (const to of receivers) if (to !== from) links.push([from, to]);
  }
  return links;
}
