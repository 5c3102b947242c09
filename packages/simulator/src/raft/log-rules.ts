import { type Index, NO_OP, type NodeId, type RaftEntry, type RaftWrite, type Term } from "@synod/consensus";
import { canonicalText } from "../world/canonical.js";
import type { DurableLog } from "./durable-log.js";
import type { Report } from "./properties.js";
import type { RaftRecord } from "./raft-record.js";

/** An entry as it was first seen, and the term of the one before it. */
interface FirstSeen {
  readonly entry: RaftEntry;
  readonly previousTerm: Term | undefined;
}

/** Watches the logs, by what gets to the disks and what leaders send of theirs. */
export class LogRules {
  readonly #record: RaftRecord;
  /** Who leads in a term, as far as was seen. */
  readonly #leaderOf: (term: Term) => NodeId | undefined;
  /** Every entry that was ever seen, by index and term. */
  readonly #seen = new Map<string, FirstSeen>();
  readonly #known = new Set<string>([NO_OP]);

  constructor(record: RaftRecord, leaderOf: (term: Term) => NodeId | undefined) {
    this.#record = record;
    this.#leaderOf = leaderOf;
  }

  /** Somebody wants this value in the log. */
  wanted(value: string): void {
    this.#known.add(value);
  }

  /** A leader sends these entries of its log. */
  sent(
    leader: NodeId,
    term: Term,
    previousTerm: Term,
    from: Index,
    entries: readonly RaftEntry[],
    report: Report,
  ): void {
    let before = previousTerm;
    for (const [place, entry] of entries.entries()) {
      const index = from + place;
      if (entry.term === term && entry.configuration) this.#proposes(leader, term, index, entry, report);
      this.#isOne(leader, index, entry, before, report);
      before = entry.term;
    }
  }

  stored(node: NodeId, log: DurableLog, write: RaftWrite, report: Report): void {
    switch (write.kind) {
      case "term":
        log.term = write.term;
        log.votedFor = write.votedFor;
        return;
      case "entries":
        this.#put(node, log, write.from, write.entries, report);
        return;
      case "snapshot":
        this.#snapshot(node, write, report);
        log.install(write.snapshot);
        return;
    }
  }

  // --- Entries -------------------------------------------------------------------------------------------------------

  #put(node: NodeId, log: DurableLog, from: Index, entries: readonly RaftEntry[], report: Report): void {
    if (from <= log.lastIndex && this.#leaderOf(log.term) === node) {
      report("leader-append-only", `${node} leads in term ${log.term}, and its log begins anew at ${from}`);
    }
    this.#keeps(node, log, from, entries, report);
    log.truncateFrom(from);
    for (const [place, entry] of entries.entries()) {
      const index = from + place;
      this.#isOne(node, index, entry, log.termAt(index - 1), report);
      if (entry.configuration) {
        this.#isOneVoter(node, log, index, entry, report);
        // The leader's own disk may have it before anybody is sent it.
        if (entry.term === log.term && this.#leaderOf(entry.term) === node) {
          this.#proposes(node, entry.term, index, entry, report);
        }
      }
      log.append(entry);
    }
    const again = this.#record.stored(node, log, from);
    if (again === null) return;
    const { entry } = this.#record.committed(again) ?? {};
    const first = `that of term ${entry?.term}`;
    report("agreement", `at ${again} first ${first} was committed, then that of term ${log.termAt(again)}`);
  }

  /** What is committed stays where it is. */
  #keeps(node: NodeId, log: DurableLog, from: Index, entries: readonly RaftEntry[], report: Report): void {
    const last = Math.min(log.lastIndex, this.#record.chosenThrough);
    for (let index = from; index <= last; index++) {
      const committed = this.#record.committed(index)?.entry.term;
      if (log.termAt(index) !== committed || entries[index - from]?.term === committed) continue;
      report("committed-is-kept", `${node} took entry ${index} out of its log, and it is committed`);
      return;
    }
  }

  /** Two entries of one index and term are one, and have one before them: so all before them are the same, too. */
  #isOne(node: NodeId, index: Index, entry: RaftEntry, previousTerm: Term | undefined, report: Report): void {
    const key = `${index} ${entry.term}`;
    const first = this.#seen.get(key);
    if (first === undefined) {
      this.#seen.set(key, { entry, previousTerm });
      if (!this.#known.has(entry.value)) {
        report("validity", `${node} has ${entry.value} at ${index}, which nobody wanted`);
      }
      return;
    }
    const isSame = first.entry === entry || canonicalText(first.entry) === canonicalText(entry);
    const follows =
      first.previousTerm === undefined || previousTerm === undefined || first.previousTerm === previousTerm;
    if (isSame && follows) return;
    const what = isSame
      ? `after one of term ${previousTerm}, and it followed one of term ${first.previousTerm}`
      : `which is not the one that was there first`;
    report("log-matching", `${node} has ${entry.value} at ${index} in term ${entry.term}, ${what}`);
  }

  // --- Members -------------------------------------------------------------------------------------------------------

  #proposes(leader: NodeId, term: Term, index: Index, { configuration }: RaftEntry, report: Report): void {
    const earlier = this.#record.proposedIn(term);
    if (configuration === undefined || earlier.some((one) => one.index === index)) return;
    const { chosenThrough } = this.#record;
    const last = this.#record.logs.get(leader)?.latest.index ?? 0;
    // Its own disk may have it already.
    const before = Math.max(last === index ? 0 : last, ...earlier.map((one) => one.index));
    const inTerm = this.#record.committed(chosenThrough)?.inTerm ?? 0;
    if (inTerm < term) {
      const only = `nothing of that term is committed`;
      report("members-in-turn", `${leader} changed the members at ${index} in term ${term}, and ${only}`);
    } else if (before > chosenThrough) {
      const open = `the change at ${before} is not committed`;
      report("members-in-turn", `${leader} changed the members at ${index}, and ${open}`);
    }
    this.#record.propose(term, index, configuration);
  }

  #isOneVoter(node: NodeId, log: DurableLog, index: Index, { configuration }: RaftEntry, report: Report): void {
    const before = log.configurationAt(index - 1).voters;
    const after = configuration?.voters ?? before;
    const changed = [...after.filter((one) => !before.includes(one)), ...before.filter((one) => !after.includes(one))];
    if (changed.length <= 1) return;
    report(
      "members-one-by-one",
      `${node} has other members at ${index}, ${before.join("+")} and then ${after.join("+")}`,
    );
  }

  // --- Snapshots -----------------------------------------------------------------------------------------------------

  /** What stands in place of the log says where it ends, and who was a member there. */
  #snapshot(node: NodeId, { snapshot }: RaftWrite & { kind: "snapshot" }, report: Report): void {
    const { lastIndex, lastTerm, configuration } = snapshot;
    const ought = this.#record.committed(lastIndex)?.entry.term;
    if (ought !== undefined && ought !== lastTerm) {
      const told = `${node} has a snapshot through ${lastIndex} that ends in term ${lastTerm}`;
      report("snapshots-are-true", `${told}, and the entry there is of term ${ought}`);
    }
    const members = this.#record.membersAt(lastIndex);
    if (canonicalText(members) === canonicalText(configuration)) return;
    const told = `${node} has a snapshot through ${lastIndex} with the members ${configuration.voters.join("+")}`;
    report("snapshots-are-true", `${told}, and there they are ${members.voters.join("+")}`);
  }
}
