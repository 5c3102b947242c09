import type { LeadExplanation, Prospect, RaftConflict } from "@synod/consensus";
import type { Terminal } from "../terminal/terminal.js";

/** Why there is a leader, or none, as a person reads it: what is seen, what it means, who could be next. */
export function leadLines(explanation: LeadExplanation, colors: Terminal["colors"]): string[] {
  const { term, voters, majority, unreachable, votes, prospects, committedThrough } = explanation;
  return [
    `${voters.length} voters, majority ${majority}; the latest term is ${term}; committed through entry ${committedThrough}:`,
    ...prospects.map(({ server, lastIndex, lastTerm }) => {
      const vote = votes.find((one) => one.voters.includes(server));
      return `  ${server}: ${vote ? `voted for ${vote.candidate}` : "gave no vote in this term"}, ${logText(lastIndex, lastTerm)}`;
    }),
    ...unreachable.map((server) => `  ${server}: no response`),
    "",
    ...verdictLines(explanation, colors),
    "",
    "If one of them stood now, and all that answer heard it:",
    ...prospects.map((prospect) => prospectLine(prospect, majority)),
  ];
}

function logText(lastIndex: number, lastTerm: number): string {
  return lastIndex === 0 ? "its log is empty" : `its log ends with entry ${lastIndex} of term ${lastTerm}`;
}

const CONFLICT_WORDS: Readonly<Record<RaftConflict["kind"], string>> = {
  "two-leaders-in-one-term": "two servers lead in one term",
  "one-entry-two-values": "two logs hold different values under one index and term",
  "two-entries-committed": "two servers committed different entries under one index",
};

function verdictLines(explanation: LeadExplanation, colors: Terminal["colors"]): string[] {
  const { verdict, leader, term, votes, voters, unreachable, majority, conflicts } = explanation;
  const answering = voters.length - unreachable.length;
  switch (verdict) {
    case "broken":
      return [
        colors.red("BROKEN: what is seen is what no run of Raft allows. Somebody broke the rules."),
        ...conflicts.map((conflict) => `  ${CONFLICT_WORDS[conflict.kind]}: ${conflictText(conflict)}`),
        "  Look for entries that somebody sent by hand, and for a server that was wiped and started again under its name.",
      ];
    case "led": {
      const votedFor = votes.find(({ candidate }) => candidate === leader)?.voters ?? [];
      const because =
        votedFor.length > 0
          ? `  Because ${inOneLine(votedFor)} voted for it in term ${term}; ${majority} votes are needed, and who voted has no second vote in that term.`
          : `  Those who voted for it in its term have gone on to another, or do not answer.`;
      const alone = answering < majority ? [aloneText(explanation)] : [];
      return [colors.green(`LED: ${leader} leads.`), because, ...alone];
    }
    case "no-quorum":
      return [
        colors.red("NO QUORUM: nobody leads, and nobody can be elected."),
        `  Because ${answering} of ${voters.length} voters answer, and ${majority} votes are needed. Not reached: ${inOneLine(unreachable)}.`,
      ];
    case "electing":
      return [colors.yellow(`ELECTING: nobody leads in term ${term}, and somebody stands.`), ...votesText(explanation)];
    case "leaderless":
      return [
        colors.yellow("LEADERLESS: nobody leads, and nobody stands."),
        ...votesText(explanation),
        "  A voter whose patience ends will stand, within a second. Where that goes on, links are cut or slow: see synod cluster faults.",
      ];
  }
}

function aloneText({ leader, voters, unreachable, majority }: LeadExplanation): string {
  const answering = voters.length - unreachable.length;
  return `  But ${answering} of ${voters.length} voters answer, and ${majority} are needed: unless it hears others, ${leader} steps down soon, and commits nothing.`;
}

function votesText({ votes, term, majority }: LeadExplanation): string[] {
  if (votes.length === 0) return [`  Nobody who answers voted in term ${term}.`];
  return votes.map(
    ({ candidate, voters }) => `  ${candidate} has the votes of ${inOneLine(voters)}; ${majority} are needed.`,
  );
}

function conflictText(conflict: RaftConflict): string {
  const between = conflict.servers.join(" and ");
  return conflict.kind === "two-leaders-in-one-term"
    ? `${between}, term ${conflict.term}`
    : `${between}, entry ${conflict.index}`;
}

/** Why a server would be elected, or not: nobody votes for a log that is behind its own. */
function prospectLine({ server, supporters, opponents, wouldWin }: Prospect, majority: number): string {
  const votes = `${supporters.length} ${supporters.length === 1 ? "vote" : "votes"}`;
  if (wouldWin) return `  ${server} would win, with ${votes} of ${majority} needed`;
  const against = opponents.length > 0 ? `; the logs of ${inOneLine(opponents)} are ahead of its own` : "";
  return `  ${server} would not: ${votes} of ${majority} needed${against}`;
}

function inOneLine(names: readonly string[]): string {
  return names.join(", ");
}
