import { type FaultSyntaxError, missingAfter, problemWith } from "./syntax-error.js";

/** A word or a sign of the text, and where it stands, both counted from 1. */
export interface Word {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** The words of one fault, read from left to right. */
export class Statement {
  readonly #words: readonly [Word, ...Word[]];
  #taken = 0;

  constructor(words: readonly [Word, ...Word[]]) {
    this.#words = words;
  }

  get first(): Word {
    return this.#words[0];
  }

  /** The word that was taken last. */
  get previous(): Word {
    return this.#words[this.#taken - 1] ?? this.first;
  }

  get isAtEnd(): boolean {
    return this.#taken === this.#words.length;
  }

  /** The text of a word to come, in small letters: the language's own words may be written in any case. */
  peek(ahead = 0): string | undefined {
    return this.#words[this.#taken + ahead]?.text.toLowerCase();
  }

  /** The next word. @throws {FaultSyntaxError} if there is none. @param expected what should have been there */
  take(expected: string): Word {
    const word = this.#words[this.#taken];
    if (word === undefined) throw this.unexpected(expected);
    this.#taken++;
    return word;
  }

  /** Takes the next word if it is this one. */
  takeIf(text: string): boolean {
    const isThere = this.peek() === text;
    if (isThere) this.#taken++;
    return isThere;
  }

  /** The complaint that something else should come next. */
  unexpected(expected: string): FaultSyntaxError {
    const word = this.#words[this.#taken];
    if (word !== undefined) return problemWith(word, `expected ${expected}`);
    return missingAfter(this.previous, expected);
  }
}

/** Signs, each a word of its own, and whatever stands between them and white space. */
const WORD = /<>|\.\.|[<>,;]|(?:(?!\.\.)[^\s<>,;])+/g;

/** The text's faults, word by word. Comments are gone; `;` and the end of a line both end a fault. */
export function statementsIn(text: string): Statement[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => statementsInLine(line.replace(/#.*$/s, ""), index + 1));
}

function statementsInLine(text: string, line: number): Statement[] {
  const statements: Statement[] = [];
  let words: Word[] = [];
  const end = () => {
    const [first, ...others] = words;
    if (first !== undefined) statements.push(new Statement([first, ...others]));
    words = [];
  };
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (word === ";") end();
    else words.push({ text: word, line, column: index + 1 });
  }
  end();
  return statements;
}
