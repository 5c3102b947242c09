import type { NodeId } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import { isMajority, majorityOf } from "../core/quorum.js";
import type { Slot } from "../log/messages.js";
import { isToBeOutdone } from "./candidate.js";

/** How many ticks without an answer of a majority make a leader say that it has no quorum. */
const QUORUM_TICKS = 10;
/** How many ticks a leader goes on with some acceptors lost, before it wants them back under a higher id. */
const TICKS_WITH_LOST = 30;
/** How long a truncation may go unanswered, in ticks, before it is sent again. */
const TRUNCATION_TICKS = 10;

/** The acceptors as a leader sees them: who still follows, who has promised a higher id, who has forgotten what. */
export class Following {
  readonly #acceptors: readonly NodeId[];
  readonly #heardTick = new Map<NodeId, number>();
  readonly #lost = new Map<NodeId, ProposalId>();
  #lostSinceTick = 0;
  #hasQuorum = true;
  readonly #truncatedBy = new Map<NodeId, Slot | 0>();
  #truncationTick = Number.NEGATIVE_INFINITY;

  constructor(acceptors: readonly NodeId[]) {
    this.#acceptors = acceptors;
  }

  /** Whether a majority has answered lately. */
  get hasQuorum(): boolean {
    return this.#hasQuorum;
  }

  /** Those that have promised a higher id. */
  get lost(): readonly NodeId[] {
    return [...this.#lost.keys()];
  }

  heard(from: NodeId, tick: number): void {
    this.#heardTick.set(from, tick);
  }

  /** This one has promised a higher id. @returns the highest id that stands in the way, if the leader cannot go on */
  lose(from: NodeId, promisedId: ProposalId, tick: number): ProposalId | null {
    if (this.#lost.size === 0) this.#lostSinceTick = tick;
    this.#lost.set(from, promisedId);
    const left = this.#acceptors.length - this.#lost.size;
    // Behind a person's id stands nobody who would lead: come back at once.
    const goesOn = !isToBeOutdone(promisedId) && left >= majorityOf(this.#acceptors.length);
    return goesOn ? null : this.#highestLost;
  }

  /** Looks who answers. @returns the id to go above, if it is time to win back those that are lost */
  look(tick: number): ProposalId | null {
    const heard = this.#acceptors.filter((node) => tick - (this.#heardTick.get(node) ?? 0) <= QUORUM_TICKS);
    this.#hasQuorum = isMajority(heard, this.#acceptors.length);
    if (this.#lost.size === 0 || tick - this.#lostSinceTick < TICKS_WITH_LOST) return null;
    this.#lostSinceTick = tick;
    return this.#highestLost;
  }

  truncated(from: NodeId, through: Slot | 0): void {
    this.#truncatedBy.set(from, through);
  }

  /** Those that must be told, or told again, to forget everything up to here. */
  toTruncate(through: Slot | 0, tick: number): readonly NodeId[] {
    if (through < 1 || tick - this.#truncationTick < TRUNCATION_TICKS) return [];
    const behind = this.#acceptors.filter((node) => (this.#truncatedBy.get(node) ?? 0) < through);
    if (behind.length > 0) this.#truncationTick = tick;
    return behind;
  }

  get #highestLost(): ProposalId {
    return Math.max(...this.#lost.values());
  }
}
