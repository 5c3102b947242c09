import type { Index, NodeId, RaftMessage, RaftWrite, Term } from "@synod/consensus";
import { isMajority } from "@synod/consensus";
import type { DurableLog } from "./durable-log.js";
import type { Report } from "./properties.js";
import type { RaftRecord } from "./raft-record.js";

type Of<Type extends RaftMessage["type"]> = RaftMessage & { readonly type: Type };

/** Watches elections, and what servers tell each other of their terms, votes and logs. */
export class ElectionRules {
  readonly #record: RaftRecord;
  readonly #leaders = new Map<Term, NodeId>();
  /** For whom each server voted in each term, as it told. */
  readonly #votes = new Map<Term, Map<NodeId, NodeId>>();
  /** How many pieces the snapshot through an entry has. */
  readonly #pieces = new Map<Index, number>();

  constructor(record: RaftRecord) {
    this.#record = record;
  }

  leaderOf(term: Term): NodeId | undefined {
    return this.#leaders.get(term);
  }

  /** This server's disk says so; of its own vote perhaps nobody ever hears. */
  stored(node: NodeId, write: RaftWrite): void {
    if (write.kind !== "term" || write.votedFor !== node) return;
    const votes = this.#votes.get(write.term) ?? new Map<NodeId, NodeId>();
    if (!votes.has(node)) votes.set(node, node);
    this.#votes.set(write.term, votes);
  }

  sent(node: NodeId, to: NodeId, log: DurableLog, message: RaftMessage, report: Report): void {
    switch (message.type) {
      case "request-vote":
        if (!message.preVote) this.#stands(node, log, message, report);
        return;
      case "vote":
        this.#voted(node, to, log, message, report);
        return;
      case "append-entries":
      case "install-snapshot":
        if (message.type === "install-snapshot") this.#pieces.set(message.lastIndex, message.pieces);
        this.#isIn(node, log, message.term, report);
        this.#leads(node, log, message.term, report);
        return;
      case "appended":
        this.#isIn(node, log, message.term, report);
        if (message.matchIndex !== null) this.#matches(node, to, log, message, message.matchIndex, report);
        return;
      case "snapshot-taken":
        this.#isIn(node, log, message.term, report);
        this.#taken(node, log, message, report);
        return;
      case "timeout-now":
      case "timeout-now-heard":
        this.#isIn(node, log, message.term, report);
        return;
    }
  }

  // --- Votes ---------------------------------------------------------------------------------------------------------

  #stands(node: NodeId, log: DurableLog, { term }: Of<"request-vote">, report: Report): void {
    this.#isIn(node, log, term, report);
    this.#votesFor(node, node, term, log, report);
  }

  #voted(node: NodeId, to: NodeId, log: DurableLog, { term, preVote, refusal }: Of<"vote">, report: Report): void {
    // A pre-vote that is granted names a term that nobody is in.
    if (refusal !== null || !preVote) this.#isIn(node, log, term, report);
    if (refusal === null && !preVote) this.#votesFor(node, to, term, log, report);
  }

  #votesFor(node: NodeId, candidate: NodeId, term: Term, log: DurableLog, report: Report): void {
    const votes = this.#votes.get(term) ?? new Map<NodeId, NodeId>();
    this.#votes.set(term, votes);
    const earlier = votes.get(node);
    if (earlier !== undefined && earlier !== candidate) {
      report("one-vote-a-term", `${node} voted for ${candidate} in term ${term}, and had voted for ${earlier}`);
    }
    votes.set(node, candidate);
    if (log.term > term || (log.term === term && log.votedFor === candidate)) return;
    report("durable-before-told", `${node} voted for ${candidate} in term ${term}, and its disk does not say so`);
  }

  #leads(node: NodeId, log: DurableLog, term: Term, report: Report): void {
    const known = this.#leaders.get(term);
    if (known === node) return;
    if (known !== undefined) report("election-safety", `${node} leads in term ${term}, as ${known} does`);
    this.#leaders.set(term, node);
    // One that was alone for a while led before anybody heard of it: its members are those before its first entry.
    const { voters } = log.configurationAt(log.firstOf(term) - 1);
    const votes = this.#votes.get(term);
    const by = voters.filter((voter) => votes?.get(voter) === node);
    if (!isMajority(by, voters.length)) {
      const only = by.length === 0 ? "nobody" : `only ${by.join("+")}`;
      report("elected-by-majority", `${node} leads in term ${term}, and ${only} of ${voters.join("+")} voted for it`);
    }
    const index = this.#record.committedBefore(term);
    const ought = this.#record.committed(index)?.entry.term;
    const has = log.termAt(index);
    if (index <= log.baseIndex || has === ought) return;
    const instead = has === undefined ? "nothing" : `one of term ${has}`;
    report(
      "leader-completeness",
      `${node} leads in term ${term} with ${instead} at ${index}, where ${ought} is committed`,
    );
  }

  // --- Answers -------------------------------------------------------------------------------------------------------

  /** Whatever is said of a term rests on it: it is on the disk, and no earlier one comes after it. */
  #isIn(node: NodeId, log: DurableLog, term: Term, report: Report): void {
    if (term < log.toldTerm) {
      report("terms-only-rise", `${node} is in term ${term}, and had told of term ${log.toldTerm}`);
    }
    log.toldTerm = Math.max(log.toldTerm, term);
    if (log.term >= term) return;
    report("durable-before-told", `${node} told of term ${term}, and its disk says ${log.term}`);
  }

  #matches(
    node: NodeId,
    leader: NodeId,
    log: DurableLog,
    { term }: Of<"appended">,
    matchIndex: Index,
    report: Report,
  ): void {
    if (matchIndex > log.lastIndex) {
      report("durable-before-told", `${node} has entries through ${matchIndex}, and its disk through ${log.lastIndex}`);
      return;
    }
    const leaders = this.#record.logs.get(leader);
    // The leader's disk may be later than its word (§10.2.1), or have a snapshot in place of the entry.
    if (leaders === undefined || leaders.term !== term) return;
    const [is, ought] = [log.termAt(matchIndex), leaders.termAt(matchIndex)];
    if (is === undefined || ought === undefined || is === ought) return;
    const told = `${node} told ${leader} that their logs agree through ${matchIndex}`;
    report("appended-is-true", `${told}, and it has one of term ${is} there, not of term ${ought}`);
  }

  #taken(node: NodeId, log: DurableLog, { lastIndex, nextPiece }: Of<"snapshot-taken">, report: Report): void {
    if (nextPiece < (this.#pieces.get(lastIndex) ?? Number.POSITIVE_INFINITY) || log.lastIndex >= lastIndex) return;
    const has = `its disk has everything through ${log.lastIndex} only`;
    report("durable-before-told", `${node} took the snapshot through ${lastIndex}, and ${has}`);
  }
}
