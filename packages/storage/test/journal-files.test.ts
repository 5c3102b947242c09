import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeJournalFiles } from "../src/journal-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("a sync is left to another thread: while a disk hangs, a process does all that needs none", async () => {
  const file = nodeJournalFiles.open(join(temporaryFolder(), "file"), "emptied");
  try {
    file.write(new Uint8Array(100), 0);
    let isDone = false;
    const synced = file.sync().then(() => {
      isDone = true;
    });
    // What another thread does is heard of in a later turn of the event loop, however quick the disk is.
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    expect(isDone).toBe(false);
    await synced;
    expect(isDone).toBe(true);
  } finally {
    file.close();
  }
});
