import type { AcceptorWrite } from "@synod/consensus";

/** Writes of acceptances under one id in consecutive instances, without their values. */
interface Run {
  readonly kind: "run";
  readonly id: number;
  readonly from: number;
  /** Of each value, in UTF-16 code units. */
  readonly lengths: number[];
}

type Line = AcceptorWrite | Run;

/**
 * One group of writes as the bytes of a record: a line of JSON, and after it the values of log entries as they are, one
 * after the other. Put into JSON, whose quotes a command is full of, they would cost more than all the rest.
 */
export function encodeRecord(writes: readonly AcceptorWrite[]): Buffer {
  const lines: Line[] = [];
  let run: Run | null = null;
  let values = "";
  for (const write of writes) {
    if (!travelsAsItIs(write)) {
      lines.push(write);
      run = null;
      continue;
    }
    const { id, instance, value } = write;
    if (run === null || run.id !== id || run.from + run.lengths.length !== instance) {
      run = { kind: "run", id, from: instance, lengths: [] };
      lines.push(run);
    }
    run.lengths.push(value.length);
    values += value;
  }
  return Buffer.from(`${JSON.stringify(lines)}\n${values}`);
}

/** The writes of a record, those of earlier versions included, which are JSON alone. */
export function decodeRecord(record: Uint8Array): AcceptorWrite[] {
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString("utf8");
  const end = text.indexOf("\n");
  // The journal vouches for every byte, so what does not parse was written by another program.
  if (end < 0) return JSON.parse(text);
  const writes: AcceptorWrite[] = [];
  let at = end + 1;
  for (const line of JSON.parse(text.slice(0, end)) as Line[]) {
    if (line.kind !== "run") {
      writes.push(line);
      continue;
    }
    const { id, from, lengths } = line;
    for (const [place, length] of lengths.entries()) {
      writes.push({ kind: "accepted", id, instance: from + place, value: text.slice(at, at + length), byHand: false });
      at += length;
    }
  }
  return writes;
}

/** Half a surrogate pair has no UTF-8: JSON has words for it. */
function travelsAsItIs(write: AcceptorWrite): write is AcceptorWrite & { kind: "accepted" } {
  return write.kind === "accepted" && !write.byHand && write.value.isWellFormed();
}
