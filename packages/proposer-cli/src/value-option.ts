import type { Options } from "yargs";
import type { Arguments } from "./terminal/command.js";
import { UsageError } from "./terminal/exit-code.js";
import { proposalId, text, wholeNumber } from "./terminal/option-values.js";
import { readStdin } from "./terminal/stdin.js";
import type { Terminal } from "./terminal/terminal.js";
import { utf8Text } from "./terminal/utf8-text.js";

export const VALUE_OPTION = {
  value: {
    type: "string",
    demandOption: true,
    describe: "The value: any string, also the empty one; - reads it from stdin, byte for byte",
    coerce: text("--value"),
  },
} as const satisfies Record<string, Options>;

export const ID_OPTION = {
  id: {
    type: "string",
    demandOption: true,
    describe: "The proposal id, a whole number 0..2^53-1",
    coerce: proposalId("--id"),
  },
} as const satisfies Record<string, Options>;

export const INSTANCE_OPTION = {
  instance: {
    type: "string",
    default: "1",
    describe: "The slot of the log; single-decree Paxos is 1",
    coerce: wholeNumber("--instance", 1, Number.MAX_SAFE_INTEGER),
  },
} as const satisfies Record<string, Options>;

/**
 * The value that `--value` names.
 *
 * @throws {UsageError} if stdin holds no text
 */
export function readValue(args: Arguments, terminal: Terminal): Promise<string> {
  return textGiven("--value", args["value"] as string, terminal);
}

/** A text as it was typed; `-` reads it from stdin, byte for byte. @throws {UsageError} if stdin holds no text */
export async function textGiven(flag: string, given: string, terminal: Terminal): Promise<string> {
  if (given !== "-") return given;
  const value = utf8Text(await readStdin(terminal));
  if (value === null) throw new UsageError(`${flag} -: stdin is not text in UTF-8`);
  return value;
}
