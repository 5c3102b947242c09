import type { AcceptorWrite } from "../src/paxos/acceptor-state.js";
import type { Explanation } from "../src/paxos/explanation.js";
import type { Acceptance, ProposerMessage } from "../src/paxos/messages.js";
import type { ProposerReply, ProposerWrite } from "../src/paxos/proposer-state.js";

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
    case "truncated":
      return `truncated through ${write.through}`;
  }
}

export function replyInWords(
  proposer: string,
  { outcome, chosen, mayStillBeChosen, attempts }: ProposerReply,
): string[] {
  const overriding = attempts.at(-1)?.overriddenBy;
  const lines = overriding ? [`${proposer} found "${overriding.acceptedValue}" under ${overriding.acceptedId}`] : [];
  lines.push(`${proposer} ends with ${outcome} (attempts: ${attempts.length})`);
  if (chosen) lines.push(`${proposer} knows that "${chosen.acceptedValue}" is chosen, under ${chosen.acceptedId}`);
  else lines.push(`${proposer}'s value ${mayStillBeChosen ? "may still come to be chosen" : "was never sent out"}`);
  return lines;
}

export function explanationInWords({ verdict, chosen, mayBeChosen, conflicts, next }: Explanation): string[] {
  const lines = [`seen from outside: ${verdict}`];
  if (chosen) lines.push(`chosen is "${chosen.acceptedValue}", under ${chosen.acceptedId}`);
  else for (const seen of mayBeChosen) lines.push(`"${seen.acceptedValue}" under ${seen.acceptedId} may be chosen`);
  for (const { kind, between } of conflicts) {
    const [one, other] = between.map(({ acceptedId: id, acceptedValue: value }) => `"${value}" under ${id}`);
    lines.push(`against the rules, ${kind}: ${one} and ${other}`);
  }
  for (const { choice, majorities } of next) {
    const value = choice.kind === "bound" ? `must propose "${choice.by.acceptedValue}"` : choice.kind;
    lines.push(`a proposer that hears from ${majorities.map((names) => names.join("+")).join(" or ")}: ${value}`);
  }
  return lines;
}
