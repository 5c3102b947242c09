import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { JournalError, type OpenedJournal, openDiskJournal } from "../src/index.ts";
import { RECORD_HEADER_BYTES } from "../src/record-format.ts";
import { bytes, texts } from "./bytes.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const RECORDS = [
  "first",
  "second one",
  "",
  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
  "fifth: long".repeat(9),
];
const MARK = bytes("a journal was made here\n");
const SMALL = { initialState: bytes("initial"), blockBytes: 128, alignBytes: 64 };

interface Sample {
  readonly file: Uint8Array;
  /** Where each record begins. */
  readonly starts: readonly number[];
  /** Where the last record ends. */
  readonly end: number;
}

/** A journal of the initial state and these records, as a file. */
async function sample(records: readonly string[] = RECORDS): Promise<Sample> {
  const disk = new SimulatedDisk();
  const { journal } = await openDiskJournal("/node", { ...SMALL, files: disk });
  const starts: number[] = [];
  let end = 16 + RECORD_HEADER_BYTES + SMALL.initialState.length;
  for (const record of records) {
    await journal.append(bytes(record));
    starts.push(end);
    end += RECORD_HEADER_BYTES + record.length;
  }
  return { file: disk.content("journal") ?? new Uint8Array(), starts, end };
}

async function openFile(file: Uint8Array): Promise<OpenedJournal | JournalError> {
  const files = SimulatedDisk.holding({ journal: file, lock: MARK });
  try {
    return await openDiskJournal("/node", { ...SMALL, files });
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
}

/** What became of a journal: its records, or the refusal, which must name the file and the place. */
async function outcomeOf(file: Uint8Array): Promise<string[] | "refused"> {
  const opened = await openFile(file);
  if (!(opened instanceof JournalError)) {
    expect(texts([opened.state])).toEqual(["initial"]);
    return texts(opened.records);
  }
  expect(opened.code).toBe("journal-damaged");
  expect(opened.file).toBe("/node/journal");
  expect(opened.offset).toBeTypeOf("number");
  expect(opened.message).toContain("/node/journal");
  expect(opened.message).toContain(`byte ${opened.offset}`);
  return "refused";
}

function changed(file: Uint8Array, change: (file: Uint8Array) => void): Uint8Array {
  const copy = file.slice();
  change(copy);
  return copy;
}

describe("damage", () => {
  test("to any one byte is refused or harms nothing, unless it makes the last record look like an unfinished flush", async () => {
    const { file, starts, end } = await sample();
    const lastStart = starts.at(-1) ?? 0;
    const flips = [1, 2, 4, 8, 16, 32, 64, 128, 255];
    for (let at = 0; at < file.length; at += 1) {
      for (const flip of flips) {
        const outcome = await outcomeOf(changed(file, (copy) => copy.set([(copy[at] ?? 0) ^ flip], at)));
        if (outcome === "refused") continue;
        const insideLast = at >= lastStart && at < end;
        expect(outcome, `byte ${at} xor ${flip}`).toEqual(insideLast ? RECORDS.slice(0, -1) : RECORDS);
      }
    }
  });

  test("by a cut at any length is refused, or took nothing but zeros", async () => {
    for (const records of [
      RECORDS,
      [],
      ["x"],
      ["\0".repeat(400)],
      ["a".repeat(44), "b".repeat(44), "\0".repeat(108)],
    ]) {
      const { file, end } = await sample(records);
      for (let length = 0; length < file.length; length += 1) {
        const outcome = await outcomeOf(file.slice(0, length));
        if (length < end + RECORD_HEADER_BYTES) expect(outcome, `cut at ${length}`).toBe("refused");
        else expect(["refused", records], `cut at ${length}`).toContainEqual(outcome);
      }
    }
  });

  test("by zeros over any range that leaves a later header standing is refused", async () => {
    const { file, starts } = await sample();
    const lastStart = starts.at(-1) ?? 0;
    for (let from = 0; from < lastStart; from += 1) {
      for (const length of [4, 16, 64, lastStart - from]) {
        const to = Math.min(lastStart, from + length);
        if (file.subarray(from, to).every((byte) => byte === 0)) continue;
        expect(await outcomeOf(changed(file, (copy) => copy.fill(0, from, to))), `${from} to ${to}`).toBe("refused");
      }
    }
  });

  test("to the bodies of the last two records is refused, since the header of the last one still stands", async () => {
    const { file } = await sample(["one", "two", "three"]);
    const at = (text: string) => Buffer.from(file).indexOf(text);
    const damaged = changed(file, (copy) => {
      copy[at("two")] = 0;
      copy[at("three")] = 0;
    });
    expect(await outcomeOf(damaged)).toBe("refused");
  });

  test("by two records in each other's place is refused", async () => {
    const { file, starts } = await sample(["aaaa", "bbbb", "cccc"]);
    const [a = 0, b = 0, c = 0] = starts;
    const swapped = changed(file, (copy) => {
      copy.set(file.subarray(b, c), a);
      copy.set(file.subarray(a, b), b);
    });
    expect(await outcomeOf(swapped)).toBe("refused");
  });

  test("by a record that stands twice is refused, in a record's place and behind the last", async () => {
    const { file, starts, end } = await sample(["aaaa", "bbbb", "cccc"]);
    const [a = 0, b = 0, c = 0] = starts;
    for (const place of [b, c, end]) {
      expect(await outcomeOf(changed(file, (copy) => copy.set(file.subarray(a, b), place)))).toBe("refused");
    }
  });

  test("by garbage behind the last record loses no record, and the place is clean afterwards", async () => {
    const { file, end } = await sample();
    for (let at = end; at < file.length; at += 1) {
      const opened = await openFile(changed(file, (copy) => copy.fill(0xa5, at)));
      if (opened instanceof JournalError) throw opened;
      expect(texts(opened.records)).toEqual(RECORDS);
      expect(opened.tornTail).toEqual({ file: "/node/journal", offset: end, bytes: file.length - end });
    }
  });

  test("by a foreign record of the right number is no evidence: the salt of every file is its own", async () => {
    const [one, other] = [await sample(["a", "b", "c"]), await sample(["a", "b", "c"])];
    const last = one.starts.at(-1) ?? 0;
    expect(await outcomeOf(changed(one.file, (copy) => copy.set(other.file.subarray(last), last)))).toEqual(["a", "b"]);
  });
});

describe("a torn tail", () => {
  test("is reported with its place, cleared, and its place and number are used again", async () => {
    const { file, starts } = await sample(["whole", "torn apart"]);
    const [, at = 0] = starts;
    const disk = SimulatedDisk.holding({ journal: changed(file, (copy) => copy.set([0], at + 25)), lock: MARK });
    const first = await openDiskJournal("/node", { ...SMALL, files: disk });
    expect(first.tornTail).toEqual({ file: "/node/journal", offset: at, bytes: 30 });
    expect(
      disk
        .content("journal")
        ?.subarray(at)
        .every((byte) => byte === 0),
    ).toBe(true);
    await first.journal.append(bytes("next"));
    await first.journal.close();
    const second = await openDiskJournal("/node", { ...SMALL, files: disk });
    expect([texts(second.records), second.tornTail]).toEqual([["whole", "next"], null]);
  });
});

describe("a folder", () => {
  async function madeFolder(): Promise<{ folder: string; file: string }> {
    const folder = temporaryFolder();
    const { journal } = await openDiskJournal(folder, { initialState: bytes("initial") });
    await journal.append(bytes("kept"));
    await journal.close();
    return { folder, file: path.join(folder, "journal") };
  }
  const open = (folder: string) => openDiskJournal(folder, { initialState: bytes("fresh") });

  test("whose journal is empty is refused, since a journal is never seen half made", async () => {
    const { folder, file } = await madeFolder();
    writeFileSync(file, "");
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-damaged", file, offset: 0 });
  });

  test("whose journal is gone is refused, however often it is opened: its server must not start afresh", async () => {
    const { folder, file } = await madeFolder();
    rmSync(file);
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-missing", file });
    await expect(open(folder)).rejects.toThrow(/break consensus/);
  });

  test("that was wiped as a whole is a new one, since that is how one wipes on purpose", async () => {
    const { folder } = await madeFolder();
    rmSync(folder, { recursive: true });
    const { created, journal } = await open(folder);
    expect(created).toBe(true);
    await journal.close();
  });

  test("with a journal and no mark gets its mark, since a crash may come between the two", async () => {
    const { folder, file } = await madeFolder();
    writeFileSync(path.join(folder, "lock"), "");
    const { records, journal } = await open(folder);
    expect(texts(records)).toEqual(["kept"]);
    await journal.close();
    rmSync(file);
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-missing" });
  });

  test.each([
    ["whole", (content: Buffer) => content],
    ["half", (content: Buffer) => content.subarray(0, 30)],
  ])("with a %s journal.new goes on with its journal: an unfinished checkpoint never counted", async (_, part) => {
    const { folder, file } = await madeFolder();
    const leftover = path.join(folder, "journal.new");
    writeFileSync(leftover, part(readFileSync(file)));
    const { records, journal } = await open(folder);
    expect(texts(records)).toEqual(["kept"]);
    expect(() => readFileSync(leftover)).toThrow("ENOENT");
    await journal.close();
  });

  test("with a folder in the journal's place is refused in words", async () => {
    const { folder, file } = await madeFolder();
    rmSync(file);
    mkdirSync(file);
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-unusable", file });
    await expect(open(folder)).rejects.toThrow(/EISDIR.*move it away/);
  });

  test("whose name belongs to a file is refused in words", async () => {
    const folder = path.join(temporaryFolder(), "taken");
    writeFileSync(folder, "");
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-unusable", file: folder });
  });

  test.skipIf(process.getuid?.() === 0)("whose journal may not be read is refused in words", async () => {
    const { folder, file } = await madeFolder();
    chmodSync(file, 0);
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-unusable", file });
  });

  test("that was refused is let go of, so that it can be opened once it is put right", async () => {
    const { folder, file } = await madeFolder();
    const content = readFileSync(file);
    writeFileSync(file, "nonsense");
    await expect(open(folder)).rejects.toMatchObject({ code: "journal-damaged" });
    writeFileSync(file, content);
    const { records, journal } = await open(folder);
    expect(texts(records)).toEqual(["kept"]);
    await journal.close();
  });
});
