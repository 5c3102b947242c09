import type {
  AcceptorReply,
  AcceptorRequest,
  AcceptorWrite,
  ProposeCommand,
  ProposerMessage,
  ProposerReply,
  ProposerWrite,
} from "@synod/consensus";

/** What the nodes of single-decree Paxos say, write and are asked. */
export interface PaxosKinds {
  readonly message: AcceptorRequest | AcceptorReply | ProposerMessage;
  readonly write: AcceptorWrite | ProposerWrite;
  /** A proposal that a client asks for; or the value that a learner learns. */
  readonly command: ProposeCommand | string;
  readonly reply: ProposerReply;
}

/** The value that a command is about. */
export function valueIn(command: PaxosKinds["command"]): string {
  return typeof command === "string" ? command : command.value;
}
