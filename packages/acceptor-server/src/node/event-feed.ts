import type { ProposalId } from "@synod/consensus";
import type { FastifyReply } from "fastify";
import { SseStream } from "./sse-stream.js";

/** A message that a role sends, for those who watch the cluster. */
export interface SentMessage {
  /** Who sends it; default: the role whose feed it is. */
  readonly from?: string;
  readonly to: string;
  /** The message's own `type`. */
  readonly type: string;
  readonly id?: ProposalId;
  /** Of a message between servers of Raft. */
  readonly term?: number;
  /** The first and the last slot that it is about. */
  readonly slots?: readonly [first: number, last: number];
  /** Of how many entries, values or requests it speaks. */
  readonly count?: number;
  /** Whether it answers another message. */
  readonly reply: boolean;
}

/**
 * What one role sends, for everybody who watches `GET /events`. Each role tells what it sends and not what it hears, so
 * that all feeds of a cluster together have each message once.
 */
export class EventFeed {
  readonly #name: string;
  readonly #onWatchers: (count: number) => void;
  readonly #streams = new Set<SseStream>();

  /**
   * @param name the role's name, such as `acceptor1`
   * @param onWatchers hears how many watch, whenever that changes
   */
  constructor(name: string, onWatchers: (count: number) => void = () => {}) {
    this.#name = name;
    this.#onWatchers = onWatchers;
  }

  /** Whether anybody watches: what is costly to tell need not be worked out otherwise. */
  get isWatched(): boolean {
    return this.#streams.size > 0;
  }

  /** Tells of a message that leaves now. While nobody watches this costs nothing. */
  record(message: SentMessage): void {
    if (this.#streams.size === 0) return;
    this.relay(JSON.stringify({ at: new Date().toISOString(), from: this.#name, ...message }));
  }

  /** Tells of a message in the words of another role's feed. @param data what that feed gave as its event's data */
  relay(data: string): void {
    if (this.#streams.size === 0) return;
    const text = SseStream.encode({ event: "message", data });
    for (const stream of this.#streams) stream.sendEncoded(text);
  }

  /**
   * Answers a request with what is sent from now on.
   *
   * @throws {NotServed} as `SseStream.open`
   */
  open(reply: FastifyReply): void {
    const stream = SseStream.open(reply);
    this.#streams.add(stream);
    this.#onWatchers(this.#streams.size);
    stream.closed.then(() => {
      this.#streams.delete(stream);
      this.#onWatchers(this.#streams.size);
    });
  }
}
