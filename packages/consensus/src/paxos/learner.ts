import { type Input, type NodeId, type Participant, type Ready, ready } from "../core/participant.js";
import { isMajority } from "../core/quorum.js";
import type { Acceptance, Accepted, Instance } from "./messages.js";

/** Who accepted one proposal. */
export interface Tally extends Acceptance {
  /** Distinct acceptors, sorted: one that says the same thing twice counts once. */
  readonly acceptors: readonly NodeId[];
}

/** Two proposals that cannot both be if everybody keeps the rules. */
export interface Conflict {
  readonly kind: "two-values-under-one-id" | "two-values-chosen";
  readonly between: readonly [Tally, Tally];
}

/** Plain data; nothing of it needs to outlive a crash, since the acceptors can be asked again. */
export interface LearnerState {
  /** Every proposal heard of, in the order of ids and then of values. */
  readonly tallies: readonly Tally[];
  /** The proposal that a majority was first seen to accept. */
  readonly chosen: Acceptance | null;
}

/**
 * Learns that a value is chosen in one instance by hearing of acceptances: a majority accepted one proposal, that is,
 * one id with one value (Paxos Made Simple §2.3). Equal values under different ids do not add up.
 *
 * What contradicts the rules is the fault of others: it is kept, `conflictsIn` tells of it, and the learner goes on.
 */
export class Learner implements Participant<Accepted, never, string> {
  readonly #poolSize: number;
  readonly #instance: Instance;
  #state: LearnerState = { tallies: [], chosen: null };

  /** @param poolSize how many acceptors the whole pool has */
  constructor(poolSize: number, instance: Instance) {
    this.#poolSize = poolSize;
    this.#instance = instance;
  }

  get state(): LearnerState {
    return this.#state;
  }

  step(input: Input<Accepted, string>): Ready<Accepted, never, string> {
    if (input.kind !== "message" || input.message.type !== "accepted") return ready({});
    if (input.message.instance !== this.#instance) return ready({});
    const tally = this.#count(input.from, input.message);
    if (this.#state.chosen !== null || !isMajority(tally.acceptors, this.#poolSize)) return ready({});
    const { acceptedId, acceptedValue } = tally;
    this.#state = { ...this.#state, chosen: { acceptedId, acceptedValue } };
    return ready({ decided: [{ slot: this.#instance, command: acceptedValue }] });
  }

  #count(from: NodeId, { id, value }: Accepted): Tally {
    const isThis = (tally: Tally) => tally.acceptedId === id && tally.acceptedValue === value;
    const acceptors = new Set(this.#state.tallies.find(isThis)?.acceptors).add(from);
    const tally: Tally = { acceptedId: id, acceptedValue: value, acceptors: [...acceptors].sort() };
    const others = this.#state.tallies.filter((other) => !isThis(other));
    this.#state = { ...this.#state, tallies: [...others, tally].sort(byIdThenValue) };
    return tally;
  }
}

/** Every pair of proposals that breaks the rules: two values under one id, or chosen twice over with another value. */
export function conflictsIn(tallies: readonly Tally[], poolSize: number): Conflict[] {
  const conflicts: Conflict[] = [];
  tallies.forEach((one, position) => {
    for (const other of tallies.slice(position + 1)) {
      if (one.acceptedValue === other.acceptedValue) continue;
      if (one.acceptedId === other.acceptedId) {
        conflicts.push({ kind: "two-values-under-one-id", between: [one, other] });
      } else if (isMajority(one.acceptors, poolSize) && isMajority(other.acceptors, poolSize)) {
        conflicts.push({ kind: "two-values-chosen", between: [one, other] });
      }
    }
  });
  return conflicts;
}

function byIdThenValue(one: Tally, other: Tally): number {
  if (one.acceptedId !== other.acceptedId) return one.acceptedId - other.acceptedId;
  return one.acceptedValue < other.acceptedValue ? -1 : 1;
}
