import type { Outbox } from "../core/outbox.js";
import type { Participant, Ready } from "../core/participant.js";
import type { AcceptorWrite } from "../paxos/acceptor-state.js";
import type { LearnerState } from "../paxos/learner.js";
import type { Accepted, AcceptorReply, AcceptorRequest, ProposerMessage } from "../paxos/messages.js";
import type { ProposeCommand, ProposerReply, ProposerWrite } from "../paxos/proposer-state.js";
import type { ElectionState, ElectionWrite, RingElection } from "./election.js";
import type { RingMessage } from "./messages.js";

/** Everything that a node of a ring makes durable before it speaks of it. */
export type RingWrite = ElectionWrite | AcceptorWrite | ProposerWrite;

export type RingOutbox = Outbox<RingMessage, RingWrite, string>;

/** The roles of single-decree Paxos as a node of a ring runs them. */
export type AcceptorPart = Participant<AcceptorRequest | AcceptorReply, AcceptorWrite>;
export type ProposerPart = Participant<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>;
export type LearnerPart = Participant<Accepted, never, string> & { readonly state: LearnerState };
export type ElectionPart = Pick<RingElection, "step" | "again" | "settle"> & { readonly state: ElectionState };

/** Adds to an outbox what a part's step came to; its replies and decisions are the caller's. */
export function put<W extends RingWrite>(outbox: RingOutbox, ready: Ready<RingMessage, W, unknown, unknown>): void {
  for (const write of ready.writes) outbox.write(write);
  for (const { to, message } of ready.messages) outbox.send(to, message);
  for (const { timer, afterMs } of ready.timers) outbox.timer(timer, afterMs);
}
