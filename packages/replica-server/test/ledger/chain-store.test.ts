import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, type ChainHead, EMPTY_CHAIN } from "@synod/state-machines";
import { describe, expect, onTestFinished, test } from "vitest";
import { CHAIN_FILE, ChainStore, type ChainStoreOptions } from "../../src/applications/ledger/chain-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { chainOf, fileText, headOf } from "./chain-of.ts";

/** Nobody has anything: a gap stays one until the store is closed. */
const NOBODY: ChainStoreOptions["gaps"] = {
  fill: (_file, _from, _goal, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(false), { once: true })),
};

async function opened(folder: string, head: ChainHead, options: Partial<ChainStoreOptions> = {}): Promise<ChainStore> {
  const onFailure = (failure: Error) => {
    throw failure;
  };
  const store = await ChainStore.open({ folder, head, gaps: NOBODY, onFailure, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A folder whose file holds this. */
function folderWith(text: string): { readonly folder: string; readonly file: string } {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, CHAIN_FILE);
  writeFileSync(file, text);
  return { folder, file };
}

async function textOf(store: ChainStore, from: number, through: number): Promise<string> {
  let text = "";
  for await (const records of store.records(from, through)) for (const record of records) text += `${record}\n`;
  return text;
}

describe("blocks that are applied", () => {
  const blocks = chainOf(300, (height) => "x".repeat(height % 50));

  test("are in the file once they are durable, a canonical line each, and are read from wherever they are", async () => {
    const folder = temporaryFolder();
    const store = await opened(folder, EMPTY_CHAIN);
    for (const block of blocks) store.add(block);
    expect(store.recorded).toBe(0);
    // Not written yet: from memory.
    expect(await store.blocks(250, 3)).toEqual(blocks.slice(249, 252));
    await store.durable(300);
    expect(store.recorded).toBe(300);
    expect(readFileSync(join(folder, CHAIN_FILE), "utf8")).toBe(fileText(blocks));
    for (const [from, through] of [
      [1, 300],
      [64, 64],
      [65, 65],
      [128, 200],
      [300, 300],
      [1, 1],
      [37, 291],
    ] as const) {
      expect(await textOf(store, from, through), `${from}..${through}`).toBe(fileText(blocks.slice(from - 1, through)));
    }
    expect(await store.blocks(299, 50)).toEqual(blocks.slice(298));
  });

  test("are read in order while they are being written", async () => {
    const store = await opened(temporaryFolder(), EMPTY_CHAIN);
    for (const block of blocks.slice(0, 100)) store.add(block);
    const reading = textOf(store, 1, 100);
    for (const block of blocks.slice(100)) store.add(block);
    const alsoReading = textOf(store, 90, 300);
    await store.durable(300);
    expect(await reading).toBe(fileText(blocks.slice(0, 100)));
    expect(await alsoReading).toBe(fileText(blocks.slice(89)));
  });

  test("come one on top of the other: anything else is a fault of this process", async () => {
    const store = await opened(temporaryFolder(), EMPTY_CHAIN);
    const [first, second] = blocks as [Block, Block];
    expect(() => store.add(second)).toThrow("on top of the last one");
    store.add(first);
    expect(() => store.add(first)).toThrow("on top of the last one");
  });

  test("are no more than a page, unless the first alone is longer", async () => {
    const long = chainOf(4, () => "y".repeat(60_000));
    const { folder } = folderWith(fileText([...long]));
    const store = await opened(folder, headOf(long));
    expect(await store.blocks(1, 1000)).toHaveLength(4);
    const many = chainOf(40, () => "y".repeat(60_000));
    const other = await opened(folderWith(fileText(many)).folder, headOf(many));
    const page = await other.blocks(1, 1000);
    expect(page.length).toBeGreaterThan(10);
    expect(page.length).toBeLessThan(20);
  });
});

describe("a start", () => {
  const blocks = chainOf(200);

  test.each([
    ["whole blocks", fileText(blocks.slice(150))],
    ["half of a record", fileText(blocks.slice(150)).slice(0, 1000)],
    ["a record without its line feed", fileText(blocks.slice(150, 151)).trimEnd()],
    ["anything else", "\u0000\u0000 nothing that a block begins with\n\n"],
    ["nothing", ""],
  ])("cuts off what the snapshot does not count on: %s", async (_what, more) => {
    const { folder, file } = folderWith(fileText(blocks.slice(0, 150)) + more);
    const store = await opened(folder, headOf(blocks.slice(0, 150)));
    expect(readFileSync(file, "utf8")).toBe(fileText(blocks.slice(0, 150)));
    for (const block of blocks.slice(150)) store.add(block);
    await store.durable(200);
    expect(readFileSync(file, "utf8")).toBe(fileText(blocks));
  });

  test("without a snapshot begins the file anew: all of it comes again from the log", async () => {
    const { folder, file } = folderWith(fileText(blocks).slice(0, 5000));
    await opened(folder, EMPTY_CHAIN);
    expect(readFileSync(file, "utf8")).toBe("");
  });

  test("refuses a file that has fewer whole records than the snapshot counts on, and changes nothing", async () => {
    const text = fileText(blocks.slice(0, 150));
    for (const [kept, count] of [
      [text.slice(0, -1), 149],
      [text.slice(0, 10), 0],
      ["", 0],
    ] as const) {
      const { folder, file } = folderWith(kept);
      const opening = opened(folder, headOf(blocks.slice(0, 150)));
      await expect(opening).rejects.toThrow(
        `${file} has ${count} whole records, and the snapshot beside it counts on 150`,
      );
      await expect(opening).rejects.toThrow(
        /synod ledger verify --data .* stop this one and remove .*; it then learns/s,
      );
      await expect(opening).rejects.toHaveProperty("name", "StoreRefused");
      expect(readFileSync(file, "utf8")).toBe(kept);
    }
  });

  test("refuses a file whose last counted record is not the block that the snapshot names", async () => {
    const other = chainOf(150, (height) => `other ${height}`);
    const text = fileText(blocks.slice(0, 150));
    const shifted = text.replace("\n", " ").concat(fileText(blocks.slice(150, 152)));
    for (const wrong of [fileText(other), shifted, `${text.slice(0, -20)}0${text.slice(-19)}`]) {
      const { folder, file } = folderWith(wrong);
      const opening = opened(folder, headOf(blocks.slice(0, 150)));
      await expect(opening).rejects.toThrow("its record 150 is not block 150, which the snapshot beside it names");
      expect(readFileSync(file, "utf8")).toBe(wrong);
    }
  });

  test("after a kill at any byte of an append goes on with what was whole", async () => {
    const sure = fileText(blocks.slice(0, 3));
    const appended = fileText(blocks.slice(3, 5));
    for (let bytes = 0; bytes <= appended.length; bytes += 7) {
      const { folder, file } = folderWith(sure);
      appendFileSync(file, appended.slice(0, bytes));
      const store = await opened(folder, headOf(blocks.slice(0, 3)));
      for (const block of blocks.slice(3, 5)) store.add(block);
      await store.durable(5);
      expect(readFileSync(file, "utf8"), `${bytes} bytes`).toBe(sure + appended);
    }
  });
});

describe("a file that is damaged while the server runs", () => {
  const blocks = chainOf(100);

  test("is told of, with the block named, by whatever reads blocks; its records are given as they are", async () => {
    const text = fileText(blocks);
    const { folder, file } = folderWith(text);
    const store = await opened(folder, headOf(blocks));
    const place = text.indexOf('"key4"');
    const damaged = `${text.slice(0, place)}"key5"${text.slice(place + 6)}`;
    writeFileSync(file, damaged);
    await expect(store.blocks(1, 10)).rejects.toThrow(`block 4 of ${file} is not what it was: its hash is not`);
    await expect(store.blocks(1, 10)).rejects.toMatchObject({
      code: "chain-damaged",
      details: { members: { height: 4 } },
    });
    expect(await store.blocks(5, 10)).toEqual(blocks.slice(4, 14));
    expect(await textOf(store, 1, 100)).toBe(damaged);
  });

  test.each([
    ["a line feed is lost", (text: string) => text.replace("\n", " "), 1],
    ["its end is gone", (text: string) => text.slice(0, -100), 100],
    ["half of it is gone", (text: string) => text.slice(0, text.length / 2), 100],
    ["a byte is no UTF-8", (text: string) => Buffer.from(text, "latin1").fill(0xff, 60, 61).toString("latin1"), 1],
  ])("where %s", async (_what, change, height) => {
    const text = fileText(blocks);
    const { folder, file } = folderWith(text);
    const store = await opened(folder, headOf(blocks));
    writeFileSync(file, Buffer.from(change(text), "latin1"));
    await expect(store.blocks(height, 1)).rejects.toThrow(`block ${height} of`);
  });
});

describe("a chain that leaps to that of another server", () => {
  const blocks = chainOf(500);

  /** Fills a gap when it is told to. */
  function fillerOnDemand() {
    let begin: (fills: boolean) => void = () => {};
    const asked: [number, number][] = [];
    const gaps: ChainStoreOptions["gaps"] = {
      fill: async (file, from, goal, signal) => {
        asked.push([from.height, goal.height]);
        const fills = await new Promise<boolean>((resolve) => {
          begin = resolve;
          signal.addEventListener("abort", () => resolve(false), { once: true });
        });
        if (fills) await file.append(fileText(blocks.slice(from.height, goal.height)).split("\n").slice(0, -1));
        return fills;
      },
    };
    return { gaps, asked, fill: () => begin(true) };
  }

  test("has the blocks between fetched, and calls nothing durable before they are here", async () => {
    const filler = fillerOnDemand();
    const folder = temporaryFolder();
    const store = await opened(folder, EMPTY_CHAIN, { gaps: filler.gaps });
    for (const block of blocks.slice(0, 10)) store.add(block);
    await store.durable(10);
    store.leapTo(headOf(blocks.slice(0, 200)));
    for (const block of blocks.slice(200, 300)) store.add(block);
    let isDurable = false;
    const waiting = store.durable(200).then(() => {
      isDurable = true;
    });
    await until(() => filler.asked.length > 0);
    expect([store.recorded, store.missing, isDurable]).toEqual([10, 190, false]);
    await expect(store.blocks(5, 100)).rejects.toThrow(
      "block 11 is not here yet: this server fetches the blocks 11..200",
    );
    expect(await store.blocks(201, 3)).toEqual(blocks.slice(200, 203));
    filler.fill();
    await waiting;
    await store.durable(300);
    expect(readFileSync(join(folder, CHAIN_FILE), "utf8")).toBe(fileText(blocks.slice(0, 300)));
    expect(filler.asked).toEqual([[10, 200]]);
  });

  test("keeps so many blocks that wait behind the gap, and has more of them fetched, too", async () => {
    const filler = fillerOnDemand();
    const store = await opened(temporaryFolder(), EMPTY_CHAIN, { gaps: filler.gaps, limits: { waitingBlocks: 50 } });
    store.leapTo(headOf(blocks.slice(0, 100)));
    for (const block of blocks.slice(100, 170)) store.add(block);
    expect(store.missing).toBe(151);
    await until(() => filler.asked.length > 0);
    filler.fill();
    await until(() => store.recorded === 151 || filler.asked.length > 1);
    filler.fill();
    await store.durable(170);
    expect(await textOf(store, 1, 170)).toBe(fileText(blocks.slice(0, 170)));
  });

  test("lets go of those that wait when it is closed", async () => {
    const store = await opened(temporaryFolder(), EMPTY_CHAIN);
    store.leapTo(headOf(blocks));
    const waiting = store.durable(500);
    const ended = expect(waiting).rejects.toMatchObject({ code: "stopping" });
    await store.close();
    await ended;
    await expect(store.durable(500)).rejects.toMatchObject({ code: "stopping" });
  });
});

test("a file that cannot be written stops everything: whoever waits is told, and nothing is read any more", async () => {
  const failures: string[] = [];
  const gaps: ChainStoreOptions["gaps"] = { fill: async () => Promise.reject(new Error("no space left on device")) };
  const blocks = chainOf(20);
  const { folder, file } = folderWith(fileText(blocks.slice(0, 5)));
  const store = await opened(folder, headOf(blocks.slice(0, 5)), {
    gaps,
    onFailure: (failure) => failures.push(failure.message),
  });
  store.leapTo(headOf(blocks.slice(0, 10)));
  await expect(store.durable(10)).rejects.toMatchObject({ code: "storage-failed" });
  expect(failures).toEqual([`${file}: no space left on device. Nothing is answered any more; mend it and restart.`]);
  await expect(store.blocks(1, 1)).rejects.toMatchObject({ code: "storage-failed" });
  // What is applied meanwhile is not written after what is missing.
  store.add(blocks[10] as Block);
  await expect(store.durable(11)).rejects.toMatchObject({ code: "storage-failed" });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
