import {
  Acceptor,
  type AcceptorOptions,
  type AcceptorReply,
  type AcceptorRequest,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
  type LearnerWrite,
  type LogApplication,
  LogLearner,
  type LogLearnerOptions,
  type LogMessage,
  LogProposer,
  type LogProposerOptions,
  type Participant,
  type ProposerWrite,
} from "@synod/consensus";
import {
  Gateway,
  type GatewayOptions,
  type GatewayReply,
  type GatewayRequest,
  KeyValueStore,
  ReplicatedState,
  type SessionLimits,
} from "@synod/state-machines";

import type { BlocksWrite } from "./multipaxos-kinds.js";

export type AcceptorPart = Participant<AcceptorRequest | AcceptorReply, AcceptorWrite>;
export type LogProposerPart = Participant<LogMessage, ProposerWrite>;
export type LogLearnerPart = Participant<LogMessage, LearnerWrite | BlocksWrite, string>;
export type GatewayPart = Participant<LogMessage, never, GatewayRequest, GatewayReply>;

/**
 * What a cluster is made of: each role as it starts with what its disk holds. A mutation puts something flawed, made of
 * the real role, in the place of one of them.
 */
export interface ClusterParts {
  acceptor(disk: readonly AcceptorWrite[], options: AcceptorOptions): AcceptorPart;
  proposer(disk: readonly ProposerWrite[], options: LogProposerOptions): LogProposerPart;
  /** The state that a learner feeds. */
  application(limits: Partial<SessionLimits>): LogApplication;
  learner(disk: readonly LearnerWrite[], options: LogLearnerOptions): LogLearnerPart;
  gateway(options: GatewayOptions): GatewayPart;
}

/** The roles as servers run them. */
export const REAL_CLUSTER: ClusterParts = {
  acceptor: (disk, options) => {
    const state = freshAcceptorState();
    for (const write of disk) applyAcceptorWrite(state, write);
    return new Acceptor(state, options);
  },
  proposer: (disk, options) => new LogProposer(options, disk),
  application: (limits) => new ReplicatedState(new KeyValueStore(), { limits }),
  learner: (disk, options) => new LogLearner(options, disk),
  gateway: (options) => new Gateway(options),
};
