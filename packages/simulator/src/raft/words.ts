import { raftMessageInWords, raftWriteInWords } from "@synod/consensus";
import * as logWords from "../multipaxos/words.js";
import type { Operation, RaftKinds } from "./raft-kinds.js";

/** What the replicated store on Raft says, writes and is asked, in words for a story. */

export function messageInWords(message: RaftKinds["message"]): string {
  switch (message.type) {
    case "submit":
    case "submitted":
    case "read-barrier":
    case "read-barrier-passed":
    case "read-barrier-refused":
    case "query":
    case "query-answer":
    case "query-refused":
      return logWords.messageInWords(message);
    default:
      return raftMessageInWords(message);
  }
}

export function writeInWords(write: RaftKinds["write"]): string {
  return raftWriteInWords(write);
}

export function commandInWords(command: RaftKinds["command"]): string {
  if (typeof command === "string") return command;
  switch (command.kind) {
    case "write":
    case "read":
    case "open-session":
      return logWords.commandInWords(command);
    default:
      return operationInWords(command);
  }
}

export { replyInWords } from "../multipaxos/words.js";

function operationInWords(operation: Operation): string {
  const { server } = operation;
  switch (operation.kind) {
    case "transfer":
      return `hand the lead over to ${server}`;
    case "change-members":
      return `${operation.change} the member ${server}`;
    case "stale-append":
      return `send ${server} entries of a term that is over, by hand`;
    case "call-election":
      return `ask ${server} for its vote in the next term, by hand`;
    case "timeout-now":
      return `tell ${server} to stand, by hand`;
  }
}
