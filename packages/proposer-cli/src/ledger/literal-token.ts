import { legible } from "../terminal/legible.js";
import { LiteralError } from "./literal-error.js";
import { stringToken } from "./string-token.js";

/** A piece of a literal. */
export interface Token {
  readonly kind: "string" | "word" | "mark";
  /** As it was typed. */
  readonly text: string;
  /** The same as JSON5 has it. */
  readonly json5: string;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

const SPACE = /[ \t\r\n\f]/;
const WORD = /[^ \t\r\n\f"'{}[\](),:#]/;

/** Where the text goes on after white space. */
export function afterSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && SPACE.test(text.charAt(next))) next++;
  return next;
}

/** The piece that begins here or after white space; null at the end. @throws {LiteralError} if none may stand there */
export function tokenAt(text: string, at: number): Token | null {
  const start = afterSpace(text, at);
  if (start >= text.length) return null;
  const character = text.charAt(start);
  if (character === '"' || character === "'") return stringToken(text, start);
  if ("{}[],:".includes(character)) {
    return { kind: "mark", text: character, json5: character, start, end: start + 1 };
  }
  if (character === "(" || character === ")") {
    throw new LiteralError("a tuple, in round brackets, is no literal here: write a list, such as [1, 2]");
  }
  if (character === "#" || text.startsWith("//", start) || text.startsWith("/*", start)) {
    throw new LiteralError("a comment is no part of a literal: leave it out, or put all of it in quotes");
  }
  let end = start;
  while (end < text.length && WORD.test(text.charAt(end))) end++;
  const word = text.slice(start, end);
  if (/["']/.test(text.charAt(end))) throw prefixed(word);
  return { kind: "word", text: word, json5: wordAsJson5(word, start), start, end };
}

const PREFIXES: Readonly<Record<string, string>> = {
  b: "bytes",
  r: "a raw string",
  f: "a formatted string",
  u: "a string with a prefix",
};

/** A word that a quote follows without a space. */
function prefixed(word: string): LiteralError {
  const letters = word.toLowerCase();
  const isPrefix = /^(?:[bf]r|r[bf]|[brfu])$/.test(letters);
  const kind = isPrefix ? PREFIXES[letters.length === 2 ? letters.replace("r", "") : letters] : undefined;
  return kind === undefined
    ? new LiteralError(`${shown(word)} and a quote stand side by side: put a space or a comma between them`)
    : new LiteralError(
        `${word}'...' is ${kind}, which is no literal here: write plain text in quotes, without the ${word}`,
      );
}

const NAMES: Readonly<Record<string, string>> = {
  True: "true",
  False: "false",
  None: "null",
  true: "true",
  false: "false",
  null: "null",
};

const INTEGER = /^[+-]?(?:0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/;
const FRACTION = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const COMPLEX = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?(?:[+-][\d.]+(?:[eE][+-]?\d+)?)?[jJ]$/;

/** @throws {LiteralError} for a word that stands for nothing */
function wordAsJson5(word: string, start: number): string {
  const named = Object.hasOwn(NAMES, word) ? NAMES[word] : undefined;
  if (named !== undefined) return named;
  const quoted = `put it in quotes: '${shown(word)}'`;
  if (/^[+-]?(?:nan|inf|infinity)$/i.test(word)) {
    throw new LiteralError(`${word} is no number that JSON knows: ${quoted}`, { word, start });
  }
  if (INTEGER.test(word)) {
    if (Number.isSafeInteger(integerValue(word))) return word;
    throw new LiteralError(`${word} is beyond 2^53-1 and would lose digits: ${quoted}`, { word, start });
  }
  if (FRACTION.test(word)) {
    if (Number.isFinite(Number(word))) return word;
    throw new LiteralError(`${word} is too large for a number: ${quoted}`, { word, start });
  }
  throw noLiteral(word, quoted, start);
}

function integerValue(integer: string): number {
  const digits = integer.replace(/^[+-]/, "");
  return integer.startsWith("-") ? -Number(digits) : Number(digits);
}

function noLiteral(word: string, quoted: string, start: number): LiteralError {
  if (COMPLEX.test(word))
    return new LiteralError(`${word} is a complex number, which JSON does not know: ${quoted}`, { word, start });
  if (/^[+-]?\d[\d_]*$/.test(word) && word.includes("_")) {
    return new LiteralError(`${word}: write numbers without underscores, ${word.replaceAll("_", "")}`);
  }
  if (/^[+-]?0[oObB]?\d+$/.test(word)) {
    return new LiteralError(`${word}: write numbers in decimal, without leading zeros, or put it in quotes`, {
      word,
      start,
    });
  }
  const kind = /^[+-]?\.?\d/.test(word) ? "number" : "literal";
  return new LiteralError(`${shown(word)} is no ${kind}: put text in quotes, '${shown(word)}'`, { word, start });
}

/** So that a long word does not hide what is said of it. */
function shown(word: string): string {
  return legible(word.length > 40 ? `${word.slice(0, 40)}...` : word);
}
