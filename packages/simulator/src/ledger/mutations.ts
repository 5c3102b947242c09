import { type Block, Ledger, ReplicatedState, type StateMachine, type UnderstoodCommand } from "@synod/state-machines";
import type { Mutation } from "../campaign/protocol.js";
import { refusingWhatIsUnknown } from "../multipaxos/flawed-gateways.js";
import { applyingAcrossGaps, carryingOutCopies } from "../multipaxos/flawed-learners.js";
import {
  answeringGetsBeside,
  believingAnyNonce,
  comparingKeysAsWritten,
  forgettingHead,
  hashingNoOperation,
  linkingStale,
  stampingWhenApplied,
} from "./flawed-ledgers.js";
import type { LedgerParts } from "./parts.js";

/** A flaw to plant in a ledger. Those of the log under it are the ones of the replicated store. */
export type LedgerMutation = Mutation<LedgerParts>;

export const LEDGER_MUTATIONS: readonly LedgerMutation[] = [
  {
    name: "keeps-promises-in-memory",
    sentence: "A server that restarts has forgotten what it promised, and what it accepted.",
    plant: (parts) => ({ ...parts, acceptor: (_, options) => parts.acceptor([], options) }),
  },
  {
    name: "never-catches-up",
    sentence: "A server that missed something passes over it, and links its next block to the last one it has.",
    plant: (parts) => ({
      ...parts,
      learner: (disk, options) => applyingAcrossGaps(parts.learner(disk, options)),
    }),
  },
  {
    name: "chains-copies",
    sentence: "A request that comes again makes another block.",
    plant: (parts) => ({
      ...parts,
      state: (limits, difficulty, tell) =>
        carryingOutCopies(new Ledger({ difficulty }), { limits, observer: { applied: (_, blocks) => tell(blocks) } }),
    }),
  },
  {
    name: "hashes-no-operation",
    sentence: "The hash of a block does not cover its operation.",
    plant: (parts) => withLedger(parts, hashingNoOperation),
  },
  {
    name: "links-stale-head",
    sentence: "A block names the hash of the one that was the last when its request came.",
    plant: (parts) => withLedger(parts, linkingStale),
  },
  {
    name: "gets-beside-chain",
    sentence: "A get is answered from the map, and is no block.",
    plant: (parts) => withLedger(parts, answeringGetsBeside),
  },
  {
    name: "believes-any-nonce",
    sentence: "A command becomes a block though its nonce proves nothing.",
    plant: (parts) => withLedger(parts, believingAnyNonce),
  },
  {
    name: "stamps-when-applied",
    sentence: "Each server puts the time into a block at which it carries the command out.",
    plant: (parts) => withLedger(parts, stampingWhenApplied),
  },
  {
    name: "forgets-head",
    sentence: "A snapshot is restored without the head of its chain, and the next block is the first again.",
    plant: (parts) => withLedger(parts, forgettingHead),
  },
  {
    name: "compares-keys-as-written",
    sentence: "Keys that are equal as JSON, and written otherwise, are two.",
    plant: (parts) => withLedger(parts, comparingKeysAsWritten),
  },
  {
    name: "unknown-is-refused",
    sentence: "A server says that a request was refused where nobody knows what became of it.",
    plant: (parts) => ({ ...parts, gateway: (options) => refusingWhatIsUnknown(parts.gateway(options)) }),
  },
];

function withLedger(
  parts: LedgerParts,
  machine: (difficulty: number) => StateMachine<UnderstoodCommand, Block>,
): LedgerParts {
  return {
    ...parts,
    state: (limits, difficulty, tell) =>
      new ReplicatedState(machine(difficulty), { limits, observer: { applied: (_, blocks) => tell(blocks) } }),
  };
}
