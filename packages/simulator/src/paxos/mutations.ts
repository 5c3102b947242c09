import { type Accepted, type Input, type LearnerState, Proposer, type ProposerOptions } from "@synod/consensus";
import type { Mutation } from "../campaign/protocol.js";
import {
  changingOutputs,
  ForgettingAcceptor,
  onlyPromises,
  readingDiskAs,
  YieldingAcceptor,
} from "./flawed-acceptors.js";
import { countingStalePromises, mostFrequent, type Pick, PickingProposer, waitingForEver } from "./flawed-proposers.js";
import type { Parts } from "./parts.js";

/**
 * A flaw to plant, so that the checks can show that they find it: the real roles with something put between them and
 * their host, or something taken away from them. Servers do not import this package, and so can never have one.
 */
export type PaxosMutation = Mutation<Parts>;

export const PAXOS_MUTATIONS: readonly PaxosMutation[] = [
  {
    name: "forgets-promise",
    sentence: "An acceptor that restarts remembers what it accepted, and none of its promises.",
    plant: (parts) => readingDiskAs(parts, (disk) => disk.filter(({ kind }) => kind !== "promised")),
  },
  {
    name: "forgets-accepted",
    sentence: "An acceptor that restarts remembers its promises, and nothing that it accepted.",
    plant: (parts) => readingDiskAs(parts, (disk) => onlyPromises(disk)),
  },
  {
    name: "answers-before-write",
    sentence: "An acceptor answers at once, and writes to its disk meanwhile.",
    plant: (parts) => ({
      ...parts,
      acceptor: (disk, options) =>
        changingOutputs(parts.acceptor(disk, options), (ready) => ({
          ...ready,
          messages: ready.messages.map((message) => ({ ...message, beforeWrites: true })),
        })),
    }),
  },
  {
    name: "answers-failed-write",
    sentence: "An acceptor whose disk takes no writes answers all the same.",
    plant: (parts) => ({
      ...parts,
      acceptor: (disk, options) =>
        changingOutputs(parts.acceptor(disk, options), (ready) => ({ ...ready, writes: [] })),
    }),
  },
  {
    name: "keeps-nothing-accepted",
    sentence: "An acceptor answers that it accepted, and keeps nothing of it.",
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => new ForgettingAcceptor(disk, options) }),
  },
  {
    name: "ignores-prepare-check",
    sentence: "An acceptor promises any id, also one below an earlier promise.",
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => new YieldingAcceptor("prepare", disk, options) }),
  },
  {
    name: "ignores-accept-check",
    sentence: "An acceptor accepts any id, also one below its promise.",
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => new YieldingAcceptor("accept", disk, options) }),
  },
  {
    name: "skips-promise-quorum",
    sentence: "A proposer goes on to its accepts with the promises of a minority.",
    plant: (parts) => withProposerOptions(parts, { unsafeMinority: true }),
  },
  {
    name: "counts-stale-promises",
    sentence: "A proposer counts promises that were made for an earlier id of its own.",
    plant: (parts) => ({
      ...parts,
      proposer: (disk, options) => countingStalePromises(realProposer(parts, disk, options)),
    }),
  },
  {
    name: "drops-found-value",
    sentence: "A proposer proposes its client's value, whatever the promises report.",
    plant: (parts) => picking(parts, () => null),
  },
  {
    name: "takes-first-value",
    sentence: "A proposer takes the first value that a promise reports instead of the highest id's.",
    plant: (parts) => picking(parts, ([first]) => first ?? null),
  },
  {
    name: "takes-most-frequent-value",
    sentence: "A proposer takes the value that most promises report instead of the highest id's.",
    plant: (parts) => picking(parts, mostFrequent),
  },
  {
    name: "reuses-id",
    sentence: "A proposer that restarts begins with its first id again.",
    plant: (parts) => ({ ...parts, proposer: (_, options) => parts.proposer([], options) }),
  },
  {
    name: "sets-no-timer",
    sentence: "A proposer waits for every answer, however long: one lost message, and it waits for ever.",
    plant: (parts) => ({ ...parts, proposer: (disk, options) => waitingForEver(parts.proposer(disk, options)) }),
  },
  {
    name: "quorum-of-half",
    sentence: "A proposer takes exactly half of the pool for a majority.",
    settings: { acceptors: 4 },
    plant: (parts) =>
      withProposerOptions(parts, { isQuorum: (nodes, poolSize) => new Set(nodes).size * 2 >= poolSize }),
  },
  {
    name: "learner-counts-twice",
    sentence: "A learner counts an acceptor as often as it hears from it.",
    plant: (parts) => hearing(parts, (input, heard) => ({ ...input, from: `${input.from}, again ${heard}` })),
  },
  {
    name: "learner-mixes-ids",
    sentence: "A learner adds up acceptances of one value under different ids.",
    plant: (parts) => hearing(parts, (input) => ({ ...input, message: { ...input.message, id: 0 } })),
  },
  {
    name: "tells-no-learner",
    sentence: "Acceptors tell nobody but the proposer what they accepted, so that no learner ever learns.",
    plant: (parts) => ({ ...parts, acceptor: (disk) => parts.acceptor(disk, {}) }),
  },
];

function withProposerOptions(parts: Parts, more: Partial<ProposerOptions>): Parts {
  return { ...parts, proposer: (disk, options) => parts.proposer(disk, { ...options, ...more }) };
}

function picking(parts: Parts, pick: Pick): Parts {
  return {
    ...parts,
    proposer: (disk, options) => new PickingProposer(realProposer(parts, disk, options), options, pick),
  };
}

/** The real one, for a flaw that needs to look into its state. */
function realProposer(parts: Parts, ...[disk, options]: Parameters<Parts["proposer"]>): Proposer {
  const proposer = parts.proposer(disk, options);
  if (!(proposer instanceof Proposer)) throw new TypeError("this flaw is planted in the real proposer only");
  return proposer;
}

type Hearing = Extract<Input<Accepted, string>, { kind: "message" }>;

/** A learner that hears everything in other words. @param change is told what was heard, and how many voters so far */
function hearing(parts: Parts, change: (input: Hearing, heard: number) => Hearing): Parts {
  return {
    ...parts,
    learner: (poolSize) => {
      const learner = parts.learner(poolSize);
      const votersOf = ({ tallies }: LearnerState) => tallies.flatMap(({ acceptors }) => acceptors).length;
      return {
        step: (input) => learner.step(input.kind === "message" ? change(input, votersOf(learner.state)) : input),
        get state() {
          return learner.state;
        },
      };
    },
  };
}
