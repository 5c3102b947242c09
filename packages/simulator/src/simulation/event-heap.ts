import type { Microseconds } from "../faults/fault.js";

interface Entry<T> {
  readonly atUs: Microseconds;
  readonly order: number;
  readonly job: T;
}

/** What is to happen, earliest first; of what is due at the same time, first what was planned first. */
export class EventHeap<T> {
  readonly #entries: Entry<T>[] = [];
  #planned = 0;

  /** When the next job is due; null if there is none. */
  get nextUs(): Microseconds | null {
    return this.#entries[0]?.atUs ?? null;
  }

  plan(atUs: Microseconds, job: T): void {
    const entries = this.#entries;
    const entry = { atUs, order: this.#planned++, job };
    let place = entries.length;
    entries.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = entries[above] as Entry<T>;
      if (isBefore(parent, entry)) break;
      entries[place] = parent;
      place = above;
    }
    entries[place] = entry;
  }

  /** Takes the next job; undefined if there is none. */
  take(): T | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || first === last) return first?.job;
    const { length } = entries;
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      const right = entries[child + 1];
      if (right !== undefined && isBefore(right, entries[child] as Entry<T>)) child++;
      const smaller = entries[child] as Entry<T>;
      if (isBefore(last, smaller)) break;
      entries[place] = smaller;
      place = child;
    }
    entries[place] = last;
    return first.job;
  }
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.atUs !== other.atUs ? one.atUs < other.atUs : one.order < other.order;
}
