import type { NodeId } from "../core/participant.js";
import type { Chance } from "../core/random.js";

/** Everything a log proposer needs to know. */
export interface LogProposerOptions {
  readonly name: NodeId;
  /** Its place among the ids of a round, 1..15; no two proposers have the same (Paxos Made Simple §2.5). */
  readonly index: number;
  /** Every acceptor: majorities are counted against all of them. */
  readonly acceptors: readonly NodeId[];
  /** The other proposers. */
  readonly rivals: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /**
   * The learner that is nearest, such as the one in the same process: while it keeps up, it alone is asked what came of
   * the values. Default: all are asked, and the first answer counts.
   */
  readonly reporter?: NodeId;
  /** Learners beside which there is an acceptor, in the same process: they find there what was accepted. Default: none. */
  readonly besideAcceptors?: readonly NodeId[];
  readonly chance: Chance;
  readonly timing?: Partial<ProposerTiming>;
  readonly limits?: Partial<ProposerLimits>;
}

export interface ProposerTiming {
  /** How often a leader says that it leads, and looks what must be sent again. */
  readonly heartbeatMs: number;
  /** How long a proposer hears no leader before it wants to lead: this, and up to as much again at random. */
  readonly electionTimeoutMs: number;
  /** The same at its start, where a cluster is known to have no leader yet. Default: no other than later. */
  readonly firstElectionMs?: number;
  /** How long it waits at most where the leader's process is known to be gone. */
  readonly hasteMs: number;
  /** How long a leader may wait before it tells learners what is decided, where the reporter says what comes of it. */
  readonly tellMs: number;
}

export interface ProposerLimits {
  /** Values in one accept at most, ... */
  readonly batchEntries: number;
  /** ... and their length. */
  readonly batchCharacters: number;
  /** Batches that wait for their majority at a time. */
  readonly batchesInFlight: number;
  /** Values that wait for a batch; more are refused. */
  readonly queuedEntries: number;
  readonly queuedCharacters: number;
  /** Strong reads that wait for their confirmation; more are refused. */
  readonly waitingReads: number;
  /** Decided values that are kept for learners that lag behind; those who lag more ask each other. */
  readonly keptEntries: number;
  readonly keptCharacters: number;
  /** Slots below the last snapshot that acceptors keep, for learners that lag a little. */
  readonly keptBelowSnapshot: number;
}

export const PROPOSER_TIMING: ProposerTiming = { heartbeatMs: 100, electionTimeoutMs: 600, hasteMs: 40, tellMs: 5 };

export const PROPOSER_LIMITS: ProposerLimits = {
  batchEntries: 1000,
  batchCharacters: 512 * 1024,
  batchesInFlight: 2,
  queuedEntries: 10_000,
  queuedCharacters: 16 * 1024 * 1024,
  waitingReads: 10_000,
  keptEntries: 20_000,
  keptCharacters: 16 * 1024 * 1024,
  keptBelowSnapshot: 50,
};

/** Options with every choice made. */
export interface ProposerSettings extends LogProposerOptions {
  readonly timing: ProposerTiming;
  readonly limits: ProposerLimits;
}

export function proposerSettings(options: LogProposerOptions): ProposerSettings {
  return {
    ...options,
    timing: { ...PROPOSER_TIMING, ...options.timing },
    limits: { ...PROPOSER_LIMITS, ...options.limits },
  };
}
