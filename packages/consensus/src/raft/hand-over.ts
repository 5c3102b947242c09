import type { NodeId } from "../core/participant.js";
import type { OperatorOutcome } from "./messages.js";

/**
 * A transfer of the lead that an operator waits for (§3.10). A leader that was deposed in the midst of it does not know by
 * whom: it is done when the server that was named is known to lead. The operator is answered once.
 */
export class HandOver {
  /** Of the leader's clock, since the other server was first told to stand; 0 before that. */
  ticks = 0;
  readonly #answer: (outcome: OperatorOutcome) => void;
  #isOver = false;

  constructor(
    readonly to: NodeId,
    answer: (outcome: OperatorOutcome) => void,
  ) {
    this.#answer = answer;
  }

  /** Who leads next is known. */
  endsWith(leader: NodeId): void {
    this.#end(leader === this.to ? "done" : "another-leads");
  }

  /** Nobody is known to lead next; the other server may yet. */
  giveUp(): void {
    this.#end("given-up");
  }

  #end(outcome: OperatorOutcome): void {
    if (!this.#isOver) this.#answer(outcome);
    this.#isOver = true;
  }
}
