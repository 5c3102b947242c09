import type { NodeId } from "../core/participant.js";
import type { Query, Slot } from "./messages.js";

/** A question, who asked it, and the timer that bounds its wait. */
export interface WaitingQuery {
  readonly from: NodeId;
  readonly query: Query;
  readonly timer: string;
}

const TIMER = "query ";

/** Questions that wait until enough is applied. */
export class WaitingQueries {
  readonly #byTimer = new Map<string, WaitingQuery>();
  #count = 0;

  get size(): number {
    return this.#byTimer.size;
  }

  add(from: NodeId, query: Query): WaitingQuery {
    const waiting = { from, query, timer: `${TIMER}${++this.#count}` };
    this.#byTimer.set(waiting.timer, waiting);
    return waiting;
  }

  /** Takes out all that can be answered now. */
  takeReady(appliedThrough: Slot | 0): WaitingQuery[] {
    if (this.#byTimer.size === 0) return [];
    const ready = [...this.#byTimer.values()].filter(({ query }) => query.atLeast <= appliedThrough);
    for (const { timer } of ready) this.#byTimer.delete(timer);
    return ready;
  }

  /** Takes out the one whose time is up. @returns null for a timer that belongs to none */
  takeExpired(timer: string): WaitingQuery | null {
    const waiting = this.#byTimer.get(timer) ?? null;
    this.#byTimer.delete(timer);
    return waiting;
  }
}
