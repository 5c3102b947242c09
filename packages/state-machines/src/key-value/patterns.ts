import { PatternAutomaton, type PatternToken } from "./pattern-automaton.js";

/** The longest pattern, in characters. */
export const MOST_PATTERN_CHARACTERS = 1024;

/** Patterns in one set. */
export const MOST_PATTERNS = 100;

/**
 * A set of patterns of keys: a key matches if it matches one of them, as a whole. `*` stands for any run of characters,
 * none included; `?` for one segment of a path or part of one: one or more characters other than `/`; `\` makes the
 * character after it stand for itself.
 */
export class KeyPatterns {
  /** As they were given. */
  readonly texts: readonly string[];
  readonly #automata: readonly PatternAutomaton[];

  private constructor(texts: readonly string[], automata: readonly PatternAutomaton[]) {
    this.texts = texts;
    this.#automata = automata;
  }

  /** Understands patterns, or says what is wrong with them. */
  static parse(texts: readonly string[]): KeyPatterns | { readonly error: string } {
    if (texts.length === 0) return { error: 'there is no pattern; "*" matches every key' };
    if (texts.length > MOST_PATTERNS) return { error: `there are ${texts.length} patterns; ${MOST_PATTERNS} at most` };
    const automata: PatternAutomaton[] = [];
    for (const [index, text] of texts.entries()) {
      const parsed = parsePattern(text);
      if (typeof parsed === "string") return { error: `pattern ${index + 1} ${parsed}` };
      automata.push(parsed);
    }
    return new KeyPatterns([...texts], automata);
  }

  matches(key: string): boolean {
    return this.#automata.some((automaton) => automaton.matches(key));
  }
}

/** @returns what is wrong with a pattern, if something is */
function parsePattern(text: string): PatternAutomaton | string {
  if (text.length === 0) return "is empty, and no key is";
  if (text.length > MOST_PATTERN_CHARACTERS) {
    return `has ${text.length} characters; ${MOST_PATTERN_CHARACTERS} at most`;
  }
  const tokens: PatternToken[] = [];
  const anyRuns: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "*") {
      anyRuns.push(tokens.length);
    } else if (text[at] === "?") {
      tokens.push("segment");
    } else {
      if (text[at] === "\\") at++;
      if (at === text.length) return 'ends with a "\\" that stands before no character; "\\\\" matches one';
      tokens.push({ code: text.charCodeAt(at) });
    }
  }
  return new PatternAutomaton(tokens, anyRuns);
}
