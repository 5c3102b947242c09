import type { Options, PositionalOptions } from "yargs";
import type { ExitCode } from "./exit-code.js";
import type { Terminal } from "./terminal.js";

/** What a command was given: option values under their names, as yargs and the option's `coerce` leave them. */
export type Arguments = Readonly<Record<string, unknown>>;

/** How a command ended. */
export interface Result {
  readonly exitCode: ExitCode;
  /** With `--json`, printed at the end; absent if the command printed its data itself. */
  readonly document?: unknown;
}

/** One command: what it is called, what it takes, and what it does. */
export interface Command {
  /** As typed after `synod`, such as `acceptor up`; with yargs' notation for what follows it. */
  readonly usage: string;
  readonly summary: string;
  /** Shown first in `--help`: a command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  readonly options: Readonly<Record<string, Options>>;
  readonly positionals?: Readonly<Record<string, PositionalOptions>>;
  /** @throws {CommandFailure} for whatever the user can act on */
  run(args: Arguments, terminal: Terminal): Promise<Result>;
}
