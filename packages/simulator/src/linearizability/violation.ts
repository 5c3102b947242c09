import { isReadOnly } from "./effect.js";
import { type KeyHistory, type Operation, statesAlong } from "./operation.js";
import type { Pausing } from "./pausing.js";
import { type SearchLimits, type SearchOutcome, searchOrder } from "./search.js";

/** Where a history stops being linearizable. */
export interface Breach {
  /** The operation that cannot be ordered: with everything that returned before it there is an order, with it none. */
  readonly culprit: Operation;
  /** False: time or memory ran out, and the first such operation may be one that returned before. */
  readonly isFirst: boolean;
  /** The last line up to which the history is known to be fine; 0 if that is not even known of the first. */
  readonly fineUntil: number;
  /** Operations that return by then. */
  readonly fineCount: number;
  /** Such an order; operations that were open then are in it where it needs them. Null if time or memory ran out. */
  readonly order: readonly Operation[] | null;
}

/** The states in which the culprit can have found the object, for any order of what returned before it. */
export interface PossibleStates {
  readonly states: readonly string[];
  /** False: there may be more. */
  readonly isComplete: boolean;
}

/** Possible states that are looked for: more would not make anything clearer. */
const MOST_STATES = 8;

/**
 * The history as it was right after this line. Operations that were open then may have taken effect or not, though it is
 * known what they were to return. If a history can be ordered, so can each of these: its operations stand in the order
 * of the whole up to the last one that had returned.
 */
export function prefixUntil({ operations, ...rest }: KeyHistory, line: number): KeyHistory {
  const begun = operations.filter(({ callLine }) => callLine <= line);
  const known = begun.map((one) => ((one.returnLine ?? 0) > line ? { ...one, returnLine: null } : one));
  return { ...rest, operations: known.filter(({ returnLine, effect }) => returnLine !== null || !isReadOnly(effect)) };
}

/** Those that returned, in the order of their returns. */
function returnsOf({ operations }: KeyHistory): Operation[] {
  const returned = operations.filter(({ returnLine }) => returnLine !== null);
  return returned.sort((one, other) => (one.returnLine ?? 0) - (other.returnLine ?? 0));
}

/** Finds the first operation, in the order of the returns, that cannot be ordered. @param found what the search said */
export function* findBreach(
  history: KeyHistory,
  found: SearchOutcome & { verdict: "violation" },
  limits: SearchLimits,
): Pausing<Breach> {
  const returns = returnsOf(history);
  const prefixOf = (count: number) => prefixUntil(history, returns[count - 1]?.returnLine ?? 0);
  let { fine, broken } = found;
  // A breach that was plain at once is mostly the first; else it is mostly near to where the search got.
  let leap = found.steps === 0 ? broken - 1 - fine : 1;
  while (broken - fine > 1) {
    const half = (broken - fine) >> 1;
    const tried = fine + Math.max(1, leap > 0 ? Math.min(leap, broken - fine - 1) : half);
    const outcome = yield* searchOrder(prefixOf(tried), limits);
    if (outcome.verdict === "unknown") break;
    if (outcome.verdict === "linearizable") fine = tried;
    else {
      broken = Math.min(tried, outcome.broken);
      fine = Math.max(fine, outcome.fine);
    }
    leap = outcome.verdict === "linearizable" ? leap * 2 : 0;
  }
  // What asks nothing of the state can always be ordered last: where it returned, the order was broken already.
  while (asksNothing(returns[broken - 1])) broken--;
  const isFirst = broken - fine === 1;
  const order = yield* orderOf(history, prefixOf(fine), limits);
  const culprit = returns[broken - 1] as Operation;
  const fineUntil = isFirst ? (culprit.returnLine ?? 0) - 1 : (returns[fine - 1]?.returnLine ?? 0);
  return { culprit, isFirst, fineUntil, fineCount: fine, order };
}

function asksNothing(operation: Operation | undefined): boolean {
  return operation?.effect.kind === "assign" || operation?.effect.kind === "append";
}

/** An order of a prefix, of operations as they are in the whole history. */
function* orderOf(history: KeyHistory, prefix: KeyHistory, limits: SearchLimits): Pausing<Operation[] | null> {
  const outcome = yield* searchOrder(prefix, limits);
  if (outcome.verdict !== "linearizable") return null;
  const whole = new Map(history.operations.map((operation) => [operation.callLine, operation]));
  return outcome.order.map((number) => whole.get(prefix.operations[number]?.callLine ?? 0) as Operation);
}

/**
 * Looks for states that the culprit can have found: an operation in its place that sees anything but what was found so
 * far is ordered, as long as that can be done.
 */
export function* findPossibleStates(
  history: KeyHistory,
  { culprit }: Breach,
  limits: SearchLimits,
): Pausing<PossibleStates> {
  const { operations, ...rest } = prefixUntil(history, culprit.returnLine ?? 0);
  const states: string[] = [];
  while (states.length < MOST_STATES) {
    const probe: Operation = { ...culprit, effect: { kind: "refute", states: [...states] } };
    const withProbe = [...operations.filter(({ callLine }) => callLine !== culprit.callLine), probe];
    withProbe.sort((one, other) => one.callLine - other.callLine);
    const outcome = yield* searchOrder({ ...rest, operations: withProbe }, limits);
    if (outcome.verdict !== "linearizable") return { states, isComplete: outcome.verdict === "violation" };
    const order = outcome.order.map((number) => withProbe[number] as Operation);
    states.push(statesAlong(rest.initial, order)?.[order.indexOf(probe)] ?? "");
  }
  return { states, isComplete: false };
}
