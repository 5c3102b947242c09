import type { NodeId } from "../core/participant.js";
import { NO_OP, type ReadBarrier, type Submit } from "../log/messages.js";
import { Submissions } from "../log/submissions.js";
import { BatchCosts } from "./batch-costs.js";
import { type Configuration, isMajorityOf } from "./configuration.js";
import { HandOver } from "./hand-over.js";
import { MembershipChange } from "./membership-change.js";
import type {
  Appended,
  ChangeMembership,
  Index,
  OperatorOutcome,
  RaftEntry,
  SnapshotTaken,
  TransferLeadership,
} from "./messages.js";
import type { RaftParts } from "./parts.js";
import { ReadIndexQueue } from "./read-index.js";
import { Replication } from "./replication.js";

/** Why a leader leads no more, though nobody deposed it: it hears no majority (§6.2), or is no member any more (§4.2.2). */
export type LeadersEnd = "no-quorum" | "removed";

/** The one server of a term that puts entries into the log (§3.5). */
export class Leader {
  readonly #parts: RaftParts;
  readonly #replication: Replication;
  readonly #submissions: Submissions;
  readonly #reads: ReadIndexQueue;
  readonly #costs = new BatchCosts();
  /** Its first entry, which commits what earlier terms left behind (§3.6.2), and after which it may serve reads (§6.4). */
  #firstIndex: Index = 0;
  readonly #heardFrom = new Set<NodeId>();
  #ticks = 0;
  #change: MembershipChange | null = null;
  #changeAnswer: ((outcome: OperatorOutcome) => void) | null = null;
  #transfer: HandOver | null = null;
  #end: LeadersEnd | null = null;

  constructor(parts: RaftParts) {
    this.#parts = parts;
    this.#replication = new Replication(parts);
    const { out, settings } = parts;
    this.#submissions = new Submissions(settings.limits, (to, message) => out.send(to, message));
    // What is told rests on answers of a majority, and on nothing that a crash here could undo.
    this.#reads = new ReadIndexQueue((to, message) => out.sendBeforeWrites(to, message));
  }

  /** For a look from outside. */
  get state() {
    return {
      followers: this.#replication.state,
      queued: this.#submissions.queued,
      reads: this.#reads.count,
      isTransferring: this.#transfer !== null,
      isChangingMembers: this.#change !== null,
    };
  }

  /** Whether it must step down of its own accord. */
  get end(): LeadersEnd | null {
    return this.#end;
  }

  /** The term begins with an entry that says nothing. */
  begin(): void {
    this.#firstIndex = this.#append([{ term: this.#parts.state.term, value: NO_OP }]);
    this.#replication.send(true);
  }

  // --- What clients and operators ask --------------------------------------------------------------------------------

  submit(from: NodeId, message: Submit): void {
    this.#submissions.add(from, message);
  }

  read(from: NodeId, message: ReadBarrier): void {
    if (this.#reads.count < this.#parts.settings.limits.waitingReads) {
      this.#reads.add(from, message);
      return;
    }
    const { requestId } = message;
    this.#parts.out.send(from, { type: "read-barrier-refused", requestId, reason: "overloaded", leader: null });
  }

  change(message: ChangeMembership, answer: (outcome: OperatorOutcome) => void): void {
    const { state, applied } = this.#parts;
    const { latest, latestIndex } = state.configurations;
    const refusal = MembershipChange.refusal(latest, message);
    if (refusal) answer(refusal);
    // Ongaro's correction of 2015: a change before an entry of the own term is committed may lose what is committed.
    else if (applied.commitIndex < this.#firstIndex) answer("too-early");
    else if (this.#change || this.#transfer || applied.commitIndex < latestIndex) answer("busy");
    else {
      const propose = (configuration: Configuration) => this.#propose(configuration);
      const matchOf = (server: NodeId) => this.#replication.matchOf(server);
      this.#changeAnswer = answer;
      this.#change = new MembershipChange(this.#parts, { propose, matchOf, answer }, message);
      this.#change.begin();
    }
  }

  transfer({ to }: TransferLeadership, answer: (outcome: OperatorOutcome) => void): void {
    if (to === this.#parts.name) answer("done");
    else if (!this.#parts.state.configurations.latest.voters.includes(to)) answer("no-such-member");
    else if (this.#transfer || this.#change) answer("busy");
    else this.#transfer = new HandOver(to, answer);
  }

  // --- What followers answer -----------------------------------------------------------------------------------------

  appended(from: NodeId, message: Appended): void {
    if (this.#replication.appended(from, message)) this.#heard(from, message.sequence);
  }

  snapshotTaken(from: NodeId, message: SnapshotTaken): void {
    if (this.#replication.snapshotTaken(from, message)) this.#heard(from, message.sequence);
  }

  durable(mark: number): void {
    this.#replication.durable(mark);
  }

  tick(): void {
    this.#replication.tick();
    this.#change?.tick();
    const { heartbeatMs, electionTimeoutMs } = this.#parts.settings.timing;
    const ticksPerTimeout = Math.ceil(electionTimeoutMs / heartbeatMs);
    if (this.#transfer && ++this.#transfer.ticks > ticksPerTimeout) this.#giveTransferUp();
    else if (this.#transfer) this.#tellToStand(this.#transfer.to);
    if (++this.#ticks < ticksPerTimeout) return;
    this.#ticks = 0;
    const { latest } = this.#parts.state.configurations;
    if (!isMajorityOf(latest, [...this.#heardFrom, this.#parts.name])) this.#end = "no-quorum";
    this.#heardFrom.clear();
  }

  /** To be called at the end of each step: commits what it can, takes what waits, sends what there is to send. */
  goOn(): void {
    this.#commit();
    this.#takeQueued();
    const { applied, state, name } = this.#parts;
    if (this.#reads.isDue && applied.commitIndex >= this.#firstIndex) {
      const sequence = this.#replication.nextSequence();
      this.#reads.begin(sequence, applied.commitIndex, name, state.configurations.latest);
      this.#replication.send(true);
    } else this.#replication.send();
    if (this.#transfer && this.#transfer.ticks === 0) this.#tellToStand(this.#transfer.to);
  }

  /**
   * Another leads, or nobody. Whatever was not answered may happen all the same.
   *
   * @returns a transfer that may have come about: whoever learns who leads next ends it
   */
  stop(leader: NodeId | null): HandOver | null {
    this.#submissions.end(leader);
    this.#reads.end("not-leader", leader);
    if (this.#change && !this.#change.isOver) this.#changeAnswer?.("given-up");
    // It gave the lead up by itself.
    if (this.#end !== null) this.#giveTransferUp();
    return this.#transfer;
  }

  // --- The log -------------------------------------------------------------------------------------------------------

  #append(entries: readonly RaftEntry[]): Index {
    const { log } = this.#parts.state;
    this.#parts.write({ kind: "entries", from: log.lastIndex + 1, entries });
    this.#replication.wrote();
    return log.lastIndex;
  }

  #propose(configuration: Configuration): Index {
    const index = this.#append([{ term: this.#parts.state.term, value: NO_OP, configuration }]);
    this.#replication.followMembers();
    this.#reads.followMembers(configuration);
    return index;
  }

  /** While the lead is handed over nothing new is taken (§3.10): the log must stand still for the other to have all of it. */
  #takeQueued(): void {
    const { state, applied, settings } = this.#parts;
    const { uncommittedEntries, batchEntries, batchCharacters } = settings.limits;
    const room = uncommittedEntries - (state.log.lastIndex - applied.commitIndex);
    if (this.#transfer || this.#submissions.queued === 0 || room <= 0) return;
    const entries: RaftEntry[] = [];
    const next = state.log.lastIndex + 1;
    this.#submissions.take(Math.min(room, batchEntries), batchCharacters, (value) => {
      entries.push({ term: state.term, value });
      return next + entries.length - 1;
    });
    this.#costs.add(this.#append(entries), entries.length, this.#replication.followers);
    if (this.#submissions.queued > 0) this.#takeQueued();
  }

  #commit(): void {
    const { applied, state, name } = this.#parts;
    const index = this.#replication.committable();
    if (index === null || index <= applied.commitIndex) return;
    for (const { index: at, result } of applied.commitThrough(index)) {
      this.#submissions.applied(at, result, () => this.#costs.of(at));
    }
    this.#change?.committed(index);
    if (this.#change?.isOver) this.#change = null;
    // It leads until its removal is committed, though it does not count itself (§4.2.2).
    const { latest, latestIndex } = state.configurations;
    if (!latest.voters.includes(name) && latestIndex <= index) this.#end = "removed";
  }

  #heard(from: NodeId, sequence: number): void {
    this.#heardFrom.add(from);
    this.#reads.heard(from, sequence, this.#parts.state.configurations.latest);
  }

  #tellToStand(to: NodeId): void {
    const { state, out, name } = this.#parts;
    if (this.#replication.matchOf(to) < state.log.lastIndex) return;
    if (this.#transfer?.ticks === 0) this.#transfer.ticks = 1;
    out.send(to, { type: "timeout-now", term: state.term, leader: name });
  }

  #giveTransferUp(): void {
    this.#transfer?.giveUp();
    this.#transfer = null;
  }
}
