import type { Explanation } from "../src/paxos/explanation.js";
import type { ProposerReply } from "../src/paxos/proposer-state.js";

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
