import type { Outbox } from "../core/outbox.js";
import type { Participant, Ready } from "../core/participant.js";
import { NO_PROPOSAL } from "../core/proposal-id.js";
import type { AcceptorWrite } from "../paxos/acceptor-state.js";
import type { LearnerState } from "../paxos/learner.js";
import type { Accepted, AcceptorReply, AcceptorRequest, ProposerMessage } from "../paxos/messages.js";
import type { ProposeCommand, ProposerReply, ProposerWrite } from "../paxos/proposer-state.js";
import type { RingElection } from "./election.js";
import type { ElectionState, ElectionWrite } from "./election-state.js";
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

/**
 * The fewest writes that come to the same as these: the latest election, the last id used, what was accepted last and the
 * promise, if that is higher. So a journal need not grow.
 */
export function compactedRingWrites(writes: readonly RingWrite[]): RingWrite[] {
  const last = <K extends RingWrite["kind"]>(kind: K) => writes.filter((write) => write.kind === kind).slice(-1);
  const [accepted] = last("accepted");
  const acceptedId = accepted?.kind === "accepted" ? accepted.id : NO_PROPOSAL;
  const promised = last("promised").filter((write) => write.kind === "promised" && write.id > acceptedId);
  return [...last("election"), ...last("proposing"), ...last("accepted"), ...promised];
}
