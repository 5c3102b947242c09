/** The name of a node, as the host knows it. A host may name whoever asked something, a client included. */
export type NodeId = string;

/**
 * What a participant can be told: a message, a timer that went off, a command to propose, and that everything it wrote up to
 * a mark of its own is durable.
 */
export type Input<M, C = never> =
  | { readonly kind: "message"; readonly from: NodeId; readonly message: M }
  | { readonly kind: "timeout"; readonly timer: string }
  | { readonly kind: "propose"; readonly requestId: string; readonly command: C }
  | { readonly kind: "durable"; readonly mark: number };

/** A message on its way out. */
export interface Outgoing<M> {
  readonly to: NodeId;
  readonly message: M;
  /**
   * The protocol allows this one to leave before the writes are durable (a Raft leader's replication, thesis §10.2.1).
   * Everything else waits.
   */
  readonly beforeWrites?: true;
}

/**
 * What one step asks of the host. The driver keeps the order: writes are made durable first, then messages and replies
 * leave, then decided commands are applied in the order of their slots.
 */
export interface Ready<M, W, C = never, R = never> {
  readonly writes: readonly W[];
  /** May be lost, repeated and reordered on their way. */
  readonly messages: readonly Outgoing<M>[];
  readonly replies: readonly { readonly requestId: string; readonly reply: R }[];
  /** Timers to set (in milliseconds from now) or to take back (null). One timer a name. */
  readonly timers: readonly { readonly timer: string; readonly afterMs: number | null }[];
  readonly decided: readonly { readonly slot: number; readonly command: C }[];
  /**
   * The participant wants to be told, by an input of this mark, when every write of this step and all before is durable: a
   * Raft leader counts its own copy of an entry only then (thesis §10.2.1), a candidate its own vote.
   */
  readonly mark?: number | undefined;
}

/**
 * A protocol role as a deterministic state machine: no clock, no randomness but a seeded generator that was given to
 * it, no await. The same inputs give the same outputs, in a server, in a simulator and in a page.
 *
 * M: its messages, W: its durable writes, C: its commands, R: its replies.
 */
export interface Participant<M, W, C = never, R = never> {
  /** Takes one input. Changes the state at once; what it returns must wait for the disk, which is the driver's work. */
  step(input: Input<M, C>): Ready<M, W, C, R>;
  /** Plain data: it can be cloned, compared and printed. What must survive a crash is rebuilt by folding the writes. */
  readonly state: unknown;
}

const NOTHING: readonly never[] = [];
/** What most inputs come to where many are gathered before anything is done. */
export const NOTHING_AT_ALL: Ready<never, never> = {
  writes: NOTHING,
  messages: NOTHING,
  replies: NOTHING,
  timers: NOTHING,
  decided: NOTHING,
};

/** A step's outputs, with nothing in the places that are not named. Of steps that ask for nothing it is always the same object. */
export function ready<M, W, C = never, R = never>(
  parts: {
    readonly [Part in keyof Ready<M, W, C, R>]?: Ready<M, W, C, R>[Part] | undefined;
  },
): Ready<M, W, C, R> {
  const { writes = NOTHING, messages = NOTHING, replies = NOTHING, timers = NOTHING, decided = NOTHING, mark } = parts;
  const isNothing =
    writes === NOTHING && messages === NOTHING && replies === NOTHING && timers === NOTHING && decided === NOTHING;
  if (isNothing && mark === undefined) return NOTHING_AT_ALL;
  // Nearly every step makes one of these, and spread out of an object it would take about twice as long.
  if (mark === undefined) return { writes, messages, replies, timers, decided };
  return { writes, messages, replies, timers, decided, mark };
}
