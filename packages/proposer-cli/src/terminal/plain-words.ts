import type { Command } from "./command.js";
import { UsageError } from "./exit-code.js";
import { beforeDashes } from "./flags.js";

/**
 * Words that are to be taken as they stand: what follows a `--`, and a `-` alone. yargs loses both on their way to a
 * positional of a command with two words, so they are hidden from it and brought back afterwards. No word of a command line
 * can hold this character itself.
 */
const MARK = "\u0000";

/** Hides such words, for commands that take their positionals as they were typed. @param words each flag with its value */
export function hidden(words: readonly string[], command: Command | undefined): readonly string[] {
  const positionals = Object.values(command?.positionals ?? {});
  const takesAnyWord = positionals.length > 0 && positionals.every(({ coerce, choices }) => !coerce && !choices);
  if (!takesAnyWord) return words;
  const before = beforeDashes(words);
  // After an option that still needs a value, a `-` is that, which yargs does hand on.
  const isAlone = (word: string, position: number) => word === "-" && !/^--[^=]+$/.test(before[position - 1] ?? "");
  return [
    ...before.map((word, position) => (isAlone(word, position) ? MARK + word : word)),
    ...words.slice(before.length + 1).map((word) => MARK + word),
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
