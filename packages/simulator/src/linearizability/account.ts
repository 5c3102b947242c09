import type { Explained } from "./check.js";
import type { Model } from "./models.js";
import type { Operation } from "./operation.js";
import { reasonsAgainst } from "./reasons.js";
import { NEVER } from "./search-plan.js";
import type { Breach } from "./violation.js";
import { keyName, listed, operationName, shortened } from "./wording.js";

/** A violation in words. Everything is safe to be printed: one line a sentence, plain ASCII, long values shortened. */
export interface Account {
  /** What the history shows up to where it breaks. */
  readonly fine: string;
  /** An order of that: the operations and what they returned. Empty if none is known. */
  readonly order: readonly string[];
  /** What cannot be, without a full stop. */
  readonly claim: string;
  /** What could have been instead, without a full stop; empty if nothing is known about it. */
  readonly instead: string;
  /** Why, as far as single operations show it. */
  readonly reasons: readonly string[];
  /** What ran out before everything was found out; empty if nothing did. */
  readonly caveat: string;
}

/** States that are named in one sentence. */
const STATES_TOLD = 4;

/** Tells a violation in words. */
export function accountOf({ history, breach, possible }: Explained, model: Model): Account {
  const { culprit, isFirst, order } = breach;
  const object = keyName(history.key);
  return {
    fine: fineOf(breach, object),
    order: (order ?? []).map(toldOperation),
    claim: `${operationName(culprit)}${claimOf(culprit, object, model)}`,
    instead: insteadOf(culprit, possible.states, possible.isComplete, model),
    reasons: reasonsAgainst(history, culprit),
    caveat: isFirst ? "" : "time or memory ran out: an earlier operation may already be one that cannot be ordered",
  };
}

function fineOf({ fineUntil, fineCount, order }: Breach, object: string): string {
  if (fineUntil === 0) return `it is not known how far ${object} is fine`;
  const upTo = `up to line ${fineUntil} ${object} is fine`;
  if (fineCount === 0) return `${upTo}: nothing returns by then`;
  const returned = fineCount === 1 ? "the one operation that returns" : `the ${fineCount} operations that return`;
  const example = order === null || order.length === 0 ? "" : ", for instance so";
  return `${upTo}: ${returned} by then can be ordered${example}`;
}

function toldOperation(operation: Operation): string {
  return `${operationName(operation)}${operation.result === "" ? "" : `: ${shortened(operation.result)}`}`;
}

function claimOf({ effect, result }: Operation, object: string, model: Model): string {
  const returned = ` returned ${shortened(result)}, but`;
  const during = "between its call and its return";
  const shown = (state: string) => (model.shown(state) === result ? "that" : shortened(model.shown(state)));
  switch (effect.kind) {
    case "observe":
      return `${returned} at no moment ${during} can ${object} have held ${shown(effect.state)}`;
    case "exchange":
      return `${returned} at no moment ${during} can ${object} have held ${shown(effect.from)}`;
    case "refute":
      return `${returned} at every moment ${during} ${object} must have held ${effect.states.map(shown).join()}`;
    default:
      // What asks nothing of the state can always be ordered last.
      throw new Error("invariant violated: an operation that is possible in every state cannot break an order");
  }
}

function insteadOf({ effect }: Operation, states: readonly string[], isComplete: boolean, model: Model): string {
  if (states.length === 0 || effect.kind === "refute") return "";
  const told = states.slice(0, STATES_TOLD).map((state) => shortened(model.shown(state), 48));
  const held = listed(told, !isComplete || states.length > told.length);
  return `${isComplete ? "it can only" : "it can"} have held ${held}`;
}

/** Operations that were under way at the same time, in the order of their calls. */
export function concurrentWith(operations: readonly Operation[], { callLine, returnLine }: Operation): Operation[] {
  return operations.filter(
    (other) =>
      other.callLine !== callLine && other.callLine < (returnLine ?? NEVER) && (other.returnLine ?? NEVER) > callLine,
  );
}
