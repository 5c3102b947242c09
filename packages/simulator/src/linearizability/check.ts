import type { History } from "./history-reader.js";
import type { KeyHistory, Operation } from "./operation.js";
import type { Pausing } from "./pausing.js";
import { type SearchLimits, type SearchOutcome, searchOrder } from "./search.js";
import { type Breach, findBreach, findPossibleStates, type PossibleStates } from "./violation.js";

export type Verdict = "linearizable" | "violation" | "unknown";

/** What was found out about one key. */
export interface KeyReport {
  readonly history: KeyHistory;
  readonly verdict: Verdict;
  /** What ran out; null unless the verdict is `unknown`. */
  readonly limit: "time" | "memory" | null;
  /** Operations put into an order, counting each time. */
  readonly steps: number;
  /** An order of its operations, if it is linearizable. */
  readonly order: readonly Operation[] | null;
  /** Where it breaks, if it is a violation. */
  readonly breach: Breach | null;
}

/** What was found out about a history. */
export interface CheckReport {
  /** `violation` if any key is one, whatever else is unknown; `linearizable` if every key is. */
  readonly verdict: Verdict;
  readonly keys: readonly KeyReport[];
  /** The violation that shows first: the one whose culprit returns first. */
  readonly violation: Explained | null;
}

/** A violation, and what the culprit could have found instead. */
export interface Explained {
  readonly history: KeyHistory;
  readonly breach: Breach;
  readonly possible: PossibleStates;
}

/** How far a check is. */
export interface CheckProgress {
  /** `explain`: the verdict is known to be `violation`, and the check looks for what to say about it. */
  readonly phase: "search" | "explain";
  readonly keysDone: number;
  readonly keyCount: number;
  /** Of all searches so far. */
  readonly steps: number;
}

/**
 * Checks whether a history is linearizable: whether each operation can have taken effect at one moment between its call
 * and its return (Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", ACM TOPLAS
 * 12(3), 1990). Keys are independent, so each is checked alone: a history is linearizable exactly if every object's
 * part of it is (there, Theorem 1: locality).
 *
 * Told to stop, it calls `unknown` what it has not decided, and leaves out what it has not found out.
 */
export function* checkHistory({ keys }: History, limits: SearchLimits): Pausing<CheckReport, CheckProgress> {
  const progress = { phase: "search" as CheckProgress["phase"], keysDone: 0, keyCount: keys.length, steps: 0 };
  const searched: { history: KeyHistory; outcome: SearchOutcome }[] = [];
  for (const history of keys) {
    const first = searchOrder(history, limits);
    searched.push({ history, outcome: yield* reporting(keys.length > 1 ? forAtMost(first) : first, progress) });
    progress.keysDone++;
  }
  // One hard key must not take the time of those that come after it: it has all the time that is left when they had theirs.
  for (const [place, { history, outcome }] of searched.entries()) {
    if (outcome.verdict !== "unknown" || outcome.limit !== "time" || keys.length === 1) continue;
    searched[place] = { history, outcome: yield* reporting(searchOrder(history, limits), progress) };
  }
  progress.phase = "explain";
  const reports: KeyReport[] = [];
  for (const { history, outcome } of searched) {
    const breach =
      outcome.verdict === "violation" ? yield* reporting(findBreach(history, outcome, limits), progress) : null;
    reports.push(reportOf(history, outcome, breach));
  }
  const first = firstBroken(reports);
  const violation = first && {
    ...first,
    possible: yield* reporting(findPossibleStates(first.history, first.breach, limits), progress),
  };
  return { verdict: verdictOf(reports), keys: reports, violation };
}

/** Steps that each of several keys has before any has more. */
const STEPS_OF_FIRST_TURN = 100_000;

/** Ends a search that takes long: others have not had their turn yet. */
function* forAtMost(search: Pausing<SearchOutcome>): Pausing<SearchOutcome> {
  let next = search.next("go on");
  while (!next.done) {
    const steps = next.value;
    const word = yield steps;
    next = search.next(steps > STEPS_OF_FIRST_TURN ? "stop" : word);
  }
  return next.value;
}

/** Passes a part's pauses on as those of the whole. */
function* reporting<Result>(
  part: Pausing<Result>,
  progress: { -readonly [Field in keyof CheckProgress]: CheckProgress[Field] },
): Pausing<Result, CheckProgress> {
  let before = 0;
  let next = part.next("go on");
  while (!next.done) {
    // A part may consist of several searches, each of which counts from 0.
    progress.steps += next.value >= before ? next.value - before : next.value;
    before = next.value;
    next = part.next(yield { ...progress });
  }
  return next.value;
}

function reportOf(history: KeyHistory, outcome: SearchOutcome, breach: Breach | null): KeyReport {
  const { verdict, steps } = outcome;
  return {
    history,
    verdict,
    steps,
    limit: verdict === "unknown" ? outcome.limit : null,
    order: verdict === "linearizable" ? outcome.order.map((number) => history.operations[number] as Operation) : null,
    breach,
  };
}

function firstBroken(reports: readonly KeyReport[]): { history: KeyHistory; breach: Breach } | null {
  const lineOf = ({ culprit }: Breach) => culprit.returnLine ?? 0;
  let first: { history: KeyHistory; breach: Breach } | null = null;
  for (const { history, breach } of reports) {
    if (breach && (first === null || lineOf(breach) < lineOf(first.breach))) first = { history, breach };
  }
  return first;
}

function verdictOf(reports: readonly KeyReport[]): Verdict {
  const verdicts = reports.map(({ verdict }) => verdict);
  if (verdicts.includes("violation")) return "violation";
  return verdicts.includes("unknown") ? "unknown" : "linearizable";
}
