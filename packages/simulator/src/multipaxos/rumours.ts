import { type Chance, type Input, type LogMessage, type NodeId, type Ready, START_TIMER } from "@synod/consensus";
import type { LogProposerPart } from "./parts.js";

/** The timer that a host of rumours sets for itself; the proposer knows nothing of it. */
export const RUMOUR_TIMER = "rumour";
/** How many rumours a life of a proposer hears at most: with endless ones nobody would lead for long. */
const MOST_RUMOURS = 8;
/** The time from one to the next at most, in milliseconds: shorter than many crashes, so that some of them are true. */
const MOST_BETWEEN_MS = 200;

type Step = Ready<LogMessage, never>;

/**
 * A proposer whose host now and then says that the process of a rival is gone. It is nothing but chance: sometimes true,
 * mostly wrong. A host sees connections that close, and that proves as little.
 */
export class RumourHearer implements LogProposerPart {
  readonly #proposer: LogProposerPart;
  readonly #rivals: readonly NodeId[];
  readonly #chance: Chance;
  #left: number;

  constructor(proposer: LogProposerPart, rivals: readonly NodeId[], chance: Chance) {
    this.#proposer = proposer;
    this.#rivals = rivals;
    this.#chance = chance;
    this.#left = rivals.length === 0 ? 0 : chance.below(MOST_RUMOURS + 1);
  }

  get state() {
    return this.#proposer.state;
  }

  step(input: Input<LogMessage>): Step {
    const isRumour = input.kind === "timeout" && input.timer === RUMOUR_TIMER;
    const ready = this.#proposer.step(isRumour ? this.#rumour() : input) as Step;
    const isTime = isRumour || (input.kind === "timeout" && input.timer === START_TIMER);
    if (!isTime || this.#left === 0) return ready;
    this.#left--;
    const afterMs = 1 + this.#chance.below(MOST_BETWEEN_MS);
    return { ...ready, timers: [...ready.timers, { timer: RUMOUR_TIMER, afterMs }] };
  }

  #rumour(): Input<LogMessage> {
    const from = this.#rivals[this.#chance.below(this.#rivals.length)] ?? "";
    return { kind: "message", from, message: { type: "gone" } };
  }
}
