import { isUtf8 } from "node:buffer";

/**
 * Messages between nodes on a connection that stays open: lines of text, each a number, a space and JSON. An answer has
 * the number of its question; a `!` before the JSON says that it is a problem. docs/wire.md has the rules.
 */

/** One line: what it says, still as text. */
export interface MessageLine {
  readonly number: number;
  readonly isProblem: boolean;
  readonly json: string;
}

/** A line at most, in bytes, unless somebody says otherwise: half a million characters of values, however they are escaped. */
const LONGEST_LINE = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;

export function encodeLine(number: number, json: string, isProblem = false): string {
  return `${number} ${isProblem ? "!" : ""}${json}\n`;
}

/** Puts what arrives together to lines. */
export class LineReader {
  readonly #longest: number;
  #pieces: Buffer[] = [];
  #length = 0;

  /** @param longest bytes of a line at most */
  constructor(longest = LONGEST_LINE) {
    this.#longest = longest;
  }

  /**
   * @returns the lines that are whole now
   * @throws {Error} if what arrives are no lines, or one is too long
   */
  read(piece: Buffer): MessageLine[] {
    const lines: MessageLine[] = [];
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      lines.push(understood(this.#whole(piece.subarray(from, end))));
      from = end + 1;
    }
    if (from < piece.length) this.#keep(piece.subarray(from));
    return lines;
  }

  #whole(end: Buffer): string {
    if (this.#pieces.length === 0) return textOf(end);
    const whole = Buffer.concat([...this.#pieces, end]);
    this.#pieces = [];
    this.#length = 0;
    return textOf(whole);
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > this.#longest) throw new Error(`a line is longer than ${this.#longest} bytes`);
  }
}

/** Bytes that are no text would be read as another value, as of a body (`takeJsonOnly`). */
function textOf(line: Buffer): string {
  if (!isUtf8(line)) throw new Error("a line is not UTF-8");
  return line.toString("utf8");
}

function understood(text: string): MessageLine {
  const space = text.indexOf(" ");
  const number = Number(text.slice(0, Math.max(space, 0)));
  if (space <= 0 || !Number.isSafeInteger(number)) throw new Error("a line has no number");
  const isProblem = text.charCodeAt(space + 1) === "!".charCodeAt(0);
  return { number, isProblem, json: text.slice(space + (isProblem ? 2 : 1)) };
}
