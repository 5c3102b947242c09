import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openDiskJournal, readDiskJournal } from "../src/index.ts";
import { bytes, texts } from "./bytes.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("a journal is read while somebody holds it, and nothing of its folder changes", async () => {
  const folder = temporaryFolder();
  expect(await readDiskJournal(folder)).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
  const { journal } = await openDiskJournal(folder, { initialState: bytes("state") });
  await journal.append(bytes("record"));
  const before = readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "hex")]);
  const read = await readDiskJournal(folder);
  expect(texts([read?.state ?? bytes(""), ...(read?.records ?? [])])).toEqual(["state", "record"]);
  await journal.checkpoint(bytes("later"));
  expect(texts([(await readDiskJournal(folder))?.state ?? bytes("")])).toEqual(["later"]);
  await journal.close();
  expect(readdirSync(folder).sort()).toEqual(before.map(([name]) => name).sort());
});

test("a journal that does not read back as it was written is refused here, too", async () => {
  const folder = temporaryFolder();
  const { journal } = await openDiskJournal(folder, { initialState: bytes("state") });
  await journal.close();
  const file = path.join(folder, "journal");
  const content = readFileSync(file);
  content[40] = (content[40] ?? 0) ^ 1;
  writeFileSync(file, content);
  await expect(readDiskJournal(folder)).rejects.toMatchObject({ code: "journal-damaged", file });
});
