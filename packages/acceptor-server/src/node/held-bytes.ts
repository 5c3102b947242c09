import type { Socket } from "node:net";

/** Bytes from which on a body or an answer is counted: below it, the bound on their number bounds them, too. */
export const LARGE_BYTES = 16 * 1024;

/** An exchange, as far as matters here: Node's responses are such. */
export interface HeldExchange {
  /** Whether the last byte of the answer has left. */
  readonly writableFinished: boolean;
  readonly req: { readonly socket: Socket };
}

/**
 * The bytes of large bodies or answers that are in memory because their exchange has not ended. An exchange ends when the
 * last byte of its answer has left, or its connection is gone; that is looked up when it matters, so that nothing has to
 * be told here.
 */
export class HeldBytes {
  readonly #most: number;
  readonly #held = new Map<HeldExchange, number>();
  #sum = 0;

  /** @param most bytes of all together at most */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is held, and may in part have ended since somebody looked last. */
  get sum(): number {
    return this.#sum;
  }

  hasRoomFor(bytes: number): boolean {
    if (this.#sum + bytes > this.#most) this.#forgetEnded();
    return this.#sum + bytes <= this.#most;
  }

  add(response: HeldExchange, bytes: number): void {
    this.#held.set(response, (this.#held.get(response) ?? 0) + bytes);
    this.#sum += bytes;
  }

  /** Takes out exchanges, the oldest first, until there is room for so many bytes. */
  takeOldest(bytes: number): HeldExchange[] {
    const taken: HeldExchange[] = [];
    for (const [response, held] of this.#held) {
      if (this.hasRoomFor(bytes)) break;
      if (!this.#held.delete(response)) continue;
      this.#sum -= held;
      taken.push(response);
    }
    return taken;
  }

  #forgetEnded(): void {
    for (const [response, held] of this.#held) {
      if (!response.writableFinished && !response.req.socket.destroyed) continue;
      this.#held.delete(response);
      this.#sum -= held;
    }
  }
}
