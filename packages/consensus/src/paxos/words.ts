import type { AcceptorWrite } from "./acceptor-state.js";
import type { Acceptance, ProposerMessage } from "./messages.js";
import type { ProposerWrite } from "./proposer-state.js";

/** What single-decree Paxos says and writes, in words for a transcript. */

export function acceptanceInWords(accepted: Acceptance | null | undefined): string {
  return accepted ? `accepted "${accepted.acceptedValue}" under ${accepted.acceptedId}` : "accepted nothing";
}

export function messageInWords(message: ProposerMessage): string {
  switch (message.type) {
    case "prepare":
      return `prepare ${message.id}`;
    case "accept":
      return `accept "${message.value}" under ${message.id}`;
    case "promise":
      return `I promise ${message.id}, and have ${acceptanceInWords(message.accepted)}`;
    case "prepare-ignored":
      return `prepare ${message.id} ignored, I have promised ${message.promisedId} and ${acceptanceInWords(message.accepted)}`;
    case "accepted":
      return `I have accepted "${message.value}" under ${message.id}`;
    case "accept-ignored":
      return `accept ${message.id} ignored, I have promised ${message.promisedId}`;
    case "refused":
      return `refused, one id carries one value: I have ${acceptanceInWords(message.accepted)}`;
    case "truncated":
      return `instance ${message.instance} is truncated`;
    case "no-response":
      return `no response to ${message.request} ${message.id}`;
  }
}

export function writeInWords(write: AcceptorWrite | ProposerWrite): string {
  switch (write.kind) {
    case "proposing":
      return `proposing ${write.id}`;
    case "promised":
      return `promised ${write.id}`;
    case "accepted":
      return `accepted "${write.value}" under ${write.id}`;
    case "decided":
      return `decided ${write.from}..${write.through} under ${write.id}`;
    case "truncated":
      return `truncated through ${write.through}`;
  }
}
