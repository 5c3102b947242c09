import fs from "node:fs";
import path from "node:path";
import { journalDamaged, orUnusable, systemCode } from "./failures.js";
import type { OpenedJournal } from "./journal.js";
import { scanJournal } from "./record-format.js";

/** What the size of every journal of a server is a multiple of, in bytes. */
const ALIGN_BYTES = 4096;

/**
 * Reads the journal in a folder and lets it be: nothing is locked, made or mended, so that somebody may look while its
 * server runs. A checkpoint takes the place of the one before whole; records that are being appended may be missing.
 *
 * @returns null if there is no journal
 * @throws {JournalError} `journal-damaged` or `journal-unusable`
 */
export async function readDiskJournal(folder: string): Promise<Pick<OpenedJournal, "state" | "records"> | null> {
  const file = path.join(folder, "journal");
  const bytes = await orUnusable(file, () => contentOf(file));
  if (bytes === null) return null;
  const found = scanJournal(bytes, ALIGN_BYTES);
  if (found.outcome === "damaged") throw journalDamaged(file, found.offset, found.reason);
  return { state: found.state, records: found.records };
}

function contentOf(file: string): Uint8Array | null {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
