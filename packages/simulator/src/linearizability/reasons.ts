import type { Effect } from "./effect.js";
import type { KeyHistory, Operation } from "./operation.js";
import { NEVER } from "./search-plan.js";
import { operationName, shortened } from "./wording.js";

/** Operations named for one reason. */
const MOST_NAMED = 4;

/**
 * Why an operation cannot be ordered, as far as single operations show it: sentences without a full stop. Empty if only
 * all of them together do.
 */
export function reasonsAgainst(history: KeyHistory, culprit: Operation): string[] {
  const { effect } = culprit;
  if (effect.kind !== "observe" && effect.kind !== "exchange") return [];
  const needed = effect.kind === "observe" ? effect.state : effect.from;
  const appends = history.operations.some((operation) => operation.effect.kind === "append");
  return appends ? againstText(history, culprit, needed) : againstValue(history, culprit, needed);
}

function againstValue({ initial, operations, failed }: KeyHistory, culprit: Operation, needed: string): string[] {
  const others = operations.filter((operation) => operation !== culprit);
  const writers = others.filter(({ effect }) => valueLeftBy(effect) === needed);
  const witnesses = others.filter((one) => (valueLeftBy(one.effect) ?? valueSeenBy(one.effect) ?? needed) !== needed);
  // Who wrote last comes closest to having been seen, and is told of first; who began too late, last.
  const begun = writers.filter(({ callLine }) => callLine < (culprit.returnLine ?? 0)).reverse();
  const tooLate = writers.slice(begun.length);
  const reasons = [...begun, ...tooLate].map((writer) => againstWriter(writer, witnesses, culprit));
  if (needed === initial) reasons.unshift(againstInitial(witnesses, culprit));
  else if (writers.length === 0) reasons.unshift(`nothing in this history writes ${shortened(needed)}`);
  for (const attempt of failed.filter(({ effect }) => valueLeftBy(effect) === needed)) {
    reasons.push(`${operationName(attempt)} failed, so it wrote nothing`);
  }
  return cut(reasons);
}

function againstInitial(witnesses: readonly Operation[], culprit: Operation): string {
  const witness = witnesses.find(({ returnLine }) => returnLine !== null && returnLine < culprit.callLine);
  if (!witness) return "what it held at first was overwritten in every order that explains the other results";
  return `what it held at first was gone: ${testimonyOf(witness)}, and was over before this began`;
}

function againstWriter(writer: Operation, witnesses: readonly Operation[], culprit: Operation): string {
  const name = operationName(writer);
  if (writer.callLine > (culprit.returnLine ?? 0)) return `${name} began only afterwards`;
  const witness = witnesses.find((one) => isBetween(one, writer, culprit));
  if (witness)
    return `${name} was overwritten: ${testimonyOf(witness)}, which came after it and was over before this began`;
  return `${name} comes too early or too late in every order that explains the other results`;
}

/** What an operation did or saw that shows what the value was after it. */
function testimonyOf(witness: Operation): string {
  const seen = valueLeftBy(witness.effect) === null ? valueSeenBy(witness.effect) : null;
  return seen === null ? operationName(witness) : `${operationName(witness)} returned ${shortened(seen)}`;
}

/** Whether an operation certainly took effect after the one and before the other. */
function isBetween({ callLine, returnLine }: Operation, before: Operation, after: Operation): boolean {
  return (
    before.returnLine !== null && before.returnLine < callLine && returnLine !== null && returnLine < after.callLine
  );
}

function againstText({ operations }: KeyHistory, culprit: Operation, seen: string): string[] {
  const others = operations.filter((operation) => operation !== culprit);
  return cut([
    ...missingFrom(seen, others, culprit),
    ...seenLonger(seen, others, culprit),
    ...overwrittenBefore(seen, others, culprit),
    ...strangeIn(seen, others, culprit),
  ]);
}

/** Appends that were over before and are not there, though nothing can have overwritten them. */
function missingFrom(seen: string, operations: readonly Operation[], culprit: Operation): string[] {
  const puts = operations.filter((one) => one.effect.kind === "assign" && one.callLine < (culprit.returnLine ?? 0));
  const lastPut = puts.reduce((last, { returnLine }) => Math.max(last, returnLine ?? NEVER), 0);
  return operations
    .filter(({ effect, callLine, returnLine }) => {
      const isOver = returnLine !== null && returnLine < culprit.callLine;
      return effect.kind === "append" && isOver && callLine > lastPut && !seen.includes(effect.text);
    })
    .map((missing) => `${operationName(missing)} was over before this began, and is not in it`);
}

/** The last that saw the text when it had already grown, if nothing can have overwritten it since. */
function seenLonger(seen: string, operations: readonly Operation[], culprit: Operation): string[] {
  const longer = operations.filter((one) => {
    const other = valueSeenBy(one.effect) ?? "";
    const isOver = one.returnLine !== null && one.returnLine < culprit.callLine;
    return isOver && other.length > seen.length && other.startsWith(seen);
  });
  const last = longer.at(-1);
  const isOverwritten = operations.some((one) => {
    const isInTime = one.callLine < (culprit.returnLine ?? 0);
    return one.effect.kind === "assign" && isInTime && (one.returnLine ?? NEVER) > (last?.callLine ?? 0);
  });
  if (!last || isOverwritten) return [];
  return [`${operationName(last)} had already returned more: ${shortened(last.result)}`];
}

/** The last put that the text can have begun with, if it was overwritten before. */
function overwrittenBefore(seen: string, operations: readonly Operation[], culprit: Operation): string[] {
  const begins = ({ effect }: Operation) =>
    effect.kind === "assign" && effect.state !== "" && seen.startsWith(effect.state);
  const put = operations.filter(begins).at(-1);
  if (!put || put.callLine > (culprit.returnLine ?? 0)) return [];
  const start = valueLeftBy(put.effect) ?? "";
  const isWitness = (one: Operation) =>
    !(valueLeftBy(one.effect) ?? valueSeenBy(one.effect) ?? start).startsWith(start);
  const witness = operations.find((one) => isWitness(one) && isBetween(one, put, culprit));
  return witness
    ? [
        `${operationName(put)} was overwritten: ${testimonyOf(witness)}, which came after it and was over before this began`,
      ]
    : [];
}

/** What stands at the end of the text and was not there yet, or never was. */
function strangeIn(seen: string, operations: readonly Operation[], culprit: Operation): string[] {
  if (seen === "") return [];
  const endings = operations.filter(({ effect }) => {
    const text = textOf(effect);
    return text !== null && text !== "" && (seen.endsWith(text) || text.endsWith(seen));
  });
  if (endings.length === 0) return ["nothing in this history writes what stands at its end"];
  const isTooLate = (one: Operation) => one.callLine > (culprit.returnLine ?? 0);
  return endings.every(isTooLate) ? endings.map((one) => `${operationName(one)} began only afterwards`) : [];
}

function textOf(effect: Effect): string | null {
  return effect.kind === "append" ? effect.text : valueLeftBy(effect);
}

function valueLeftBy(effect: Effect): string | null {
  if (effect.kind === "assign") return effect.state;
  return effect.kind === "exchange" ? effect.to : null;
}

function valueSeenBy(effect: Effect): string | null {
  return effect.kind === "observe" ? effect.state : null;
}

function cut(reasons: readonly string[]): string[] {
  if (reasons.length <= MOST_NAMED + 1) return [...reasons];
  return [...reasons.slice(0, MOST_NAMED), `and ${reasons.length - MOST_NAMED} more like these`];
}
