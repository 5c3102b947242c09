import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { isMajority, majorityOf } from "../core/quorum.js";
import type { Index } from "./messages.js";

/** The members of a cluster (thesis §4.1). */
export interface Configuration {
  /** Those whose votes and copies count. */
  readonly voters: readonly NodeId[];
  /** Those that only receive the log: a server that is being added (§4.2.1). */
  readonly nonVoters: readonly NodeId[];
}

/** Every server of a configuration. */
export function membersOf({ voters, nonVoters }: Configuration): NodeId[] {
  return [...voters, ...nonVoters];
}

/** Whether these servers are a majority of the voters; others among them do not count. */
export function isMajorityOf({ voters }: Configuration, nodes: Iterable<NodeId>): boolean {
  return isMajority(
    [...nodes].filter((node) => voters.includes(node)),
    voters.length,
  );
}

/** The highest number that a majority of the voters has reached. @param of what a server has reached */
export function reachedByMajority({ voters }: Configuration, of: (voter: NodeId) => number): number {
  const reached = voters.map(of).sort((one, other) => other - one);
  return reached[majorityOf(voters.length) - 1] ?? 0;
}

/** A server more that only receives the log. */
export function withNonVoter({ voters, nonVoters }: Configuration, server: NodeId): Configuration {
  return { voters, nonVoters: [...nonVoters, server] };
}

/** One voter more than before, which was none. */
export function withVoter({ voters, nonVoters }: Configuration, server: NodeId): Configuration {
  return { voters: [...voters, server], nonVoters: nonVoters.filter((one) => one !== server) };
}

export function without({ voters, nonVoters }: Configuration, server: NodeId): Configuration {
  return { voters: voters.filter((one) => one !== server), nonVoters: nonVoters.filter((one) => one !== server) };
}

/** Whether one may come next: majorities of two that differ by one voter have a server in common (§4.1). */
function mayFollow(last: Configuration, next: Configuration): boolean {
  const changed = [
    ...next.voters.filter((one) => !last.voters.includes(one)),
    ...last.voters.filter((one) => !next.voters.includes(one)),
  ];
  // A server that was added later knows of no members before the log tells it.
  const isOne = changed.length <= 1 || last.voters.length === 0;
  return isOne && next.voters.length > 0;
}

/**
 * The configurations of a log, each from its entry on. A server uses the latest one **in its log**, committed or not
 * (§4.1).
 */
export class Configurations {
  readonly #known: { readonly index: Index; readonly configuration: Configuration }[];

  /** @param base what holds before the log's first entry */
  constructor(base: Configuration, index: Index = 0) {
    this.#known = [{ index, configuration: base }];
  }

  get latest(): Configuration {
    const last = this.#known.at(-1);
    invariant(last !== undefined, "there is always a configuration");
    return last.configuration;
  }

  /** The entry that made the latest one. */
  get latestIndex(): Index {
    return this.#known.at(-1)?.index ?? 0;
  }

  /** The one that holds as of this entry. */
  at(index: Index): Configuration {
    const known = this.#known.filter((one) => one.index <= index).at(-1);
    invariant(known !== undefined, "no configuration is asked for that is forgotten");
    return known.configuration;
  }

  /** Whether entries may take their place from this index on: each changes one voter at most of what holds before it. */
  mayChangeBy(from: Index, entries: readonly { readonly configuration?: Configuration }[]): boolean {
    let last: Configuration | null = null;
    for (const { configuration } of entries) {
      if (configuration === undefined) continue;
      if (!mayFollow(last ?? this.at(from - 1), configuration)) return false;
      last = configuration;
    }
    return true;
  }

  add(index: Index, configuration: Configuration): void {
    invariant(mayFollow(this.latest, configuration), "voters change one at a time");
    this.#known.push({ index, configuration });
  }

  /** The entries from this one on are gone from the log. */
  truncateFrom(index: Index): void {
    while (this.latestIndex >= index && this.#known.length > 1) this.#known.pop();
  }

  /** What is in a snapshot is asked for no more, but what holds after it. */
  forgetThrough(index: Index): void {
    while ((this.#known[1]?.index ?? Number.POSITIVE_INFINITY) <= index) this.#known.shift();
  }
}
