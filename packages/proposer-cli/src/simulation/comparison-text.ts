import type { Microseconds } from "@synod/simulator";
import { columns } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ComparisonAsked } from "./compared.js";
import { type EngineDocument, replayComparison } from "./comparison-document.js";
import { counted, grouped, spanInWords } from "./figures.js";

/** A comparison as a person reads it: what was done, a column for each engine, and whether anything was broken. */
export function comparisonLines(
  asked: ComparisonAsked,
  engines: readonly EngineDocument[],
  colors: Terminal["colors"],
): string[] {
  return [
    ...headLines(asked),
    "",
    ...table(engines, [...messageRows(asked, engines), ...courseRows(engines)]),
    "",
    "Messages by kind:",
    ...table(engines, kindRows(engines)),
    "",
    ...verdictLines(asked, engines, colors),
  ];
}

type Row = readonly [name: string, ...cells: string[]];

function headLines({
  simulator,
  experiments,
  settings,
  seeds,
  faults,
  faultsFile,
  mutation,
}: ComparisonAsked): string[] {
  const { heartbeatMs, electionTimeoutMs } = simulator.COMPARED_TIMING;
  const names = experiments.map(({ protocol }) => protocol);
  const chosen = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const source = faultsFile === "-" ? "stdin" : faultsFile;
  const faultsAre =
    faults === null
      ? "random, others in each seed, the same for all"
      : `${counted(faults.length, "fault")}, the same in each seed, from ${source}`;
  const planted = experiments.filter((one) => one.mutation !== null).map(({ protocol }) => protocol);
  return [
    `Compared ${names.join(" and ")}: ${chosen.join(", ")}`,
    ...(mutation === null ? [] : [`Planted flaw ${mutation} in ${planted.join(" and ")}`]),
    "",
    ...columns([
      ["  seeds", seeds.first === seeds.last ? `${seeds.first}` : `${seeds.first}..${seeds.last}`],
      ["  faults", faultsAre],
      ["  heartbeat", `${heartbeatMs} ms`],
      ["  election time-out", `${electionTimeoutMs}..${2 * electionTimeoutMs} ms`],
    ]),
  ];
}

/** Names at the left, figures at the right of their columns. */
function table(engines: readonly EngineDocument[], rows: readonly Row[]): string[] {
  const header: Row = ["", ...engines.map(({ protocol }) => protocol)];
  const all = [header, ...rows];
  const widths = header.map((_, place) => Math.max(...all.map((row) => (row[place] ?? "").length)));
  return all.map((row) => {
    const cells = row.map((cell, place) =>
      place === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[place] ?? 0),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/** A row: the same figure of each engine. */
function rowOf(engines: readonly EngineDocument[], name: string, figure: (engine: EngineDocument) => string): Row {
  return [name, ...engines.map(figure)];
}

function messageRows({ simulator }: ComparisonAsked, engines: readonly EngineDocument[]): Row[] {
  const mean = (one: number | null) => (one === null ? "-" : one.toFixed(1));
  return [
    rowOf(engines, "messages between machines", ({ messages }) => grouped(messages.sent)),
    ...Object.keys(simulator.PURPOSES).map((purpose) =>
      rowOf(engines, `  for ${purpose}`, ({ messages }) => grouped(messages.byPurpose[purpose] ?? 0)),
    ),
    rowOf(engines, "messages for each write", ({ messages }) => mean(messages.perAcknowledgedWrite)),
    rowOf(engines, "messages for each strong read", ({ messages }) => mean(messages.perAcknowledgedStrongRead)),
  ];
}

function courseRows(engines: readonly EngineDocument[]): Row[] {
  const row = (name: string, figure: (engine: EngineDocument) => number) =>
    rowOf(engines, name, (engine) => grouped(figure(engine)));
  return [
    row("elections begun", ({ elections }) => elections.begun),
    row("leaders", ({ elections }) => elections.leaders),
    rowOf(engines, "without a leader that serves", ({ withoutLeader }) => wholeMs(withoutLeader.totalUs)),
    rowOf(engines, "  longest time", ({ withoutLeader }) => wholeMs(withoutLeader.longestUs)),
    row("writes and reads asked", ({ operations }) => operations.asked),
    row("  writes acknowledged", ({ operations }) => operations.writesAcknowledged),
    row("  strong reads acknowledged", ({ operations }) => operations.strongReadsAcknowledged),
    row("  refused", ({ operations }) => operations.refused),
    row("  outcome unknown", ({ operations }) => operations.unknown),
    row("  client crashed meanwhile", ({ operations }) => operations.clientCrashed),
    row("flushes to disk", ({ disk }) => disk.flushes),
    row("  records in them", ({ disk }) => disk.records),
    row("schedules with a violation", ({ violations }) => violations),
  ];
}

/** A time of which the fractions of a millisecond say nothing. */
function wholeMs(us: Microseconds): string {
  return spanInWords(Math.round(us / 1000) * 1000);
}

function kindRows(engines: readonly EngineDocument[]): Row[] {
  const kinds = [...new Set(engines.flatMap(({ messages }) => Object.keys(messages.byKind)))].sort();
  return kinds.map((kind) =>
    rowOf(engines, kind, ({ messages }) => {
      const count = messages.byKind[kind];
      return count === undefined ? "-" : grouped(count);
    }),
  );
}

function verdictLines(
  asked: ComparisonAsked,
  engines: readonly EngineDocument[],
  { red, green }: Terminal["colors"],
): string[] {
  const broken = engines.flatMap(({ protocol, firstViolation }) => {
    if (firstViolation === null) return [];
    const { seed, property, sentence } = firstViolation;
    return [
      `${red(`VIOLATION of ${property}`)} by ${protocol}, in seed ${seed}: ${sentence}`,
      `  ${replayComparison(asked, seed)}`,
    ];
  });
  const schedules = counted(asked.seeds.last - asked.seeds.first + 1, "schedule");
  return broken.length > 0 ? broken : [green(`No violation in ${schedules} of each.`)];
}
