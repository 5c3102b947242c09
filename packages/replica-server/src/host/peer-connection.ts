import { ERRORS } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import type { LogMessage, NodeId } from "@synod/consensus";
import { noAnswer } from "./no-answer.js";
import type { Hear, Peer } from "./peers.js";

/**
 * Sends one message, as a request, and gives the message that it was answered with; null if the answer means nothing to
 * a participant.
 *
 * @throws {NoAnswer | ProblemAnswer} if there is none
 */
export type Exchange = (message: LogMessage) => Promise<LogMessage | null>;

export interface PeerConnectionOptions {
  /** The peer's name. */
  readonly name: NodeId;
  readonly exchange: Exchange;
  readonly hear: Hear;
  /** Hears of every message when it leaves. */
  readonly onSent?: (message: LogMessage) => void;
  /** Lets go of the connections. */
  readonly onClose?: () => Promise<void>;
  readonly limits?: Partial<PeerLimits>;
}

export interface PeerLimits {
  /** Requests under way at a time. */
  readonly underWay: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
}

const LIMITS: PeerLimits = { underWay: 64, waiting: 10_000 };

/**
 * The connection to one peer. What its sender would repeat anyway is dropped where too much is under way; what somebody
 * waits for takes its turn, and beyond a bound it is said at once that there will be no answer.
 */
export class PeerConnection implements Peer {
  readonly #options: PeerConnectionOptions;
  readonly #limits: PeerLimits;
  readonly #queue: LogMessage[] = [];
  #underWay = 0;
  #isClosed = false;

  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  send(message: LogMessage): void {
    if (this.#underWay < this.#limits.underWay) {
      void this.#exchange(message);
      return;
    }
    const unsent = noAnswer(message, "perhaps");
    if (unsent === null) return;
    if (this.#queue.length < this.#limits.waiting) this.#queue.push(message);
    // Not from inside the step that sends.
    else queueMicrotask(() => this.#hear(unsent));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.length = 0;
    await this.#options.onClose?.();
  }

  async #exchange(message: LogMessage): Promise<void> {
    this.#underWay++;
    this.#options.onSent?.(message);
    let heard: LogMessage | null;
    try {
      heard = await this.#options.exchange(message);
    } catch (error) {
      heard = noAnswer(message, hasNotArrived(error, message) ? "certainly-not" : "perhaps");
    }
    this.#underWay--;
    const next = this.#queue.shift();
    if (next) void this.#exchange(next);
    if (heard) this.#hear(heard);
  }

  #hear(message: LogMessage): void {
    if (!this.#isClosed) this.#options.hear(this.#options.name, message);
  }
}

/** Whether the peer certainly did nothing with the message. Of a question that matters only if nobody listens there. */
function hasNotArrived(error: unknown, { type }: LogMessage): boolean {
  if (error instanceof NoAnswer) return error.reason === "refused";
  return type !== "query" && error instanceof ProblemAnswer && ERRORS[error.problem.code].definite;
}
