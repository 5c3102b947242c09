import { parseJson } from "./json-shape.js";
import type { Json } from "./state-machine.js";

/**
 * Characters in a piece of a snapshot, unless one row alone is longer. A character takes up to three bytes in UTF-8:
 * a piece is 128 KiB of plain text, 384 KiB of the longest there is.
 */
export const PIECE_CHARACTERS = 128 * 1024;

/** These pieces are no snapshot that can be restored; nothing was changed. The message says what is wrong with them. */
export class NotASnapshot extends Error {
  override readonly name = "NotASnapshot";
}

/** Packs rows into pieces: each piece is a JSON array of rows, without line feeds. No rows, no pieces. */
export function packRows(rows: Iterable<Json>): string[] {
  const pieces: string[] = [];
  let texts: string[] = [];
  let characters = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (texts.length > 0 && characters + text.length > PIECE_CHARACTERS) {
      pieces.push(`[${texts.join(",")}]`);
      texts = [];
      characters = 0;
    }
    texts.push(text);
    characters += text.length + 1;
  }
  if (texts.length > 0) pieces.push(`[${texts.join(",")}]`);
  return pieces;
}

/** The rows of these pieces, in order. @throws {NotASnapshot} at a piece that is no array of arrays */
export function* unpackRows(pieces: readonly string[]): Generator<readonly Json[]> {
  for (const piece of pieces) {
    const rows = parseJson(piece);
    if (!Array.isArray(rows)) throw new NotASnapshot("a piece of the snapshot is no JSON array");
    for (const row of rows) {
      if (!Array.isArray(row)) throw new NotASnapshot("a row of the snapshot is no JSON array");
      yield row;
    }
  }
}
