import { ExitCode } from "./exit-code.js";
import type { Program } from "./parse.js";
import { runProgram } from "./program.js";

/** Runs a program in this very process, with its streams, environment and signals, and ends the process. */
export async function main(program: Program): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  for (const stream of [stdout, stderr]) {
    // `| head` has read all it wanted: that is no error, and there is nobody left to tell.
    stream.on("error", (error: NodeJS.ErrnoException) =>
      process.exit(error.code === "EPIPE" ? ExitCode.done : ExitCode.failure),
    );
  }
  const surroundings = { stdin, stdout, stderr, env, interrupted: interruption.signal };
  process.exitCode = await runProgram(program, process.argv.slice(2), surroundings);
}
