import { invariant } from "@synod/consensus";

/**
 * How much the session table holds. These decide when a session expires, and so what comes of commands: they are part
 * of what must be equal at all replicas of a cluster, today and when it is upgraded. A snapshot names them.
 */
export interface SessionLimits {
  /** Sessions that live at a time. */
  readonly sessions: number;
  /** Replies kept, of all sessions together. */
  readonly replies: number;
  /** The length of these replies together, in characters; the last one may exceed it. A session has half of it at most. */
  readonly replyCharacters: number;
  /** How far the sequences of a session may run ahead of its first one that is not acknowledged. */
  readonly sequencesAhead: number;
}

export const SESSION_LIMITS: SessionLimits = {
  sessions: 10_000,
  replies: 100_000,
  replyCharacters: 64 * 1024 * 1024,
  sequencesAhead: 1024,
};

/** These limits, and the usual ones where none are named. */
export function sessionLimits(named: Partial<SessionLimits> = {}): SessionLimits {
  const limits = { ...SESSION_LIMITS, ...named };
  const all = Object.values(limits);
  invariant(
    all.every((limit) => Number.isSafeInteger(limit) && limit >= 1),
    "each limit of the session table is an integer of 1 or more",
  );
  return limits;
}
