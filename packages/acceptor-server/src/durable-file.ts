import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a file that is there whole or not at all, and survives a loss of power once this returns. Whoever is first makes
 * it: a file that is there already stays as it is.
 *
 * @throws {Error} Node's, if it cannot be written
 */
export function makeOnce(file: string, text: string): void {
  publish(file, text, (draft) => {
    try {
      // Unlike a rename, a link never takes the place of what somebody else made meanwhile.
      linkSync(draft, file);
    } catch (error) {
      if (!isErrorWithCode(error, "EEXIST")) throw error;
    }
  });
}

/**
 * Puts this text in place of what the file holds, as whole and as durably as `makeOnce`.
 *
 * @throws {Error} Node's, if it cannot be written
 */
export function replaceFile(file: string, text: string): void {
  publish(file, text, (draft) => renameSync(draft, file));
}

function publish(file: string, text: string, place: (draft: string) => void): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeDurably(draft, text);
    place(draft);
    syncFolder(dirname(file));
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, "wx");
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes what was created or renamed in this folder survive a crash of the machine. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the error is Node's of this code, such as ENOENT. */
export function isErrorWithCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Whether the error is Node's for a file that is not there. */
export function isMissing(error: unknown): boolean {
  return isErrorWithCode(error, "ENOENT");
}
