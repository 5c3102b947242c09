import type { ServerResponse } from "node:http";
import type { SseStream } from "@synod/acceptor-server";
import {
  ChangeLog,
  type ChangeLogLimits,
  charactersOfKeyValueChange,
  type KeyPatterns,
  type KeyValueChange,
} from "@synod/state-machines";
import { changeEvent, compactedEvent, progressEvent } from "./change-events.js";

/** One stream of changes. */
interface Watcher {
  readonly stream: SseStream;
  readonly response: ServerResponse;
  readonly patterns: KeyPatterns;
  /** Whether the link to whoever reads is cut, on purpose. */
  readonly isCut: () => boolean;
  /** Everything up to this revision was told. */
  told: number;
  /** The id of the last event: what a reader resumes after. */
  lastId: number;
}

/** After so many revisions without an event a stream says how far it is; many fewer than are kept. */
const PROGRESS_EVERY = 1000;

/**
 * What changes at a learner, for everybody who watches it. Each stream is told every change after its own revision, once
 * and in order, or through which revision changes are gone. Nothing is kept for a slow reader but what is kept for all:
 * once that is gone its stream breaks off, and the next one begins where that one ended.
 */
export class ChangeFeed {
  readonly #log: ChangeLog<KeyValueChange>;
  readonly #whilePaused: () => Promise<void> | null;
  readonly #watchers = new Set<Watcher>();
  #isTelling = false;

  /** @param whilePaused null while the node does its work; else what resolves once it goes on */
  constructor(limits: Partial<ChangeLogLimits> = {}, whilePaused: () => Promise<void> | null = () => null) {
    this.#log = new ChangeLog(charactersOfKeyValueChange, limits);
    this.#whilePaused = whilePaused;
  }

  get compactedThrough(): number {
    return this.#log.compactedThrough;
  }

  /** How many watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** To be called for every slot in which an operation was carried out. */
  push(slot: number, changes: readonly KeyValueChange[]): void {
    this.#log.push(slot, changes);
    if (changes.length > 0) this.#tellSoon();
  }

  /** The state was replaced by one of this slot. */
  restart(through: number): void {
    this.#log.restart(through);
    this.#tellSoon();
  }

  /** Tells a stream everything after this revision, now and as it comes. */
  watch(
    { stream, response }: { readonly stream: SseStream; readonly response: ServerResponse },
    patterns: KeyPatterns,
    after: number,
    isCut: () => boolean = () => false,
  ): void {
    const watcher: Watcher = { stream, response, patterns, isCut, told: after, lastId: after };
    this.#watchers.add(watcher);
    response.on("drain", () => this.#tell(watcher));
    stream.closed.then(() => this.#watchers.delete(watcher));
    this.#tell(watcher);
  }

  /** Not from inside the step that applies: what is applied together is told together. */
  #tellSoon(): void {
    if (this.#isTelling || this.#watchers.size === 0) return;
    this.#isTelling = true;
    setImmediate(async () => {
      for (let paused = this.#whilePaused(); paused; paused = this.#whilePaused()) await paused;
      this.#isTelling = false;
      for (const watcher of this.#watchers) this.#tell(watcher);
    });
  }

  #tell(watcher: Watcher): void {
    const { stream, response, patterns } = watcher;
    if (response.writableNeedDrain) {
      if (watcher.told < this.#log.compactedThrough) stream.close();
      return;
    }
    const { changes, compactedThrough } = this.#log.since(watcher.told);
    if (changes.length === 0 && compactedThrough === null) return;
    if (watcher.isCut()) {
      stream.close();
      return;
    }
    if (compactedThrough !== null) {
      stream.send(compactedEvent(compactedThrough));
      watcher.told = compactedThrough;
      watcher.lastId = compactedThrough;
    }
    for (const change of changes) {
      if (!stream.isOpen || response.writableNeedDrain) return;
      const isWanted = patterns.matches(change.key);
      const { revision } = change;
      watcher.told = revision;
      if (!isWanted && revision - watcher.lastId < PROGRESS_EVERY) continue;
      stream.send(isWanted ? changeEvent(change) : progressEvent(revision));
      watcher.lastId = revision;
    }
  }
}
