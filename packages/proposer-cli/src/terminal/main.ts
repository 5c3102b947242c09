import { ExitCode } from "./exit-code.js";
import type { Program } from "./parse.js";
import { runProgram } from "./program.js";

/** Runs a program in this very process, with its streams, environment and signals, and ends the process. */
export async function main(program: Program): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
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
