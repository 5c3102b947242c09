import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removePidFile, writePidFile } from "@synod/acceptor-server/pid-file";
import type { Address } from "@synod/api";
import { runningProcess } from "../background-process.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { OwnPart } from "./demo-settings.js";

/**
 * Sees to it that one program has a machine's data: a second one would stop the nodes of the first, and clear what they have.
 * A program that was killed is none any more; its nodes then are those of the next one.
 *
 * @returns gives it up again
 * @throws {CommandFailure} if another one has it
 */
export function claimData({ folder, facts }: OwnPart, address: Address): () => void {
  const file = join(folder.home, `${folder.name}.pid`);
  const other = runningProcess(file);
  if (other !== null) {
    const message =
      `a demo of machine ${facts.machine} runs already on the data in ${folder.path}: it is process ${other.pid}. End that ` +
      "one, or give this one a folder of its own (--home)";
    throw new CommandFailure(ExitCode.failure, "already-running", message);
  }
  mkdirSync(folder.home, { recursive: true });
  writePidFile(file, address);
  return () => removePidFile(file);
}
