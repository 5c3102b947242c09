import { concurrentWith } from "./account.js";
import { type Bar, layOut, rowsOf } from "./interval-layout.js";
import type { Operation } from "./operation.js";
import { operationLabel, shown } from "./wording.js";

/** Operations of a picture at most, the culprit among them. */
const MOST_SHOWN = 24;

/** Of those, operations that were over before the culprit was called, shown for what they led to. */
const MOST_BEFORE = 8;

/** Of those, operations that never return. */
const MOST_OPEN = 4;

/**
 * Intervals of operations as text, one line a process: from `|`, the call, to `|`, the return. The culprit is drawn with
 * `=`; what had not returned when it did ends in `>`. Columns keep the order of calls and returns, and no scale.
 *
 * @param mostColumns of a line; where it does not suffice, the earliest operations are left out
 */
export function intervalPicture(operations: readonly Operation[], culprit: Operation, mostColumns = 110): string[] {
  let chosen = chooseAround(operations, culprit);
  for (;;) {
    const lines = draw(chosen, culprit);
    if (chosen.length <= 2 || Math.max(...lines.map(({ length }) => length)) <= mostColumns) return lines;
    const dropped = chosen.find((one) => one !== culprit);
    chosen = chosen.filter((one) => one !== dropped);
  }
}

/** The culprit, what was under way with it, and what was over shortly before. */
function chooseAround(operations: readonly Operation[], culprit: Operation): Operation[] {
  const before = operations
    .filter(({ returnLine }) => returnLine !== null && returnLine < culprit.callLine)
    .sort((one, other) => (one.returnLine ?? 0) - (other.returnLine ?? 0))
    .slice(-MOST_BEFORE);
  const during = concurrentWith(operations, culprit);
  const open = during.filter(({ returnLine }) => returnLine === null).slice(-MOST_OPEN);
  const room = MOST_SHOWN - 1 - before.length - open.length;
  const closed = during.filter(({ returnLine }) => returnLine !== null).slice(-room);
  return [...before, ...open, ...closed, culprit].sort((one, other) => one.callLine - other.callLine);
}

function draw(operations: readonly Operation[], culprit: Operation): string[] {
  const rows = [...rowsOf(layOut(operations, culprit.returnLine ?? 0, (one) => operationLabel(one)))];
  const names = rows.map(([client]) => `process ${shown(client)}`);
  const margin = Math.max(...names.map(({ length }) => length)) + 2;
  return rows.map(([, bars], row) => {
    let line = (names[row] ?? "").padEnd(margin);
    for (const bar of bars) line = line.padEnd(margin + bar.from) + drawn(bar, bar.operation === culprit);
    return bars.some(({ operation }) => operation === culprit) ? `${line}  <- this one` : line;
  });
}

function drawn({ from, to, label, isOpen }: Bar, isCulprit: boolean): string {
  const stroke = isCulprit ? "=" : "-";
  const strokes = to - from - 1 - label.length - 2;
  const left = Math.floor(strokes / 2);
  return `|${stroke.repeat(left)} ${label} ${stroke.repeat(strokes - left)}${isOpen ? ">" : "|"}`;
}
