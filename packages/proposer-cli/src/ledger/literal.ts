import type { Json } from "@synod/client";
import JSON5 from "json5";
import { legible } from "../terminal/legible.js";
import { LiteralError } from "./literal-error.js";
import { afterSpace, type Token, tokenAt } from "./literal-token.js";

/** Lists and dictionaries within each other, at most: a ledger takes no more. */
const MOST_DEPTH = 62;

/** A literal in a text, and where it ends. */
export interface ReadLiteral {
  readonly value: Json;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * The key or value that this text says, as the original's prompt took them: text in either quotes, numbers, lists,
 * dictionaries, True, False and None; JSON as well. Nothing is evaluated.
 *
 * @throws {LiteralError} if it is no literal, or more than one
 */
export function literalIn(text: string): Json {
  const { value, end } = readLiteral(text, 0);
  const rest = afterSpace(text, end);
  if (rest < text.length) throw new LiteralError(`after the literal comes more: ${beginning(text, rest)}`);
  return value;
}

/**
 * The literal that begins here, or after white space.
 *
 * A check comes first, of each piece outside of quotes and each escape within: what JSON5 would take and Python would not,
 * or would take for something else, is refused by name. Then JSON5 reads it.
 *
 * @throws {LiteralError} if none does
 */
export function readLiteral(text: string, at: number): ReadLiteral {
  const reading = new Reading(text, at);
  reading.value(0);
  try {
    return { value: JSON5.parse(reading.json5), end: reading.end };
  } catch (error) {
    // The check lets nothing pass that JSON5 does not take; if it did, this says so and no more.
    throw new LiteralError(`${beginning(text, at)} is no literal: ${(error as Error).message}`);
  }
}

/** Goes through one literal, and puts together what JSON5 shall read. */
class Reading {
  readonly #text: string;
  /** Behind the last piece that was taken. */
  end: number;
  json5 = "";

  constructor(text: string, at: number) {
    this.#text = text;
    this.end = at;
  }

  /** Takes a value. @param depth lists and dictionaries around it */
  value(depth: number): void {
    const token = this.#take("a literal");
    if (token.kind === "string") this.#refuseJoining(token, depth);
    if (token.kind !== "mark") return;
    if (depth === MOST_DEPTH) throw new LiteralError(`lists and dictionaries are nested ${MOST_DEPTH} deep at most`);
    if (token.text === "[") this.#list(depth + 1);
    else if (token.text === "{") this.#dictionary(depth + 1);
    else throw new LiteralError(`expected a literal, not ${token.text}`);
  }

  #list(depth: number): void {
    while (!this.#takeIf("]")) {
      this.value(depth);
      if (this.#takeIf(",")) continue;
      this.#close("]");
      return;
    }
  }

  #dictionary(depth: number): void {
    while (!this.#takeIf("}")) {
      this.#key(depth);
      this.value(depth);
      if (this.#takeIf(",")) continue;
      this.#close("}");
      return;
    }
  }

  /** Takes a key of a dictionary, and the colon after it. */
  #key(depth: number): void {
    const key = this.#take("a key in quotes, or }");
    if (key.kind === "mark" && (key.text === "[" || key.text === "{")) {
      throw new LiteralError(
        `the keys of a dictionary are text in quotes, and no ${key.text === "[" ? "lists" : "dictionaries"}`,
      );
    }
    if (key.kind === "mark") throw new LiteralError(`expected a key in quotes, not ${key.text}`);
    if (key.kind === "string") this.#refuseJoining(key, depth);
    const next = this.#peek();
    if (next?.text === "," || next?.text === "}") {
      throw new LiteralError("a set, such as {1, 2}, is no literal here: write a list, [1, 2]");
    }
    if (key.kind === "word") {
      throw new LiteralError(
        `the keys of a dictionary are text: put ${legible(key.text)} in quotes, '${legible(key.text)}'`,
      );
    }
    if (!this.#takeIf(":")) throw new LiteralError(`after the key ${beginning(key.text, 0)} there is no colon`);
  }

  /** Python joins texts that follow each other; at the prompt they would be two literals. */
  #refuseJoining(token: Token, depth: number): void {
    const next = tokenAt(this.#text, token.end);
    const isNeighbour = next?.kind === "string" && (depth > 0 || next.start === token.end);
    if (isNeighbour)
      throw new LiteralError("two texts in quotes stand side by side: write them as one, or a comma or space between");
  }

  #close(mark: "]" | "}"): void {
    if (this.#takeIf(mark)) return;
    const next = this.#peek();
    const found = next === null ? "" : `, not ${beginning(this.#text, next.start)}`;
    throw new LiteralError(next === null ? `${mark} is missing at the end` : `expected a comma or ${mark}${found}`);
  }

  #peek(): Token | null {
    return tokenAt(this.#text, this.end);
  }

  #takeIf(mark: string): boolean {
    const next = this.#peek();
    if (next?.kind !== "mark" || next.text !== mark) return false;
    this.#take(mark);
    return true;
  }

  #take(expected: string): Token {
    const token = this.#peek();
    if (token === null) throw new LiteralError(`expected ${expected}, and the text ends`);
    this.end = token.end;
    this.json5 += token.json5;
    return token;
  }
}

/** The beginning of what stands there, for people. */
export function beginning(text: string, at: number): string {
  const piece = text.slice(at);
  return legible(piece.length > 40 ? `${piece.slice(0, 40)}...` : piece);
}
