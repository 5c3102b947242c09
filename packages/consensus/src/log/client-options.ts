import type { NodeId } from "../core/participant.js";
import type { Cost, Slot } from "./messages.js";

/** Everything a client of the log needs to know. */
export interface LogClientOptions {
  readonly proposers: readonly NodeId[];
  readonly learners: readonly NodeId[];
  readonly timing?: Partial<ClientTiming>;
  readonly limits?: Partial<ClientLimits>;
}

export interface ClientTiming {
  /** How long one proposer or learner may take to answer before another one is asked, in milliseconds. */
  readonly attemptMs: number;
  /** The wait before the next attempt where nobody is known who could help. */
  readonly retryMs: number;
}

export interface ClientLimits {
  /** Requests that are not answered; more are refused. */
  readonly requests: number;
  readonly submissionsInFlight: number;
  /** Values in one submission at most, ... */
  readonly submissionEntries: number;
  /** ... and their length. */
  readonly submissionCharacters: number;
}

export const CLIENT_TIMING: ClientTiming = { attemptMs: 1000, retryMs: 50 };

export const CLIENT_LIMITS: ClientLimits = {
  requests: 10_000,
  submissionsInFlight: 8,
  submissionEntries: 1000,
  submissionCharacters: 512 * 1024,
};

/** A leader without quorum says so this often, per proposer that one could ask instead, before the client believes it. */
export const REFUSALS_A_PROPOSER = 3;

/** What a client is asked. Every request ends within its own time, in milliseconds. */
export type LogRequest =
  /** Put this value into the log. It may be put in more than once: what it does must not depend on how often. */
  | { readonly kind: "submit"; readonly value: string; readonly timeoutMs: number }
  /** Ask a learner that has applied `atLeast`; for a strong read, everything that was decided when it began as well. */
  | {
      readonly kind: "query";
      readonly query: string;
      readonly strong: boolean;
      readonly atLeast: Slot | 0;
      readonly timeoutMs: number;
    };

/**
 * Why a request certainly had no effect. `no-leader`: no proposer leads, or none is reached. `no-quorum`: the leader
 * reaches no majority of the acceptors. `no-learner`: no learner answers. `not-caught-up`: none is far enough.
 */
export type RefusalReasonOfLog = "no-leader" | "no-quorum" | "overloaded" | "no-learner" | "not-caught-up";

export type LogOutcome =
  | { readonly kind: "applied"; readonly slot: Slot; readonly result: string; readonly cost: Cost }
  | {
      readonly kind: "answered";
      readonly slot: Slot | 0;
      readonly answer: string;
      readonly learner: NodeId;
      readonly cost: Cost;
    }
  | { readonly kind: "refused"; readonly reason: RefusalReasonOfLog }
  /** It was sent, and nobody told in time what became of it: it may have happened, and may yet. */
  | { readonly kind: "unknown" };
