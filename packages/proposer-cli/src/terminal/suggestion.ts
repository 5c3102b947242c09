import { closest, distance } from "fastest-levenshtein";
import type { Command } from "./command.js";

/** Options that every command takes. */
const COMMON = ["json", "color", "no-color", "help", "version"];

/** A complaint of yargs in words that name the flag. */
export function inOurWords(message: string): string {
  return message
    .replace(/^Not enough arguments following: (.+)$/, "--$1 needs a value")
    .replace(/^Not enough non-option arguments: .*$/s, "something is missing after the command; see its --help")
    .replace(/^Invalid values:\s+Argument: (\S+), Given: (.+), Choices: (.+)$/s, "--$1 must be one of $3, not $2");
}

/** Adds "did you mean" to a complaint about an unknown option, where one comes near. */
export function withSuggestion(message: string, words: readonly string[], commands: readonly Command[]): string {
  const named = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(", ") ?? [];
  // yargs leaves the dashes out; a word that was typed without them was not meant as an option.
  const unknown = named.filter((name) => words.some((word) => word.replace(/=.*/s, "") === `--${name}`));
  const known = [...new Set([...commands.flatMap(({ options }) => Object.keys(options)), ...COMMON])];
  const suggestions = unknown.flatMap((word) => nearest(word, known)).map((option) => `--${option}`);
  if (suggestions.length === 0) return message;
  return `${message}. Did you mean ${[...new Set(suggestions)].join(", ")}?`;
}

/** The complaint about a command that is none. */
export function noSuchCommand(word: string, known: readonly string[]): string {
  const [suggestion] = nearest(word, known);
  return `there is no command ${word}${suggestion === undefined ? "" : `. Did you mean ${suggestion}?`}`;
}

/** The complaint about a name that stands for nothing of its kind; so that the next one is right, it says what there is. */
export function noSuchName(kind: string, word: string, known: readonly string[]): string {
  const [suggestion] = nearest(word, known);
  const hint = suggestion === undefined ? `There is ${known.join(", ")}` : `Did you mean ${suggestion}?`;
  return `there is no ${kind} ${word}. ${hint}`;
}

/** The known word that this one was probably meant to be, if any comes near. */
function nearest(word: string, known: readonly string[]): string[] {
  const candidate = closest(word.toLowerCase(), known);
  return distance(word.toLowerCase(), candidate) <= Math.ceil(candidate.length / 3) ? [candidate] : [];
}
