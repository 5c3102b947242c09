import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { IDS_PER_ROUND } from "../core/proposal-id.js";

/** How many nodes there are of each role, and how many clients. */
export interface RingPlan {
  readonly proposers: number;
  readonly acceptors: number;
  readonly learners: number;
  readonly clients: number;
}

export type RingRole = "proposer" | "acceptor" | "learner";

/** Who is what, by UID. */
export interface RingRoles {
  readonly proposers: readonly number[];
  readonly acceptors: readonly number[];
  readonly learners: readonly number[];
}

/** Proposers at most: each has its own place among the ids of a round, and the first place belongs to people. */
export const MOST_RING_PROPOSERS = IDS_PER_ROUND - 1;

/**
 * The roles in the order of the nodes: proposers first, then acceptors, then learners. So the last node is a learner.
 *
 * They follow from the plan alone, and not from who lives: a dead node keeps its role and counts in the quorum. Were
 * roles given to those that live, two elections could make two sets of acceptors, and majorities of these need not
 * share one (Paxos Made Simple §2.2).
 */
export function rolesOf({ proposers, acceptors, learners }: RingPlan): RingRoles {
  invariant(
    [proposers, acceptors, learners].every((count) => count >= 1) && proposers <= MOST_RING_PROPOSERS,
    `there is a node of each role, and at most ${MOST_RING_PROPOSERS} proposers`,
  );
  return {
    proposers: range(0, proposers),
    acceptors: range(proposers, acceptors),
    learners: range(proposers + acceptors, learners),
  };
}

/** The role of this node. */
export function roleOf(roles: RingRoles, uid: number): RingRole {
  if (roles.proposers.includes(uid)) return "proposer";
  return roles.acceptors.includes(uid) ? "acceptor" : "learner";
}

/** Whether these are the same roles. */
export function areSameRoles(one: RingRoles, other: RingRoles): boolean {
  return (["proposers", "acceptors", "learners"] as const).every(
    (role) => one[role].length === other[role].length && one[role].every((uid, place) => uid === other[role][place]),
  );
}

/** How many nodes are on the ring: their UIDs are 0 up to this, and those of clients follow. */
export function nodeCountOf({ proposers, acceptors, learners }: RingPlan): number {
  return proposers + acceptors + learners;
}

/** What a member is called in messages: `n0`, `n1`, ... for nodes and `c3`, `c4`, ... for clients, by UID. */
export function memberName(plan: RingPlan, uid: number): NodeId {
  return uid < nodeCountOf(plan) ? `n${uid}` : `c${uid}`;
}

export function nodeNames(plan: RingPlan): NodeId[] {
  return range(0, nodeCountOf(plan)).map((uid) => memberName(plan, uid));
}

export function clientNames(plan: RingPlan): NodeId[] {
  return range(nodeCountOf(plan), plan.clients).map((uid) => memberName(plan, uid));
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => first + place);
}
