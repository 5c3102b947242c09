import type { Options } from "yargs";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";
import { askSecret, canBeAsked, SecretLines } from "../terminal/secret-line.js";
import type { Terminal } from "../terminal/terminal.js";

/** A password is never a part of a command line, which others can read. */
export const PASSWORD_OPTIONS = {
  "password-file": {
    type: "string",
    describe: "The file whose first line is the password (default: the first line of stdin, or what is typed, unseen)",
    coerce: name("--password-file"),
  },
} as const satisfies Record<string, Options>;

/** The password of somebody who has one. @throws {UsageError} if there is none */
export async function passwordGiven(args: Arguments, terminal: Terminal, user: string): Promise<string> {
  const lines = await secretLines(args, terminal);
  return lines ? lines.next("the password") : askSecret(`Password of ${user}: `, terminal);
}

/** A password that is chosen: who types it does so twice. @throws {UsageError} if there is none */
export async function passwordChosen(args: Arguments, terminal: Terminal, user: string): Promise<string> {
  const lines = await secretLines(args, terminal);
  return lines ? lines.next("the password") : typedTwice(`A password for ${user}`, terminal);
}

/** The password as it is, and another one. In a file or on stdin: a line each. @throws {UsageError} if one is missing */
export async function passwordChange(args: Arguments, terminal: Terminal, user: string): Promise<[string, string]> {
  const lines = await secretLines(args, terminal);
  if (lines) return [lines.next("the password"), lines.next("the new password")];
  const old = await askSecret(`Password of ${user}: `, terminal);
  return [old, await typedTwice("The new password", terminal)];
}

/** Null: somebody can be asked. */
async function secretLines(args: Arguments, terminal: Terminal): Promise<SecretLines | null> {
  const file = args["password-file"] as string | undefined;
  if (file !== undefined && file !== "-") return SecretLines.ofFile(file);
  return file === undefined && canBeAsked(terminal) ? null : SecretLines.ofStdin(terminal);
}

async function typedTwice(what: string, terminal: Terminal): Promise<string> {
  const first = await askSecret(`${what}: `, terminal);
  if ((await askSecret("Once more: ", terminal)) === first) return first;
  throw new UsageError("they differ: nothing was done");
}
