import type { ServerResponse } from "node:http";
import type { SseEvent, SseStream } from "@synod/acceptor-server";
import { invariant } from "@synod/consensus";
import { ChangeLog, type ChangeLogLimits, type ChangesOfSlot } from "@synod/state-machines";

/**
 * What one stream is told. Each event's id is the slot that its reader resumes after, so a slot has one event at most: an
 * event arrives whole or not at all, and of two of one slot a stream that breaks between them would lose the second.
 */
export interface ChangeReader<Change> {
  /** All that a slot brings this reader. Null: nothing of it is for them. */
  eventOf(slot: ChangesOfSlot<Change>): SseEvent | null;
  /** Nothing was for this reader for long, while much else changed. */
  progressEvent(through: number): SseEvent;
  /** Some changes are gone, up to this slot. */
  goneEvent(through: number): SseEvent;
  /** Whether the link to whoever reads is cut, on purpose. */
  readonly isCut?: boolean;
  /** Whether nothing is for this reader any more after what it was told last. */
  readonly isOver?: boolean;
}

export interface ChangeFeedOptions<Change> {
  /** How long a change is, about. */
  readonly charactersOf: (change: Change) => number;
  readonly limits?: Partial<ChangeLogLimits> | undefined;
  /** Null while the node does its work; else what resolves once it goes on. */
  readonly whilePaused?: () => Promise<void> | null;
}

/** One stream of changes. */
interface Watcher<Change> {
  readonly stream: SseStream;
  readonly response: ServerResponse;
  readonly reader: ChangeReader<Change>;
  /** Everything up to this slot was told. */
  told: number;
  /** Changes that were for others, since the last event. */
  passedOver: number;
}

/**
 * After so many changes without an event a stream says how far it is; many fewer than are kept. A reader that resumes begins
 * there: else it would ask for changes that are long gone, and be told that they are, though none of them was for it.
 */
const PROGRESS_EVERY = 1000;

/**
 * What changes at a server that applies the log, for everybody who watches it. Each stream is told every change after its
 * own slot, once and in order, or through which slot changes are gone. Nothing is kept for a slow reader but what is kept
 * for all: once that is gone its stream breaks off, and the next one begins where that one ended.
 */
export class ChangeFeed<Change> {
  readonly #options: ChangeFeedOptions<Change>;
  readonly #log: ChangeLog<Change>;
  readonly #watchers = new Set<Watcher<Change>>();
  #isTelling = false;

  constructor(options: ChangeFeedOptions<Change>) {
    this.#options = options;
    this.#log = new ChangeLog(options.charactersOf, options.limits);
  }

  get compactedThrough(): number {
    return this.#log.compactedThrough;
  }

  /** How many watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** To be called for every slot in which an operation was carried out. */
  push(slot: number, changes: readonly Change[]): void {
    this.#log.push(slot, changes);
    if (changes.length > 0) this.#tellSoon();
  }

  /** The state was replaced by one of this slot. */
  restart(through: number): void {
    this.#log.restart(through);
    this.#tellSoon();
  }

  /** Tells a stream everything after this slot, now and as it comes. */
  watch(
    { stream, response }: { readonly stream: SseStream; readonly response: ServerResponse },
    reader: ChangeReader<Change>,
    after: number,
  ): void {
    const watcher: Watcher<Change> = { stream, response, reader, told: after, passedOver: 0 };
    this.#watchers.add(watcher);
    response.on("drain", () => this.#tell(watcher));
    stream.closed.then(() => this.#watchers.delete(watcher));
    this.#tell(watcher);
  }

  /** Ends every stream: each reader begins another one where this one ended. */
  endStreams(): void {
    for (const { stream } of this.#watchers) stream.close();
  }

  /** Not from inside the step that applies: what is applied together is told together. */
  #tellSoon(): void {
    if (this.#isTelling || this.#watchers.size === 0) return;
    this.#isTelling = true;
    const whilePaused = () => this.#options.whilePaused?.() ?? null;
    setImmediate(async () => {
      for (let paused = whilePaused(); paused; paused = whilePaused()) await paused;
      this.#isTelling = false;
      for (const watcher of this.#watchers) this.#tell(watcher);
    });
  }

  #tell(watcher: Watcher<Change>): void {
    const { stream, response, reader } = watcher;
    if (response.writableNeedDrain) {
      if (watcher.told < this.#log.compactedThrough) stream.close();
      return;
    }
    const { slots, compactedThrough } = this.#log.slotsSince(watcher.told);
    if (slots.length === 0 && compactedThrough === null) return;
    if (reader.isCut) {
      stream.close();
      return;
    }
    if (compactedThrough !== null) this.#send(watcher, reader.goneEvent(compactedThrough), compactedThrough);
    for (const slot of slots) {
      if (!stream.isOpen || response.writableNeedDrain) return;
      this.#tellSlot(watcher, slot);
    }
  }

  #tellSlot(watcher: Watcher<Change>, changes: ChangesOfSlot<Change>): void {
    const { slot } = changes;
    const event = watcher.reader.eventOf(changes);
    if (event === null) watcher.passedOver += changes.changes.length;
    if (event !== null || watcher.passedOver >= PROGRESS_EVERY) {
      this.#send(watcher, event ?? watcher.reader.progressEvent(slot), slot);
    }
    watcher.told = slot;
  }

  #send(watcher: Watcher<Change>, event: SseEvent, slot: number): void {
    invariant(event.id === slot && slot > watcher.told, "a slot has one event, with its number as id");
    watcher.stream.send(event);
    watcher.told = slot;
    watcher.passedOver = 0;
    if (watcher.reader.isOver) watcher.stream.close();
  }
}
