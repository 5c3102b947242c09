import { invariant } from "./invariant.js";
import type { NodeId } from "./participant.js";

/**
 * How many acceptors make a majority of a pool. Always of the whole pool, never of those that happen to answer: two
 * majorities share an acceptor, and all of Paxos rests on that one (Paxos Made Simple §2.2).
 */
export function majorityOf(poolSize: number): number {
  invariant(Number.isSafeInteger(poolSize) && poolSize >= 1, "a pool has at least one acceptor");
  return Math.floor(poolSize / 2) + 1;
}

/** Whether these nodes, each counted once however often it is named, are a majority of the pool. */
export function isMajority(nodes: Iterable<NodeId>, poolSize: number): boolean {
  return new Set(nodes).size >= majorityOf(poolSize);
}
