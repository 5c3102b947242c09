import { utf8Text } from "../terminal/utf8-text.js";

/** A line of a file of blocks, as it was found: it need not be a block. */
export interface RecordLine {
  /** The line without its line feed; null if it can be no record, and `why` says why. */
  readonly text: string | null;
  readonly why: string;
  /** Whether a line feed ends it: only the last one may lack it. */
  readonly isWhole: boolean;
}

/** Longer than any block, in bytes: its key and its value have 66,560 characters, its names a few hundred. */
const LONGEST_RECORD = 512 * 1024;

const LINE_FEED = 0x0a;

/**
 * The lines of a file of blocks as its bytes come, some at a time. By bytes, because bytes that are no text must be found,
 * and not be taken for the sign that stands for them. A line that is too long to be a block is not kept.
 */
export async function* recordLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly RecordLine[]> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of pieces) {
    const lines: RecordLine[] = [];
    let at = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, at)) {
      lines.push(lineOf(begun, begunBytes, piece.subarray(at, end), true));
      [begun, begunBytes, at] = [[], 0, end + 1];
    }
    if (at < piece.length) {
      begunBytes += piece.length - at;
      if (begunBytes <= LONGEST_RECORD) begun.push(piece.slice(at));
      // Of what is too long, only that is remembered.
      else begun = [];
    }
    yield lines;
  }
  if (begunBytes > 0) yield [lineOf(begun, begunBytes, new Uint8Array(), false)];
}

function lineOf(begun: readonly Uint8Array[], begunBytes: number, rest: Uint8Array, isWhole: boolean): RecordLine {
  if (begunBytes + rest.length > LONGEST_RECORD) {
    return { text: null, why: "its record is longer than that of any block", isWhole };
  }
  const text = utf8Text(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
  return { text, why: text === null ? "its record has bytes that are no text in UTF-8" : "", isWhole };
}
