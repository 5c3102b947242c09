import type { Options } from "yargs";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";
import { askSecrets, canBeAsked, SecretLines } from "../terminal/secret-line.js";
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
  if (lines) return lines.next("the password");
  const [password = ""] = await askSecrets([`Password of ${user}: `], terminal);
  return password;
}

/** A password that is chosen: who types it does so twice. @throws {UsageError} if there is none */
export async function passwordChosen(args: Arguments, terminal: Terminal, user: string): Promise<string> {
  const lines = await secretLines(args, terminal);
  if (lines) return lines.next("the password");
  const [first = "", again = ""] = await askSecrets([`A password for ${user}: `, AGAIN], terminal);
  return typedTwice(first, again);
}

/** The password as it is, and another one. In a file or on stdin: a line each. @throws {UsageError} if one is missing */
export async function passwordChange(args: Arguments, terminal: Terminal, user: string): Promise<[string, string]> {
  const lines = await secretLines(args, terminal);
  if (lines) return [lines.next("the password"), lines.next("the new password")];
  const questions = [`Password of ${user}: `, "The new password: ", AGAIN];
  const [old = "", first = "", again = ""] = await askSecrets(questions, terminal);
  return [old, typedTwice(first, again)];
}

/** Null: somebody can be asked. */
async function secretLines(args: Arguments, terminal: Terminal): Promise<SecretLines | null> {
  const file = args["password-file"] as string | undefined;
  if (file !== undefined && file !== "-") return SecretLines.ofFile(file);
  return file === undefined && canBeAsked(terminal) ? null : SecretLines.ofStdin(terminal);
}

const AGAIN = "Once more: ";

function typedTwice(first: string, again: string): string {
  if (first === again) return first;
  throw new UsageError("they differ: nothing was done");
}
