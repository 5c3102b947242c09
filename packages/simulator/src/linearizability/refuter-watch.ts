import { Kind, NEVER, type SearchPlan, type Step } from "./search-plan.js";
import { Spans } from "./spans.js";
import { boundary } from "./states.js";
import type { Timeline } from "./timeline.js";

/**
 * Knows which refuters are still to be lifted. They are what makes it dangerous to move a change of the state that
 * nobody observes: another state may be one that they refute.
 */
export class RefuterWatch {
  /** In the order of their calls. */
  readonly #refuters: readonly Step[];
  /** How many of them, from the first, are lifted without a gap. */
  #lifted = 0;
  readonly #timeline: Timeline;
  readonly #assignments: Spans;

  constructor({ steps }: SearchPlan, timeline: Timeline) {
    this.#timeline = timeline;
    this.#refuters = steps.filter(({ kind }) => kind === Kind.refute);
    this.#assignments = new Spans(steps.filter((step) => step.kind === Kind.assign && step.return !== NEVER));
  }

  get areAllLifted(): boolean {
    return this.#lifted === this.#refuters.length;
  }

  /** Whether an assignment lies wholly between this line and the first refuter to come: no state outlives it. */
  allComeAfterAnAssignmentAfter(line: number): boolean {
    const first = this.#refuters[this.#lifted];
    return first === undefined || this.#assignments.firstEndAfter(line) < first.call;
  }

  /** Hears of any step that was lifted. */
  lift({ kind }: Step): void {
    if (kind !== Kind.refute) return;
    for (let next = this.#refuters[this.#lifted]; next && this.#timeline.isLifted(next.number); ) {
      next = this.#refuters[++this.#lifted];
    }
  }

  /** Hears of any step that was put back. */
  putBack({ kind, call }: Step): void {
    if (kind !== Kind.refute) return;
    const place = boundary(0, this.#refuters.length, (index) => (this.#refuters[index]?.call ?? 0) >= call);
    this.#lifted = Math.min(this.#lifted, place);
  }
}
