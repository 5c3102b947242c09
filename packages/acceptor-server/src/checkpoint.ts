import { setImmediate } from "node:timers/promises";
import type { ServerIdentity } from "@synod/api";
import type { AcceptorEntry, AcceptorState } from "@synod/consensus";

/** The version of what is written into the journal: since 2, records have values beside their JSON (records.ts). */
const FORMAT = 2;

/** The versions that a server reads. */
export const READABLE_FORMATS: readonly number[] = [1, FORMAT];

/** The first line of a checkpoint: whose state it is, and everything of it but the entries. */
export interface CheckpointHead {
  readonly format: number;
  readonly identity: ServerIdentity;
  readonly promisedId: number;
  readonly truncatedThrough: number;
}

/** Characters that are encoded in one piece, about: some milliseconds of work. */
const PIECE_CHARACTERS = 256 * 1024;
const LINE_FEED = 0x0a;

/**
 * An acceptor's whole state as bytes: a line of JSON for its head, then one for each entry. By lines, because a state may
 * be larger than the longest string there is (about 512 MiB).
 */
export function encodeCheckpoint(identity: ServerIdentity, state: AcceptorState): Uint8Array {
  return Buffer.concat([...piecesOf(identity, state)]);
}

/**
 * The same, a piece in each turn of the event loop, so that nothing else has to wait for all of it.
 *
 * @param state as it is now: what becomes of it meanwhile is left out
 */
export async function encodeCheckpointByTurns(identity: ServerIdentity, state: AcceptorState): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  // Entries are never changed, only replaced; the head is read before the first turn ends.
  for (const piece of piecesOf(identity, { ...state, entries: [...state.entries] })) {
    pieces.push(piece);
    await setImmediate();
  }
  return Buffer.concat(pieces);
}

function* piecesOf(
  identity: ServerIdentity,
  { promisedId, truncatedThrough, entries }: AcceptorState,
): Generator<Buffer> {
  const head: CheckpointHead = { format: FORMAT, identity, promisedId, truncatedThrough };
  let piece = `${JSON.stringify(head)}\n`;
  for (const entry of entries) {
    piece += `${JSON.stringify(entry)}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(piece);
    piece = "";
  }
  yield Buffer.from(piece);
}

/** Reads the head, which tells whether the rest is ours to read. */
export function decodeHead(bytes: Uint8Array): CheckpointHead {
  return JSON.parse(textOf(bytes, 0, endOfLine(bytes, 0)));
}

/** Reads the whole state, of a head that was found to be right. */
export function decodeState(bytes: Uint8Array, { promisedId, truncatedThrough }: CheckpointHead): AcceptorState {
  const entries: AcceptorEntry[] = [];
  for (let at = endOfLine(bytes, 0) + 1; at < bytes.length; ) {
    const end = endOfLine(bytes, at);
    entries.push(JSON.parse(textOf(bytes, at, end)));
    at = end + 1;
  }
  return { promisedId, truncatedThrough, entries };
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LINE_FEED, from);
  return end < 0 ? bytes.length : end;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
}
