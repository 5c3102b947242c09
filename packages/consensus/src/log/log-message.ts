import type { LearnerInput, ProposerInput, ProposerToAcceptor } from "../multipaxos/messages.js";
import type { AcceptorReply, AcceptorRequest } from "../paxos/messages.js";
import type { RaftMessage } from "../raft/messages.js";
import type { ClientInput } from "./messages.js";

/** Every message of the replicated log, whatever its engine. */
export type LogMessage =
  | RaftMessage
  | ProposerToAcceptor
  | ProposerInput
  | LearnerInput
  | ClientInput
  | AcceptorRequest
  | AcceptorReply;
