import { fstatSync } from "node:fs";
import { Readable } from "node:stream";
import { ExitCode } from "./exit-code.js";
import type { Program } from "./parse.js";
import { runProgram } from "./program.js";

/** Runs a program in this very process, with its streams, environment and signals, and ends the process. */
export async function main(program: Program): Promise<void> {
  const { stdout, stderr, env } = process;
  const stdin = inputOf(process);
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  const closing = new AbortController();
  // `| head` has read all it wanted: that is no error. The command goes on, since its exit code still means something.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return closing.abort();
    stderr.write(`${program.name}: stdout cannot be written: ${error.message}\n`);
    process.exit(ExitCode.failure);
  });
  // Prose that reaches nobody stops nothing.
  stderr.on("error", () => {});
  const surroundings = {
    stdin,
    stdout,
    stderr,
    env,
    interrupted: interruption.signal,
    outputClosed: closing.signal,
  };
  process.exitCode = await runProgram(program, process.argv.slice(2), surroundings);
}

/** What this process reads. To Node a folder is an empty input: a value that is read from one must not become the empty text. */
function inputOf({ stdin }: NodeJS.Process): Readable {
  if (!fstatSync(0).isDirectory()) return stdin;
  return new Readable({
    read() {
      this.destroy(new Error("stdin cannot be read: it is a folder"));
    },
  });
}
