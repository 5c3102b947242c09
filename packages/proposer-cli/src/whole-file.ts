import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** A file that is there whole or as it was before, never in part. */
export interface WholeFile {
  /** @throws {CommandFailure} if it cannot be written */
  write(text: string): void;
  /** Leaves nothing behind if it was not written. */
  abandon(): void;
}

/**
 * Prepares to write a file at the end of a long work.
 *
 * @throws {CommandFailure} if it could not be written, before the work begins
 */
export function openWholeFile(path: string): WholeFile {
  const draft = `${path}.draft`;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      rmSync(draft, { force: true });
      throw new CommandFailure(
        ExitCode.failure,
        "unwritable",
        `${path} cannot be written: ${(error as Error).message}`,
      );
    }
  };
  attempt(() => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error("it is a folder");
    writeFileSync(draft, "");
  });
  return {
    write: (text) =>
      attempt(() => {
        writeFileSync(draft, text);
        renameSync(draft, path);
      }),
    abandon: () => rmSync(draft, { force: true }),
  };
}
