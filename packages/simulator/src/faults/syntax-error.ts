import type { Word } from "./statement.js";

/** What is wrong with a text of faults, and where. */
export interface FaultProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The word that is wrong; if one is missing, the last before it. */
  readonly word: string;
  /** A line for people, which names line and word. */
  readonly message: string;
}

/** A text is not in the language of faults. Its message has one line a problem, for people; no stack is of use. */
export class FaultSyntaxError extends Error {
  override readonly name = "FaultSyntaxError";
  /** In the order of the text: one a fault at most, MOST_PROBLEMS in all. */
  readonly problems: readonly [FaultProblem, ...FaultProblem[]];

  constructor(problems: readonly [FaultProblem, ...FaultProblem[]]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}

/** Who wrote so much that is wrong has given us another kind of file. */
export const MOST_PROBLEMS = 20;

const MOST_SHOWN = 40;

/** Something is wrong with this word. @param complaint what, to follow after the word */
export function problemWith({ text, line, column }: Word, complaint: string): FaultSyntaxError {
  const message = `line ${line}: ${quoted(text)}: ${complaint}`;
  return new FaultSyntaxError([{ line, column, word: text, message }]);
}

/** A fault ends after this word, where more should follow. @param missing what should */
export function missingAfter({ text, line, column }: Word, missing: string): FaultSyntaxError {
  const message = `line ${line}: expected ${missing} after ${quoted(text)}`;
  return new FaultSyntaxError([{ line, column, word: text, message }]);
}

/** Cut short, and without what would make a terminal do things. */
function quoted(word: string): string {
  const shown = word.length > MOST_SHOWN ? `${word.slice(0, MOST_SHOWN)}...` : word;
  return `"${shown.replace(/[\p{Cc}\p{Cf}]/gu, "?")}"`;
}
