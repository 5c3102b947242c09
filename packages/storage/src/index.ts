export { type DiskJournalOptions, openDiskJournal } from "./disk-journal.js";
export type { Journal, JournalErrorCode, OpenedJournal, TornTail } from "./journal.js";
export { JournalError } from "./journal.js";
export type { JournalFile, JournalFiles } from "./journal-files.js";
export { nodeJournalFiles } from "./journal-files.js";
export { MemoryDisk, type MemoryJournalOptions, openMemoryJournal } from "./memory-journal.js";
export { readDiskJournal } from "./read-journal.js";
