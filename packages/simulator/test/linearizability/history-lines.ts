import { type CheckReport, checkHistory } from "../../src/linearizability/check.ts";
import { type History, readHistory } from "../../src/linearizability/history-reader.ts";
import type { ModelName } from "../../src/linearizability/models.ts";
import { runToEnd } from "../../src/linearizability/pausing.ts";

/** Enough for every test that does not want it to run out. */
export const ENOUGH = { memoryBytes: 2 ** 28 };

/**
 * A history in few words: one event a line, `process type f value [swapped] [@key]`, the value as JSON and without
 * spaces; `-` for none.
 */
export function history(model: ModelName, ...events: readonly string[]): History {
  return readHistory(model, linesOf(events).join("\n"));
}

/** The same as it is recorded. */
export function linesOf(events: readonly string[]): string[] {
  return events.map((event) => {
    const [client = "", type, f, value = "-", ...more] = event.split(" ");
    const key = more.find((word) => word.startsWith("@"))?.slice(1);
    const swapped = more.find((word) => !word.startsWith("@"));
    return JSON.stringify({
      process: Number(client),
      type,
      f,
      ...(key === undefined ? {} : { key }),
      ...(value === "-" ? {} : { value: JSON.parse(value) }),
      ...(swapped === undefined ? {} : { swapped: swapped === "true" }),
    });
  });
}

/** Checks a history to the end. */
export function check(checked: History): CheckReport {
  return runToEnd(checkHistory(checked, ENOUGH));
}

/** The verdict alone. */
export function verdictOf(model: ModelName, ...events: readonly string[]): string {
  return check(history(model, ...events)).verdict;
}
