import { Remaining } from "./remaining.js";
import { Kind, NEVER, type SearchPlan, type Step } from "./search-plan.js";
import { Spans } from "./spans.js";
import type { Timeline } from "./timeline.js";

/**
 * Knows which refuters are still to be lifted. They are what makes it dangerous to move a change of the state that
 * nobody observes: another state may be one that they refute.
 */
export class RefuterWatch {
  /** In the order of their calls. */
  readonly #refuters: Remaining;
  readonly #assignments: Spans;

  constructor({ steps }: SearchPlan, timeline: Timeline) {
    this.#refuters = new Remaining(
      steps.filter(({ kind }) => kind === Kind.refute),
      timeline,
    );
    this.#assignments = new Spans(steps.filter((step) => step.kind === Kind.assign && step.return !== NEVER));
  }

  /** Whether an assignment lies wholly between this line and the first refuter to come: no state outlives it. */
  allComeAfterAnAssignmentAfter(line: number): boolean {
    const first = this.#refuters.first();
    return first === undefined || this.#assignments.firstEndAfter(line) < first.call;
  }

  /** Hears of any step that was lifted. */
  lift({ kind }: Step): void {
    if (kind === Kind.refute) this.#refuters.lift();
  }

  /** Hears of any step that was put back. */
  putBack(step: Step): void {
    if (step.kind === Kind.refute) this.#refuters.putBack(step);
  }
}
