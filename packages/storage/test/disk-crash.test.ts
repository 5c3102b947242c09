import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OpenedJournal, openDiskJournal } from "../src/index.ts";
import { bytes, texts } from "./bytes.ts";
import { Crash, type Fate, SimulatedDisk } from "./simulated-disk.ts";

/** What a journal holds, in texts. */
interface Holding {
  readonly state: string;
  readonly records: readonly string[];
}

/** What the host knows: what was acknowledged, and what was under way when the process died. */
class Witness {
  acknowledged: Holding = { state: "initial", records: [] };
  underWay: Holding | null = null;

  async does(next: Holding, work: () => Promise<void>): Promise<void> {
    this.underWay = next;
    await work();
    this.acknowledged = next;
    this.underWay = null;
  }

  expectIn(opened: OpenedJournal): void {
    const found: Holding = { state: texts([opened.state])[0] ?? "", records: texts(opened.records) };
    const allowed = [this.acknowledged, ...(this.underWay === null ? [] : [this.underWay])];
    expect(allowed).toContainEqual(found);
    this.acknowledged = found;
    this.underWay = null;
  }
}

const open = (disk: SimulatedDisk) =>
  openDiskJournal("/node", { initialState: bytes("initial"), blockBytes: 128, alignBytes: 64, files: disk });

/** Records of sizes that end before, on and behind the edges of sectors and blocks. */
const RECORD_SIZES = [0, 5, 24, 12, 60, 1, 150, 44];

async function append(opened: OpenedJournal, witness: Witness, record: string): Promise<void> {
  const { state, records } = witness.acknowledged;
  await witness.does({ state, records: [...records, record] }, () => opened.journal.append(bytes(record)));
}

/** A life with everything in it: creation, appends, growth, a checkpoint, a second opening. */
async function live(disk: SimulatedDisk, witness: Witness): Promise<void> {
  const first = await open(disk);
  for (const [at, size] of RECORD_SIZES.entries()) await append(first, witness, String(at).repeat(size));
  await witness.does({ state: "second state".repeat(9), records: [] }, () =>
    first.journal.checkpoint(bytes("second state".repeat(9))),
  );
  await append(first, witness, "behind the checkpoint");
  await first.journal.close();
  const second = await open(disk);
  witness.expectIn(second);
  await append(second, witness, "after the reopening".repeat(5));
  await append(second, witness, "last");
}

/** A life that begins with the journal a crash left. */
async function liveOn(disk: SimulatedDisk, witness: Witness): Promise<void> {
  const opened = await open(disk);
  witness.expectIn(opened);
  await append(opened, witness, "new");
  await append(opened, witness, "long enough to make the file grow".repeat(6));
  await opened.journal.close();
  const again = await open(disk);
  witness.expectIn(again);
  expect(again.tornTail).toBeNull();
}

/** Runs until the disk's crash. Any error but one that the crash explains is the test's failure. */
async function untilCrash(disk: SimulatedDisk, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (!(disk.crashed && cause instanceof Crash)) throw error;
  }
}

async function operationsOf(run: (disk: SimulatedDisk) => Promise<void>, disk: SimulatedDisk): Promise<number> {
  await run(disk);
  return disk.operations;
}

/** Every ending a power failure can have, as far as they can be counted: all, none, each prefix, each alone, each missing. */
function* endings(changes: number): Generator<() => Fate> {
  const eachChange = (fate: (at: number) => Fate) => {
    let at = 0;
    return () => {
      at += 1;
      return fate(at - 1);
    };
  };
  yield () => "lost";
  yield () => "kept";
  const stride = Math.max(1, Math.floor(changes / 40));
  for (let here = 0; here < changes; here += stride) {
    yield eachChange((at) => (at <= here ? "kept" : "lost"));
    yield eachChange((at) => (at === here ? "kept" : "lost"));
    yield eachChange((at) => (at === here ? "lost" : "kept"));
    yield eachChange((at) => (at === here ? "garbage" : "kept"));
    yield eachChange((at) => (at <= here ? "garbage" : "lost"));
  }
}

function copyOf(witness: Witness): Witness {
  return Object.assign(new Witness(), witness);
}

describe("a power failure", () => {
  test("at any operation, with any ending, loses nothing acknowledged and refuses nothing", async () => {
    const total = await operationsOf((disk) => live(disk, new Witness()), new SimulatedDisk());
    let tornTails = 0;
    for (let crashAt = 0; crashAt <= total; crashAt += 1) {
      const disk = new SimulatedDisk();
      disk.crashAt = crashAt;
      const witness = new Witness();
      await untilCrash(disk, () => live(disk, witness));
      for (const ending of endings(disk.unsettled())) {
        const left = disk.afterPowerFailure(ending);
        const after = copyOf(witness);
        const opened = await open(left);
        after.expectIn(opened);
        if (opened.tornTail !== null) tornTails += 1;
        await opened.journal.close();
        await liveOn(left, after);
      }
    }
    expect(total).toBeGreaterThan(60);
    expect(tornTails, "no ending tore a flush: the test tests little").toBeGreaterThan(100);
  });

  test("during the recovery from another, at any operation, loses nothing and refuses nothing", async () => {
    const total = await operationsOf((disk) => live(disk, new Witness()), new SimulatedDisk());
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: total }),
        fc.nat({ max: 40 }),
        fc.infiniteStream(fc.constantFrom<Fate>("kept", "lost", "garbage")),
        async (firstCrash, secondCrash, fates) => {
          const fate = () => fates.next().value;
          const disk = new SimulatedDisk();
          disk.crashAt = firstCrash;
          const witness = new Witness();
          await untilCrash(disk, () => live(disk, witness));
          const second = disk.afterPowerFailure(fate);
          second.crashAt = secondCrash;
          await untilCrash(second, () => liveOn(second, witness));
          await liveOn(second.afterPowerFailure(fate), witness);
        },
      ),
      { numRuns: 600 },
    );
  });

  test("does not refuse a torn flush whose record contains another journal, since a client may store what it likes", async () => {
    const other = new SimulatedDisk();
    const source = await open(other);
    for (let count = 0; count < 9; count += 1) await source.journal.append(bytes(`record ${count}`));
    const stored = other.content("journal") ?? new Uint8Array();
    for (let lost = 0; lost < 5; lost += 1) {
      const disk = new SimulatedDisk();
      const { journal } = await open(disk);
      await journal.append(new Uint8Array(stored.length));
      disk.crashAt = disk.operations + 3;
      await expect(journal.append(stored)).rejects.toThrow();
      let at = 0;
      const left = disk.afterPowerFailure(() => (at++ === lost ? "lost" : "kept"));
      const opened = await open(left);
      expect(opened.records.length).toBe(1);
    }
  });
});

describe("a killed process", () => {
  test("may leave a record that no sync reached: once it was read, not even a power failure takes it back", async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk);
    disk.crashAt = disk.operations + 1;
    await expect(journal.append(bytes("in the cache"))).rejects.toThrow();
    const sameMachine = disk.afterKill();
    expect(texts((await open(sameMachine)).records)).toEqual(["in the cache"]);
    const opened = await open(sameMachine.afterPowerFailure(() => "lost"));
    expect(texts(opened.records)).toEqual(["in the cache"]);
  });
});

describe("a failing call", () => {
  test.each(["EIO", "ENOSPC"])(
    "(%s) at any operation is reported, ends the journal's use, and loses nothing",
    async (code) => {
      const total = await operationsOf((disk) => live(disk, new Witness()), new SimulatedDisk());
      for (let failAt = 0; failAt < total; failAt += 1) {
        const disk = new SimulatedDisk();
        disk.failAt = failAt;
        disk.failCode = code;
        const witness = new Witness();
        const error = await live(disk, witness).then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ name: "JournalError", message: expect.stringContaining(code) });
        expect(error).toMatchObject({ code: expect.stringMatching(/^journal-(failed|unusable)$/) });
        // The process ends, its page cache does not; and then power fails before anything else was synced.
        const sameMachine = disk.afterKill();
        const opened = await open(sameMachine);
        witness.expectIn(opened);
        await append(opened, witness, "goes on");
        await liveOn(
          sameMachine.afterPowerFailure(() => "lost"),
          witness,
        );
      }
    },
  );

  test.each(["append", "checkpoint"] as const)(
    "of an %s ends the journal: it touches the disk no more",
    async (what) => {
      const disk = new SimulatedDisk();
      const { journal } = await open(disk);
      disk.failAt = disk.operations + 1;
      await expect(journal[what](bytes("x"))).rejects.toMatchObject({ code: "journal-failed", file: "/node/journal" });
      const { operations } = disk;
      await expect(journal.append(bytes("y"))).rejects.toMatchObject({ code: "journal-failed" });
      await expect(journal.checkpoint(bytes("z"))).rejects.toMatchObject({ code: "journal-failed" });
      expect(disk.operations).toBe(operations);
      await journal.close();
      await (await open(disk)).journal.close();
    },
  );

  test("that writes less than it was given is followed by another, until all is written", async () => {
    const disk = new SimulatedDisk();
    disk.shortWrites = 7;
    await live(disk, new Witness());
    disk.shortWrites = 0;
    const again = disk.afterKill();
    const { journal } = await open(again);
    again.shortWrites = 0;
    await expect(journal.append(bytes("x"))).rejects.toMatchObject({ code: "journal-failed" });
  });
});

test("an append costs one write and one sync, unless the file must grow first", async () => {
  const disk = new SimulatedDisk();
  const { journal } = await openDiskJournal("/node", { initialState: bytes("initial"), files: disk });
  for (let count = 0; count < 50; count += 1) {
    const before = [disk.writes, disk.syncs, disk.operations];
    await journal.append(new Uint8Array(1000));
    expect([disk.writes, disk.syncs, disk.operations]).toEqual(before.map((each, at) => each + (at === 2 ? 2 : 1)));
  }
});
