import { JournalError } from "./journal.js";

/** The code of a system error, such as ENOSPC; null for any other error. */
export function systemCode(error: unknown): string | null {
  const code: unknown = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}

/** Runs a step of opening: what it fails with becomes `journal-unusable`, naming this file. */
export async function orUnusable<T>(file: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof JournalError) throw cause;
    const message = `${file}: the journal cannot be opened: ${reason(cause)}.${advice(cause)}`;
    throw new JournalError("journal-unusable", message, file, null, { cause });
  }
}

/** The error of a journal whose write or sync failed. */
export function journalFailed(file: string, cause: unknown): JournalError {
  const message = `${file}: the journal could not be written: ${reason(cause)}. It takes no more until it is opened anew.${advice(cause)}`;
  return new JournalError("journal-failed", message, file, null, { cause });
}

/** The error of a file whose bytes are not what was written. */
export function journalDamaged(file: string, offset: number, why: string): JournalError {
  const message =
    `${file}: damaged at byte ${offset}: ${why}. Promises this server made may be lost with it, so it must not go on. ` +
    "Put the file back as it was (an older copy has forgotten promises too), or wipe the folder on purpose and treat the server as a new one.";
  return new JournalError("journal-damaged", message, file, offset);
}

/** The error of a folder whose journal is gone. */
export function journalMissing(file: string): JournalError {
  const message =
    `${file}: a journal was made here once, and it is gone, and this server's promises with it. A fresh start could break consensus. ` +
    "Put the file back as it was, or wipe the whole folder on purpose and treat the server as a new one.";
  return new JournalError("journal-missing", message, file);
}

/** The error of a folder that is in use. */
export function journalLocked(folder: string, file: string): JournalError {
  const message = `${folder}: another process holds this folder. Stop it first, or give this one a folder of its own.`;
  return new JournalError("journal-locked", message, file);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function advice(cause: unknown): string {
  switch (systemCode(cause)) {
    case "EACCES":
    case "EPERM":
      return " Give this user the right to read and write it.";
    case "ENOSPC":
    case "EDQUOT":
      return " Make room on the disk.";
    case "EROFS":
      return " The disk is mounted for reading only.";
    case "EISDIR":
    case "ENOTDIR":
    case "EEXIST":
      return " Something else has this name: move it away, or name another folder.";
    case "EIO":
      return " The disk reports a fault: look at the system's log.";
    default:
      return "";
  }
}
