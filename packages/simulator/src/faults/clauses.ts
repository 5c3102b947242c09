import type { DelayRange, Microseconds, Tail } from "./fault.js";
import { suggestion } from "./nearest-word.js";
import { type Bounds, readPercentage, readTime, SKEW } from "./quantities.js";
import type { Statement } from "./statement.js";
import { problemWith } from "./syntax-error.js";

/** What the words after the nodes of a fault may say. */
interface Said {
  readonly atUs?: Microseconds;
  readonly forUs?: Microseconds;
  readonly by?: DelayRange;
  readonly skewPpm?: number;
  readonly tail?: Tail;
}

/** By the word with which each begins: what reads the rest of it. */
type Clauses = Readonly<Record<string, (statement: Statement) => Said>>;

/** Some clauses: when it begins. */
export const MOMENT: Clauses = { at: (statement) => ({ atUs: readTimeWord(statement) }) };

/** When it begins, and how long it lasts. */
export const SPAN: Clauses = { ...MOMENT, for: (statement) => ({ forUs: readTimeWord(statement) }) };

/** By how much longer something takes. */
export const BY_TIME: Clauses = { by: (statement) => ({ by: readRange(statement) }), ...SPAN };

/** By how much a clock is too fast. */
export const BY_PERCENTAGE: Clauses = {
  by: (statement) => ({ skewPpm: readPercentageWord(statement, SKEW) }),
  ...SPAN,
};

/** What becomes of a flush under way. */
export const TAIL: Clauses = {
  losing: (statement) => readTail(statement, "lost"),
  keeping: (statement) => readTail(statement, "kept"),
  ...SPAN,
};

/**
 * Reads the rest of a fault: these clauses in any order, each once at most.
 *
 * @throws {FaultSyntaxError} also if anything else follows
 */
export function readClauses(statement: Statement, clauses: Clauses): Said {
  let said: Said = {};
  const used = new Set<string>();
  while (!statement.isAtEnd) {
    const possible = Object.keys(clauses).filter((word) => !used.has(word) && !contradicts(word, used));
    const word = statement.peek() ?? "";
    const read = possible.includes(word) ? clauses[word] : undefined;
    if (read === undefined) throw unfit(statement, possible, used.has(word));
    statement.take(word);
    used.add(word);
    said = { ...said, ...read(statement) };
  }
  return said;
}

function contradicts(word: string, used: ReadonlySet<string>): boolean {
  return (word === "losing" && used.has("keeping")) || (word === "keeping" && used.has("losing"));
}

function unfit(statement: Statement, possible: readonly string[], isUsed: boolean): Error {
  const word = statement.take("a word");
  if (isUsed) return problemWith(word, "is said twice");
  if (possible.length === 0) return problemWith(word, "expected ; or the end of the line");
  return problemWith(word, `expected ${either(possible)}${suggestion(word.text, possible)}`);
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `10%`. @throws {FaultSyntaxError} */
export function readPercentageWord(statement: Statement, bounds: Bounds): number {
  const word = statement.take("a percentage, such as 10%");
  const ppm = readPercentage(word.text, bounds);
  if (typeof ppm === "string") throw problemWith(word, ppm);
  return ppm;
}

function readTimeWord(statement: Statement): Microseconds {
  const word = statement.take("a time, such as 2s, 1.5s, 500ms or 250us");
  const timeUs = readTime(word.text);
  if (typeof timeUs === "string") throw problemWith(word, timeUs);
  return timeUs;
}

function readRange(statement: Statement): DelayRange {
  const leastUs = readTimeWord(statement);
  const least = statement.previous.text;
  if (!statement.takeIf("..")) return { leastUs, mostUs: leastUs };
  const mostUs = readTimeWord(statement);
  if (mostUs < leastUs) throw problemWith(statement.previous, `is less than ${least}: a range goes from low to high`);
  return { leastUs, mostUs };
}

function readTail(statement: Statement, tail: Tail): Said {
  if (!statement.takeIf("tail")) throw statement.unexpected("tail");
  return { tail };
}
