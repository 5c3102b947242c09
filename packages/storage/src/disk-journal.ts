import path from "node:path";
import { DEFAULT_MAX_RECORD_BYTES, refuseOversized } from "./body-limit.js";
import { journalDamaged, journalFailed, journalMissing, orUnusable, systemCode } from "./failures.js";
import { FolderLock } from "./folder-lock.js";
import type { Journal, OpenedJournal, TornTail } from "./journal.js";
import { type JournalFile, type JournalFiles, nodeJournalFiles } from "./journal-files.js";
import { LiveFile } from "./live-file.js";
import { MAX_BODY_BYTES, scanJournal } from "./record-format.js";
import { Turns } from "./turns.js";

/** How a journal in a folder is opened. */
export interface DiskJournalOptions {
  /** The first checkpoint, if there is no journal yet. At most 1 GiB, as every checkpoint. */
  readonly initialState: Uint8Array;
  /** The largest record, in bytes: 64 MiB unless given, at most 1 GiB. Binds what is appended, not what is read back. */
  readonly maxRecordBytes?: number;
  /** How much the file grows at a time, in bytes: 256 KiB unless given. A multiple of `alignBytes`. */
  readonly blockBytes?: number;
  /** What the size of the file is a multiple of, in bytes: 4096. Other values are for tests: one file, one value. */
  readonly alignBytes?: number;
  /** The file system: this machine's unless given. */
  readonly files?: JournalFiles;
}

type Settings = Required<DiskJournalOptions>;

/** The first checkpoint's. Never 0, so that no header is all zeros. */
const FIRST_SEQUENCE = 1;

/**
 * Opens the journal in a folder, or makes one (and the folder) if there never was one. The folder is held against every
 * other process until the journal is closed or the process ends.
 *
 * @throws {JournalError} `journal-locked`, `journal-damaged`, `journal-missing` or `journal-unusable`.
 * @throws {RangeError} if an option makes no sense or the initial state is too large.
 */
export async function openDiskJournal(folder: string, options: DiskJournalOptions): Promise<OpenedJournal> {
  const settings = settle(options);
  await orUnusable(folder, () => settings.files.makeFolder(folder));
  const lock = await FolderLock.take(settings.files, folder);
  try {
    return await openLocked(new JournalFolder(folder, settings), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(folder: JournalFolder, lock: FolderLock): Promise<OpenedJournal> {
  const file = await folder.openExisting();
  if (file === null && (await lock.isMarked())) throw journalMissing(folder.journalPath);
  return file === null ? create(folder, lock) : recover(folder, lock, file);
}

async function create(folder: JournalFolder, lock: FolderLock): Promise<OpenedJournal> {
  await folder.removeUnfinished();
  const state = folder.settings.initialState.slice();
  const live = await orUnusable(folder.journalPath, () => folder.replaceJournal(FIRST_SEQUENCE, state, null));
  try {
    await lock.mark();
  } catch (error) {
    live.close();
    throw error;
  }
  const journal = new DiskJournal(folder, lock, live, FIRST_SEQUENCE, state.length, 0);
  return { journal, created: true, state, records: [], tornTail: null };
}

async function recover(folder: JournalFolder, lock: FolderLock, file: JournalFile): Promise<OpenedJournal> {
  const { journalPath, settings } = folder;
  try {
    const bytes = await orUnusable(journalPath, () => file.readAll());
    const found = scanJournal(bytes, settings.alignBytes);
    if (found.outcome === "damaged") throw journalDamaged(journalPath, found.offset, found.reason);
    await folder.removeUnfinished();
    const live = await orUnusable(journalPath, () => LiveFile.resume(file, bytes, found, settings.blockBytes));
    // The name of the journal may be as young as its last record: see `LiveFile.resume`.
    await folder.syncNames();
    await lock.mark();
    const { state, records, lastSequence } = found;
    const recordBytes = records.reduce((sum, record) => sum + record.length, 0);
    const tornTail: TornTail | null =
      found.tornBytes === 0 ? null : { file: journalPath, offset: found.end, bytes: found.tornBytes };
    const journal = new DiskJournal(folder, lock, live, lastSequence, state.length, recordBytes);
    return { journal, created: false, state, records, tornTail };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The files of one node's folder, by name. */
class JournalFolder {
  readonly journalPath: string;
  private readonly newPath: string;

  constructor(
    private readonly folder: string,
    readonly settings: Settings,
  ) {
    this.journalPath = path.join(folder, "journal");
    this.newPath = path.join(folder, "journal.new");
  }

  async openExisting(): Promise<JournalFile | null> {
    return orUnusable(this.journalPath, () => {
      try {
        return this.settings.files.open(this.journalPath, "existing");
      } catch (error) {
        if (systemCode(error) === "ENOENT") return null;
        throw error;
      }
    });
  }

  /** A `journal.new` is a checkpoint that a crash interrupted: it never counted. */
  async removeUnfinished(): Promise<void> {
    await orUnusable(this.newPath, () => this.settings.files.remove(this.newPath));
  }

  async syncNames(): Promise<void> {
    await orUnusable(this.folder, () => this.settings.files.syncFolder(this.folder));
  }

  /**
   * Puts a new journal in the place of the old one, atomically: it is durable before it takes the name, and the name is
   * durable before this resolves, so a file called `journal` is always whole.
   */
  async replaceJournal(sequence: number, state: Uint8Array, old: LiveFile | null): Promise<LiveFile> {
    const { files, blockBytes } = this.settings;
    const live = await LiveFile.make(files, this.newPath, blockBytes, sequence, state);
    try {
      // Closed before, since not every system lets go of the name of an open file. A failure here ends both anyway.
      old?.close();
      files.rename(this.newPath, this.journalPath);
      await files.syncFolder(this.folder);
      return live;
    } catch (error) {
      live.close();
      throw error;
    }
  }
}

class DiskJournal implements Journal {
  private readonly turns: Turns;

  constructor(
    private readonly folder: JournalFolder,
    private readonly lock: FolderLock,
    private live: LiveFile,
    private lastSequence: number,
    private stateBytes: number,
    private recordBytes: number,
  ) {
    this.turns = new Turns((cause) => journalFailed(folder.journalPath, cause));
  }

  get checkpointBytes(): number {
    return this.stateBytes;
  }

  get bytesSinceCheckpoint(): number {
    return this.recordBytes;
  }

  async append(record: Uint8Array): Promise<void> {
    refuseOversized("record", record, this.folder.settings.maxRecordBytes);
    await this.turns.take(async () => {
      await this.live.append(this.lastSequence + 1, record);
      this.lastSequence += 1;
      this.recordBytes += record.length;
    });
  }

  async checkpoint(state: Uint8Array): Promise<void> {
    refuseOversized("state", state);
    await this.turns.take(async () => {
      this.live = await this.folder.replaceJournal(this.lastSequence + 1, state, this.live);
      this.lastSequence += 1;
      this.stateBytes = state.length;
      this.recordBytes = 0;
    });
  }

  close(): Promise<void> {
    return this.turns.close(() => {
      this.live.close();
      this.lock.release();
    });
  }
}

function settle(options: DiskJournalOptions): Settings {
  const settings = {
    maxRecordBytes: DEFAULT_MAX_RECORD_BYTES,
    blockBytes: 256 * 1024,
    alignBytes: 4096,
    files: nodeJournalFiles,
    ...options,
  };
  const { alignBytes, blockBytes, maxRecordBytes } = settings;
  if (!(Number.isSafeInteger(alignBytes) && alignBytes > 0)) throw new RangeError("alignBytes: a whole number above 0");
  if (!(Number.isSafeInteger(blockBytes) && blockBytes > 0 && blockBytes % alignBytes === 0)) {
    throw new RangeError(`blockBytes: a multiple of ${alignBytes} above 0`);
  }
  if (!(maxRecordBytes >= 0 && maxRecordBytes <= MAX_BODY_BYTES)) {
    throw new RangeError(`maxRecordBytes: from 0 to ${MAX_BODY_BYTES}`);
  }
  refuseOversized("state", settings.initialState);
  return settings;
}
