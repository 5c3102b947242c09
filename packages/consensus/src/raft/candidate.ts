import type { NodeId } from "../core/participant.js";
import { type Configuration, isMajorityOf } from "./configuration.js";
import type { RequestVote, Term, Vote } from "./messages.js";
import type { RaftParts } from "./parts.js";

/**
 * A server that wants to lead (§3.4), or asks first whether it would be elected (§9.6): one that was cut off must not come
 * back with a term that deposes a leader who does its work.
 */
export class Candidate {
  readonly preVote: boolean;
  readonly term: Term;
  readonly #parts: RaftParts;
  readonly #configuration: Configuration;
  readonly #transfer: boolean;
  readonly #granted = new Set<NodeId>();
  readonly #refused = new Set<NodeId>();
  /** Everything up to this mark has to be durable before the own vote counts; null: it counts. */
  #ownVoteMark: number | null = null;

  /** @param term of a pre-vote, the one that it would stand in; else the current one, in which it has its own vote */
  constructor(parts: RaftParts, term: Term, { preVote, transfer }: { preVote: boolean; transfer: boolean }) {
    this.#parts = parts;
    this.term = term;
    this.preVote = preVote;
    this.#transfer = transfer;
    this.#configuration = parts.state.configurations.latest;
  }

  /** Those whose votes it has, for a look from outside. */
  get votes(): readonly NodeId[] {
    return [...this.#granted];
  }

  /** Asks for votes. @returns whether it has a majority already: a pre-vote of a server that is alone */
  begin(): boolean {
    if (this.preVote) this.#granted.add(this.#parts.name);
    // Its own vote counts like any other: when it is durable.
    else this.#ownVoteMark = this.#parts.mark();
    this.ask();
    return this.#hasMajority;
  }

  /** Asks those that have not answered. */
  ask(): void {
    const { name, state, out } = this.#parts;
    const { lastIndex, lastTerm } = state.log;
    const { term, preVote } = this;
    const message: RequestVote = {
      type: "request-vote",
      term,
      candidate: name,
      lastIndex,
      lastTerm,
      preVote,
      transfer: this.#transfer,
    };
    for (const voter of this.#configuration.voters) {
      if (voter !== name && !this.#granted.has(voter) && !this.#refused.has(voter)) out.send(voter, message);
    }
  }

  /** @returns whether it has a majority now */
  durable(mark: number): boolean {
    if (this.#ownVoteMark === null || mark < this.#ownVoteMark) return false;
    this.#ownVoteMark = null;
    this.#granted.add(this.#parts.name);
    return this.#hasMajority;
  }

  /** @returns whether it has a majority now */
  heard(from: NodeId, { term, voter, preVote, refusal }: Vote): boolean {
    const isOfThis = preVote === this.preVote && voter === from && this.#configuration.voters.includes(voter);
    if (!isOfThis) return false;
    if (refusal !== null) {
      // One that hears a leader may soon hear none; the others have said all that they have to say in this term.
      if (refusal !== "hears-leader") this.#refused.add(voter);
      return false;
    }
    if (term !== this.term) return false;
    this.#granted.add(voter);
    return this.#hasMajority;
  }

  get #hasMajority(): boolean {
    return isMajorityOf(this.#configuration, this.#granted);
  }
}
