import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { History, ModelName } from "@synod/simulator";
import { CommandFailure, ExitCode, UsageError } from "./terminal/exit-code.js";
import type { Terminal } from "./terminal/terminal.js";

/** What a history is called that comes from stdin. */
export const STDIN = "-";

/**
 * Reads a recorded history as it comes, so that it may be larger than memory would hold as one text.
 *
 * @throws {CommandFailure} if it cannot be read, or a line of it means nothing
 */
export async function readHistoryFile(file: string, model: ModelName, terminal: Terminal): Promise<History> {
  const { HistoryReader, MalformedHistory } = await import("@synod/simulator");
  const source = file === STDIN ? "stdin" : file;
  const reader = new HistoryReader(model);
  try {
    for await (const line of linesOf(streamOf(file, terminal), terminal.interrupted)) reader.add(line);
    return reader.end();
  } catch (error) {
    terminal.interrupted.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    if (error instanceof MalformedHistory) {
      throw new CommandFailure(ExitCode.failure, "malformed-history", `${source}:${error.line}: ${error.reason}`);
    }
    const reason = error instanceof TypeError ? "it is not text in UTF-8" : (error as Error).message;
    throw new CommandFailure(ExitCode.failure, "unreadable", `${source} cannot be read: ${reason}`);
  }
}

function streamOf(file: string, { stdin }: Terminal): Readable {
  if (file !== STDIN) return createReadStream(file);
  if ("isTTY" in stdin && stdin.isTTY === true) {
    throw new UsageError("name a file with a history, or send one to stdin");
  }
  return stdin;
}

/** Lines end with a newline alone: other separators may stand within a string. */
async function* linesOf(stream: Readable, interrupted: AbortSignal): AsyncGenerator<string> {
  const stopReading = () => stream.destroy();
  interrupted.addEventListener("abort", stopReading);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let begun = "";
  try {
    for await (const piece of stream) {
      const lines = (begun + decoder.decode(piece, { stream: true })).split("\n");
      begun = lines.pop() ?? "";
      yield* lines;
    }
    yield begun + decoder.decode();
  } finally {
    interrupted.removeEventListener("abort", stopReading);
  }
}
