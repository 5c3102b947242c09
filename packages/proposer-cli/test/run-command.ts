import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { PROGRAMS } from "../src/programs.ts";
import type { ExitCode } from "../src/terminal/exit-code.ts";
import { runProgram } from "../src/terminal/program.ts";

/** How a command is run in this very process. */
interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | Readable;
  /** Whether stdout is a terminal. */
  readonly isTTY?: boolean;
  readonly stderrIsTTY?: boolean;
  readonly outputClosed?: AbortSignal;
  readonly interrupted?: AbortSignal;
  /** Hears all that stdout holds so far, whenever something is added. */
  readonly onStdout?: (soFar: string) => void;
  readonly onStderr?: (soFar: string) => void;
}

/** What a command left behind. */
export interface Ran {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export type ProgramName = keyof typeof PROGRAMS;

/** A folder that does not exist, so that no pool of the machine the tests run on plays a part. */
const NO_HOME = path.join(tmpdir(), `synod-no-home-${process.pid}`);

/** Runs a program to its end, without a process of its own. */
export async function runCommand(
  name: ProgramName,
  words: readonly string[],
  { env = {}, stdin = new Uint8Array(), isTTY = false, stderrIsTTY = false, ...more }: Circumstances = {},
): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runProgram(PROGRAMS[name], words, {
    stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]),
    stdout: {
      isTTY,
      write: (text) => {
        stdout += text;
        more.onStdout?.(stdout);
      },
    },
    stderr: {
      isTTY: stderrIsTTY,
      write: (text) => {
        stderr += text;
        more.onStderr?.(stderr);
      },
    },
    env: { SYNOD_HOME: NO_HOME, ...env },
    interrupted: more.interrupted ?? new AbortController().signal,
    outputClosed: more.outputClosed ?? new AbortController().signal,
  });
  return { exitCode, stdout, stderr };
}

/** The lines of a text that ends with a line's end. */
export function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
