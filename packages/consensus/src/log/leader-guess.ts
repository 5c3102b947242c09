import type { NodeId } from "../core/participant.js";

/** Which proposer a client takes for the leader; where it knows of none, it tries one after the other. */
export class LeaderGuess {
  readonly #proposers: readonly NodeId[];
  #known: NodeId | null = null;
  #next = 0;

  constructor(proposers: readonly NodeId[]) {
    this.#proposers = proposers;
  }

  get known(): NodeId | null {
    return this.#known;
  }

  /** The proposer to ask; null if there is none at all. */
  get target(): NodeId | null {
    return this.#known ?? this.#proposers[this.#next % this.#proposers.length] ?? null;
  }

  /** This one answered as a leader does. */
  leads(proposer: NodeId): void {
    this.#known = proposer;
  }

  /** This one does not lead, or does not answer; it may have said who does. */
  isNot(proposer: NodeId, leader: NodeId | null): void {
    if (leader !== null && leader !== proposer && this.#proposers.includes(leader)) {
      this.#known = leader;
      return;
    }
    // What was learned meanwhile from somebody else stands.
    if (this.#known !== null && this.#known !== proposer) return;
    this.#known = null;
    const place = this.#proposers.indexOf(proposer);
    this.#next = (place + 1) % this.#proposers.length;
  }
}
