import { NO_PROPOSAL } from "../core/proposal-id.js";
import { majorityOf } from "../core/quorum.js";
import { type Conflict, conflictsIn, Learner, type Tally } from "./learner.js";
import type { Acceptance, Instance } from "./messages.js";
import { chooseValue, type ValueChoice } from "./value-choice.js";

/** What one acceptor said of one instance when it was asked. */
export interface Observation {
  readonly acceptor: string;
  readonly promisedId: number;
  readonly accepted: Acceptance | null;
  /** Every acceptance with an id above `missingThroughId`. */
  readonly history: readonly Acceptance[];
  readonly missingThroughId: number;
}

/** A proposal as seen from all acceptors, and how far it may have come. */
export interface ProposalSeen extends Tally {
  /** Acceptors that did not answer, or whose history is cut at or above this id: they may have accepted it. */
  readonly uncertain: readonly string[];
}

/** Majorities that a next proposer could hear from and that leave it the same choice. */
export interface NextChoice {
  readonly choice: ValueChoice;
  /** How many majorities (of the smallest size) of the acceptors that answer lead to this choice. */
  readonly count: number;
  /** Some of them, in order, at most MAJORITIES_SHOWN. */
  readonly majorities: readonly (readonly string[])[];
}

/** What can be said of an instance from the outside. */
export interface Explanation {
  readonly instance: Instance;
  readonly poolSize: number;
  readonly majority: number;
  readonly unreachable: readonly string[];
  /**
   * `chosen`: a majority accepted one proposal, at whatever time. `may-be-chosen`: acceptors that cannot be seen could
   * complete a majority. `open`: no proposal so far can have been chosen. `broken`: two values were chosen,
   * which the rules make impossible.
   */
  readonly verdict: "chosen" | "may-be-chosen" | "open" | "broken";
  /** The proposal with the lowest id that a majority accepted. */
  readonly chosen: Acceptance | null;
  /** In the order of ids. */
  readonly proposals: readonly ProposalSeen[];
  /** Those proposals that may have been chosen without our seeing it. */
  readonly mayBeChosen: readonly ProposalSeen[];
  /** So many acceptors cannot be seen that they alone may have chosen a value nobody else has heard of. */
  readonly mayBeUnseen: boolean;
  readonly conflicts: readonly Conflict[];
  /** In the order: bound to the highest id first, free last. Empty if no majority answers. */
  readonly next: readonly NextChoice[];
}

/** How many majorities of a group are listed by name. */
export const MAJORITIES_SHOWN = 10;

/**
 * Explains one instance from what the acceptors say of themselves.
 *
 * @param pool the names of all acceptors, in the order in which to name them; those without an observation count as
 *   unreachable
 */
export function explain(
  pool: readonly string[],
  instance: Instance,
  observations: readonly Observation[],
): Explanation {
  const majority = majorityOf(pool.length);
  const inPoolOrder = (names: Iterable<string>) => sortedAs(pool, names);
  const unreachable = pool.filter((name) => !observations.some(({ acceptor }) => acceptor === name));
  const tallies = learn(pool.length, instance, observations);
  const proposals = tallies.map((tally) => ({
    ...tally,
    acceptors: inPoolOrder(tally.acceptors),
    uncertain: inPoolOrder([...forgetfulAbout(tally, observations), ...unreachable]),
  }));
  const conflicts = conflictsIn(proposals, pool.length);
  const first = proposals.find(({ acceptors }) => acceptors.length >= majority);
  const chosen = first ? { acceptedId: first.acceptedId, acceptedValue: first.acceptedValue } : null;
  const mayBeChosen = proposals.filter(
    ({ acceptors, uncertain }) => acceptors.length < majority && acceptors.length + uncertain.length >= majority,
  );
  const cut = observations.filter(({ missingThroughId }) => missingThroughId >= 0);
  const mayBeUnseen = unreachable.length + cut.length >= majority;
  return {
    instance,
    poolSize: pool.length,
    majority,
    unreachable,
    verdict: verdictOf(conflicts, chosen, mayBeChosen.length > 0 || mayBeUnseen),
    chosen,
    proposals,
    mayBeChosen,
    mayBeUnseen,
    conflicts,
    next: nextChoices(observations, majority, pool),
  };
}

/** These names in the order of the pool. */
function sortedAs(pool: readonly string[], names: Iterable<string>): string[] {
  return [...names].sort((one, other) => pool.indexOf(one) - pool.indexOf(other));
}

function learn(poolSize: number, instance: Instance, observations: readonly Observation[]) {
  const learner = new Learner(poolSize, instance);
  for (const { acceptor, accepted, history } of observations) {
    for (const { acceptedId: id, acceptedValue: value } of accepted ? [...history, accepted] : history) {
      learner.step({ kind: "message", from: acceptor, message: { type: "accepted", id, instance, value } });
    }
  }
  return learner.state.tallies;
}

function verdictOf(
  conflicts: readonly Conflict[],
  chosen: Acceptance | null,
  mayBeChosen: boolean,
): Explanation["verdict"] {
  if (conflicts.some(({ kind }) => kind === "two-values-chosen")) return "broken";
  if (chosen) return "chosen";
  return mayBeChosen ? "may-be-chosen" : "open";
}

/** Acceptors that answer, but have forgotten so much that they may have accepted this proposal. */
function forgetfulAbout(tally: Tally, observations: readonly Observation[]): string[] {
  return observations
    .filter((seen) => seen.missingThroughId >= tally.acceptedId && !tally.acceptors.includes(seen.acceptor))
    .map(({ acceptor }) => acceptor);
}

/** Every smallest majority of the acceptors that answer, grouped by the choice it would leave to a proposer (P2c). */
function nextChoices(observations: readonly Observation[], majority: number, pool: readonly string[]): NextChoice[] {
  const inPoolOrder = (names: Iterable<string>) => sortedAs(pool, names);
  const ids = [...new Set(observations.map(({ accepted }) => accepted?.acceptedId ?? NO_PROPOSAL))];
  return ids
    .sort((one, other) => other - one)
    .flatMap((id) => choicesWithHighest(id, observations, majority))
    .map(({ choice, count, majorities }) => ({
      choice,
      count,
      majorities: inOrderOfMembers(majorities.map(inPoolOrder), pool),
    }));
}

function inOrderOfMembers(majorities: readonly string[][], pool: readonly string[]): string[][] {
  const places = (members: readonly string[]) => members.map((name) => pool.indexOf(name));
  return [...majorities].sort((one, other) => {
    const [here, there] = [places(one), places(other)];
    const difference = here.findIndex((place, position) => place !== there[position]);
    return (here[difference] ?? 0) - (there[difference] ?? 0);
  });
}

/** The groups of majorities in which this id is the highest reported. */
function choicesWithHighest(id: number, observations: readonly Observation[], majority: number): NextChoice[] {
  const idOf = ({ accepted }: Observation) => accepted?.acceptedId ?? NO_PROPOSAL;
  const below = observations.filter((seen) => idOf(seen) < id);
  const at = observations.filter((seen) => idOf(seen) === id);
  const values = [...new Set(at.map(({ accepted }) => accepted?.acceptedValue ?? null))].sort();
  const groups = values.map((value) => {
    const holders = at.filter(({ accepted }) => (accepted?.acceptedValue ?? null) === value);
    return {
      count: combinations(holders.length + below.length, majority) - combinations(below.length, majority),
      holders,
    };
  });
  const choices = groups.map(({ count, holders }) => ({
    choice: chooseValue(holders.map(({ accepted }) => accepted)),
    count,
    majorities: firstMajorities([...holders, ...below], majority, count, () => true),
  }));
  // Majorities that see two values under the highest id: somebody broke the rules.
  const mixed =
    combinations(at.length + below.length, majority) -
    combinations(below.length, majority) -
    groups.reduce((sum, { count }) => sum + count, 0);
  if (mixed > 0) {
    const sees = (members: readonly Observation[]) => chooseValue(members.map(({ accepted }) => accepted));
    choices.push({
      choice: sees(at),
      count: mixed,
      majorities: firstMajorities([...at, ...below], majority, mixed, (members) => sees(members).kind === "conflict"),
    });
  }
  return choices.filter(({ count }) => count > 0);
}

/** The first few subsets of this size, in the order of the list, that meet the condition. */
function firstMajorities(
  observations: readonly Observation[],
  size: number,
  count: number,
  condition: (members: readonly Observation[]) => boolean,
): string[][] {
  const found: string[][] = [];
  const wanted = Math.min(count, MAJORITIES_SHOWN);
  const extend = (members: readonly Observation[], from: number): void => {
    if (members.length === size) {
      if (condition(members)) found.push(members.map(({ acceptor }) => acceptor));
      return;
    }
    for (let next = from; next <= observations.length - (size - members.length) && found.length < wanted; next++) {
      extend([...members, ...observations.slice(next, next + 1)], next + 1);
    }
  };
  extend([], 0);
  return found;
}

/** How many subsets of `size` out of `count` there are. */
function combinations(count: number, size: number): number {
  if (size > count) return 0;
  let result = 1;
  for (let i = 1; i <= size; i++) result = (result * (count - size + i)) / i;
  return Math.round(result);
}
