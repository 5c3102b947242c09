import type { Call } from "./call.js";

/** Calls of one lane that wait to be sent, in their order. Taking the first costs the same however many there are. */
export class CallQueue {
  #calls: Call[] = [];
  #head = 0;

  get first(): Call | undefined {
    return this.#calls[this.#head];
  }

  get length(): number {
    return this.#calls.length - this.#head;
  }

  get all(): readonly Call[] {
    return this.#calls.slice(this.#head);
  }

  push(call: Call): void {
    this.#calls.push(call);
  }

  /** Takes the first away. */
  shift(): void {
    this.#head++;
    if (this.#head * 2 < this.#calls.length || this.#head < 64) return;
    this.#calls = this.#calls.slice(this.#head);
    this.#head = 0;
  }

  /** Takes everything away. */
  takeAll(): readonly Call[] {
    const { all } = this;
    this.#calls = [];
    this.#head = 0;
    return all;
  }
}
