import type { NodeId } from "../core/participant.js";
import { Acceptor } from "../paxos/acceptor.js";
import { applyAcceptorWrite, freshAcceptorState } from "../paxos/acceptor-state.js";
import { Learner } from "../paxos/learner.js";
import { SINGLE_DECREE } from "../paxos/messages.js";
import { Proposer, type ProposerOptions } from "../paxos/proposer.js";
import { applyProposerWrite, freshProposerState } from "../paxos/proposer-state.js";
import { RingElection } from "./election.js";
import type { ElectionOptions, ElectionState } from "./election-state.js";
import type { AcceptorPart, ElectionPart, LearnerPart, ProposerPart, RingWrite } from "./parts.js";
import { areSameRoles, type RingPlan, type RingRoles, rolesOf } from "./roles.js";

/** What a node is made of, as it starts with what its disk holds. The simulator puts others in their place. */
export interface RingNodeParts {
  election(options: ElectionOptions, disk: readonly RingWrite[]): ElectionPart;
  acceptor(disk: readonly RingWrite[], learners: readonly NodeId[]): AcceptorPart;
  proposer(disk: readonly RingWrite[], options: ProposerOptions): ProposerPart;
  learner(poolSize: number): LearnerPart;
  /** The roles that a leader announces. */
  roles(plan: RingPlan, election: ElectionState): RingRoles;
  /** Whether roles that a leader announces are followed. */
  follows(roles: RingRoles, plan: RingPlan): boolean;
}

/** The parts as nodes run them. */
export const RING_NODE_PARTS: RingNodeParts = {
  election: (options, disk) =>
    new RingElection(
      options,
      disk.reduce((last, write) => (write.kind === "election" ? write.election : last), 0),
    ),
  acceptor: (disk, learners) => {
    const state = freshAcceptorState();
    for (const write of disk)
      if (write.kind !== "election" && write.kind !== "proposing") applyAcceptorWrite(state, write);
    return new Acceptor(state, { learners });
  },
  proposer: (disk, options) => {
    const used = disk.flatMap((write) => (write.kind === "proposing" ? [write] : []));
    return new Proposer(options, used.reduce(applyProposerWrite, freshProposerState()));
  },
  learner: (poolSize) => new Learner(poolSize, SINGLE_DECREE),
  roles: rolesOf,
  follows: (roles, plan) => areSameRoles(roles, rolesOf(plan)),
};
