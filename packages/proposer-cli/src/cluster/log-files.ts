import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** As much of a log as is read at a time, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** The last lines of a file; none if there is no such file. */
export function lastLines(file: string, count: number): string[] {
  const tail = new LogTail(file);
  // Read from its end, until enough of it is there.
  for (let bytes = PIECE_BYTES; ; bytes *= 4) {
    const isWhole = tail.beginBeforeEnd(bytes);
    const lines = tail.newLines();
    const known = isWhole ? lines : lines.slice(1);
    if (isWhole || known.length >= count) return count === 0 ? [] : known.slice(-count);
  }
}

/** The lines that are added to a file, as they come; also to one that is made later, or begun anew. */
export class LogTail {
  readonly #file: string;
  #position = 0;
  #inode = 0;
  #begun = "";
  #decoder = new StringDecoder("utf8");

  constructor(file: string) {
    this.#file = file;
  }

  /** Goes to this far before the end. @returns whether that is the beginning */
  beginBeforeEnd(bytes: number): boolean {
    this.#begun = "";
    this.#decoder = new StringDecoder("utf8");
    return this.#withFile((_descriptor, size) => {
      this.#position = Math.max(0, size - bytes);
      return this.#position === 0;
    }, true);
  }

  /** The whole lines since the last call. */
  newLines(): string[] {
    return this.#withFile((descriptor, size) => {
      const buffer = Buffer.alloc(PIECE_BYTES);
      let text = this.#begun;
      while (this.#position < size) {
        const length = readSync(descriptor, buffer, 0, Math.min(PIECE_BYTES, size - this.#position), this.#position);
        if (length === 0) break;
        this.#position += length;
        text += this.#decoder.write(buffer.subarray(0, length));
      }
      const lines = text.split("\n");
      this.#begun = lines.pop() ?? "";
      return lines;
    }, []);
  }

  #withFile<T>(use: (descriptor: number, size: number) => T, otherwise: T): T {
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, "r");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return otherwise;
      throw error;
    }
    try {
      const { size, ino } = fstatSync(descriptor);
      if (ino !== this.#inode || size < this.#position) {
        // Another file by this name: what was read of the old one says nothing about it.
        if (this.#inode !== 0) [this.#position, this.#begun] = [0, ""];
        this.#inode = ino;
      }
      return use(descriptor, size);
    } finally {
      closeSync(descriptor);
    }
  }
}
