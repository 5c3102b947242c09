import type { NodeId } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import type { Elect, Elected, ElectionNumber, RingId, RingMember } from "./messages.js";
import type { RingTiming } from "./timing.js";

export interface ElectionOptions {
  /** All members, in the order of the ring: each sends to the one after it, the last to the first. */
  readonly ring: readonly RingMember[];
  /** This node's name. */
  readonly own: NodeId;
  /** Whether it begins an election by itself when it starts; else it waits for others to, for a while. */
  readonly starts: boolean;
  readonly timing: Pick<RingTiming, "resendMs" | "patienceMs" | "gatherMs" | "electionMs">;
  readonly chance: Chance;
}

/** Durable before anything is said in this election: an earlier life's election is never entered again. */
export interface ElectionWrite {
  readonly kind: "election";
  readonly election: ElectionNumber;
}

/** A message that the next node has not taken yet. */
interface Passing {
  readonly message: Elect | Elected;
  readonly to: NodeId;
  readonly sent: number;
}

/** Plain data; the number of the election outlives a crash. */
export interface ElectionState {
  /** The latest election that this node takes part in, or knows of; 0 before the first. */
  readonly election: ElectionNumber;
  /** The highest candidate that went through here in this election, its own included; null while it has not taken part. */
  readonly highest: RingId | null;
  /** Who won it, as far as this node knows. */
  readonly leader: RingId | null;
  readonly passing: Passing | null;
  /** Nodes that were heard in this life. */
  readonly heard: readonly NodeId[];
  /** Nodes that took nothing for too long, and were not heard since: they are skipped. */
  readonly skipped: readonly NodeId[];
  /** Whether nodes that were never heard need no longer be waited for. */
  readonly hasGathered: boolean;
  /** Elections that this node held in vain, one after the other. */
  readonly inVain: number;
  /** `elect` and `elected` messages that it has sent, those sent again left out. */
  readonly sent: { readonly elect: number; readonly elected: number };
}
