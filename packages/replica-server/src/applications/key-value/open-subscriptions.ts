import type { SseStream } from "@synod/acceptor-server";

/** Subscriptions that ended are remembered, the last so many of them. */
const MOST_ENDED = 10_000;

/** The streams of each subscription at this server, and which subscriptions have ended. */
export class OpenSubscriptions {
  readonly #streams = new Map<string, Set<SseStream>>();
  readonly #ended = new Set<string>();

  /** Streams that are open. */
  get count(): number {
    let count = 0;
    for (const streams of this.#streams.values()) count += streams.size;
    return count;
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  add(id: string, stream: SseStream): void {
    const streams = this.#streams.get(id) ?? new Set();
    this.#streams.set(id, streams.add(stream));
    stream.closed.then(() => {
      streams.delete(stream);
      if (streams.size === 0) this.#streams.delete(id);
    });
  }

  /** Ends the subscription, and every stream of it here. */
  end(id: string): void {
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    for (const stream of this.#streams.get(id) ?? []) stream.close();
  }
}
