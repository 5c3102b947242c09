import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import { START_TIMER } from "../core/start-timer.js";
import { AppliedState } from "./applied-state.js";
import { Candidate } from "./candidate.js";
import { Follower } from "./follower.js";
import type { HandOver } from "./hand-over.js";
import { LAST_TERM } from "./last-term.js";
import { Leader } from "./leader.js";
import type {
  AppendEntries,
  ChangeMembership,
  InstallSnapshot,
  OperatorOutcome,
  RaftMessage,
  RequestVote,
  Term,
  TimeoutNow,
  TransferLeadership,
  Vote,
} from "./messages.js";
import { notLeader } from "./not-leader.js";
import { type RaftOptions, type RaftSettings, raftSettings } from "./options.js";
import { type RaftOut, RaftParts } from "./parts.js";
import { applyRaftWrite, freshRaftState, type RaftState, type RaftWrite } from "./raft-state.js";
import { mayStand, voteRefusal } from "./voting.js";

/** While it runs the leader was heard of; then the patience of this server runs, which is random. */
export const LEASE_TIMER = "lease";
const ELECTION_TIMER = "election";
const TICK_TIMER = "tick";

/**
 * A server of Raft (Ongaro, "Consensus: Bridging Theory and Practice", 2014): follower, candidate and leader, and the state
 * that the log is applied to. To clients it is what proposer and learner of Multi-Paxos are together.
 */
export class RaftNode implements Participant<RaftMessage, RaftWrite, string> {
  readonly #settings: RaftSettings;
  readonly #out: RaftOut = new Outbox();
  readonly #state: RaftState;
  readonly #applied: AppliedState;
  readonly #parts: RaftParts;
  readonly #follower: Follower;
  #candidate: Candidate | null = null;
  #leader: Leader | null = null;
  /** The last transfer in the midst of which this server lost the lead. */
  #handOver: HandOver | null = null;
  /** Who leads in this term, as far as is known. */
  #leaderName: NodeId | null = null;
  /** A leader was heard of within the last election time-out (§4.2.3). */
  #hearsLeader = false;

  /**
   * @param writes every write that earlier lives made durable
   * @throws {Error} if the application cannot read its own last snapshot
   */
  constructor(options: RaftOptions, writes: readonly RaftWrite[] = []) {
    this.#settings = raftSettings(options);
    this.#state = freshRaftState({ voters: options.voters, nonVoters: [] });
    for (const write of writes) applyRaftWrite(this.#state, write);
    this.#applied = new AppliedState(this.#settings, this.#state, this.#out);
    this.#parts = new RaftParts(this.#settings, this.#state, this.#applied, this.#out);
    this.#follower = new Follower(this.#parts);
  }

  /** Plain data, for a look from outside. */
  get state() {
    const { term, votedFor, log, configurations, snapshot } = this.#state;
    const { voters, nonVoters } = configurations.latest;
    return {
      role: this.#leader ? ("leader" as const) : this.#candidate ? ("candidate" as const) : ("follower" as const),
      term,
      votedFor,
      leader: this.#leaderName,
      lastIndex: log.lastIndex,
      lastTerm: log.lastTerm,
      commitIndex: this.#applied.commitIndex,
      appliedIndex: this.#applied.appliedIndex,
      snapshotIndex: snapshot?.lastIndex ?? 0,
      firstIndex: log.firstIndex,
      voters,
      nonVoters,
      contradictions: this.#follower.contradictions,
      queriesWaiting: this.#applied.queriesWaiting,
      leading: this.#leader?.state ?? null,
    };
  }

  /** The entry at this index, for a look from outside; null if it is not in the log. */
  readonly entryAt = (index: number) => this.#state.log.entryAt(index);

  step(input: Input<RaftMessage>): Ready<RaftMessage, RaftWrite, string> {
    if (input.kind === "message") this.#hear(input.from, input.message);
    else if (input.kind === "timeout") this.#timeout(input.timer);
    else if (input.kind === "durable") this.#durable(input.mark);
    this.#leader?.goOn();
    if (this.#leader?.end) this.#follow(this.#state.term, null);
    this.#maybeSnapshot();
    return this.#out.take();
  }

  #hear(from: NodeId, message: RaftMessage): void {
    switch (message.type) {
      case "request-vote":
        this.#voteFor(from, message);
        return;
      case "append-entries":
        if (this.#isOfLeader(from, message)) this.#follower.append(from, message);
        return;
      case "install-snapshot":
        if (this.#isOfLeader(from, message)) this.#install(from, message);
        return;
      case "timeout-now":
        this.#timeoutNow(from, message);
        return;
      case "vote":
        this.#heardVote(from, message);
        return;
      case "appended":
        if (!this.#isOfLaterTerm(message.term)) this.#leader?.appended(from, message);
        return;
      case "snapshot-taken":
        if (!this.#isOfLaterTerm(message.term)) this.#leader?.snapshotTaken(from, message);
        return;
      case "timeout-now-heard":
        this.#isOfLaterTerm(message.term);
        return;
      default:
        this.#asked(from, message);
    }
  }

  /** What clients and operators ask. */
  #asked(from: NodeId, message: RaftMessage): void {
    switch (message.type) {
      case "submit":
      case "read-barrier":
        if (!this.#leader) this.#out.send(from, notLeader(message, this.#leaderName));
        else if (message.type === "submit") this.#leader.submit(from, message);
        else this.#leader.read(from, message);
        return;
      case "query":
        this.#applied.ask(from, message);
        return;
      case "change-membership":
      case "transfer-leadership":
        this.#operate(from, message);
        return;
      default:
      // Nothing that a server is asked.
    }
  }

  #timeout(timer: string): void {
    switch (timer) {
      case START_TIMER:
        this.#awaitLeader();
        return;
      case LEASE_TIMER:
        this.#hearsLeader = false;
        this.#out.timer(ELECTION_TIMER, this.#settings.chance.below(this.#settings.timing.electionTimeoutMs + 1));
        return;
      case ELECTION_TIMER:
        this.#handOver?.giveUp();
        if (this.#leader === null) this.#stand(true);
        return;
      case TICK_TIMER:
        this.#tick();
        return;
      default:
        this.#applied.timeout(timer);
    }
  }

  #tick(): void {
    if (this.#leader) this.#leader.tick();
    else if (this.#candidate) this.#candidate.ask();
    else return;
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
  }

  #durable(mark: number): void {
    this.#leader?.durable(mark);
    if (this.#candidate?.durable(mark)) this.#elected();
  }

  // --- Elections -----------------------------------------------------------------------------------------------------

  /** Random patience, so that of many servers one comes first (§3.4). */
  #awaitLeader(): void {
    const { electionTimeoutMs } = this.#settings.timing;
    // Nothing else would end it once its timer is taken back, and a server that hears a leader for ever votes for nobody.
    this.#hearsLeader = false;
    this.#out.timer(LEASE_TIMER, null);
    this.#out.timer(ELECTION_TIMER, electionTimeoutMs + this.#settings.chance.below(electionTimeoutMs + 1));
  }

  /** A leader of this term spoke. */
  #heardLeader(leader: NodeId): void {
    this.#leaderName = leader;
    this.#handOver?.endsWith(leader);
    this.#hearsLeader = true;
    this.#out.timer(ELECTION_TIMER, null);
    this.#out.timer(LEASE_TIMER, this.#settings.timing.electionTimeoutMs);
  }

  #stand(preVote: boolean, transfer = false): void {
    const { term } = this.#state;
    this.#candidate = null;
    this.#leaderName = null;
    this.#awaitLeader();
    // A term too many would be one that all have to follow.
    if (!mayStand(this.#state, this.#settings.name, this.#applied.commitIndex) || term >= LAST_TERM) return;
    if (!preVote) this.#parts.write({ kind: "term", term: term + 1, votedFor: this.#settings.name });
    const candidate = new Candidate(this.#parts, term + 1, { preVote, transfer });
    this.#candidate = candidate;
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
    if (candidate.begin()) this.#elected();
  }

  #elected(): void {
    if (this.#candidate?.preVote) {
      this.#stand(false);
      return;
    }
    this.#candidate = null;
    this.#leaderName = this.#settings.name;
    this.#handOver?.endsWith(this.#leaderName);
    this.#hearsLeader = false;
    this.#out.timer(ELECTION_TIMER, null);
    this.#out.timer(LEASE_TIMER, null);
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
    this.#leader = new Leader(this.#parts);
    this.#leader.begin();
  }

  /** Gives up what it does, and waits for a leader of this term. */
  #follow(term: Term, leader: NodeId | null): void {
    if (term > this.#state.term) this.#parts.write({ kind: "term", term, votedFor: null });
    const wasActive = this.#leader !== null || this.#candidate !== null;
    this.#handOver = this.#leader?.stop(leader) ?? this.#handOver;
    [this.#leader, this.#candidate, this.#leaderName] = [null, null, leader];
    if (!wasActive) return;
    this.#out.timer(TICK_TIMER, null);
    this.#awaitLeader();
  }

  /** Whoever hears of a later term follows (§3.3). @returns whether it was one */
  #isOfLaterTerm(term: Term): boolean {
    if (term <= this.#state.term) return false;
    this.#follow(term, null);
    return true;
  }

  #voteFor(from: NodeId, request: RequestVote): void {
    const { term, candidate, preVote, transfer } = request;
    // Who hears a leader, or leads, is not disturbed by one that does not (§4.2.3).
    const isServed = (this.#hearsLeader || this.#leader !== null) && !transfer;
    if (!isServed && !preVote) this.#isOfLaterTerm(term);
    const refusal = isServed ? "hears-leader" : voteRefusal(this.#state, request);
    if (refusal === null && !preVote) {
      if (this.#state.votedFor === null) this.#parts.write({ kind: "term", term, votedFor: candidate });
      this.#awaitLeader();
    }
    const told = refusal === null ? term : this.#state.term;
    this.#out.send(from, { type: "vote", term: told, voter: this.#settings.name, preVote, refusal });
  }

  #heardVote(from: NodeId, vote: Vote): void {
    if (vote.refusal !== null && this.#isOfLaterTerm(vote.term)) return;
    if (this.#candidate?.heard(from, vote)) this.#elected();
  }

  /** The leader hands over: no pre-vote, and no patience (§3.10). */
  #timeoutNow(from: NodeId, { term }: TimeoutNow): void {
    if (term === this.#state.term && this.#leader === null) this.#stand(false, true);
    this.#out.send(from, { type: "timeout-now-heard", term: this.#state.term });
  }

  // --- What leaders send ---------------------------------------------------------------------------------------------

  /** Whether this comes from the leader of the current term; if its term is over it is told so. */
  #isOfLeader(from: NodeId, message: AppendEntries | InstallSnapshot): boolean {
    const { term, leader } = message;
    if (term < this.#state.term) {
      this.#follower.refuseOldTerm(from, message);
      return false;
    }
    // Two leaders of one term: somebody broke the rules, and it was not this server.
    const isOther = term === this.#state.term && this.#leaderName !== null && this.#leaderName !== leader;
    // Nor does a server send this to itself: a leader only ever appends to its own log (§3.5).
    if (isOther || leader === this.#settings.name) return false;
    if (term > this.#state.term || this.#candidate !== null) this.#follow(term, leader);
    this.#heardLeader(leader);
    return true;
  }

  #install(from: NodeId, message: InstallSnapshot): void {
    const snapshot = this.#follower.install(from, message);
    if (snapshot === null) return;
    this.#parts.write({ kind: "snapshot", snapshot });
    this.#applied.restored();
    this.#follower.answerInstall(from, message, message.pieces);
  }

  #maybeSnapshot(): void {
    const write = this.#applied.dueSnapshot();
    if (write === null) return;
    this.#parts.write(write);
    const { log, configurations } = this.#state;
    const { keptEntries, keptCharacters } = this.#settings.limits;
    log.forgetThrough(log.firstOfLast(write.snapshot.lastIndex, keptEntries, keptCharacters) - 1);
    configurations.forgetThrough(log.firstIndex - 1);
  }

  // --- Clients and operators -----------------------------------------------------------------------------------------

  #operate(from: NodeId, message: ChangeMembership | TransferLeadership): void {
    const answer = (outcome: OperatorOutcome) => {
      const { requestId } = message;
      this.#out.send(from, { type: "operator-answer", requestId, outcome, leader: this.#leaderName });
    };
    if (!this.#leader) answer("not-leader");
    else if (message.type === "transfer-leadership") this.#leader.transfer(message, answer);
    else this.#leader.change(message, answer);
  }
}
