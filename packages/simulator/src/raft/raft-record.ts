import {
  type ChangeMembership,
  type Configuration,
  type Index,
  isMajority,
  type NodeId,
  type RaftEntry,
  type Term,
} from "@synod/consensus";
import type { AgreedLog } from "../multipaxos/log-record.js";
import { DurableLog } from "./durable-log.js";

/** An entry that is committed, and the term of the leader under which it was. */
interface Committed {
  readonly entry: RaftEntry;
  readonly inTerm: Term;
}

/** A configuration that a leader put into its log, as it was first seen. */
interface Proposed {
  readonly term: Term;
  readonly index: Index;
  readonly configuration: Configuration;
}

/** A change of the members that somebody was asked for in this term. */
interface Asked extends Pick<ChangeMembership, "requestId" | "change" | "server"> {
  readonly term: Term;
  /** It could begin it, as far as is known. */
  readonly mayDoIt: boolean;
}

/**
 * What the disks of a cluster hold, as they were seen to be written, and what is committed by that: an entry that a
 * majority of the members stored while they were in its own term, and everything before it (§3.6.2). An entry that came to
 * a majority in a later term only is not.
 */
export class RaftRecord implements AgreedLog {
  readonly logs: ReadonlyMap<NodeId, DurableLog>;
  readonly snapshots: Map<NodeId, Index>;
  readonly #committed: Committed[] = [];
  /** Who stored an entry in its own term, by index and term. */
  readonly #holders = new Map<string, Set<NodeId>>();
  readonly #proposed: Proposed[] = [];
  #askedFor: Asked[] = [];
  readonly #first: Configuration;

  constructor(servers: readonly NodeId[], voters: readonly NodeId[]) {
    this.#first = { voters, nonVoters: [] };
    this.logs = new Map(servers.map((name) => [name, new DurableLog(this.#first)]));
    this.snapshots = new Map(servers.map((name) => [name, 0]));
  }

  get chosenThrough(): Index {
    return this.#committed.length;
  }

  chosen(index: Index): string | undefined {
    return this.#committed[index - 1]?.entry.value;
  }

  /** The entry that is committed here. */
  committed(index: Index): Committed | undefined {
    return this.#committed[index - 1];
  }

  /** The last entry that was committed in a term before this one; 0: none. */
  committedBefore(term: Term): Index {
    let index = this.chosenThrough;
    while ((this.#committed[index - 1]?.inTerm ?? 0) >= term && index > 0) index--;
    return index;
  }

  /** The configurations that leaders of this term put into the log. */
  proposedIn(term: Term): readonly Proposed[] {
    return this.#proposed.filter((one) => one.term === term);
  }

  /** The members as of an entry that is committed. */
  membersAt(through: Index): Configuration {
    for (let index = through; index > 0; index--) {
      const configuration = this.#committed[index - 1]?.entry.configuration;
      if (configuration) return configuration;
    }
    return this.#first;
  }

  /**
   * A server was asked to change the members. From when on it counts by that is not to be seen from outside: the entry may
   * be neither on its disk nor sent. Majorities before and after the change have a server in common (§4.1).
   */
  asked(node: NodeId, { requestId, change, server }: ChangeMembership): void {
    const log = this.logs.get(node);
    if (log === undefined) return;
    const { term, latest } = log;
    // It refuses as long as nothing of its own term is committed, or its last change is not; and once a later term has
    // committed something, it commits nothing more.
    const changed = [latest, ...this.proposedIn(term)].every(({ index }) => index <= this.chosenThrough);
    const mayDoIt = changed && this.committed(this.chosenThrough)?.inTerm === term;
    this.#askedFor.push({ requestId, term, change, server, mayDoIt });
  }

  /** Looks once more what may be committed by now: somebody has applied this entry. */
  lookAgain(index: Index): void {
    if (index <= this.chosenThrough) return;
    for (const { term } of this.#askedFor) {
      for (const log of this.logs.values()) this.#commit(log, this.chosenThrough + 1, term);
    }
  }

  /** It does not do it. */
  refused(requestId: string): void {
    // Of several copies of a question the first one is what it may be doing.
    const place = this.#askedFor.map((one) => one.requestId).lastIndexOf(requestId);
    if (place >= 0) this.#askedFor.splice(place, 1);
  }

  /** A leader put this configuration into its log: from then on it counts by it. */
  propose(term: Term, index: Index, configuration: Configuration): void {
    this.#proposed.push({ term, index, configuration });
    // What was asked for is seen now, and meanwhile it begins nothing else; of a server that is added the vote is to come.
    const { nonVoters } = configuration;
    this.#askedFor = this.#askedFor.filter(
      (one) => one.term !== term || (one.change === "add" && nonVoters.includes(one.server)),
    );
    for (const log of this.logs.values()) this.#commit(log, this.chosenThrough + 1, term);
  }

  /**
   * This server's disk holds the entries from here on. @returns an entry that was committed where another one was before
   */
  stored(node: NodeId, log: DurableLog, from: Index): Index | null {
    let isNew = false;
    for (let index = from; index <= log.lastIndex; index++) {
      if (log.termAt(index) !== log.term) continue;
      isNew = true;
      const key = `${index} ${log.term}`;
      const holders = this.#holders.get(key) ?? new Set();
      this.#holders.set(key, holders.add(node));
    }
    return isNew ? this.#commit(log, Math.min(from, this.chosenThrough + 1), log.term) : null;
  }

  /** Commits what this log, from here on, shows to be held by a majority, in entries of this term. */
  #commit(log: DurableLog, from: Index, term: Term): Index | null {
    const first = Math.max(from, log.baseIndex + 1);
    for (let index = log.lastIndex; index >= first && log.termAt(index) === term; index--) {
      if (!this.#isHeld(log, index, term)) continue;
      return this.#takeThrough(log, index, term);
    }
    return null;
  }

  #isHeld(log: DurableLog, index: Index, term: Term): boolean {
    const holders = [...(this.#holders.get(`${index} ${term}`) ?? [])];
    // A leader counts by the last configuration of its log, and that may come after the entry (§4.1).
    const later = this.#proposed.filter((one) => one.term === term && one.index > index);
    const known = [log.configurationAt(index), ...later.map(({ configuration }) => configuration)];
    const votersOf = known.map(({ voters }) => voters);
    const perhaps = this.#askedFor
      .filter((one) => one.term === term && one.mayDoIt)
      .flatMap(({ change, server }) =>
        votersOf.map((voters) => {
          const others = voters.filter((voter) => voter !== server);
          return change === "add" ? [...others, server] : others;
        }),
      );
    return [...votersOf, ...perhaps.filter(({ length }) => length > 0)].some((voters) =>
      isMajority(
        holders.filter((node) => voters.includes(node)),
        voters.length,
      ),
    );
  }

  #takeThrough(log: DurableLog, through: Index, inTerm: Term): Index | null {
    let contradicted: Index | null = null;
    for (let index = Math.max(1, log.baseIndex + 1); index <= through; index++) {
      const entry = log.entryAt(index);
      if (entry === undefined) return contradicted;
      const known = this.#committed[index - 1];
      if (known && known.entry.term !== entry.term) contradicted ??= index;
      if (index === this.#committed.length + 1) this.#committed.push({ entry, inTerm });
    }
    return contradicted;
  }
}
