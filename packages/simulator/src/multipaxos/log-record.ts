import { isMajority, NO_PROPOSAL, type NodeId, type ProposalId, type Slot } from "@synod/consensus";

/** A proposal as an acceptor's disk holds it. */
interface StoredEntry {
  readonly id: ProposalId;
  readonly value: string;
}

/** What one acceptor was seen to do, in all its lives. */
export interface AcceptorSeen {
  /** The highest id that it told somebody it had promised. */
  promiseTold: ProposalId | typeof NO_PROPOSAL;
  /** What its disk holds: the highest id promised, and what is accepted and not truncated. */
  promiseStored: ProposalId | typeof NO_PROPOSAL;
  readonly entries: Map<Slot, StoredEntry>;
  truncatedThrough: Slot | 0;
}

interface Vote extends StoredEntry {
  readonly by: NodeId[];
}

/** The log as its nodes have agreed on it, and the snapshots that are durable. */
export interface AgreedLog {
  /** In every slot up to here something is chosen. */
  readonly chosenThrough: Slot | 0;
  /** What is chosen in this slot; undefined: nothing. */
  chosen(slot: Slot): string | undefined;
  /** The last slot that each disk has in a snapshot. */
  readonly snapshots: Map<NodeId, Slot | 0>;
}

/** What the disks of a cluster hold, as they were seen to be written. What is chosen follows from it. */
export class LogRecord implements AgreedLog {
  readonly acceptors: ReadonlyMap<NodeId, AcceptorSeen>;
  /** The last slot that each learner's disk has in a snapshot. */
  readonly snapshots: Map<NodeId, Slot | 0>;
  readonly #poolSize: number;
  readonly #votes: Vote[][] = [];
  readonly #chosen: (string | undefined)[] = [];
  #chosenThrough: Slot | 0 = 0;

  constructor(acceptors: readonly NodeId[], learners: readonly NodeId[]) {
    const fresh = (): AcceptorSeen => ({
      promiseTold: NO_PROPOSAL,
      promiseStored: NO_PROPOSAL,
      entries: new Map(),
      truncatedThrough: 0,
    });
    this.#poolSize = acceptors.length;
    this.acceptors = new Map(acceptors.map((name) => [name, fresh()]));
    this.snapshots = new Map(learners.map((name) => [name, 0]));
  }

  /** In every slot up to here something is chosen. */
  get chosenThrough(): Slot | 0 {
    return this.#chosenThrough;
  }

  /** What is chosen in this slot; undefined: nothing. */
  chosen(slot: Slot): string | undefined {
    return this.#chosen[slot];
  }

  /** This acceptor's disk holds this proposal. @returns another value that was chosen in this slot before, if this one is now */
  accept(node: NodeId, slot: Slot, id: ProposalId, value: string): { readonly first: string } | null {
    const votes = this.#votes[slot] ?? [];
    this.#votes[slot] = votes;
    let vote = votes.find((one) => one.id === id && one.value === value);
    if (vote === undefined) {
      vote = { id, value, by: [] };
      votes.push(vote);
    }
    if (vote.by.includes(node)) return null;
    vote.by.push(node);
    if (!isMajority(vote.by, this.#poolSize)) return null;
    const first = this.#chosen[slot];
    if (first !== undefined) return first === value ? null : { first };
    this.#chosen[slot] = value;
    while (this.#chosen[this.#chosenThrough + 1] !== undefined) this.#chosenThrough++;
    return null;
  }

  /** Whether this acceptor's disk ever held this proposal. */
  hasAccepted(node: NodeId, slot: Slot, id: ProposalId, value: string): boolean {
    const vote = this.#votes[slot]?.find((one) => one.id === id && one.value === value);
    return vote?.by.includes(node) ?? false;
  }
}
