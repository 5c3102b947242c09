import { type Input, type NodeId, type Participant, type Ready, ready } from "../core/participant.js";
import { isMajority } from "../core/quorum.js";
import type { Acceptance, Accepted, Instance } from "./messages.js";

/** Who accepted one proposal. */
export interface Tally extends Acceptance {
  /** Distinct acceptors, sorted: one that says the same thing twice counts once. */
  readonly acceptors: readonly NodeId[];
}

/** Two proposals that cannot both be if everybody keeps the rules; the one with the lower id comes first. */
export interface Conflict {
  /**
   * `two-values-under-one-id`: an id was used twice. `accepted-against-chosen`: the second was accepted under a higher
   * id although the first, with another value, is chosen (against P2b). `two-values-chosen`: agreement is lost.
   */
  readonly kind: "two-values-under-one-id" | "accepted-against-chosen" | "two-values-chosen";
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
 * Its host sees to it that only acceptors of the pool are heard. What contradicts the rules is the fault of others: it is kept, `conflictsIn` tells of it, and the learner goes on.
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

/** Every pair of proposals that breaks the rules, the one with the lower id first. */
export function conflictsIn(tallies: readonly Tally[], poolSize: number): Conflict[] {
  const ordered = [...tallies].sort(byIdThenValue);
  return ordered.flatMap((one, position) =>
    ordered.slice(position + 1).flatMap((other): Conflict[] => {
      const kind = conflictBetween(one, other, poolSize);
      return kind === null ? [] : [{ kind, between: [one, other] }];
    }),
  );
}

function conflictBetween(lower: Tally, higher: Tally, poolSize: number): Conflict["kind"] | null {
  if (lower.acceptedValue === higher.acceptedValue) return null;
  if (lower.acceptedId === higher.acceptedId) return "two-values-under-one-id";
  if (!isMajority(lower.acceptors, poolSize)) return null;
  return isMajority(higher.acceptors, poolSize) ? "two-values-chosen" : "accepted-against-chosen";
}

function byIdThenValue(one: Tally, other: Tally): number {
  if (one.acceptedId !== other.acceptedId) return one.acceptedId - other.acceptedId;
  return one.acceptedValue < other.acceptedValue ? -1 : 1;
}
