import { NEVER, type SearchPlan, type Step } from "./search-plan.js";

/**
 * The calls and returns of a key in real-time order, as a doubly linked list out of which the operations are lifted
 * that have been given their place in the order, and into which they are put back (Lowe, "Testing for
 * linearizability", 2017, §4). An operation may be next in the order exactly if no return stands before its call
 * (Wing and Gong, "Testing and verifying concurrent objects", 1993).
 */
export class Timeline {
  /** For every operation that is open at the frontier a bit: whether it has been lifted. */
  readonly lifted: Int32Array;
  readonly #plan: SearchPlan;
  /** Nodes: the call of step i is i, its return is n+i; 2n stands before the first and after the last. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #isLifted: Uint8Array;
  /** The numbers of the required steps, in the order of their returns. */
  readonly #required: Int32Array;
  readonly #count: number;
  #frontier = 0;

  constructor(plan: SearchPlan) {
    this.#plan = plan;
    const { steps, slots } = plan;
    this.#count = steps.length;
    this.lifted = new Int32Array(Math.ceil(slots / 32));
    this.#isLifted = new Uint8Array(steps.length);
    this.#next = new Int32Array(2 * steps.length + 1);
    this.#previous = new Int32Array(2 * steps.length + 1);
    this.#required = Int32Array.from(plan.required, ({ number }) => number);
    this.#link();
  }

  /** How many required steps, in the order of their returns, have been lifted before the first that has not. */
  get frontier(): number {
    return this.#frontier;
  }

  /** The required step that returns first among those not lifted; undefined when all have been. */
  get first(): Step | undefined {
    return this.#plan.required[this.#frontier];
  }

  isLifted(number: number): boolean {
    return this.#isLifted[number] === 1;
  }

  /** The number of the first step that may come next in the order, or -1. */
  firstOpen(): number {
    return this.#callAt(this.#next[2 * this.#count] ?? -1);
  }

  /** The one after it, also when it has just been lifted. */
  nextOpen(number: number): number {
    return this.#callAt(this.#next[number] ?? -1);
  }

  lift(number: number): void {
    this.#isLifted[number] = 1;
    // The return first: what stood behind it is then what `nextOpen` finds behind the call.
    if (this.#stepAt(number).return !== NEVER) this.#unlink(this.#count + number);
    this.#unlink(number);
    this.#turnBit(number);
    // The operations that the frontier passes can no longer be open: their bits are free for later ones.
    for (let at = this.#required[this.#frontier]; at !== undefined && this.isLifted(at); at = this.#passed()) {
      this.#turnBit(at);
    }
  }

  /** Puts back the step that was lifted last. @param frontier as it was before */
  putBack(number: number, frontier: number): void {
    while (this.#frontier > frontier) this.#turnBit(this.#required[--this.#frontier] ?? 0);
    this.#turnBit(number);
    this.#relink(number);
    if (this.#stepAt(number).return !== NEVER) this.#relink(this.#count + number);
    this.#isLifted[number] = 0;
  }

  #passed(): number | undefined {
    this.#frontier++;
    return this.#required[this.#frontier];
  }

  #stepAt(number: number): Step {
    return this.#plan.steps[number] as Step;
  }

  /** The list ends, for whoever looks for what may come next, at the first return. */
  #callAt(node: number): number {
    return node < this.#count ? node : -1;
  }

  #turnBit(number: number): void {
    const { slot } = this.#stepAt(number);
    this.lifted[slot >> 5] = (this.lifted[slot >> 5] ?? 0) ^ (1 << (slot & 31));
  }

  #unlink(node: number): void {
    const [before = 0, after = 0] = [this.#previous[node], this.#next[node]];
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  /** A node that was taken out still knows its neighbours: they are the same again, if all is put back in turn. */
  #relink(node: number): void {
    this.#next[this.#previous[node] ?? 0] = node;
    this.#previous[this.#next[node] ?? 0] = node;
  }

  #link(): void {
    const { steps } = this.#plan;
    const last = 2 * this.#count;
    let before = last;
    let returned = 0;
    const add = (node: number) => {
      this.#next[before] = node;
      this.#previous[node] = before;
      before = node;
    };
    const addReturnsUntil = (line: number) => {
      for (let at = this.#required[returned]; at !== undefined; at = this.#required[++returned]) {
        if (this.#stepAt(at).return > line) return;
        add(this.#count + at);
      }
    };
    for (const [number, { call }] of steps.entries()) {
      addReturnsUntil(call);
      add(number);
    }
    addReturnsUntil(NEVER);
    add(last);
  }
}
