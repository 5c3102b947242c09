import type { NodeId } from "../core/participant.js";
import { type Configuration, withNonVoter, without, withVoter } from "./configuration.js";
import type { ChangeMembership, Index, OperatorOutcome } from "./messages.js";
import type { RaftParts } from "./parts.js";

/** What a change needs of its leader. */
export interface ChangeHost {
  /** Puts a configuration into the log; it holds at once. @returns its entry */
  propose(configuration: Configuration): Index;
  matchOf(server: NodeId): Index;
  answer(outcome: OperatorOutcome): void;
}

/**
 * A change of the members, one server at a time (§4.1). A server that is added receives the log without a vote first: with
 * one, nothing could be committed while it is far behind (§4.2.1). Rounds of replication show that it keeps up: what the
 * log has at the begin of a round is copied by its end, and the last round is shorter than an election time-out.
 */
export class MembershipChange {
  readonly #parts: RaftParts;
  readonly #host: ChangeHost;
  readonly #what: ChangeMembership;
  #isCatchingUp = false;
  /** The entry whose commitment ends this stage. */
  #index: Index = 0;
  #round = 0;
  #roundTarget: Index = 0;
  #roundTicks = 0;
  #isOver = false;
  #outcome: OperatorOutcome = "done";

  constructor(parts: RaftParts, host: ChangeHost, what: ChangeMembership) {
    this.#parts = parts;
    this.#host = host;
    this.#what = what;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why the members do not allow this change; null if they do. */
  static refusal({ voters, nonVoters }: Configuration, { change, server }: ChangeMembership): OperatorOutcome | null {
    const isVoter = voters.includes(server);
    if (change === "add") return isVoter ? "already-member" : null;
    if (!isVoter && !nonVoters.includes(server)) return "no-such-member";
    return isVoter && voters.length === 1 ? "last-member" : null;
  }

  begin(): void {
    const { latest } = this.#parts.state.configurations;
    const { change, server } = this.#what;
    if (change === "remove") this.#index = this.#host.propose(without(latest, server));
    else {
      this.#isCatchingUp = true;
      // One that is left from a change that nobody finished is taken up.
      if (!latest.nonVoters.includes(server)) this.#index = this.#host.propose(withNonVoter(latest, server));
      this.#beginRound();
    }
  }

  /** More is committed. */
  committed(through: Index): void {
    if (this.#isOver || this.#isCatchingUp || through < this.#index) return;
    this.#isOver = true;
    this.#host.answer(this.#outcome);
  }

  tick(): void {
    if (this.#isOver || !this.#isCatchingUp) return;
    const { heartbeatMs, electionTimeoutMs } = this.#parts.settings.timing;
    this.#roundTicks++;
    const isWithinTimeout = this.#roundTicks * heartbeatMs <= electionTimeoutMs;
    const isCopied = this.#host.matchOf(this.#what.server) >= this.#roundTarget;
    // Two configurations that are not committed could differ by two servers.
    const isCommitted = this.#parts.applied.commitIndex >= this.#index;
    if (isCopied && isWithinTimeout && isCommitted) this.#admit();
    else if (!isWithinTimeout && ++this.#round > this.#parts.settings.limits.catchUpRounds) this.#giveUp();
    else if (isCopied || !isWithinTimeout) this.#beginRound();
  }

  #beginRound(): void {
    this.#roundTarget = this.#parts.state.log.lastIndex;
    this.#roundTicks = 0;
  }

  #admit(): void {
    this.#isCatchingUp = false;
    this.#index = this.#host.propose(withVoter(this.#parts.state.configurations.latest, this.#what.server));
  }

  #giveUp(): void {
    const isCommitted = this.#parts.applied.commitIndex >= this.#index;
    if (!isCommitted) return;
    this.#isCatchingUp = false;
    this.#outcome = "not-caught-up";
    this.#index = this.#host.propose(without(this.#parts.state.configurations.latest, this.#what.server));
  }
}
