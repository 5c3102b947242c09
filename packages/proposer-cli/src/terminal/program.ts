import type { Command, Result } from "./command.js";
import { CommandFailure, ExitCode, UsageError } from "./exit-code.js";
import { type Program, parse } from "./parse.js";
import { withSuggestion } from "./suggestion.js";
import { type Surroundings, Terminal } from "./terminal.js";

/** Runs a command line, from the words after the program's name to the exit code. Never throws. */
export async function runProgram(
  program: Program,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  // Known before the line is understood, so that a wrong one is answered in the form that was asked for.
  const options = { json: words.includes("--json"), color: !words.includes("--no-color") };
  const terminal = new Terminal(surroundings, options);
  try {
    const parsed = await parse(program, words);
    if (parsed.command) return finish(await parsed.command.run(parsed.args, terminal), terminal);
    terminal.data(`${parsed.text}\n`);
    return ExitCode.done;
  } catch (error) {
    return tellFailure(error, program, terminal);
  }
}

function finish({ exitCode, document }: Result, terminal: Terminal): ExitCode {
  if (terminal.json && document !== undefined) terminal.data(`${JSON.stringify(document, null, 2)}\n`);
  return exitCode;
}

function tellFailure(error: unknown, { name, commands }: Program, terminal: Terminal): ExitCode {
  const failure = asFailure(error, commands, terminal);
  const { code, message, exitCode } = failure;
  if (terminal.json) terminal.data(`${JSON.stringify({ error: { code, message, exitCode } }, null, 2)}\n`);
  terminal.note(`${name}: ${message}`);
  if (failure instanceof UsageError) terminal.note(`Try: ${name} --help`);
  if (terminal.env["SYNOD_DEBUG"] && error instanceof Error) terminal.note(error.stack ?? "");
  return exitCode;
}

function asFailure(error: unknown, commands: readonly Command[], terminal: Terminal): CommandFailure {
  if (terminal.interrupted.aborted) return new CommandFailure(ExitCode.interrupted, "interrupted", "interrupted");
  if (error instanceof UsageError) return new UsageError(withSuggestion(error.message, commands));
  if (error instanceof CommandFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(ExitCode.failure, "failure", message, { cause: error });
}
