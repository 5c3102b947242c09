import { DEFAULT_MAX_RECORD_BYTES, refuseOversized } from "./body-limit.js";
import { journalFailed, journalLocked } from "./failures.js";
import type { Journal, OpenedJournal } from "./journal.js";
import { Turns } from "./turns.js";

const NAME = "(memory)";

/** What a memory disk holds. It changes in place, as a file does. */
interface Content {
  state: Uint8Array;
  records: Uint8Array[];
}

/** A disk that lasts as long as this object: what a memory journal made durable is there when it is opened again. */
export class MemoryDisk {
  private content: Content | null = null;
  private holder: object | null = null;

  /** As if the process had died: what was under way is lost and fails, and the disk can be opened again. */
  crash(): void {
    this.holder = null;
  }

  /** @internal Takes hold of the disk, and says whether it was empty. */
  hold(holder: object, initialState: Uint8Array): boolean {
    if (this.holder !== null) throw journalLocked(NAME, NAME);
    this.holder = holder;
    const created = this.content === null;
    this.content ??= { state: initialState.slice(), records: [] };
    return created;
  }

  /** @internal What the disk holds, for the one who holds the disk. */
  contentFor(holder: object): Content {
    if (this.holder !== holder || this.content === null) throw new Error("the disk crashed");
    return this.content;
  }

  /** @internal */
  release(holder: object): void {
    if (this.holder === holder) this.holder = null;
  }
}

/** How a journal in memory is opened. */
export interface MemoryJournalOptions {
  /** The first checkpoint, if there is no journal yet. */
  readonly initialState: Uint8Array;
  /** The largest record, in bytes: 64 MiB unless given. */
  readonly maxRecordBytes?: number;
}

/**
 * Opens the journal of a memory disk, or makes one: the same contract as on a real disk, for tests, and as the measure
 * of what a disk costs. An append takes one microtask.
 *
 * @throws {JournalError} `journal-locked` if it is open already.
 */
export async function openMemoryJournal(disk: MemoryDisk, options: MemoryJournalOptions): Promise<OpenedJournal> {
  refuseOversized("state", options.initialState);
  const holder = {};
  const created = disk.hold(holder, options.initialState);
  const { state, records } = disk.contentFor(holder);
  const journal = new MemoryJournal(disk, holder, options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES);
  return { journal, created, state, records: records.slice(), tornTail: null };
}

class MemoryJournal implements Journal {
  private readonly turns = new Turns((cause) => journalFailed(NAME, cause));
  private stateBytes: number;
  private recordBytes: number;

  constructor(
    private readonly disk: MemoryDisk,
    private readonly holder: object,
    private readonly maxRecordBytes: number,
  ) {
    const { state, records } = disk.contentFor(holder);
    this.stateBytes = state.length;
    this.recordBytes = records.reduce((sum, record) => sum + record.length, 0);
  }

  get checkpointBytes(): number {
    return this.stateBytes;
  }

  get bytesSinceCheckpoint(): number {
    return this.recordBytes;
  }

  async append(record: Uint8Array): Promise<void> {
    refuseOversized("record", record, this.maxRecordBytes);
    const body = record.slice();
    await this.turns.take(async () => {
      await null;
      this.disk.contentFor(this.holder).records.push(body);
      this.recordBytes += body.length;
    });
  }

  async checkpoint(state: Uint8Array): Promise<void> {
    refuseOversized("state", state);
    const body = state.slice();
    await this.turns.take(async () => {
      await null;
      const content = this.disk.contentFor(this.holder);
      content.state = body;
      content.records = [];
      this.stateBytes = body.length;
      this.recordBytes = 0;
    });
  }

  close(): Promise<void> {
    return this.turns.close(() => this.disk.release(this.holder));
  }
}
