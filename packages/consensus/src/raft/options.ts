import type { NodeId } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import type { LogApplication } from "../log/application.js";
import type { SnapshotLimits } from "../log/snapshot-pace.js";

/** Everything a Raft server needs to know. */
export interface RaftOptions {
  readonly name: NodeId;
  /** The voters when the cluster was made; what the log says later counts more. A server that is added later has none. */
  readonly voters: readonly NodeId[];
  /** What the committed values are applied to; new, or as its last snapshot left it. */
  readonly application: LogApplication;
  readonly chance: Chance;
  readonly timing?: Partial<RaftTiming>;
  readonly limits?: Partial<RaftLimits>;
}

export interface RaftTiming {
  /** How often a leader says that it leads, and looks what must be sent again, in milliseconds. */
  readonly heartbeatMs: number;
  /**
   * The least time, in milliseconds, that a server hears no leader before it wants to lead: this, and up to as much again
   * at random (§3.4). A leader that hears no majority for so long steps down (§6.2).
   */
  readonly electionTimeoutMs: number;
}

export interface RaftLimits extends SnapshotLimits {
  /** Entries in one message at most, ... */
  readonly batchEntries: number;
  /** ... and the length of their values. */
  readonly batchCharacters: number;
  /** Messages with entries that one follower has not answered. */
  readonly batchesInFlight: number;
  /** Entries that a leader has put into its log and that are not committed; more wait in a queue. */
  readonly uncommittedEntries: number;
  /** Values that wait in the queue; more are refused. */
  readonly queuedEntries: number;
  readonly queuedCharacters: number;
  /** Strong reads that wait for their confirmation; more are refused. */
  readonly waitingReads: number;
  /** Entries that are kept below the last snapshot, for followers that lag a little, ... */
  readonly keptEntries: number;
  /** ... and their length. */
  readonly keptCharacters: number;
  /** Questions that wait for an entry to be applied; more are refused. */
  readonly waitingQueries: number;
  /** The answers to one message, in characters, unless the first alone is longer. */
  readonly answerCharacters: number;
  /** How often a server that is added may be behind at the end of a round before it is given up (§4.2.1). */
  readonly catchUpRounds: number;
}

export const RAFT_TIMING: RaftTiming = { heartbeatMs: 60, electionTimeoutMs: 300 };

export const RAFT_LIMITS: RaftLimits = {
  batchEntries: 1000,
  batchCharacters: 512 * 1024,
  batchesInFlight: 4,
  uncommittedEntries: 4000,
  queuedEntries: 10_000,
  queuedCharacters: 16 * 1024 * 1024,
  waitingReads: 10_000,
  snapshotCharacters: 8 * 1024 * 1024,
  snapshotGrowth: 1,
  keptEntries: 10_000,
  keptCharacters: 8 * 1024 * 1024,
  waitingQueries: 10_000,
  answerCharacters: 512 * 1024,
  catchUpRounds: 10,
};

/** Options with every choice made. */
export interface RaftSettings extends RaftOptions {
  readonly timing: RaftTiming;
  readonly limits: RaftLimits;
}

export function raftSettings(options: RaftOptions): RaftSettings {
  return {
    ...options,
    timing: { ...RAFT_TIMING, ...options.timing },
    limits: { ...RAFT_LIMITS, ...options.limits },
  };
}
