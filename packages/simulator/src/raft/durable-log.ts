import type { Configuration, Index, NodeId, RaftEntry, RaftSnapshot, Term } from "@synod/consensus";

/** A configuration, and the entry that made it; 0: the one of the beginning. */
export interface KnownConfiguration {
  readonly index: Index;
  readonly configuration: Configuration;
}

/** What one server's disk holds, as it was seen to be written. */
export class DurableLog {
  term: Term = 0;
  votedFor: NodeId | null = null;
  /** The highest term that it told somebody it was in. */
  toldTerm: Term = 0;
  #baseIndex: Index = 0;
  #baseTerm: Term = 0;
  #entries: RaftEntry[] = [];
  #configurations: KnownConfiguration[];

  /** @param first the members when the cluster was made */
  constructor(first: Configuration) {
    this.#configurations = [{ index: 0, configuration: first }];
  }

  /** What is not after this entry is known from a snapshot alone. */
  get baseIndex(): Index {
    return this.#baseIndex;
  }

  get lastIndex(): Index {
    return this.#baseIndex + this.#entries.length;
  }

  entryAt(index: Index): RaftEntry | undefined {
    return this.#entries[index - this.#baseIndex - 1];
  }

  /** Undefined where it has no entry, or only a snapshot that goes further. */
  termAt(index: Index): Term | undefined {
    return index === this.#baseIndex ? this.#baseTerm : this.entryAt(index)?.term;
  }

  /** The first entry of this term, if the log ends in it; else the one that would come next. */
  firstOf(term: Term): Index {
    let first = this.lastIndex + 1;
    while (this.termAt(first - 1) === term) first--;
    return first;
  }

  get latest(): KnownConfiguration {
    return this.#configurations.at(-1) as KnownConfiguration;
  }

  /** The configuration as of this entry. */
  configurationAt(index: Index): Configuration {
    const known = this.#configurations.filter((one) => one.index <= index).at(-1) ?? this.#configurations[0];
    return (known as KnownConfiguration).configuration;
  }

  truncateFrom(index: Index): void {
    this.#entries.length = Math.min(this.#entries.length, Math.max(0, index - this.#baseIndex - 1));
    this.#configurations = this.#configurations.filter((one, place) => place === 0 || one.index < index);
  }

  append(entry: RaftEntry): void {
    this.#entries.push(entry);
    const { configuration } = entry;
    if (configuration) this.#configurations.push({ index: this.lastIndex, configuration });
  }

  /** Takes the snapshot; entries behind it stay if they follow it. */
  install({ lastIndex, lastTerm, configuration }: RaftSnapshot): void {
    if (this.termAt(lastIndex) === lastTerm) return;
    this.#baseIndex = lastIndex;
    this.#baseTerm = lastTerm;
    this.#entries = [];
    this.#configurations = [{ index: lastIndex, configuration }];
  }
}
