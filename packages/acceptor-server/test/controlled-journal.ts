import { type Journal, MemoryDisk, openMemoryJournal } from "@synod/storage";
import { AcceptorStore, type OpenedStore } from "../src/acceptor-store.ts";
import { IDENTITY } from "./memory-app.ts";

/** A flush that the journal was asked for and has not settled. */
interface Held {
  readonly finish: () => Promise<void>;
  readonly fail: (error: Error) => void;
}

/**
 * A journal in which the test decides when each flush is done, and whether it fails. Nothing reaches the disk before.
 */
export class ControlledJournal implements Journal {
  readonly calls: ("append" | "checkpoint")[] = [];
  readonly #inner: Journal;
  readonly #held: Held[] = [];
  readonly #arrivals: (() => void)[] = [];
  /** While false, each flush is done at once. */
  holding = true;

  constructor(inner: Journal) {
    this.#inner = inner;
  }

  get checkpointBytes(): number {
    return this.#inner.checkpointBytes;
  }

  get bytesSinceCheckpoint(): number {
    return this.#inner.bytesSinceCheckpoint;
  }

  append(record: Uint8Array): Promise<void> {
    this.calls.push("append");
    return this.#take(() => this.#inner.append(record));
  }

  checkpoint(state: Uint8Array): Promise<void> {
    this.calls.push("checkpoint");
    return this.#take(() => this.#inner.checkpoint(state));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Resolves once a flush waits, and gives it. */
  async held(): Promise<Held> {
    for (;;) {
      const held = this.#held.shift();
      if (held) return held;
      await new Promise<void>((resolve) => this.#arrivals.push(resolve));
    }
  }

  #take(work: () => Promise<void>): Promise<void> {
    if (!this.holding) return work();
    return new Promise((resolve, reject) => {
      this.#held.push({ finish: () => work().then(resolve, reject), fail: reject });
      for (const arrived of this.#arrivals.splice(0)) arrived();
    });
  }
}

/** A store whose journal is under control, and the disk below it. */
export async function controlledStore(): Promise<{
  opened: OpenedStore;
  journal: ControlledJournal;
  disk: MemoryDisk;
}> {
  const disk = new MemoryDisk();
  const { store } = await AcceptorStore.inMemory(IDENTITY, disk);
  await store.close();
  const inner = await openMemoryJournal(disk, { initialState: new Uint8Array() });
  const journal = new ControlledJournal(inner.journal);
  const opened = await AcceptorStore.over({ ...inner, journal }, "memory", IDENTITY);
  return { opened, journal, disk };
}
