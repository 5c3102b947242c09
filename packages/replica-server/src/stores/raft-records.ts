import type { Configuration, RaftEntry, RaftWrite } from "@synod/consensus";

/** Entries that follow each other, without their values. */
interface EntriesLine {
  readonly kind: "entries";
  readonly from: number;
  /** Of each entry; one alone if all have the same. */
  readonly terms: readonly number[];
  /** Of each value, in UTF-16 code units. */
  readonly lengths: readonly number[];
  /** Of the entries at these places, counted from 0. */
  readonly configurations?: readonly (readonly [place: number, configuration: Configuration])[];
}

type Line = RaftWrite | EntriesLine;

const LINE_FEED = 0x0a;

/**
 * Writes as the bytes of one record: a line of JSON, and after it the values of entries as they are, one after the other.
 * Put into JSON, whose quotes a command is full of, they would cost more than all the rest.
 */
export function encodeWrites(writes: readonly RaftWrite[]): Buffer {
  let values = "";
  const lines = writes.map((write): Line => {
    // Half a surrogate pair has no UTF-8: JSON has words for it.
    if (write.kind !== "entries" || !write.entries.every(({ value }) => value.isWellFormed())) return write;
    const { from, entries } = write;
    values += entries.map(({ value }) => value).join("");
    return { kind: "entries", from, ...withoutValues(entries) };
  });
  return Buffer.from(`${JSON.stringify(lines)}\n${values}`);
}

export function decodeWrites(record: Uint8Array): RaftWrite[] {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = bytes.indexOf(LINE_FEED);
  // The journal vouches for every byte, so what does not parse was written by another program.
  const values = bytes.toString("utf8", end + 1);
  let at = 0;
  return (JSON.parse(bytes.toString("utf8", 0, end)) as Line[]).map((line): RaftWrite => {
    if (!("lengths" in line)) return line;
    const { from, terms, lengths, configurations = [] } = line;
    const configurationAt = new Map(configurations);
    const entries = lengths.map((length, place): RaftEntry => {
      const value = values.slice(at, at + length);
      at += length;
      const configuration = configurationAt.get(place);
      const term = terms[terms.length === 1 ? 0 : place] ?? 0;
      return configuration ? { term, value, configuration } : { term, value };
    });
    return { kind: "entries", from, entries };
  });
}

function withoutValues(entries: readonly RaftEntry[]): Omit<EntriesLine, "kind" | "from"> {
  const terms = entries.map(({ term }) => term);
  const configurations = entries.flatMap(({ configuration }, place) =>
    configuration ? [[place, configuration] as const] : [],
  );
  return {
    terms: new Set(terms).size === 1 ? terms.slice(0, 1) : terms,
    lengths: entries.map(({ value }) => value.length),
    ...(configurations.length > 0 ? { configurations } : {}),
  };
}
