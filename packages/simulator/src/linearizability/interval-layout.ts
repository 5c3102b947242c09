import type { Operation } from "./operation.js";

/** Where an operation's bar begins and ends, in columns of one character. */
export interface Bar {
  readonly operation: Operation;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** It had not returned by the end of the picture. */
  readonly isOpen: boolean;
}

/** Around a label: the two ends, and a stroke and a space on either side. */
const AROUND_LABEL = 5;

/**
 * Gives calls and returns columns in the order of their lines, so far apart that every label has room in its bar. The
 * columns keep no scale: a history has none.
 *
 * @param lastLine where the picture ends
 */
export function layOut(
  operations: readonly Operation[],
  lastLine: number,
  labelOf: (operation: Operation) => string,
): Bar[] {
  const returnOf = ({ returnLine }: Operation) => Math.min(returnLine ?? lastLine + 1, lastLine + 1);
  const events = operations.flatMap((operation) => [
    { operation, line: operation.callLine, isCall: true },
    { operation, line: returnOf(operation), isCall: false },
  ]);
  events.sort((one, other) => one.line - other.line);
  const calls = new Map<Operation, number>();
  const bars: Bar[] = [];
  let column = -1;
  for (const { operation, line, isCall } of events) {
    // All that is open at the end ends in one column.
    if (line <= lastLine || bars.at(-1)?.isOpen !== true) column++;
    if (isCall) {
      calls.set(operation, column);
      continue;
    }
    const label = labelOf(operation);
    const from = calls.get(operation) ?? 0;
    column = Math.max(column, from + label.length + AROUND_LABEL);
    bars.push({ operation, from, to: column, label, isOpen: line > lastLine });
  }
  return bars.map((bar) => (bar.isOpen ? { ...bar, to: column } : bar));
}

/**
 * The bars by process, the processes in the order in which they appear. A process of which nobody knows whether its last
 * operation is over may go on all the same: what overlaps stands in rows of its own.
 */
export function rowsOf(bars: readonly Bar[]): (readonly [client: Operation["client"], bars: Bar[]])[] {
  const rows: (readonly [client: Operation["client"], bars: Bar[]])[] = [];
  for (const bar of [...bars].sort((one, other) => one.from - other.from)) {
    const row = rows.find(([client, others]) => {
      return client === bar.operation.client && (others.at(-1)?.to ?? Number.NEGATIVE_INFINITY) < bar.from;
    });
    if (row) row[1].push(bar);
    else rows.push([bar.operation.client, [bar]]);
  }
  return rows;
}
