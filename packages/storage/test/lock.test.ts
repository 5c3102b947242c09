import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openDiskJournal } from "../src/index.ts";
import { bytes, texts } from "./bytes.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const BUILT = new URL("../dist/index.js", import.meta.url);

/** Opens the journal, appends one record, says so, and holds the folder until it is killed. */
const HOLDER = `
  const { openDiskJournal } = await import(process.argv[1]);
  const { journal } = await openDiskJournal(process.argv[2], { initialState: new Uint8Array() });
  await journal.append(new TextEncoder().encode("from the other process"));
  console.log("held");
  setInterval(() => {}, 1000);
`;

async function startHolder(folder: string): Promise<ChildProcess> {
  expect(existsSync(fileURLToPath(BUILT)), "packages/storage is not built: npx tsc -b packages/storage").toBe(true);
  const child = spawn(process.execPath, ["--input-type=module", "--eval", HOLDER, BUILT.href, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  expect(line).toBe("held");
  return child;
}

test("another process is refused while the holder lives, and not a moment longer, even if it was killed", async () => {
  const folder = temporaryFolder();
  const child = await startHolder(folder);
  await expect(openDiskJournal(folder, { initialState: bytes("mine") })).rejects.toMatchObject({
    code: "journal-locked",
    message: expect.stringContaining(`${folder}: another process holds this folder`),
  });
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  const { records, journal } = await openDiskJournal(folder, { initialState: bytes("mine") });
  expect(texts(records)).toEqual(["from the other process"]);
  await journal.close();
});
