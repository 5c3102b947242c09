import { randomUUID } from "node:crypto";
import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** A file that is there whole or as it was before, never in part. */
export interface WholeFile {
  /** @throws {CommandFailure} if it cannot be written */
  write(text: string): void;
  /** Leaves nothing behind if it was not written. */
  abandon(): void;
}

/**
 * Prepares to write a file at the end of a long work. A link is followed; what is no file but can be written to (a pipe, a
 * device) is not replaced by one.
 *
 * @param mode who may read and write it, where it is a file
 * @throws {CommandFailure} if it could not be written, before the work begins
 */
export function openWholeFile(path: string, mode = 0o666): WholeFile {
  let draft: string | null = null;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      if (draft !== null) rmSync(draft, { force: true });
      const reason = (error as Error).message;
      throw new CommandFailure(ExitCode.failure, "unwritable", `${path} cannot be written: ${reason}`);
    }
  };
  let target = path;
  attempt(() => {
    if (existsSync(path)) target = realpathSync(path);
    const there = statSync(target, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there && !there.isFile()) return;
    draft = `${target}.${randomUUID()}.draft`;
    writeFileSync(draft, "", { flag: "wx", mode });
  });
  return {
    write: (text) =>
      attempt(() => {
        writeFileSync(draft ?? target, text);
        if (draft !== null) renameSync(draft, target);
      }),
    abandon: () => {
      if (draft !== null) rmSync(draft, { force: true });
    },
  };
}
