import { invariant } from "../core/invariant.js";
import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import { LAST_CAREFREE_ID, NO_PROPOSAL, nextProposalId, type ProposalId } from "../core/proposal-id.js";
import { majorityOf } from "../core/quorum.js";
import { START_TIMER } from "../core/start-timer.js";
import type { LogMessage } from "../log/log-message.js";
import type { ReadBarrier, Slot, Submit } from "../log/messages.js";
import { applyProposerWrite, freshProposerState, type ProposerWrite } from "../paxos/proposer-state.js";
import { Candidate, isToBeOutdone, type Verdict } from "./candidate.js";
import { type End, Leader } from "./leader.js";
import type { AcceptorToProposer, Heartbeat } from "./messages.js";
import { type LogProposerOptions, type ProposerSettings, proposerSettings } from "./options.js";

/** No leader was heard of for too long; for a candidate: its phase 1 takes too long. */
const ELECTION_TIMER = "election";
/** For a candidate: ask again. For a leader: say so, and look what must be sent again. */
const TICK_TIMER = "tick";
/** For a leader: learners that nobody waits for are told what was decided. */
const TELL_TIMER = "tell";

/** Why a proposer cannot propose at all, and a person must do something. */
export type Obstacle = "proposal-ids-exhausted" | "value-conflict";

/**
 * A proposer of the log: follower, candidate or leader (Paxos Made Simple §3; its leader election is left open there).
 *
 * A follower that hears no leader for a random time becomes a candidate, under an id that it has never used; a candidate
 * that a majority promised becomes the leader; a leader that a majority promised away becomes a follower. Safety never
 * rests on there being one leader only.
 */
export class LogProposer implements Participant<LogMessage, ProposerWrite> {
  readonly #settings: ProposerSettings;
  readonly #out = new Outbox<LogMessage, ProposerWrite>();
  #durable: ReturnType<typeof freshProposerState>;
  /** What each acceptor is known to have promised. */
  readonly #promisedBy = new Map<NodeId, ProposalId>();
  /** The highest id under which somebody is known to have led, and who that is; null: nobody is known to lead now. */
  #leader: { readonly name: NodeId | null; readonly id: ProposalId } = { name: null, id: NO_PROPOSAL };
  #role: Candidate | Leader | null = null;
  #settledThrough: Slot | 0 = 0;
  #obstacle: Obstacle | null = null;

  /** @param writes every write that earlier lives made durable */
  constructor(options: LogProposerOptions, writes: readonly ProposerWrite[] = []) {
    this.#settings = proposerSettings(options);
    this.#durable = writes.reduce(applyProposerWrite, freshProposerState());
    invariant(new Set(options.acceptors).size === options.acceptors.length, "an acceptor is in its pool once");
    invariant(options.index >= 1, "a log proposer takes no id that belongs to people");
  }

  step(input: Input<LogMessage>): Ready<LogMessage, ProposerWrite> {
    if (input.kind === "timeout") this.#timeout(input.timer);
    if (input.kind === "message") this.#hear(input.from, input.message);
    return this.#out.take();
  }

  /** Plain data, for a look from outside. Only `highestUsedId` outlives a crash. */
  get state() {
    const role = this.#role;
    return {
      role: role instanceof Leader ? "leader" : role instanceof Candidate ? "candidate" : "follower",
      id: role?.id ?? null,
      leader: role instanceof Leader ? this.#settings.name : this.#knownLeader(),
      highestUsedId: this.#durable.highestUsedId,
      settledThrough: this.#settledThrough,
      obstacle: this.#obstacle,
      candidate: role instanceof Candidate ? { from: role.from, promisedBy: [...role.promisedBy] } : null,
      leading: role instanceof Leader ? role.state : null,
    } as const;
  }

  #timeout(timer: string): void {
    if (timer === START_TIMER) this.#awaitLeader(this.#settings.timing.firstElectionMs);
    if (timer === ELECTION_TIMER && !(this.#role instanceof Leader)) this.#stand(this.#settledThrough + 1);
    if (timer === TELL_TIMER && this.#role instanceof Leader) this.#role.tellOthers();
    if (timer !== TICK_TIMER || this.#role === null) return;
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
    if (this.#role instanceof Candidate) this.#role.ask();
    else this.#endIf(this.#role.tick());
  }

  #hear(from: NodeId, message: LogMessage): void {
    switch (message.type) {
      case "heartbeat":
        this.#heartbeat(from, message);
        return;
      case "heartbeat-heard":
        if (this.#role instanceof Leader && message.highestId > this.#role.id) this.#follow(null);
        return;
      case "gone":
        this.#leaderIsGone(from);
        return;
      case "submit":
        this.#submit(from, message);
        return;
      case "read-barrier":
        this.#readBarrier(from, message);
        return;
      case "learned":
        if (this.#role instanceof Leader) this.#endIf(this.#role.learned(from, message));
        return;
      case "promise-log":
      case "prepare-log-ignored":
      case "accepted-log":
      case "accept-log-ignored":
      case "refused":
      case "truncated":
      case "log":
      case "log-truncated":
        this.#hearAcceptor(from, message);
        return;
      default:
        // Nothing that a proposer is asked.
        return;
    }
  }

  #hearAcceptor(from: NodeId, message: AcceptorToProposer): void {
    if ("promisedId" in message && this.#settings.acceptors.includes(from)) {
      const known = this.#promisedBy.get(from) ?? NO_PROPOSAL;
      this.#promisedBy.set(from, Math.max(known, message.promisedId));
    }
    if (this.#role instanceof Leader) this.#endIf(this.#role.hear(from, message));
    else if (this.#role instanceof Candidate) {
      const verdict = this.#role.hear(from, message);
      if (verdict) this.#conclude(this.#role, verdict);
      else if (message.type === "log" || message.type === "promise-log") this.#goesOn(this.#role);
    }
  }

  /** A long log takes many pages: as long as they come, nobody needs to stand, this candidate included. */
  #goesOn({ id }: Candidate): void {
    this.#awaitLeader();
    const { name, rivals } = this.#settings;
    for (const rival of rivals) {
      const settledThrough = this.#settledThrough;
      this.#out.send(rival, { type: "heartbeat", leader: name, id, settledThrough, standing: true });
    }
  }

  // --- Follower ------------------------------------------------------------------------------------------------------

  #heartbeat(from: NodeId, { leader, id, settledThrough, standing }: Heartbeat): void {
    this.#out.send(from, { type: "heartbeat-heard", highestId: Math.max(this.#leader.id, id) });
    // Of a leader that was deposed; or of one that this candidate is about to depose.
    if (id < this.#leader.id || (this.#role !== null && id < this.#role.id)) return;
    // A leader goes on until acceptors tell it that it is none.
    if (standing && this.#role instanceof Leader) return;
    this.#settledThrough = Math.max(this.#settledThrough, settledThrough);
    if (standing) {
      this.#follow(null);
      return;
    }
    this.#leader = { name: leader, id };
    this.#follow(leader);
  }

  /** Gives up what it does, and waits for a leader to be heard of. */
  #follow(leader: NodeId | null): void {
    if (this.#role instanceof Leader) {
      this.#settledThrough = Math.max(this.#settledThrough, this.#role.settledThrough);
      this.#role.end(leader);
    }
    if (this.#role !== null) this.#out.timer(TICK_TIMER, null);
    this.#role = null;
    this.#leader = { ...this.#leader, name: leader };
    this.#awaitLeader();
  }

  /** Random, so that of many followers one comes first. */
  #awaitLeader(patienceMs = this.#settings.timing.electionTimeoutMs): void {
    this.#out.timer(ELECTION_TIMER, patienceMs + this.#settings.chance.below(patienceMs + 1));
  }

  /** Nobody needs to wait for its heartbeats; a little at random, again so that one comes first. */
  #leaderIsGone(rival: NodeId): void {
    if (this.#role !== null || this.#leader.name !== rival) return;
    this.#leader = { ...this.#leader, name: null };
    this.#out.timer(ELECTION_TIMER, 1 + this.#settings.chance.below(this.#settings.timing.hasteMs));
  }

  // --- Candidate -----------------------------------------------------------------------------------------------------

  /** Phase 1 for all slots from this one on, under an id that was never used before. */
  #stand(from: Slot): void {
    if (this.#role instanceof Leader) this.#follow(null);
    const id = this.#nextId();
    if (id === null) {
      this.#obstacle = "proposal-ids-exhausted";
      this.#role = null;
      this.#out.timer(TICK_TIMER, null);
      // Some acceptor may be wiped and mended meanwhile.
      this.#awaitLeader();
      return;
    }
    const write: ProposerWrite = { kind: "proposing", id };
    this.#durable = applyProposerWrite(this.#durable, write);
    this.#out.write(write);
    const candidate = new Candidate(id, from, this.#settings.acceptors, (to, message) => this.#out.send(to, message));
    this.#role = candidate;
    this.#awaitLeader();
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
    candidate.ask();
  }

  /** Above everything known to be promised; or, where few ids are left there, above what a majority has promised. */
  #nextId(): ProposalId | null {
    const { acceptors, index } = this.#settings;
    const { highestUsedId } = this.#durable;
    const promised = acceptors.map((node) => this.#promisedBy.get(node) ?? NO_PROPOSAL);
    const highest = Math.max(highestUsedId, this.#leader.id, ...promised);
    const ofMajority = promised.sort((one, other) => one - other)[majorityOf(acceptors.length) - 1] ?? NO_PROPOSAL;
    const aboveAll = nextProposalId(highest, index);
    if (aboveAll !== null && aboveAll <= LAST_CAREFREE_ID) return aboveAll;
    return nextProposalId(Math.max(highestUsedId, ofMajority), index) ?? aboveAll;
  }

  #conclude(candidate: Candidate, verdict: Verdict): void {
    switch (verdict.kind) {
      case "elected":
        this.#lead(candidate, verdict);
        return;
      case "pre-empted":
        this.#preempted(verdict.by, candidate.from);
        return;
      case "value-conflict":
        this.#obstacle = "value-conflict";
        this.#follow(null);
        return;
    }
  }

  /** Another proposer may be about to lead, and is given time; behind a person's id stands nobody. */
  #preempted(by: ProposalId, from: Slot): void {
    if (isToBeOutdone(by)) this.#stand(from);
    else this.#follow(null);
  }

  // --- Leader --------------------------------------------------------------------------------------------------------

  #lead(candidate: Candidate, { found }: Verdict & { kind: "elected" }): void {
    const leader = new Leader(this.#settings, candidate.id, found, this.#settledThrough, {
      send: (to, message) => this.#out.send(to, message),
      tellSoon: () => this.#out.timer(TELL_TIMER, this.#settings.timing.tellMs),
    });
    this.#obstacle = null;
    this.#role = leader;
    this.#leader = { name: this.#settings.name, id: candidate.id };
    this.#out.timer(ELECTION_TIMER, null);
    this.#out.timer(TICK_TIMER, this.#settings.timing.heartbeatMs);
    leader.begin();
  }

  #endIf(end: End | null): void {
    if (end === null || !(this.#role instanceof Leader)) return;
    const from = this.#role.settledThrough + 1;
    if (end.kind === "start-over") this.#stand(end.from);
    else if (end.kind === "pre-empted") this.#preempted(end.by, from);
    else if ((this.#nextId() ?? NO_PROPOSAL) > end.above) this.#stand(from);
  }

  #submit(from: NodeId, message: Submit): void {
    if (this.#role instanceof Leader) {
      this.#role.submit(from, message);
      return;
    }
    const leader = this.#knownLeader();
    const outcomes = message.requests.map(({ requestId }) => {
      return { requestId, kind: "refused", reason: "not-leader", leader } as const;
    });
    this.#out.send(from, { type: "submitted", submission: message.submission, outcomes });
  }

  #readBarrier(from: NodeId, message: ReadBarrier): void {
    if (this.#role instanceof Leader) {
      this.#role.read(from, message);
      return;
    }
    const { requestId } = message;
    const leader = this.#knownLeader();
    this.#out.send(from, { type: "read-barrier-refused", requestId, reason: "not-leader", leader });
  }

  #knownLeader(): NodeId | null {
    return this.#role === null ? this.#leader.name : null;
  }
}
