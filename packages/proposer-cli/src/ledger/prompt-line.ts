import { UsageError } from "../terminal/exit-code.js";
import { noSuchCommand, noSuchName } from "../terminal/suggestion.js";

/** Something that `print` prints: its name, and the short one. */
export interface Printable {
  readonly name: string;
  readonly short: string;
  readonly summary: string;
}

/** A line at a prompt: the command, as it is called, and what stands behind it. */
export interface PromptLine {
  readonly command: string;
  readonly rest: string;
}

/**
 * What a line says; null for an empty one. Capitals of commands do not matter; a short name alone is what `print` and it are.
 *
 * @param commands what there is, beside `print` where there is something to print
 * @throws {UsageError} if there is no such command
 */
export function promptLine(
  line: string,
  commands: readonly string[],
  printables: readonly Printable[] = [],
): PromptLine | null {
  const [, word = "", rest = ""] = /^\s*(\S*)(.*)$/s.exec(line) ?? [];
  if (word === "") return null;
  const known = printables.length > 0 ? ["print", ...commands] : commands;
  const command = known.find((one) => one.toLowerCase() === word.toLowerCase());
  if (command !== undefined) return { command, rest };
  if (printables.some(({ short, name }) => isCalled(word, [short, name]))) return { command: "print", rest: line };
  const complaint = noSuchCommand(word, known);
  throw new UsageError(`${complaint}${complaint.endsWith("?") ? "" : "."} help lists what there is`);
}

/** The one that shall be printed; null to list all. @throws {UsageError} if there is no such thing */
export function toPrint<P extends Printable>(rest: string, printables: readonly P[]): P | null {
  const word = rest.trim();
  if (word === "") return null;
  const found = printables.find(({ name, short }) => isCalled(word, [name, short]));
  if (found) return found;
  throw new UsageError(
    noSuchName(
      "thing to print",
      word,
      printables.map(({ name }) => name),
    ),
  );
}

function isCalled(word: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === word.toLowerCase());
}

/** @throws {UsageError} if something stands behind a command that takes nothing */
export function refuseRest({ command, rest }: PromptLine): void {
  if (rest.trim() !== "") throw new UsageError(`${command} takes nothing more: leave ${rest.trim()} out`);
}

/** The lines that `print` alone prints. */
export function printList(printables: readonly Printable[]): string[] {
  return printables.map(({ name, short, summary }) => `print ${name} (${short}): ${summary}`);
}
