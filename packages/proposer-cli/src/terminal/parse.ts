import yargs, { type Argv, type Options } from "yargs";
import type { Arguments, Command } from "./command.js";
import { CommandFailure, UsageError } from "./exit-code.js";
import { beforeDashes, withFlagsSaid } from "./flags.js";
import { hidden, shown, withWordsShown } from "./plain-words.js";
import { inOurWords, noSuchCommand } from "./suggestion.js";

/** A program: one command under its own name, or many under one. */
export interface Program {
  readonly name: string;
  readonly summary: string;
  /** Those that are in no group, and those of groups that were loaded. */
  readonly commands: readonly Command[];
  /** By the word that comes first in all of a group's commands, such as `acceptor`. */
  readonly groups: Readonly<Record<string, CommandGroup>>;
  /** Shown first in the program's own help, where it has many commands. */
  readonly examples: Command["examples"];
}

/** Commands that begin with the same word. */
interface CommandGroup {
  readonly about: string;
  /** Loads them, and all that they need: what other command lines do not wait for. */
  load(): Promise<readonly Command[]>;
}

/** A command line that was understood: a command to run, or text to print (help, the version, completions). */
export type Parsed =
  | { readonly command: Command; readonly args: Arguments }
  | { readonly command: null; readonly text: string };

const VERSION = "0.1.0";

/** Heads a command's help. */
const EXAMPLES = "Examples:";

const COMMON_OPTIONS = {
  json: { type: "boolean", default: false, describe: "Print one JSON document instead of lines" },
  color: { type: "boolean", default: true, describe: "Colour, on a terminal (--no-color, NO_COLOR)" },
} as const;

/** The program with the commands of each group that these words name; without words, of all groups. */
export async function withGroups(program: Program, words?: readonly string[]): Promise<Program> {
  const named = Object.entries(program.groups).filter(([name]) => words?.includes(name) ?? true);
  const loaded = await Promise.all(named.map(([, group]) => group.load()));
  return { ...program, commands: [...program.commands, ...loaded.flat()] };
}

/**
 * Reads a command line, of a program that has the groups which are named in it.
 *
 * @throws {UsageError} if it is wrong
 */
export function parse(program: Program, given: readonly string[]): Promise<Parsed> {
  return withWordsShown(() => parseHidden(program, isAskedForCompletions(given) ? given : prepared(program, given)));
}

/** The words as yargs takes each of them for what it is meant to be. */
function prepared(program: Program, given: readonly string[]): readonly string[] {
  const command = program.commands.length === 1 ? program.commands[0] : commandNamed(program, given);
  return hidden(withFlagsSaid(given, command), command);
}

async function parseHidden(program: Program, given: readonly string[]): Promise<Parsed> {
  const words = program.commands.length > 1 && given[0] === "help" ? [...given.slice(1), "--help"] : given;
  let chosen: { command: Command; args: Arguments } | null = null as { command: Command; args: Arguments } | null;
  let text = "";
  const choose = (command: Command, args: Arguments) => {
    const plain = Object.entries(args).map(([name, value]) => [name, shown(value)] as const);
    chosen = { command, args: Object.fromEntries(plain) };
  };
  const [only] = program.commands;
  const parser = common(program.name);
  if (!isAskedForCompletions(words)) refuseUnknownCommand(program, words);
  if (program.commands.length === 1 && only) describeCommand(parser, only, program.name);
  else addCommands(parser, program, choose);
  const args = await parser.parseAsync([...words], {}, (_error: unknown, _args: unknown, output: string) => {
    text = output;
  });
  if (text === "" && only && program.commands.length === 1) chosen = { command: only, args };
  if (chosen === null) return { command: null, text: withExamples(text, program) };
  refuseStrayWords(chosen);
  requireOptions(chosen);
  return chosen;
}

/** The command, of several, that these words begin with: a group's own only if no other one of it is named. */
export function commandNamed({ commands }: Program, words: readonly string[]): Command | undefined {
  const plain = withoutOptions(words);
  const named = commands.filter(({ usage }) => namesOf(usage).every((name, position) => plain[position] === name));
  return named.sort((one, other) => namesOf(other.usage).length - namesOf(one.usage).length)[0];
}

/**
 * The words that are no options. Before a command is named nobody knows its options: to yargs, and so here, one takes the
 * word after it.
 */
function withoutOptions(words: readonly string[]): readonly string[] {
  const known = ["help", "version", ...Object.keys(COMMON_OPTIONS)].flatMap((name) => [`--${name}`, `--no-${name}`]);
  const takesNext = (word: string | undefined) => /^--[^=]+$/.test(word ?? "") && !known.includes(word ?? "");
  const before = beforeDashes(words);
  return before.filter((word, position) => !word.startsWith("-") && !takesNext(before[position - 1]));
}

/** The words of a command's usage that name it: `acceptor up`, without `[ids..]`. */
export function namesOf(usage: string): string[] {
  return usage.split(" ").filter((word) => !/^[<[]/.test(word));
}

function isAskedForCompletions(words: readonly string[]): boolean {
  return words.includes("--get-yargs-completions");
}

function refuseUnknownCommand({ commands, groups }: Program, [first, second]: readonly string[]): void {
  if (commands.length === 1 || first === undefined || first.startsWith("-")) return;
  const top = [...new Set([...commands.map(({ usage }) => usage.split(" ")[0] ?? ""), ...Object.keys(groups)])];
  if (!top.includes(first)) throw new UsageError(noSuchCommand(first, top));
  if (!(first in groups) || second === undefined || second.startsWith("-")) return;
  const tried = `${first} ${second}`;
  const inGroup = commands.map(({ usage }) => namesOf(usage).join(" ")).filter((name) => name.startsWith(`${first} `));
  if (!inGroup.includes(tried)) throw new UsageError(noSuchCommand(tried, inGroup));
}

/** yargs lets pass what follows a `--`. */
function refuseStrayWords({ command, args }: { command: Command; args: Arguments }): void {
  const ownWords = command.usage.split(" ");
  const strays = (args["_"] as (string | number)[]).map(String).filter((word) => !ownWords.includes(word));
  if (strays.length > 0) throw new UsageError(`Unknown argument: ${strays.join(", ")}`);
}

/** Asked for here and not by yargs, which would complain of what is missing before it complains of what is misspelt. */
function requireOptions({ command, args }: { command: Command; args: Arguments }): void {
  const missing = Object.entries(command.options).filter(
    ([name, option]) => option.demandOption && args[name] === undefined,
  );
  if (missing.length > 0) throw new UsageError(`missing: ${missing.map(([name]) => `--${name}`).join(", ")}`);
}

/** An option as yargs is told of it: whatever takes a value must be given one. */
function forYargs({ demandOption, ...option }: Options): Options {
  const describe = demandOption ? `${option.describe} (required)` : option.describe;
  return { ...option, requiresArg: option.type === "string" && !option.array, ...(describe ? { describe } : {}) };
}

/** Puts examples in their place at the top of a help; yargs would take their indentation away. */
function withExamples(help: string, { commands, groups, summary, examples }: Program): string {
  const [heading, , about = ""] = help.split("\n", 3);
  if (heading !== EXAMPLES) return help;
  const command = commands.find((one) => one.summary.startsWith(about));
  const group = Object.keys(groups).find((name) => groups[name]?.about.startsWith(about));
  const shown = command?.examples ?? (summary.startsWith(about) ? examples : examplesOf(commands, group));
  const lines = shown.map(([line, what]) => `  ${line}\n      ${what}`);
  return `${EXAMPLES}\n${lines.join("\n")}${help.slice(EXAMPLES.length)}`;
}

/** The first example of each command in this group. */
function examplesOf(commands: readonly Command[], group: string | undefined): Command["examples"] {
  return commands.flatMap(({ usage, examples }) => (usage.startsWith(`${group} `) ? examples.slice(0, 1) : []));
}

/** What every level of a command line has in common: nothing unknown passes, and yargs neither prints nor exits. */
function common(name: string): Argv {
  return yargs()
    .scriptName(name)
    .version(VERSION)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(100)
    .parserConfiguration({ "parse-numbers": false, "parse-positional-numbers": false, "camel-case-expansion": false })
    .options(COMMON_OPTIONS)
    .alias("help", "h")
    .fail((message: string | null, error: Error | undefined) => {
      throw error instanceof CommandFailure
        ? error
        : new UsageError(inOurWords(message ?? error?.message ?? "not understood"));
    });
}

type Choose = (command: Command, args: Arguments) => void;

function addCommands(parser: Argv, { name, summary, commands, groups }: Program, choose: Choose): void {
  const addTo = (level: Argv, command: Command, usage: string) =>
    level.command(
      usage,
      command.summary,
      (inner) => describeCommand(inner, command, `${name} ${command.usage}`),
      (args) => choose(command, args),
    );
  parser.usage(usageText(summary, `${name} <command>`));
  parser.demandCommand(1, `name a command; ${name} --help lists them`);
  for (const command of commands) {
    if (groupOf(command, groups) === undefined && !(command.usage in groups)) addTo(parser, command, command.usage);
  }
  for (const [group, { about }] of Object.entries(groups)) {
    parser.command(group, about, (inner) => {
      // A group that is a command, too, is that one where no other is named.
      const own = commands.find(({ usage }) => usage === group);
      const usage = own ? `${name} ${group} [command]` : `${name} ${group} <command>`;
      inner.usage(usageText(own?.summary ?? about, usage));
      if (own)
        inner.command(
          "$0",
          own.summary,
          (level) => addWords(level, own),
          (args) => choose(own, args),
        );
      else inner.demandCommand(1, `name a command; ${name} ${group} --help lists them`);
      for (const command of commands) {
        if (groupOf(command, groups) === group) addTo(inner, command, command.usage.slice(group.length + 1));
      }
    });
  }
}

function groupOf({ usage }: Command, groups: Program["groups"]): string | undefined {
  return Object.keys(groups).find((group) => usage.startsWith(`${group} `));
}

function describeCommand(parser: Argv, command: Command, usage: string): Argv {
  return addWords(parser.usage(usageText(command.summary, usage)), command);
}

function usageText(about: string, usage: string): string {
  return `${EXAMPLES}\n\n${about}\n\nUsage: ${usage} [options]`;
}

/** The words that a command takes. */
function addWords(parser: Argv, command: Command): Argv {
  for (const [name, option] of Object.entries(command.options)) parser.option(name, forYargs(option));
  for (const [positional, options] of Object.entries(command.positionals ?? {})) parser.positional(positional, options);
  return parser;
}
