import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandFailure, ExitCode, UsageError } from "./exit-code.js";
import { readStdin } from "./stdin.js";
import type { Terminal } from "./terminal.js";
import { hasLostBytes, utf8Text } from "./utf8-text.js";

/** Lines of secrets that a file or a pipe gives, in their order. */
export class SecretLines {
  readonly #lines: string[];
  readonly #source: string;

  /** @throws {UsageError} for bytes that are no text: a wrong secret could read as the right one */
  private constructor(bytes: Uint8Array, source: string) {
    const text = utf8Text(bytes);
    if (text === null) throw new UsageError(`${source} is not text in UTF-8`);
    this.#lines = text.split(/\r?\n/);
    // What follows the last line's end is no line.
    if (this.#lines.at(-1) === "") this.#lines.pop();
    this.#source = source;
  }

  /** @throws {UsageError} if it cannot be read */
  static ofFile(file: string): SecretLines {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
    }
    return new SecretLines(bytes, file);
  }

  static async ofStdin(terminal: Terminal): Promise<SecretLines> {
    return new SecretLines(await readStdin(terminal), "stdin");
  }

  /** The next one. @param what such as `the password` @throws {UsageError} if there is none */
  next(what: string): string {
    const line = this.#lines.shift();
    if (line === undefined || line === "")
      throw new UsageError(`${what} is missing: ${this.#source} has no line for it`);
    return line;
  }
}

/** Whether somebody sits at the terminal who can be asked. */
export function canBeAsked({ stdin }: Terminal): boolean {
  return "isTTY" in stdin && stdin.isTTY === true;
}

/**
 * Asks for lines that nobody sees while they are typed, one after the other. What was typed or pasted before its question
 * answers that question.
 *
 * @throws {CommandFailure} if one is not given (Ctrl-C, Ctrl-D) @throws {UsageError} if one is no text
 */
export async function askSecrets(questions: readonly string[], terminal: Terminal): Promise<string[]> {
  const unseen = new Writable({ write: (_piece, _encoding, done) => done() });
  // One for all: what comes in one piece with a line would be gone with the one that read it.
  const readline = createInterface({ input: terminal.stdin, output: unseen, terminal: true, historySize: 0 });
  const answers: string[] = [];
  terminal.prose(questions[0] ?? "");
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(new CommandFailure(ExitCode.interrupted, "interrupted", "interrupted"));
      terminal.interrupted.addEventListener("abort", stop, { once: true });
      readline.once("SIGINT", stop).once("close", stop);
      readline.on("line", (line) => {
        if (answers.length === questions.length) return;
        answers.push(line);
        const next = questions[answers.length];
        if (next === undefined) resolve();
        else terminal.prose(`\n${next}`);
      });
    });
    if (answers.some(hasLostBytes)) throw new UsageError("what was typed is not text in UTF-8");
    return answers;
  } finally {
    terminal.prose("\n");
    readline.close();
  }
}
