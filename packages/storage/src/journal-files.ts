import fs from "node:fs";
import path from "node:path";
import { tryLockDescriptor } from "./os-lock.js";

/** What a journal asks of the file system, and nothing more. Every call throws the error of the system it failed with. */
export interface JournalFiles {
  /** Makes the folder and its missing parents, and makes the names of all of them durable, whoever made them. */
  makeFolder(folder: string): void;
  /** Opens a file for reading and writing. "existing": it must be there; "ensured": made if absent; "emptied": also cut to nothing. */
  open(file: string, how: "existing" | "ensured" | "emptied"): JournalFile;
  /** Gives a file another name, atomically, in place of what had that name. */
  rename(from: string, to: string): void;
  /** Removes a file. Nothing to do if it is absent. */
  remove(file: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(folder: string): Promise<void>;
}

/** One open file. Offsets and sizes in bytes. */
export interface JournalFile {
  size(): number;
  /** The whole content. */
  readAll(): Uint8Array;
  /** Writes at an offset and says how many bytes went: perhaps fewer than given. */
  write(bytes: Uint8Array, at: number): number;
  /** Makes the file longer or shorter in one step; what is new reads as zeros. */
  setSize(size: number): void;
  /** Makes the content and the size durable. Meanwhile the thread does everything else: a disk may hang. */
  sync(): Promise<void>;
  /** Takes the exclusive lock on this file, held until it is closed; false if another open file holds it. */
  tryLock(): boolean;
  /** Closes the file; further calls do nothing. */
  close(): void;
}

/** Writes all of the bytes, however many calls it takes. */
export function writeFully(file: JournalFile, bytes: Uint8Array, at: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = file.write(done === 0 ? bytes : bytes.subarray(done), at + done);
    if (count <= 0) throw new Error(`the system took ${done} of ${bytes.length} bytes and gave no reason`);
    done += count;
  }
}

const FLAGS = {
  existing: fs.constants.O_RDWR,
  ensured: fs.constants.O_RDWR | fs.constants.O_CREAT,
  emptied: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
};

/** One read takes no more than this: the system's own limit is just below 2 GiB. */
const READ_BYTES = 2 ** 30;

/** The file system of this machine. */
export const nodeJournalFiles: JournalFiles = {
  makeFolder(folder) {
    fs.mkdirSync(folder, { recursive: true });
    // Whoever made these folders may not have synced their names, or have crashed before it could.
    for (let parent = path.dirname(path.resolve(folder)); ; parent = path.dirname(parent)) {
      if (!syncIfOurs(parent) || parent === path.dirname(parent)) return;
    }
  },
  open: (file, how) => new NodeJournalFile(fs.openSync(file, FLAGS[how])),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.rmSync(file, { force: true }),
  syncFolder: async (folder) => withFolder(folder, (fd) => fs.fsyncSync(fd)),
};

/** @returns false for a folder that we may not even open, and so did not make anything in */
function syncIfOurs(folder: string): boolean {
  try {
    withFolder(folder, (fd) => fs.fsyncSync(fd));
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EACCES" || code === "EPERM" || code === "EINVAL" || code === "EROFS") return false;
    throw error;
  }
}

/** Windows has no folder to sync: there the file system's own log keeps the names. */
function withFolder(folder: string, sync: (fd: number) => void): void {
  if (process.platform === "win32") return;
  const fd = fs.openSync(folder, fs.constants.O_RDONLY);
  try {
    sync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

class NodeJournalFile implements JournalFile {
  private open = true;

  constructor(private readonly fd: number) {}

  size(): number {
    return fs.fstatSync(this.fd).size;
  }

  readAll(): Uint8Array {
    const bytes = new Uint8Array(this.size());
    let done = 0;
    while (done < bytes.length) {
      const count = fs.readSync(this.fd, bytes, done, Math.min(bytes.length - done, READ_BYTES), done);
      if (count === 0) throw new Error(`the file became shorter while it was read: ${done} of ${bytes.length} bytes`);
      done += count;
    }
    return bytes;
  }

  // Into the page cache at once: handing so little to another thread takes longer than the write itself.
  write(bytes: Uint8Array, at: number): number {
    return fs.writeSync(this.fd, bytes, 0, bytes.length, at);
  }

  setSize(size: number): void {
    fs.ftruncateSync(this.fd, size);
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  tryLock(): boolean {
    return tryLockDescriptor(this.fd);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    fs.closeSync(this.fd);
  }
}
