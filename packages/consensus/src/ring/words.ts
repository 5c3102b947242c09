import type { ProposerMessage } from "../paxos/messages.js";
import { acceptanceInWords, messageInWords, writeInWords } from "../paxos/words.js";
import type { RingMessage } from "./messages.js";
import type { RingWrite } from "./parts.js";
import type { RingClientCommand, RingClientReply } from "./ring-client.js";

/** What the members of a ring say, write and are asked, in words for a transcript. */

export function ringMessageInWords(message: RingMessage): string {
  switch (message.type) {
    case "elect":
      return `election ${message.election}: ${message.candidate} stands`;
    case "elected":
      return `election ${message.election}: ${message.leader} leads`;
    case "passed":
      return `election ${message.election}: I pass on that ${message.id} ${message.of === "elect" ? "stands" : "leads"}`;
    case "later-election":
      return `that is over, there is election ${message.election}`;
    case "start":
      return `START of election ${message.election}, by ${message.leader}`;
    case "started":
      return `I have begun, by START of election ${message.election}`;
    case "greet":
      return "has there been START?";
    case "propose":
      return `request ${message.number}: propose "${message.value}"`;
    case "proposed":
      return `request ${message.number} ended: ${message.outcome}`;
    case "ask-chosen":
      return "what is chosen?";
    case "chosen":
      return `"${message.value}" is chosen`;
    case "not-known":
      return `I do not know yet, ${message.accepted} have accepted one proposal`;
    case "heard":
      return "I have heard it";
    case "done":
      return "I am done";
    case "all-done":
      return "all clients are done";
    case "done-heard":
      return "I know that";
    case "read-state":
      return "what have you accepted?";
    case "state":
      return `I have promised ${message.promisedId} and ${acceptanceInWords(message.accepted)}`;
    default:
      return messageInWords(message as ProposerMessage);
  }
}

export function ringWriteInWords(write: RingWrite): string {
  return write.kind === "election" ? `in election ${write.election}` : writeInWords(write);
}

export function ringCommandInWords(command: RingClientCommand | string): string {
  if (typeof command === "string") return `"${command}"`;
  if (command.kind === "leave") return "leave";
  return `set "${command.value}", by proposer ${command.proposer} first`;
}

export function ringReplyInWords(reply: RingClientReply): string {
  if (reply.kind === "left") return "all is told";
  if (reply.kind === "chosen") return `"${reply.value}" is chosen, says ${reply.learner}`;
  return `${reply.why}: ${reply.missing.join("; ")}`;
}
