import type { Conflict, Explanation, NextChoice, Observation, ProposalSeen } from "@synod/consensus";
import { legible } from "./terminal/legible.js";
import type { Terminal } from "./terminal/terminal.js";

type Colors = Terminal["colors"];

/** An explanation as a person reads it: what is seen, what it means, what comes next. */
export function explanationLines(
  explanation: Explanation,
  observations: readonly Observation[],
  colors: Colors,
): string[] {
  const { instance, poolSize, majority, next } = explanation;
  return [
    `Instance ${instance}, a pool of ${poolSize} acceptors, majority ${majority}:`,
    ...seenLines(explanation, observations),
    "",
    ...verdictLines(explanation, colors),
    "",
    ...(next.length > 0
      ? ["A next proposer, by the majority it hears from:", ...next.map(nextLine)]
      : [`A next proposer gets nowhere: it would need promises from ${majority} acceptors.`]),
  ];
}

function seenLines({ unreachable }: Explanation, observations: readonly Observation[]): string[] {
  const seen = observations.map(({ acceptor, promisedId, accepted, missingThroughId }) => {
    const promise = promisedId < 0 ? "promised nothing" : `promised ${promisedId}`;
    const pair = accepted ? `accepted ${accepted.acceptedId} ${quoted(accepted.acceptedValue)}` : "accepted nothing";
    const cut = missingThroughId < 0 ? "" : `; its history is cut at id ${missingThroughId}`;
    return { acceptor, line: `  server ${acceptor}: ${promise}, ${pair}${cut}` };
  });
  const silent = unreachable.map((acceptor) => ({ acceptor, line: `  server ${acceptor}: no response` }));
  return [...seen, ...silent]
    .sort((one, other) => Number(one.acceptor) - Number(other.acceptor))
    .map(({ line }) => line);
}

/** Conflicts told in words. */
const CONFLICTS_SHOWN = 6;

const CONFLICT_WORDS: Readonly<Record<Conflict["kind"], string>> = {
  "two-values-under-one-id": "one id carries two values",
  "accepted-against-chosen": "another value was accepted after one was chosen",
  "two-values-chosen": "two values were chosen",
};

function verdictLines(explanation: Explanation, colors: Colors): string[] {
  const { verdict, chosen, majority, mayBeChosen, mayBeUnseen, proposals, conflicts } = explanation;
  const clashes = worstFirst(conflicts)
    .slice(0, CONFLICTS_SHOWN)
    .map(({ kind, between: [one, other] }) => {
      return `  ${CONFLICT_WORDS[kind]}: ${proposalText(one)}; and ${proposalText(other)}`;
    });
  if (conflicts.length > CONFLICTS_SHOWN)
    clashes.push(`  and ${conflicts.length - CONFLICTS_SHOWN} more (--json has all)`);
  switch (verdict) {
    case "broken":
      return [
        colors.red("BROKEN: two values were chosen, which no run of Paxos allows. Somebody broke the rules."),
        ...clashes,
        "  Look for an accept sent without promises of a majority, an id used twice, or an acceptor that was wiped.",
      ];
    case "chosen": {
      const by = proposals.find(
        (one) => one.acceptedId === chosen?.acceptedId && one.acceptedValue === chosen.acceptedValue,
      );
      return [
        conflicts.length === 0
          ? colors.green(`CHOSEN: ${quoted(chosen?.acceptedValue ?? "")}, and no other value ever will be.`)
          : colors.red(
              `CHOSEN: ${quoted(chosen?.acceptedValue ?? "")}, but somebody broke the rules: another may follow.`,
            ),
        `  Because servers ${by?.acceptors.join(", ")} accepted it under id ${chosen?.acceptedId}: a majority, ${majority} or more.`,
        ...clashes,
      ];
    }
    case "may-be-chosen":
      return [
        colors.yellow("MAY BE CHOSEN: acceptors that cannot be seen could complete a majority."),
        ...mayBeChosen.map(
          (one) => `  ${proposalText(one)}, and perhaps by ${one.uncertain.map((name) => `server ${name}`).join(", ")}`,
        ),
        ...(mayBeUnseen ? ["  Another value may be chosen that no server which answers has heard of."] : []),
        ...clashes,
      ];
    case "open":
      return [
        colors.cyan("OPEN: no value is chosen yet."),
        ...proposals.map((one) => `  ${proposalText(one)}: ${majority - one.acceptors.length} short of a majority`),
        ...clashes,
      ];
  }
}

/** Two chosen values before everything that led to them. */
function worstFirst(conflicts: readonly Conflict[]): Conflict[] {
  const isWorst = ({ kind }: Conflict) => kind === "two-values-chosen";
  return [...conflicts.filter(isWorst), ...conflicts.filter((conflict) => !isWorst(conflict))];
}

function nextLine({ choice, count, majorities }: NextChoice): string {
  const sets = majorities.map((members) => `{${members.join(", ")}}`).join(" or ");
  const more = count > majorities.length ? ` or ${count - majorities.length} more` : "";
  return `  ${sets}${more}: ${choiceText(choice)}`;
}

function choiceText(choice: NextChoice["choice"]): string {
  switch (choice.kind) {
    case "free":
      return "may propose any value, since none of them accepted one";
    case "bound":
      return `must propose ${quoted(choice.by.acceptedValue)}, the value of the highest id they accepted (${choice.by.acceptedId})`;
    case "conflict":
      return `may not propose at all: two values carry id ${choice.between[0].acceptedId}`;
  }
}

function proposalText({ acceptedId, acceptedValue, acceptors }: Omit<ProposalSeen, "uncertain">): string {
  return `${quoted(acceptedValue)} under id ${acceptedId}, accepted by ${acceptors.map((name) => `server ${name}`).join(", ")}`;
}

/** A value so that a person sees where it begins and ends; a long one is cut. */
function quoted(value: string): string {
  const text = legible(JSON.stringify(value));
  return text.length <= 80 ? text : `${text.slice(0, 76)}..."`;
}
