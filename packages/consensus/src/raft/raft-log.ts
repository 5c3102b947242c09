import { invariant } from "../core/invariant.js";
import type { Index, RaftEntry, Term } from "./messages.js";

/** The entries of a server's log that it still holds: those after a base, whose index and term are all that is kept of it. */
export class RaftLog {
  #baseIndex: Index;
  #baseTerm: Term;
  #entries: RaftEntry[] = [];
  /** Entries before this place are forgotten; they are cut off when they are many. */
  #start = 0;

  /** @param baseIndex the last entry that is not held; 0 for a log from the beginning */
  constructor(baseIndex: Index = 0, baseTerm: Term = 0) {
    this.#baseIndex = baseIndex;
    this.#baseTerm = baseTerm;
  }

  /** The first entry that is held, or that comes next. */
  get firstIndex(): Index {
    return this.#baseIndex + 1;
  }

  get lastIndex(): Index {
    return this.#baseIndex + this.#entries.length - this.#start;
  }

  get lastTerm(): Term {
    return this.#entries.length > this.#start ? (this.#entries.at(-1)?.term ?? 0) : this.#baseTerm;
  }

  /** @returns null for an entry that is not there, or no longer */
  entryAt(index: Index): RaftEntry | null {
    return index <= this.#baseIndex ? null : (this.#entries[this.#start + index - this.#baseIndex - 1] ?? null);
  }

  /** The term of the entry at this index, or of the base; null if that is not known, or there is none. */
  termAt(index: Index): Term | null {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.entryAt(index)?.term ?? null;
  }

  /** The entries from this one on, at most so many and of about this length, one at least if there is one. */
  slice(from: Index, most: number, mostCharacters: number): RaftEntry[] {
    const entries: RaftEntry[] = [];
    let characters = 0;
    for (let entry = this.entryAt(from); entry && entries.length < most; entry = this.entryAt(from + entries.length)) {
      characters += entry.value.length;
      if (entries.length > 0 && characters > mostCharacters) break;
      entries.push(entry);
    }
    return entries;
  }

  /** The first of the last entries through this one that are so many at most, and of this length together at most. */
  firstOfLast(through: Index, most: number, mostCharacters: number): Index {
    let first = through + 1;
    let characters = 0;
    for (let count = 0; count < most; count++, first--) {
      const entry = this.entryAt(first - 1);
      characters += entry?.value.length ?? 0;
      if (entry === null || characters > mostCharacters) break;
    }
    return first;
  }

  append(entry: RaftEntry): Index {
    invariant(entry.term >= this.lastTerm, "terms only rise along a log");
    this.#entries.push(entry);
    return this.lastIndex;
  }

  /** Takes the entries from this one on out. */
  truncateFrom(index: Index): void {
    invariant(index > this.#baseIndex, "what is in a snapshot is not taken out of the log");
    this.#entries.length = Math.min(this.#entries.length, this.#start + index - this.#baseIndex - 1);
  }

  /** Forgets the entries through this one, which must be there. */
  forgetThrough(index: Index): void {
    if (index <= this.#baseIndex) return;
    const term = this.termAt(index);
    invariant(term !== null, "a log forgets what it has");
    for (let place = this.#baseIndex + 1; place <= index; place++) {
      this.#entries[this.#start + place - this.#baseIndex - 1] = FORGOTTEN;
    }
    this.#start += index - this.#baseIndex;
    this.#baseIndex = index;
    this.#baseTerm = term;
    if (this.#start < 1024 || this.#start * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  /** Begins anew after this entry, which is known from a snapshot. */
  restartAfter(index: Index, term: Term): void {
    this.#baseIndex = index;
    this.#baseTerm = term;
    this.#entries = [];
    this.#start = 0;
  }

  /** The first index that is held, from which on all entries up to this one have its term. */
  firstOfTermAt(index: Index): Index {
    const term = this.termAt(index);
    let first = index;
    while (first > this.firstIndex && this.termAt(first - 1) === term) first--;
    return first;
  }

  /** The last index of an entry of this term or an earlier one; the base's if there is none. */
  lastThroughTerm(term: Term): Index {
    let index = this.lastIndex;
    while (index > this.#baseIndex && (this.termAt(index) ?? 0) > term) index--;
    return index;
  }
}

const FORGOTTEN: RaftEntry = { term: 0, value: "" };
