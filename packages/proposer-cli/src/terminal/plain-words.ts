import type { Command } from "./command.js";
import { UsageError } from "./exit-code.js";

/**
 * Words that are to be taken as they stand: what follows a `--`, and a `-` alone. yargs loses both on their way to a
 * positional of a command with two words, so they are hidden from it and brought back afterwards.
 */
const MARK = "\u0001";

/** Hides such words, for commands that take their positionals as they were typed. */
export function hidden(words: readonly string[], command: Command | undefined): readonly string[] {
  const positionals = Object.values(command?.positionals ?? {});
  const takesAnyWord = positionals.length > 0 && positionals.every(({ coerce, choices }) => !coerce && !choices);
  if (!takesAnyWord) return words;
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  // After an option, a `-` is its value, which yargs does hand on.
  const isAlone = (word: string, position: number) => word === "-" && !words[position - 1]?.startsWith("--");
  return [
    ...words.slice(0, end).map((word, position) => (isAlone(word, position) ? MARK + word : word)),
    ...words.slice(end + 1).map((word) => MARK + word),
  ];
}

/** The same with every hidden word brought back. */
export function shown<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(MARK, "") as T;
  if (Array.isArray(value)) return value.map(shown) as T;
  return value;
}

/** Brings hidden words back in what is said of them. */
export async function withWordsShown<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(shown(error.message));
    throw error;
  }
}
