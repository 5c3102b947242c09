import { counted, grouped } from "../simulation/figures.js";
import { columns } from "../terminal/table.js";
import { type BenchReport, latenciesOf, type Run, type TargetReport } from "./bench-report.js";
import type { BenchSettings } from "./options.js";

/** A time in milliseconds with three figures: 0.123, 1.23, 12.3, 123. */
export function milliseconds(ms: number): string {
  return ms < 1 ? ms.toFixed(3) : ms < 100 ? ms.toPrecision(3) : grouped(Math.round(ms));
}

/** What was measured, in a few words. */
export function settingsInWords({
  mix,
  consistency,
  keys,
  keySize,
  valueSize,
  rate,
  durationMs,
}: BenchSettings): string {
  const what = mix.get === 0 ? "puts" : mix.put === 0 ? `${consistency} gets` : mixInWords(mix, consistency);
  const size = `${counted(keys, "key")} of ${keySize} characters, values of ${valueSize}`;
  const how = rate === null ? "closed loop" : `open loop, ${grouped(rate)} requests a second due`;
  return `${what}; ${size}; ${durationMs / 1000} s each; ${how}`;
}

function mixInWords({ get, put }: BenchSettings["mix"], consistency: string): string {
  return `${consistency} gets and puts, ${get} to ${put}`;
}

/** A table with a line for each operation of each measurement, and what went wrong. */
export function reportLines(report: BenchReport): string[] {
  const header = ["target", "connections", "", "a second", "p50", "p90", "p99", "p99.9", "max, ms", "errors"];
  const rows = report.targets.flatMap((target) => target.runs.flatMap((run) => rowsOf(target, run)));
  if (rows.length === 0) return ["nothing was measured"];
  return [...columns(toTheRight([header, ...rows])), ...report.targets.flatMap(errorLines)];
}

/** Figures end below each other: those from the fourth column on. */
function toTheRight(rows: readonly (readonly string[])[]): string[][] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column < 3 ? cell : cell.padStart(widths[column] ?? 0))));
}

function rowsOf({ name }: TargetReport, run: Run): string[][] {
  const { concurrency, seconds, isWhole, rate, errors } = run;
  const place = [name, `${concurrency}`];
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  const operations = latenciesOf(run);
  const all = operations.reduce((sum, [, { count }]) => sum + count, 0);
  const rows = operations.map(([operation, { count, p50, p90, p99, p999, max }], position) => [
    ...(position === 0 ? place : ["", ""]),
    operation,
    grouped(Math.round((rate * count) / all)),
    ...[p50, p90, p99, p999, max].map(milliseconds),
    ...(position === 0 ? [grouped(failed)] : []),
  ]);
  const nothing = [...place, "", grouped(Math.round(rate)), "", "", "", "", "", grouped(failed)];
  const cut = isWhole ? [] : [["", "", `cut short after ${seconds.toFixed(1)} s`]];
  return [...(rows.length === 0 ? [nothing] : rows), ...cut];
}

/** What went wrong how often, a line each. */
function errorLines({ name, runs }: TargetReport): string[] {
  return runs
    .filter(({ errors }) => Object.keys(errors).length > 0)
    .map(
      ({ concurrency, errors }) => `errors, ${name} at ${counted(concurrency, "connection")}: ${errorsInWords(errors)}`,
    );
}

export function errorsInWords(errors: Run["errors"]): string {
  return Object.entries(errors)
    .map(([code, count]) => `${grouped(count)} ${code}`)
    .join(", ");
}
