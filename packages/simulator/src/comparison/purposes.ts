import type { LogMessage, NodeId } from "@synod/consensus";
import type { Action } from "../world/world-event.js";

/** What a message is for. Answers are for what they answer. */
export const PURPOSES = {
  writes: "to put what clients write into the log, to say that it is decided, and to answer",
  "strong reads": "to confirm that a leader leads before it lets clients read, to read, and to answer",
  elections: "to stand, and to answer those that do",
  heartbeats: "to say that a leader lives, and to hear that others do, with nothing new in it",
  "catching up":
    "to bring along those that lack what others have, by entries or snapshots, and to forget what all have",
} as const;

export type Purpose = keyof typeof PURPOSES;

type Cause = Action["kind"] | null;

/** Of most kinds all messages have one purpose. */
const BY_KIND: Readonly<Record<string, Purpose>> = {
  submit: "writes",
  submitted: "writes",
  "read-barrier": "strong reads",
  "read-barrier-passed": "strong reads",
  "read-barrier-refused": "strong reads",
  query: "strong reads",
  "query-answer": "strong reads",
  "query-refused": "strong reads",
  "request-vote": "elections",
  vote: "elections",
  "prepare-log": "elections",
  "promise-log": "elections",
  "prepare-log-ignored": "elections",
  heartbeat: "heartbeats",
  "heartbeat-heard": "heartbeats",
};

/** Messages under way, to know what their answers answer, at most: of older ones no answer comes any more. */
const MOST_REMEMBERED = 1_000;

/**
 * Follows what is sent, to say of each message what it is for. Messages that may carry something or nothing are told apart
 * by what they carry; those that carry nothing, by whether time made a leader send them.
 */
export class Purposes {
  readonly #asked = new Map<string, Purpose>();
  /** By leader of Raft and follower: the last number that a message had. */
  readonly #rounds = new Map<string, string>();

  /** @param cause what was done to the sender just now */
  of(from: NodeId, to: NodeId, message: LogMessage, cause: Cause): Purpose {
    switch (message.type) {
      case "append-entries": {
        const { term, sequence, previousIndex, entries } = message;
        const isNewRound = this.#isNewRound(`${from} ${to}`, `${term} ${sequence}`);
        const ofNothing = cause === "timeout" ? "heartbeats" : isNewRound ? "strong reads" : "writes";
        const purpose = entries.length > 0 ? "writes" : ofNothing;
        return this.#remember(`append ${to} ${term} ${sequence} ${previousIndex}`, purpose);
      }
      case "appended": {
        const { term, sequence, previousIndex } = message;
        return this.#asked.get(`append ${from} ${term} ${sequence} ${previousIndex}`) ?? "heartbeats";
      }
      case "accept-log": {
        if (message.entries.length > 0) return "writes";
        const purpose = cause === "timeout" ? "heartbeats" : "strong reads";
        return this.#remember(`accept ${from} ${to} ${message.id} ${message.sequence}`, purpose);
      }
      case "accepted-log": {
        if (message.instances.length > 0) return "writes";
        return this.#asked.get(`accept ${to} ${from} ${message.id} ${message.sequence}`) ?? "heartbeats";
      }
      case "accept-log-ignored":
        return "elections";
      case "learn": {
        const carries = message.values.length > 0 || (message.atAcceptor ?? 0) > 0;
        return this.#remember(`learn ${from} ${to} ${message.number}`, carries ? "writes" : "heartbeats");
      }
      case "learned":
        return this.#asked.get(`learn ${to} ${from} ${message.number}`) ?? "heartbeats";
      default:
        return BY_KIND[message.type] ?? "catching up";
    }
  }

  /** A new number begins the round of a strong read; under an old one a follower is told what is committed. */
  #isNewRound(link: string, round: string): boolean {
    const isNew = this.#rounds.get(link) !== round;
    this.#rounds.set(link, round);
    return isNew;
  }

  #remember(message: string, purpose: Purpose): Purpose {
    this.#asked.delete(message);
    this.#asked.set(message, purpose);
    if (this.#asked.size > MOST_REMEMBERED) {
      for (const [oldest] of this.#asked) {
        this.#asked.delete(oldest);
        break;
      }
    }
    return purpose;
  }
}
