import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/** As long as a hash of it: nobody guesses it. */
const SECRET_BYTES = 32;

/** The secret of a demo, and the file that was made for it just now, if one was. */
export interface DemoSecret {
  readonly secret: string | undefined;
  readonly madeFile: string | null;
}

/**
 * The secret that both machines share. A file that is named and not there is made: the demo is started for the first time.
 *
 * @throws {UsageError} if the file can neither be read nor made
 */
export function demoSecret(args: Arguments, { env }: Terminal): DemoSecret {
  const file = args["secret-file"] as string | undefined;
  const isMade = file !== undefined && !existsSync(file);
  if (isMade) make(file);
  return { secret: readSecret(args, env), madeFile: isMade ? file : null };
}

/** What to do with a file that was made: the other machine needs the same. */
export function copyAdvice(file: string, there: string): string[] {
  // To scp an address ends at its first colon.
  const host = there.includes(":") ? `[${there}]` : there;
  return [
    `Made the secret that both machines share: ${file} (mode 0600). Copy it to the other machine, where nobody else reads it:`,
    `  scp -p ${file} USER@${host}:`,
    "and start the demo there with --secret-file as well.",
  ];
}

/** What a demo on two machines needs, in words. */
export const SECRET_NEEDED =
  "two machines need a secret that they share, since whoever reaches a node could make it say anything: give " +
  "--secret-file FILE. It is made if it is not there; copy it to the other machine (scp -p), and give it there, too";

function make(file: string): void {
  try {
    // Never in place of one that somebody made meanwhile.
    writeFileSync(file, `${randomBytes(SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new UsageError(`--secret-file ${file} cannot be made: ${error instanceof Error ? error.message : error}`);
  }
}
