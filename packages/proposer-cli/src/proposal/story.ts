import { type Attempt, majorityOf, type NodeId } from "@synod/consensus";
import { type Answer, answerLine, listOf } from "../asking.js";
import { legible } from "../terminal/legible.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Phase } from "./proposer-host.js";

/** What a proposal was asked for, and where its answers are found word for word. */
export interface StorySource {
  readonly serverCount: number;
  readonly clientValue: string;
  answerTo(id: number, phase: Phase, server: NodeId): Answer<unknown> | undefined;
}

/**
 * Tells a proposal as it goes, in the lines of the original. The lines are a function of where the proposal stands, and
 * only ever grow: after each step the new ones are printed. What a step means was decided by the proposer.
 */
export class Story {
  readonly #terminal: Terminal;
  readonly #source: StorySource;
  #told = 0;

  constructor(terminal: Terminal, source: StorySource) {
    this.#terminal = terminal;
    this.#source = source;
  }

  /** Prints what is new. @param attempts all so far, the last one under way or just ended */
  tell(attempts: readonly Attempt[]): void {
    const lines = attempts.flatMap((attempt, position) => [
      ...(position > 0 ? [""] : []),
      ...attemptLines(attempt, this.#source),
    ]);
    for (const line of lines.slice(this.#told)) this.#terminal.line(line);
    this.#told = Math.max(this.#told, lines.length);
  }
}

function attemptLines(attempt: Attempt, source: StorySource): string[] {
  const { id, contacted, value, outcome, overriddenBy, acceptsSentTo } = attempt;
  const lines = [
    `Contacting servers: ${listOf(contacted)}`,
    `Proposal ID: ${id}`,
    `Client value: ${legible(source.clientValue)}`,
    ...answerLines(attempt, "prepare", contacted, value !== null || outcome !== null, source),
  ];
  if (overriddenBy) lines.push("", "Client value overridden due to prior accepted value:", pairLine(overriddenBy));
  if (acceptsSentTo.length > 0) {
    lines.push("", `Sending accept requests with value: ${legible(value ?? "")}`);
    lines.push(...answerLines(attempt, "accept", acceptsSentTo, outcome !== null, source));
  }
  if (outcome !== null) lines.push("", ...endLines(attempt, source.serverCount));
  return lines;
}

/** The answers in the order of contact, as far as they are known without a gap; once the phase is over, all. */
function answerLines(
  { id }: Attempt,
  phase: Phase,
  servers: readonly NodeId[],
  isOver: boolean,
  source: StorySource,
): string[] {
  const lines: string[] = [];
  for (const server of servers) {
    const answer = source.answerTo(id, phase, server);
    if (!answer && !isOver) break;
    lines.push(answerLine(phase, Number(server), answer));
  }
  return lines;
}

function endLines(attempt: Attempt, serverCount: number): string[] {
  const { overriddenBy, acceptsSentTo, outcome, prepares } = attempt;
  if (acceptsSentTo.length > 0) return resultLines(attempt, serverCount);
  switch (outcome) {
    case "no-promises":
      return ["No promises received — proposal rejected everywhere."];
    case "no-promise-majority":
      return [
        "No promise majority",
        `  promised by ${Object.values(prepares).filter(({ type }) => type === "promise").length} servers`,
        `  majority required: ${majorityOf(serverCount)}`,
      ];
    case "already-chosen":
      return ["Consensus already reached during prepare phase:", ...(overriddenBy ? [pairLine(overriddenBy)] : [])];
    case "value-conflict":
      return ["Two values were reported under one id: somebody used it twice, and no choice is safe (see explain)."];
    case "truncated":
      return ["This instance is decided and truncated: its value can no longer be asked of the acceptors."];
    default:
      return [`Ended: ${outcome}`];
  }
}

function resultLines({ id, value, outcome, acceptsSentTo, accepts }: Attempt, serverCount: number): string[] {
  const accepted = acceptsSentTo.filter((server) => accepts[server]?.type === "accepted");
  return [
    "--- Result ---",
    `Accept attempts sent to servers: ${listOf(acceptsSentTo)}`,
    `Accepts received from servers: ${listOf(accepted)}`,
    "",
    ...(outcome === "chosen"
      ? ["Consensus Reached", `  proposalId=${id}`, `  value=${legible(value ?? "")}`]
      : [
          "No Consensus",
          `  accepted by ${accepted.length} servers`,
          `  majority required: ${majorityOf(serverCount)}`,
        ]),
  ];
}

function pairLine({ acceptedId, acceptedValue }: { acceptedId: number; acceptedValue: string }): string {
  return `  acceptedId=${acceptedId}, value=${legible(acceptedValue)}`;
}
