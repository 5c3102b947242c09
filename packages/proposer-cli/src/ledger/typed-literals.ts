import type { Json } from "@synod/client";
import { beginning, literalIn, readLiteral } from "./literal.js";
import { LiteralError } from "./literal-error.js";
import { afterSpace } from "./literal-token.js";

/** What a command takes, by the names of its literals. */
export type Places = readonly ("key" | "value")[];

/** Words in a line that are put in quotes on trial, at most. */
const MOST_REPAIRS = 10;

/**
 * The literals of a line at a prompt, after its command: as many as there are places.
 *
 * @param command as it was typed, for what is said
 * @throws {LiteralError} also for one too many or too few
 */
export function literalsIn(command: string, text: string, places: Places): Json[] {
  try {
    return literalsOf(command, text, places);
  } catch (error) {
    if (!(error instanceof LiteralError) || error.bareWord === null) throw error;
    const repaired = inQuotes(text, (one) => literalsOf(command, one, places));
    throw repaired === null ? error : new LiteralError(`${error.message}. Type: ${command} ${repaired.trim()}`);
  }
}

function literalsOf(command: string, text: string, places: Places): Json[] {
  const form = `${command} ${places.map((place) => `<${place}>`).join(" ")}`;
  const values: Json[] = [];
  let at = 0;
  for (const place of places) {
    if (afterSpace(text, at) >= text.length) throw new LiteralError(`the ${place} is missing: ${form}`);
    const { value, end } = readLiteral(text, at);
    if (end < text.length && afterSpace(text, end) === end) throw strayAt(text, end);
    values.push(value);
    at = end;
  }
  const rest = afterSpace(text, at);
  if (rest >= text.length) return values;
  throw new LiteralError(`one literal too many: ${beginning(text, rest)}. It is ${form}`);
}

/** Something stands right behind a literal. */
function strayAt(text: string, at: number): LiteralError {
  const character = text.charAt(at);
  if ("]})".includes(character)) return new LiteralError(`${character} closes nothing`);
  return new LiteralError(`a space is missing before ${beginning(text, at)}`);
}

/** The text with words in quotes that lack them; null if that alone does not make it right. */
function inQuotes(text: string, check: (text: string) => unknown): string | null {
  let repaired = text;
  for (let repairs = 0; repairs <= MOST_REPAIRS; repairs++) {
    try {
      check(repaired);
      return repaired;
    } catch (error) {
      if (!(error instanceof LiteralError) || error.bareWord === null) return null;
      const { word, start } = error.bareWord;
      repaired = `${repaired.slice(0, start)}${JSON.stringify(word)}${repaired.slice(start + word.length)}`;
    }
  }
  return null;
}

/**
 * The literals that arguments of a shell are: one each.
 *
 * @param command such as `synod ledger put`
 * @throws {LiteralError} with the command to type instead, where quotes are what is missing
 */
export function literalsOfArguments(command: string, args: readonly string[]): Json[] {
  try {
    return args.map(literalIn);
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    const hint = `Type, quoted for the shell: ${command} ${args.map(asArgument).join(" ")}`;
    throw new LiteralError(error.bareWord === null ? error.message : `${error.message}. ${hint}`);
  }
}

/** The argument as it should have been typed in a shell. */
function asArgument(given: string): string {
  // What looks like a list or dictionary has lost the quotes within to the shell; anything else was meant as text.
  const repaired = /^\s*[[{]/.test(given) ? inQuotes(given, literalIn) : null;
  return shellQuoted(isLiteral(given) ? given : (repaired ?? JSON.stringify(given)));
}

function isLiteral(text: string): boolean {
  try {
    literalIn(text);
    return true;
  } catch {
    return false;
  }
}

/** A word for a POSIX shell, which leaves it as it is. */
function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
