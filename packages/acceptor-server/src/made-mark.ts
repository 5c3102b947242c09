import { closeSync, existsSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncFolder } from "./durable-file.js";

/**
 * Remembers that a folder has a journal, in a file outside of it: a folder that is gone took promises with it, and nothing
 * in it could tell.
 */
export function markMade(mark: string): void {
  if (existsSync(mark)) return;
  closeSync(openSync(mark, "a"));
  syncFolder(dirname(mark));
}

/** Whether the folder had a journal once, and is gone. A journal's folder has a lock as long as it is there. */
export function isLost(mark: string, folder: string): boolean {
  return existsSync(mark) && !existsSync(join(folder, "lock"));
}
