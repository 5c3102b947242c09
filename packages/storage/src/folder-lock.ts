import path from "node:path";
import { journalLocked, orUnusable } from "./failures.js";
import { type JournalFile, type JournalFiles, writeFully } from "./journal-files.js";

const MARK = new TextEncoder().encode("a journal was made here\n");

/**
 * The hold on a node's folder: the file `lock`, locked until released or until the process ends. Its content is the mark
 * that a journal was made here, so that a deleted journal is not taken for a new server.
 */
export class FolderLock {
  private constructor(
    private readonly path: string,
    private readonly file: JournalFile,
  ) {}

  /**
   * @throws {JournalError} `journal-locked` if another process, or another journal of this one, holds the folder;
   *   `journal-unusable` if the lock file cannot be made, or there are no locks on this platform.
   */
  static async take(files: JournalFiles, folder: string): Promise<FolderLock> {
    const lockPath = path.join(folder, "lock");
    const file = await orUnusable(lockPath, () => files.open(lockPath, "ensured"));
    try {
      if (await orUnusable(lockPath, () => file.tryLock())) return new FolderLock(lockPath, file);
      throw journalLocked(folder, lockPath);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** True if a journal was made here. The mark is only ever written behind a durable journal, so any byte of it counts. */
  async isMarked(): Promise<boolean> {
    return orUnusable(this.path, () => this.file.size() > 0);
  }

  /** Makes the mark durable. */
  async mark(): Promise<void> {
    await orUnusable(this.path, async () => {
      if (this.file.size() !== MARK.length) writeFully(this.file, MARK, 0);
      await this.file.sync();
    });
  }

  release(): void {
    this.file.close();
  }
}
