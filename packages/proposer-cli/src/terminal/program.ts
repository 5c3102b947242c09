import type { Result } from "./command.js";
import { CommandFailure, ExitCode, UsageError } from "./exit-code.js";
import { isOn } from "./flags.js";
import { legible } from "./legible.js";
import { commandNamed, namesOf, type Program, parse, withGroups } from "./parse.js";
import { withSuggestion } from "./suggestion.js";
import { type Surroundings, Terminal } from "./terminal.js";

/** Runs a command line, from the words after the program's name to the exit code. Never throws. */
export async function runProgram(
  whole: Program,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const program = await withGroups(whole, words);
  // Known before the line is understood, so that a wrong one is answered in the form that was asked for.
  const options = { json: isOn("json", false, words), color: isOn("color", true, words) };
  const terminal = new Terminal(surroundings, options);
  try {
    const parsed = await parse(program, words);
    if (parsed.command) return finish(await parsed.command.run(parsed.args, terminal), terminal);
    terminal.data(`${parsed.text}\n`);
    return ExitCode.done;
  } catch (error) {
    // What somebody meant who named no command may be of any group.
    const known = commandNamed(program, words) ? program : await withGroups(whole);
    return tellFailure(error, known, words, terminal);
  }
}

function finish({ exitCode, document }: Result, terminal: Terminal): ExitCode {
  if (terminal.json && document !== undefined) terminal.data(`${JSON.stringify(document, null, 2)}\n`);
  return exitCode;
}

function tellFailure(error: unknown, program: Program, words: readonly string[], terminal: Terminal): ExitCode {
  const { name } = program;
  const failure = asFailure(error, program, words, terminal);
  const { code, message, exitCode } = failure;
  if (terminal.json) terminal.data(`${JSON.stringify({ error: { code, message, exitCode } }, null, 2)}\n`);
  // Servers have their part in what went wrong, and say what others wrote.
  terminal.note(`${name}: ${message.split("\n").map(legible).join("\n")}`);
  if (failure instanceof UsageError) terminal.note(`Try: ${[name, ...namesToTry(program, words)].join(" ")} --help`);
  if (terminal.env["SYNOD_DEBUG"] && error instanceof Error) terminal.note(error.stack ?? "");
  return exitCode;
}

/** What to type after the program's name to get help on what was tried. */
function namesToTry(program: Program, words: readonly string[]): string[] {
  const [first = ""] = words;
  if (program.commands.length === 1) return [];
  const command = commandNamed(program, words);
  if (command) return namesOf(command.usage);
  return Object.hasOwn(program.groups, first) ? [first] : [];
}

function asFailure(error: unknown, program: Program, words: readonly string[], terminal: Terminal): CommandFailure {
  if (terminal.interrupted.aborted) return new CommandFailure(ExitCode.interrupted, "interrupted", "interrupted");
  if (error instanceof UsageError) {
    // An option of another command is no help here.
    const command = commandNamed(program, words);
    return new UsageError(withSuggestion(error.message, words, command ? [command] : program.commands));
  }
  if (error instanceof CommandFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(ExitCode.failure, "failure", message, { cause: error });
}
