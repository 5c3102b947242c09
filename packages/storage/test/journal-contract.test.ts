import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Journal, MemoryDisk, type OpenedJournal, openDiskJournal, openMemoryJournal } from "../src/index.ts";
import { bytes, texts } from "./bytes.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** One place for one journal, whatever it is made of. */
interface Place {
  open(options?: { initialState?: Uint8Array; maxRecordBytes?: number }): Promise<OpenedJournal>;
  /** Ends the process that holds the journal, without closing it. Absent where only a real process can be killed. */
  crash?(): void;
}

function memoryPlace(): Place {
  const disk = new MemoryDisk();
  return {
    open: (options) => openMemoryJournal(disk, { initialState: bytes("initial"), ...options }),
    crash: () => disk.crash(),
  };
}

function simulatedPlace(): Place {
  let disk = new SimulatedDisk();
  return {
    open: (options) =>
      openDiskJournal("/node", {
        initialState: bytes("initial"),
        blockBytes: 128,
        alignBytes: 64,
        files: disk,
        ...options,
      }),
    crash: () => {
      disk = disk.afterKill().afterPowerFailure(() => "lost");
    },
  };
}

function folderPlace(): Place {
  const folder = path.join(temporaryFolder(), "made", "on", "the", "way");
  return { open: (options) => openDiskJournal(folder, { initialState: bytes("initial"), ...options }) };
}

describe.each([
  ["in memory", memoryPlace],
  ["on a simulated disk", simulatedPlace],
  ["in a folder", folderPlace],
])("a journal %s", (_, makePlace) => {
  test("is made with the initial state, and the state is there at the next opening, whatever that one would begin with", async () => {
    const place = makePlace();
    const first = await place.open();
    expect([first.created, texts([first.state]), first.records, first.tornTail]).toEqual([true, ["initial"], [], null]);
    await first.journal.close();
    const second = await place.open({ initialState: bytes("other") });
    expect([second.created, texts([second.state]), second.records]).toEqual([false, ["initial"], []]);
    await second.journal.close();
  });

  test("gives back every record in the order of the appends, across several openings", async () => {
    const place = makePlace();
    for (const round of ["a", "b", "c"]) {
      const { journal } = await place.open();
      await journal.append(bytes(`${round}1`));
      await journal.append(bytes(`${round}2`));
      await journal.close();
    }
    const { records, journal } = await place.open();
    expect(texts(records)).toEqual(["a1", "a2", "b1", "b2", "c1", "c2"]);
    await journal.close();
  });

  test("keeps empty records, records of zeros alone and an empty state, since all are records too", async () => {
    const place = makePlace();
    const { journal } = await place.open({ initialState: new Uint8Array() });
    for (const record of [new Uint8Array(), new Uint8Array(500), bytes("")]) await journal.append(record);
    await journal.close();
    const { state, records, journal: reopened } = await place.open();
    expect([state.length, ...records.map((record) => record.length)]).toEqual([0, 0, 500, 0]);
    await reopened.close();
  });

  test("keeps a record far larger than what the file grows by at a time", async () => {
    const place = makePlace();
    const big = new Uint8Array(3_000_000).map((_byte, at) => at % 251);
    const { journal } = await place.open();
    await journal.append(big);
    await journal.append(bytes("after"));
    await journal.close();
    const { records, journal: reopened } = await place.open();
    expect(records.map((record) => record.length)).toEqual([big.length, 5]);
    expect(Buffer.compare(records[0] ?? new Uint8Array(), big)).toBe(0);
    await reopened.close();
  });

  test("a checkpoint stands for all records before it, and appends go on behind it", async () => {
    const place = makePlace();
    const { journal } = await place.open();
    await journal.append(bytes("gone"));
    await journal.checkpoint(bytes("state 2"));
    await journal.append(bytes("kept"));
    await journal.close();
    const { state, records, journal: reopened } = await place.open();
    expect(texts([state, ...records])).toEqual(["state 2", "kept"]);
    await reopened.close();
  });

  test("says how large checkpoint and records are, since that decides when the next checkpoint is due", async () => {
    const place = makePlace();
    const sizes = (journal: Journal) => [journal.checkpointBytes, journal.bytesSinceCheckpoint];
    const { journal } = await place.open();
    expect(sizes(journal)).toEqual([7, 0]);
    await journal.append(bytes("12345"));
    await journal.append(bytes("123"));
    expect(sizes(journal)).toEqual([7, 8]);
    await journal.close();
    const { journal: reopened } = await place.open();
    expect(sizes(reopened)).toEqual([7, 8]);
    await reopened.checkpoint(bytes("longer than it was"));
    expect(sizes(reopened)).toEqual([18, 0]);
    await reopened.close();
  });

  test("is refused to a second opener while it is open, since two writers would ruin it", async () => {
    const place = makePlace();
    const { journal } = await place.open();
    await expect(place.open()).rejects.toMatchObject({ name: "JournalError", code: "journal-locked" });
    await journal.append(bytes("unharmed"));
    await journal.close();
    const { records, journal: reopened } = await place.open();
    expect(texts(records)).toEqual(["unharmed"]);
    await reopened.close();
  });

  test("close waits for what is under way, and closing again does nothing", async () => {
    const place = makePlace();
    const { journal } = await place.open();
    let appended = false;
    const append = journal.append(bytes("under way")).then(() => {
      appended = true;
    });
    await Promise.all([journal.close(), journal.close()]);
    await append;
    expect(appended).toBe(true);
    await journal.close();
    await expect(journal.append(bytes("late"))).rejects.toThrow("closed");
    const { records, journal: reopened } = await place.open();
    await journal.close();
    expect(texts(records)).toEqual(["under way"]);
    await expect(place.open(), "closing the old journal again let go of the new one").rejects.toThrow();
    await reopened.close();
  });

  test("takes one operation at a time: a second is refused, and the first goes through", async () => {
    const place = makePlace();
    const { journal } = await place.open();
    const first = journal.append(bytes("first"));
    await expect(journal.append(bytes("second"))).rejects.toThrow("busy");
    await first;
    await journal.append(bytes("third"));
    await journal.close();
    const { records, journal: reopened } = await place.open();
    expect(texts(records)).toEqual(["first", "third"]);
    await reopened.close();
  });

  test("takes the bytes of a record at the call, so that a host may use its buffer again", async () => {
    const place = makePlace();
    const { journal } = await place.open();
    const buffer = new Uint8Array(300).fill(1);
    const append = journal.append(buffer);
    buffer.fill(2);
    await append;
    await journal.close();
    const { records, journal: reopened } = await place.open();
    expect(records[0]?.every((byte) => byte === 1)).toBe(true);
    await reopened.close();
  });

  test("refuses a record above its limit before anything is written, and goes on", async () => {
    const place = makePlace();
    const { journal } = await place.open({ maxRecordBytes: 10 });
    await expect(journal.append(new Uint8Array(11))).rejects.toThrow(RangeError);
    await journal.append(new Uint8Array(10));
    await journal.close();
    const { records, journal: reopened } = await place.open({ maxRecordBytes: 5 });
    expect(records.map((record) => record.length)).toEqual([10]);
    await reopened.close();
  });

  test("keeps what it acknowledged when its process ends without closing it", async (context) => {
    const place = makePlace();
    if (place.crash === undefined) return context.skip("a folder's process is killed for real in lock.test.ts");
    const { journal } = await place.open();
    await journal.append(bytes("acknowledged"));
    const lost = journal.append(bytes("under way"));
    place.crash();
    await expect(lost).rejects.toMatchObject({ code: "journal-failed" });
    const { records, journal: reopened } = await place.open();
    await expect(journal.append(bytes("from the dead"))).rejects.toMatchObject({ code: "journal-failed" });
    expect(texts(records)).toEqual(["acknowledged"]);
    await reopened.append(bytes("next"));
    await reopened.close();
    expect(texts((await place.open()).records)).toEqual(["acknowledged", "next"]);
  });

  test("after any sequence of appends, checkpoints and openings holds what a plain list would hold", async () => {
    const body = fc.uint8Array({ maxLength: 300 });
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), body }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("checkpoint" as const), body }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("reopen" as const), body }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const place = makePlace();
        let { journal } = await place.open();
        let model = { state: bytes("initial"), records: [] as Uint8Array[] };
        for (const each of steps) {
          if (each.do === "append") {
            await journal.append(each.body);
            model.records.push(each.body);
          } else if (each.do === "checkpoint") {
            await journal.checkpoint(each.body);
            model = { state: each.body, records: [] };
          } else {
            await journal.close();
            const opened = await place.open();
            journal = opened.journal;
            expect({ state: opened.state, records: opened.records }).toEqual(model);
          }
          expect(journal.checkpointBytes).toBe(model.state.length);
          expect(journal.bytesSinceCheckpoint).toBe(model.records.reduce((sum, record) => sum + record.length, 0));
        }
        await journal.close();
        const { state, records, journal: last } = await place.open();
        await last.close();
        expect({ state, records }).toEqual(model);
      }),
      { numRuns: 40 },
    );
  });
});
