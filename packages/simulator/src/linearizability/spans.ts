import { NEVER, type Step } from "./search-plan.js";
import { boundary } from "./states.js";

/** Steps that all must take effect, to be asked which of them lie wholly between two moments. */
export class Spans {
  readonly #calls: Float64Array;
  /** The first return of a step that is called no earlier than the one at the same place. */
  readonly #firstEnds: Float64Array;

  /** @param steps in the order of their calls */
  constructor(steps: readonly Step[]) {
    this.#calls = Float64Array.from(steps, ({ call }) => call);
    this.#firstEnds = Float64Array.from(steps, (step) => step.return);
    for (let index = steps.length - 2; index >= 0; index--) {
      this.#firstEnds[index] = Math.min(this.#firstEnds[index] ?? NEVER, this.#firstEnds[index + 1] ?? NEVER);
    }
  }

  /** The first return among the steps that are called after this line; NEVER if there is none. */
  firstEndAfter(line: number): number {
    const place = boundary(0, this.#calls.length, (index) => (this.#calls[index] ?? 0) > line);
    return this.#firstEnds[place] ?? NEVER;
  }
}
