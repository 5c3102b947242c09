import { crc32 } from "node:zlib";

/**
 * The bytes of a journal file, and how they are judged. Pure: no file is touched here.
 *
 * file   = magic (8 bytes), salt (8 random bytes), record (the checkpoint), record..., zeros to the end
 * record = body length (u32), sequence (u64), header check (u32), body check (u32), body; little endian
 *
 * Both checks are CRC-32, begun with the salt: the header's goes over length and sequence, the body's over length,
 * sequence and body. The header has a check of its own so that a header that reads right proves, whatever became of its
 * body, that everything before it was durable. The salt differs from file to file, so that no body (a client may store
 * any bytes it likes, a journal among them) and no leftover of an older file can pass for a record of this one.
 *
 * What a crash can leave, and so must be accepted:
 * - A flush is one record, written into zeros that are already durable, and it starts only when the one before is
 *   durable. So an unfinished flush is the last thing in the file: it begins where the good records end, stays inside
 *   its own extent, and there is no other record behind it.
 * - A flush goes out only if a header's worth of durable zeros stays behind it. So there is always a terminator.
 * - The file grows by one change of its size, then by zeros written below that size. A crash between leaves either size,
 *   and zeros either way.
 *
 * Anything else is damage. A cut, in particular: either it leaves no room for a terminator behind the last good record,
 * or it leaves a good header whose body does not fit, or it took zeros only.
 */

const MAGIC = "SYNODJ1\n";
export const SALT_BYTES = 8;
export const FILE_HEADER_BYTES = 16;
export const RECORD_HEADER_BYTES = 20;
/** The largest body of any record, checkpoints included, in bytes: 1 GiB, well below what one buffer and one write take. */
export const MAX_BODY_BYTES = 2 ** 30;

const MAGIC_BYTES = new TextEncoder().encode(MAGIC);
const CHECKED_BYTES = 12;
const TWO_TO_32 = 2 ** 32;

/** The first bytes of a file: what it is, and its salt. */
export function encodeFileHeader(salt: Uint8Array): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  header.set(MAGIC_BYTES, 0);
  header.set(salt, MAGIC_BYTES.length);
  return header;
}

/** Where every check of a file begins: the CRC-32 of its salt. */
export function seedOf(salt: Uint8Array): number {
  return crc32(salt);
}

/** The header of a record with this body. */
export function encodeRecordHeader(seed: number, sequence: number, body: Uint8Array): Uint8Array {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE(sequence % TWO_TO_32, 4);
  header.writeUInt32LE(Math.floor(sequence / TWO_TO_32), 8);
  const headerCheck = crc32(header.subarray(0, CHECKED_BYTES), seed);
  header.writeUInt32LE(headerCheck, 12);
  header.writeUInt32LE(bodyCheckOf(body, headerCheck), 16);
  return header;
}

/** A whole record in one piece, so that one write takes it. */
export function encodeRecord(seed: number, sequence: number, body: Uint8Array): Uint8Array {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + body.length);
  record.set(encodeRecordHeader(seed, sequence, body), 0);
  record.set(body, RECORD_HEADER_BYTES);
  return record;
}

/** An empty body changes nothing; zlib must not be asked, since it starts anew at 0 if the empty array has no memory. */
function bodyCheckOf(body: Uint8Array, headerCheck: number): number {
  return body.length === 0 ? headerCheck : crc32(body, headerCheck);
}

/** A file that can be trusted. The bodies are views of the bytes that were scanned. */
export interface SoundJournal {
  readonly outcome: "sound";
  readonly seed: number;
  readonly state: Uint8Array;
  readonly records: readonly Uint8Array[];
  readonly lastSequence: number;
  /** Where the last appended record begins; the end of the checkpoint if there is none. */
  readonly lastRecordAt: number;
  /** Where the next record goes. */
  readonly end: number;
  /** Bytes from `end` to the last byte of an unfinished flush; 0 if there is none. */
  readonly tornBytes: number;
}

/** A file that cannot be trusted, the byte offset that shows it, and why, in words. */
interface DamagedJournal {
  readonly outcome: "damaged";
  readonly offset: number;
  readonly reason: string;
}

/** Reads a journal file. `alignBytes`: what the size of every journal file is a multiple of. */
export function scanJournal(bytes: Uint8Array, alignBytes: number): SoundJournal | DamagedJournal {
  const magicEnd = MAGIC_BYTES.findIndex((byte, at) => bytes[at] !== byte);
  if (magicEnd >= 0) return damaged(magicEnd, "the file does not begin with the mark of a journal, SYNODJ1");
  if (bytes.length % alignBytes !== 0) {
    return damaged(bytes.length, `the file ends here, and a journal's size is a multiple of ${alignBytes}`);
  }
  const file = new JournalBytes(bytes, seedOf(bytes.subarray(MAGIC_BYTES.length, FILE_HEADER_BYTES)));
  const checkpoint = file.header(FILE_HEADER_BYTES);
  if (checkpoint === null || !file.bodyIsRight(checkpoint)) {
    return damaged(FILE_HEADER_BYTES, "the checkpoint does not read back as it was written");
  }
  return scanRecords(file, checkpoint);
}

function scanRecords(file: JournalBytes, checkpoint: Header): SoundJournal | DamagedJournal {
  const records: Uint8Array[] = [];
  let last = checkpoint;
  for (;;) {
    const at = last.end;
    if (file.size - at < RECORD_HEADER_BYTES) return damaged(file.size, "the file was cut short here");
    const next = file.header(at);
    if (next !== null && next.sequence === last.sequence + 1 && file.bodyIsRight(next)) {
      records.push(file.body(next));
      last = next;
      continue;
    }
    const reason =
      next === null ? file.damageAfterBadHeader(at, last.sequence) : file.damageAt(next, last.sequence + 1);
    if (reason !== null) return damaged(at, reason);
    return {
      outcome: "sound",
      seed: file.seed,
      state: file.body(checkpoint),
      records,
      lastSequence: last.sequence,
      lastRecordAt: records.length === 0 ? at : last.at,
      end: at,
      tornBytes: file.bytesInUse(at),
    };
  }
}

function damaged(offset: number, reason: string): DamagedJournal {
  return { outcome: "damaged", offset, reason };
}

/** A record header that reads right. */
interface Header {
  readonly at: number;
  readonly sequence: number;
  readonly bodyCheck: number;
  readonly headerCheck: number;
  readonly bodyAt: number;
  /** Where the record ends: perhaps behind the end of the file. */
  readonly end: number;
}

class JournalBytes {
  readonly size: number;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    readonly seed: number,
  ) {
    this.size = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The header at this offset, if one reads right there. */
  header(at: number): Header | null {
    if (at + RECORD_HEADER_BYTES > this.size) return null;
    const sequence = this.sequence(at);
    if (sequence < 1 || sequence > Number.MAX_SAFE_INTEGER) return null;
    const headerCheck = crc32(this.bytes.subarray(at, at + CHECKED_BYTES), this.seed);
    if (headerCheck !== this.view.getUint32(at + 12, true)) return null;
    const bodyAt = at + RECORD_HEADER_BYTES;
    const end = bodyAt + this.view.getUint32(at, true);
    return { at, sequence, headerCheck, bodyCheck: this.view.getUint32(at + 16, true), bodyAt, end };
  }

  body(header: Header): Uint8Array {
    return this.bytes.subarray(header.bodyAt, header.end);
  }

  bodyIsRight(header: Header): boolean {
    return header.end <= this.size && bodyCheckOf(this.body(header), header.headerCheck) === header.bodyCheck;
  }

  /** Bytes from `from` to the last one that is not zero. */
  bytesInUse(from: number): number {
    let end = this.size;
    while (end > from && this.bytes[end - 1] === 0) end -= 1;
    return end - from;
  }

  /** Why a header that reads right, where the good records end, cannot be an unfinished flush; null if it can. */
  damageAt(header: Header, expected: number): string | null {
    if (header.sequence !== expected) {
      return `record ${expected} belongs here, and this is record ${header.sequence}`;
    }
    if (header.end + RECORD_HEADER_BYTES > this.size) {
      return `record ${expected} begins here, and the file was cut short before its end, at byte ${this.size}`;
    }
    if (this.bytesInUse(header.end) > 0) {
      return `record ${expected} does not read back as it was written, though it was not the last one`;
    }
    return null;
  }

  /** Why bytes that are no header, where the good records end, cannot be an unfinished flush; null if they can. */
  damageAfterBadHeader(at: number, lastSequence: number): string | null {
    const searchEnd = at + this.bytesInUse(at);
    for (let later = at + 1; later < searchEnd; later += 1) {
      // No file holds more records than bytes. This spares nearly every offset of a body the price of a check.
      const sequence = later + RECORD_HEADER_BYTES > this.size ? 0 : this.sequence(later);
      if (sequence <= lastSequence || sequence > lastSequence + this.size) continue;
      if (this.header(later) !== null) {
        return `record ${lastSequence + 1} belongs here and does not read back, though record ${sequence} at byte ${later} shows that it was durable`;
      }
    }
    return null;
  }

  private sequence(at: number): number {
    return this.view.getUint32(at + 4, true) + this.view.getUint32(at + 8, true) * TWO_TO_32;
  }
}
