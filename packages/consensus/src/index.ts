export { Driver, type Flush, type Host } from "./core/driver.js";
export { InvariantViolation, invariant } from "./core/invariant.js";
export { Outbox } from "./core/outbox.js";
export { type Input, type NodeId, type Outgoing, type Participant, type Ready, ready } from "./core/participant.js";
export {
  IDS_PER_ROUND,
  isProposalId,
  LAST_PROPOSAL_ID,
  NO_PROPOSAL,
  nextProposalId,
  PERSON_INDEX,
  type ProposalId,
} from "./core/proposal-id.js";
export { isMajority, majorityOf } from "./core/quorum.js";
export { type Chance, Random } from "./core/random.js";
export { START_TIMER } from "./core/start-timer.js";
export type { LogApplication } from "./log/application.js";
export { LogClient, MOMENT_TIMER } from "./log/client.js";
export {
  CLIENT_LIMITS,
  CLIENT_TIMING,
  type ClientLimits,
  type ClientTiming,
  type LogClientOptions,
  type LogOutcome,
  type LogRequest,
  type RefusalReasonOfLog,
} from "./log/client-options.js";
export type { LogMessage } from "./log/log-message.js";
export * from "./log/messages.js";
export { LogLearner } from "./multipaxos/learner.js";
export {
  LEARNER_LIMITS,
  LEARNER_TIMING,
  type LearnerLimits,
  type LearnerTiming,
  type LearnerWrite,
  type LogLearnerOptions,
} from "./multipaxos/learner-options.js";
export { Log } from "./multipaxos/log.js";
export type * from "./multipaxos/messages.js";
export {
  type LogProposerOptions,
  PROPOSER_LIMITS,
  PROPOSER_TIMING,
  type ProposerLimits,
  type ProposerTiming,
} from "./multipaxos/options.js";
export { LogProposer, type Obstacle } from "./multipaxos/proposer.js";
export { Acceptor, type AcceptorOptions, MOST_AHEAD_BY_HAND } from "./paxos/acceptor.js";
export {
  type AcceptorEntry,
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
  HISTORY_LIMIT,
} from "./paxos/acceptor-state.js";
export * from "./paxos/explanation.js";
export { type Conflict, conflictsIn, Learner, type LearnerState, type Tally } from "./paxos/learner.js";
export { FIRST_PAGE, PAGE_CHARACTERS, PAGE_LIMIT } from "./paxos/log-page.js";
export * from "./paxos/messages.js";
export { Proposer, type ProposerOptions } from "./paxos/proposer.js";
export {
  type Attempt,
  applyProposerWrite,
  freshProposerState,
  type ProposalOutcome,
  type ProposeCommand,
  type ProposerReply,
  type ProposerState,
  type ProposerWrite,
  type Round,
} from "./paxos/proposer-state.js";
export { chooseValue, type ValueChoice } from "./paxos/value-choice.js";
export { acceptanceInWords, messageInWords, writeInWords } from "./paxos/words.js";
export type { Configuration } from "./raft/configuration.js";
export { contradictionIn } from "./raft/contradictions.js";
export {
  explainLead,
  type LeadExplanation,
  type LeadVerdict,
  type Prospect,
  type RaftConflict,
  type RaftObservation,
  type VotesSeen,
} from "./raft/explanation.js";
export { usesUpTerms } from "./raft/last-term.js";
export type * from "./raft/messages.js";
export { RAFT_LIMITS, RAFT_TIMING, type RaftLimits, type RaftOptions, type RaftTiming } from "./raft/options.js";
export { LEASE_TIMER, RaftNode } from "./raft/raft-node.js";
export {
  applyRaftWrite,
  freshRaftState,
  type RaftSnapshot,
  type RaftState,
  type RaftWrite,
} from "./raft/raft-state.js";
export { raftMessageInWords, raftWriteInWords } from "./raft/words.js";
export { RingElection } from "./ring/election.js";
export type { ElectionOptions, ElectionState, ElectionWrite } from "./ring/election-state.js";
export type * from "./ring/messages.js";
export { RING_NODE_PARTS, type RingNodeParts } from "./ring/node-parts.js";
export { compactedRingWrites, type RingWrite } from "./ring/parts.js";
export {
  RingClient,
  type RingClientCommand,
  type RingClientOptions,
  type RingClientReply,
  type RingClientState,
  type RingFailure,
} from "./ring/ring-client.js";
export { RingNode, type RingNodeOptions, type RingNodeState } from "./ring/ring-node.js";
export { type CountedElection, countElection, type RingStatistics, ringStatistics } from "./ring/ring-stats.js";
export {
  areSameRoles,
  clientNames,
  MOST_RING_PROPOSERS,
  memberName,
  nodeCountOf,
  nodeNames,
  type RingPlan,
  type RingRole,
  type RingRoles,
  roleOf,
  rolesOf,
} from "./ring/roles.js";
export { RING_TIMING, type RingTiming } from "./ring/timing.js";
export { ringCommandInWords, ringMessageInWords, ringReplyInWords, ringWriteInWords } from "./ring/words.js";
