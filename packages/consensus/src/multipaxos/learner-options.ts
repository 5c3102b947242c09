import type { NodeId } from "../core/participant.js";
import type { LogApplication } from "../log/application.js";
import type { Slot } from "../log/messages.js";
import type { SnapshotLimits } from "../log/snapshot-pace.js";

/** Everything a learner of the log needs to know. */
export interface LogLearnerOptions {
  readonly name: NodeId;
  /** Every acceptor: majorities are counted against all of them. */
  readonly acceptors: readonly NodeId[];
  /** The other learners. */
  readonly peers: readonly NodeId[];
  /** The acceptor in the same process, where there is one: what is decided can be read there. */
  readonly acceptor?: NodeId;
  /** What the decided values are applied to; new, or as its last snapshot left it. */
  readonly application: LogApplication;
  readonly timing?: Partial<LearnerTiming>;
  readonly limits?: Partial<LearnerLimits>;
}

export interface LearnerTiming {
  /** How long a learner that lacks something waits for the leader before it asks others, and between two questions. */
  readonly catchUpMs: number;
}

export interface LearnerLimits extends SnapshotLimits {
  /** Applied values that are kept for peers that lag; older ones only as long as no snapshot holds them. */
  readonly keptEntries: number;
  readonly keptCharacters: number;
  /** How far beyond the last applied slot decisions are kept that wait for those before them. */
  readonly aheadEntries: number;
  /** Questions that wait for a slot; more are refused. */
  readonly waitingQueries: number;
  /** The answers to one message, in characters, unless the first alone is longer. What finds no room is asked again. */
  readonly answerCharacters: number;
  /** Values in one answer to a peer at most, ... */
  readonly syncEntries: number;
  /** ... and their length. */
  readonly syncCharacters: number;
}

export const LEARNER_TIMING: LearnerTiming = { catchUpMs: 100 };

export const LEARNER_LIMITS: LearnerLimits = {
  snapshotCharacters: 8 * 1024 * 1024,
  snapshotGrowth: 1,
  keptEntries: 10_000,
  keptCharacters: 8 * 1024 * 1024,
  aheadEntries: 20_000,
  waitingQueries: 10_000,
  answerCharacters: 512 * 1024,
  syncEntries: 1000,
  syncCharacters: 512 * 1024,
};

/** What a learner makes durable: the state up to a slot, in place of every earlier one. */
export interface LearnerWrite {
  readonly kind: "snapshot";
  readonly through: Slot;
  readonly pieces: readonly string[];
}
