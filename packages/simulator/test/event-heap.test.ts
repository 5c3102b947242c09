import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventHeap } from "../src/simulation/event-heap.ts";

/** What a heap must do, the slow way: everything in one array, put in order before each look. */
class SortedArray {
  readonly #jobs: { readonly atUs: number; readonly order: number }[] = [];
  #planned = 0;

  plan(atUs: number): void {
    this.#jobs.push({ atUs, order: this.#planned++ });
    this.#jobs.sort((one, other) => one.atUs - other.atUs || one.order - other.order);
  }

  get nextUs(): number | null {
    return this.#jobs[0]?.atUs ?? null;
  }

  take(): number | undefined {
    return this.#jobs.shift()?.order;
  }
}

/** A time at which to plan something, or null to take what is next. Few times, so that many are equal. */
const step = fc.option(fc.oneof(fc.nat(6), fc.nat(1_000_000_000)), { nil: null, freq: 3 });

describe("what is to happen", () => {
  test("comes by its time and, at the same time, in the order in which it was planned", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const heap = new EventHeap<number>();
        const array = new SortedArray();
        let planned = 0;
        const takeBoth = () => {
          expect(heap.nextUs).toBe(array.nextUs);
          expect(heap.take()).toBe(array.take());
        };
        for (const atUs of steps) {
          if (atUs === null) takeBoth();
          else {
            heap.plan(atUs, planned++);
            array.plan(atUs);
          }
        }
        while (array.nextUs !== null) takeBoth();
        takeBoth();
      }),
      { numRuns: 400 },
    );
  });

  test("is nothing at the beginning, and nothing again after the last", () => {
    const heap = new EventHeap<string>();
    expect([heap.nextUs, heap.take()]).toEqual([null, undefined]);
    heap.plan(5, "only");
    expect([heap.nextUs, heap.take(), heap.nextUs, heap.take()]).toEqual([5, "only", null, undefined]);
  });
});
