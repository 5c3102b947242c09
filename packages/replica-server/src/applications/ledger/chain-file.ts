import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { nodeJournalFiles } from "@synod/storage";

/** The place of every so many records is remembered. */
const MARK_EVERY = 64;

/** Bytes that are read at a time. */
const CHUNK_BYTES = 256 * 1024;

const LINE_FEED = 0x0a;

/**
 * Records in a file, a line each. They are known by their place, 1 for the first; what they say is not looked at. Whoever
 * uses it does not append, cut or close while another of these is under way; reading what is there is always possible.
 */
export class ChainFile {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Where record 1 + 64 i begins, in bytes. */
  readonly #marks: number[] = [0];
  #count = 0;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens the file, or makes it. What it has beyond so many whole records is still there, and not seen: `cut` removes it.
   *
   * @throws {Error} Node's, if it cannot be opened, made or read
   */
  static async open(path: string, most: number): Promise<ChainFile> {
    const folder = dirname(path);
    nodeJournalFiles.makeFolder(folder);
    const handle = await open(path, "a+").then(async (made) => {
      await made.close();
      return open(path, "r+");
    });
    const file = new ChainFile(path, handle);
    try {
      await nodeJournalFiles.syncFolder(folder);
      await file.#scan(most);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whole records, as far as they are seen. */
  get count(): number {
    return this.#count;
  }

  /** Adds records, without their line feeds. Nothing is known of the file after an error. */
  async append(records: readonly string[]): Promise<void> {
    const lines = records.map((record) => Buffer.from(`${record}\n`));
    await this.#write(Buffer.concat(lines));
    for (const { length } of lines) this.#seen(this.#bytes + length);
  }

  /** Makes the file end after so many records, and after those that it has if that is less. */
  async cut(count: number): Promise<void> {
    if (count < this.#count) {
      this.#bytes = await this.#beginOf(count + 1);
      this.#count = count;
      this.#marks.length = Math.floor(count / MARK_EVERY) + 1;
    }
    await this.#handle.truncate(this.#bytes);
  }

  /** Resolves once all that was appended before is on disk. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /**
   * These records, some at a time, to the byte as they are in the file, without line feeds. Fewer come if line feeds were
   * lost there.
   *
   * @param from 1 at least
   */
  async *read(from: number, through: number): AsyncGenerator<readonly Buffer[]> {
    const last = Math.min(through, this.#count);
    // What comes after is perhaps being written.
    const end = this.#bytes;
    let place = from - ((from - 1) % MARK_EVERY);
    let at = this.#marks[(place - 1) / MARK_EVERY] ?? end;
    let begun: Buffer = Buffer.alloc(0);
    while (place <= last && at < end) {
      const chunk = await this.#chunk(at, end);
      if (chunk.length === 0) break;
      at += chunk.length;
      const { lines, rest } = splitLines(begun.length > 0 ? Buffer.concat([begun, chunk]) : chunk);
      begun = rest;
      const wanted = lines.filter((_line, index) => place + index >= from && place + index <= last);
      place += lines.length;
      if (wanted.length > 0) yield wanted;
    }
    if (place <= last && begun.length > 0) yield [begun];
  }

  async #scan(most: number): Promise<void> {
    for (let at = 0; this.#count < most; ) {
      const chunk = await this.#chunk(at, Number.MAX_SAFE_INTEGER);
      if (chunk.length === 0) return;
      for (let found = chunk.indexOf(LINE_FEED); found >= 0; found = chunk.indexOf(LINE_FEED, found + 1)) {
        this.#seen(at + found + 1);
        if (this.#count === most) return;
      }
      at += chunk.length;
    }
  }

  /** One record more is there. @param end where it ends, its line feed included */
  #seen(end: number): void {
    this.#bytes = end;
    this.#count++;
    if (this.#count % MARK_EVERY === 0) this.#marks.push(end);
  }

  async #beginOf(place: number): Promise<number> {
    let at = this.#marks[Math.floor((place - 1) / MARK_EVERY)] ?? 0;
    let left = (place - 1) % MARK_EVERY;
    while (left > 0) {
      const chunk = await this.#chunk(at, this.#bytes);
      let found = -1;
      while (left > 0) {
        const next = chunk.indexOf(LINE_FEED, found + 1);
        if (next < 0) break;
        found = next;
        left--;
      }
      at += left === 0 ? found + 1 : chunk.length;
      if (chunk.length === 0) throw new Error(`${this.path} has fewer records than it had`);
    }
    return at;
  }

  async #chunk(at: number, end: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
    return buffer.subarray(0, bytesRead);
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#bytes + done);
      if (bytesWritten === 0) throw new Error("the system took no more bytes, and gave no reason");
      done += bytesWritten;
    }
  }
}

function splitLines(bytes: Buffer): { readonly lines: readonly Buffer[]; readonly rest: Buffer } {
  const lines: Buffer[] = [];
  let begin = 0;
  for (let found = bytes.indexOf(LINE_FEED); found >= 0; found = bytes.indexOf(LINE_FEED, begin)) {
    lines.push(bytes.subarray(begin, found));
    begin = found + 1;
  }
  return { lines, rest: bytes.subarray(begin) };
}
