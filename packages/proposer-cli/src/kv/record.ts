import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Options } from "yargs";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { GatewayFailure } from "./gateway.js";

/** The option of commands that write down what they did. */
export const RECORD_OPTION = {
  record: {
    type: "string",
    describe: "Append what was done to this history, for: synod check history FILE --model register",
    coerce: name("--record"),
  },
} as const satisfies Record<string, Options>;

/**
 * What a history holds in place of a value where there is no such key. It is no string, and so no value of a key. It is
 * not `null` either, which the register model keeps for a register never written: nobody can write that, but a delete
 * writes absence.
 */
export const ABSENT = { absent: true } as const;

/** An operation of the register model, as it is called. */
export interface Recorded {
  readonly f: "read" | "write" | "cas";
  readonly value?: unknown;
  /** Whether it can tell that the key is absent. */
  readonly seesAbsence: boolean;
}

/**
 * Does something with a key, and appends its call before and its outcome after to the history that was named, each in one
 * piece: commands that run at the same time may share a file. What nobody knows the outcome of is recorded as that.
 *
 * @param outcome what the line that closes it says: what was read or written, whether it swapped; null if it certainly
 *   did not happen
 * @throws {CommandFailure} if the history cannot be written; then nothing was done
 */
export async function recorded<T>(
  args: Arguments,
  key: string,
  operation: Recorded,
  terminal: Terminal,
  act: () => Promise<T>,
  outcome: (result: T) => Readonly<Record<string, unknown>> | null,
): Promise<T> {
  const file = args["record"] as string | undefined;
  if (file === undefined) return act();
  const process = `${globalThis.process.pid}-${randomUUID().slice(0, 8)}`;
  const { f, value } = operation;
  const line = (type: string, more: object = {}) => `${JSON.stringify({ process, type, f, key, ...more })}\n`;
  const beginning = operation.seesAbsence ? absenceOf(file, key, process) : "";
  append(file, `${beginning}${line("invoke", value === undefined ? {} : { value })}`);
  const close = (text: string) => {
    try {
      append(file, text);
    } catch (error) {
      // It is done: the history lacks its end, which reads as an outcome that nobody knows.
      terminal.warn((error as Error).message);
    }
  };
  try {
    const result = await act();
    const said = outcome(result);
    close(said === null ? line("fail") : line("ok", said));
    return result;
  } catch (error) {
    close(line(error instanceof GatewayFailure && error.definite ? "fail" : "info"));
    throw error;
  }
}

/**
 * Absence has two names in a history: `null` before the first write, and ABSENT after a delete. So that what sees absence
 * need not know which, the first may become the second at any moment: a cas of unknown outcome says just that, and as
 * `null` is never written, it can happen once at most, however many commands say so.
 */
function absenceOf(file: string, key: string, process: string): string {
  const call = `"f":"cas","key":${JSON.stringify(key)},"value":${JSON.stringify([null, ABSENT])}`;
  if (existsSync(file) && readFileSync(file, "utf8").includes(call)) return "";
  const before = `${JSON.stringify({ process: `${process}-absence` }).slice(0, -1)}`;
  return `${before},"type":"invoke",${call}}\n${before},"type":"info",${call}}\n`;
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    const message = `${file} cannot be written: ${(error as Error).message}`;
    throw new CommandFailure(ExitCode.failure, "unwritable", message);
  }
}
