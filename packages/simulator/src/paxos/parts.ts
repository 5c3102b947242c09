import {
  type Accepted,
  Acceptor,
  type AcceptorOptions,
  type AcceptorReply,
  type AcceptorRequest,
  type AcceptorWrite,
  applyAcceptorWrite,
  applyProposerWrite,
  freshAcceptorState,
  freshProposerState,
  Learner,
  type LearnerState,
  type Participant,
  type ProposeCommand,
  Proposer,
  type ProposerMessage,
  type ProposerOptions,
  type ProposerReply,
  type ProposerWrite,
  SINGLE_DECREE,
} from "@synod/consensus";

export type AcceptorPart = Participant<AcceptorRequest | AcceptorReply, AcceptorWrite>;
export type ProposerPart = Participant<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>;
type LearnerPart = Participant<Accepted, never, string> & { readonly state: LearnerState };

/**
 * What a pool is made of: each role as it starts with what its disk holds. A mutation puts something flawed, made of the
 * real role, in the place of one of them.
 */
export interface Parts {
  acceptor(disk: readonly AcceptorWrite[], options: AcceptorOptions): AcceptorPart;
  proposer(disk: readonly ProposerWrite[], options: ProposerOptions): ProposerPart;
  learner(poolSize: number): LearnerPart;
}

/** The acceptor whose disk holds these writes. */
export function acceptorWith(disk: readonly AcceptorWrite[], options: AcceptorOptions): Acceptor {
  const state = freshAcceptorState();
  for (const write of disk) applyAcceptorWrite(state, write);
  return new Acceptor(state, options);
}

/** The roles as servers and commands run them. */
export const REAL_PARTS: Parts = {
  acceptor: acceptorWith,
  proposer: (disk, options) => new Proposer(options, disk.reduce(applyProposerWrite, freshProposerState())),
  learner: (poolSize) => new Learner(poolSize, SINGLE_DECREE),
};
