import { randomBytes } from "node:crypto";
import { type JournalFile, type JournalFiles, writeFully } from "./journal-files.js";
import {
  encodeFileHeader,
  encodeRecord,
  encodeRecordHeader,
  FILE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  SALT_BYTES,
  type SoundJournal,
  seedOf,
} from "./record-format.js";

/** Zeros are written in pieces of at most this many bytes. */
const ZEROS = new Uint8Array(2 ** 18);

/**
 * A journal file that takes records: where its records end, how large it is, and where its checks begin.
 *
 * Between calls the content is durable, the size is a multiple of the block's (or was cut to a multiple of the
 * alignment), and at least a header's worth of zeros stands between the last record and the end of the file.
 */
export class LiveFile {
  private constructor(
    private readonly file: JournalFile,
    private readonly blockBytes: number,
    private readonly seed: number,
    private end: number,
    private size: number,
  ) {}

  /** Makes a whole and durable file of one checkpoint. Its name is not durable yet. */
  static async make(
    files: JournalFiles,
    path: string,
    blockBytes: number,
    sequence: number,
    state: Uint8Array,
  ): Promise<LiveFile> {
    const salt = randomBytes(SALT_BYTES);
    const seed = seedOf(salt);
    const stateAt = FILE_HEADER_BYTES + RECORD_HEADER_BYTES;
    const end = stateAt + state.length;
    const size = roundUp(end + RECORD_HEADER_BYTES, blockBytes);
    const file = files.open(path, "emptied");
    try {
      writeFully(file, encodeFileHeader(salt), 0);
      writeFully(file, encodeRecordHeader(seed, sequence, state), FILE_HEADER_BYTES);
      writeFully(file, state, stateAt);
      writeZeros(file, end, size);
      await file.sync();
    } catch (error) {
      file.close();
      throw error;
    }
    return new LiveFile(file, blockBytes, seed, end, size);
  }

  /**
   * Takes up a file that was read and found sound. Writes its last record anew, and zeros from there to the end, and
   * syncs. This clears a torn tail. It also settles what was read from the page cache alone: a process that was killed
   * leaves a record there that no sync ever reached, and after a failed sync the system may hold pages it will not write
   * again on its own (so a sync without the writes would be no proof). Nothing before the last record can be in doubt,
   * because a flush starts only when the one before is durable.
   */
  static async resume(
    file: JournalFile,
    bytes: Uint8Array,
    found: SoundJournal,
    blockBytes: number,
  ): Promise<LiveFile> {
    writeFully(file, bytes.subarray(found.lastRecordAt, found.end), found.lastRecordAt);
    writeZeros(file, found.end, bytes.length);
    await file.sync();
    return new LiveFile(file, blockBytes, found.seed, found.end, bytes.length);
  }

  /** Makes one record durable: one write and one sync, unless the file must grow first. */
  async append(sequence: number, body: Uint8Array): Promise<void> {
    const record = encodeRecord(this.seed, sequence, body);
    const needed = this.end + record.length + RECORD_HEADER_BYTES;
    if (needed > this.size) await this.grow(roundUp(needed, this.blockBytes));
    writeFully(this.file, record, this.end);
    await this.file.sync();
    this.end += record.length;
  }

  close(): void {
    this.file.close();
  }

  /**
   * Lengthens the file by zeros, durably, so that a record written into them changes no metadata. The size goes first
   * and in one step: a crash leaves the old size or the new one, never one between, and zeros in both. A file of the new
   * size is as good as one of the old, so nothing needs to be ordered before the sync.
   */
  private async grow(size: number): Promise<void> {
    this.file.setSize(size);
    writeZeros(this.file, this.size, size);
    await this.file.sync();
    this.size = size;
  }
}

function writeZeros(file: JournalFile, from: number, to: number): void {
  for (let at = from; at < to; at += ZEROS.length) {
    writeFully(file, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
}

function roundUp(bytes: number, multiple: number): number {
  return Math.ceil(bytes / multiple) * multiple;
}
