import type { Options } from "yargs";
import type { Command } from "./command.js";
import { UsageError } from "./exit-code.js";

/** The words of a command line that may name options: what follows a `--` is taken as it stands. */
export function beforeDashes(words: readonly string[]): readonly string[] {
  return words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
}

/** Whether a flag is on, as its last mention says: `--json`, `--no-json`, `--json=false`. */
export function isOn(flag: string, otherwise: boolean, words: readonly string[]): boolean {
  const mention = new RegExp(`^--(no-)?${flag}(?:=(true|false))?$`);
  const mentions = beforeDashes(words).flatMap((word) => {
    const match = mention.exec(word);
    return match ? [(match[1] === undefined) === (match[2] !== "false")] : [];
  });
  return mentions.at(-1) ?? otherwise;
}

/**
 * The words with each flag's value said: to yargs, a word after a flag that happens to be `true` or `false` would be the
 * flag's value, and any other value than `true`, such as `--chaos=yes`, would turn it off.
 *
 * @throws {UsageError} for a value that is neither
 */
export function withFlagsSaid(words: readonly string[], command: Command | undefined): readonly string[] {
  const flags = new Set(["--json", "--color", ...Object.entries(command?.options ?? {}).flatMap(asTyped)]);
  const before = beforeDashes(words);
  const said = before.map((word) => {
    const [, no, name = "", , value] = /^(--no-)?([^=]+)(=(.*))?$/s.exec(word) ?? [];
    const flag = no === undefined ? name : `--${name}`;
    if (!flags.has(flag)) return word;
    if (value === undefined) return `${flag}=${no === undefined}`;
    if (no === undefined && value !== "true" && value !== "false") {
      throw new UsageError(`${flag} is true or false, not "${value}"`);
    }
    return word;
  });
  return [...said, ...words.slice(before.length)];
}

/** How an option is typed, if it is a flag. */
function asTyped([name, { type, alias = [] }]: [string, Options]): string[] {
  if (type !== "boolean") return [];
  return [name, alias].flat().map((one) => (one.length === 1 ? `-${one}` : `--${one}`));
}
