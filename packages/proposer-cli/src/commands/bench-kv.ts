import { benchPage } from "../bench/bench-page.js";
import { type BenchReport, benchDocument } from "../bench/bench-report.js";
import { reportLines, settingsInWords } from "../bench/bench-text.js";
import { HistoryRecorder } from "../bench/history-recorder.js";
import { BENCH_OPTIONS, type BenchSettings, readBenchSettings } from "../bench/options.js";
import { type Measured, runBench } from "../bench/run-bench.js";
import { endsInOrderWhenTold } from "../bench/told-to-end.js";
import { readSecret } from "../pool-settings.js";
import type { Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { openWholeFile, type WholeFile } from "../whole-file.js";

export const benchKv: Command = {
  usage: "bench kv",
  summary: "Measure a replicated key-value store: how long requests take, and how many it answers a second",
  examples: [
    ["synod bench kv", "puts to a new cluster of three on this machine, at 1, 8, 64 and 256 connections"],
    ["synod bench kv --targets paxos,raft,etcd --html bench.html", "both engines and etcd, and a page that draws all"],
    ["synod bench kv --servers 10.0.0.1:8000,10.0.0.2:8000 --mix get=9,put=1", "a cluster of your own"],
    ["synod bench kv --rate 500 --concurrency 64 --json", "an open loop: 500 requests a second, whatever happens"],
    ["synod bench kv --mix get=1,put=1 --record run.jsonl", "and what was seen, for synod check history"],
  ],
  options: BENCH_OPTIONS,
  run: async (args, terminal) => {
    const settings = readBenchSettings(args);
    const secret = readSecret(args, terminal.env);
    const page = settings.html === null ? null : openWholeFile(settings.html);
    const signalsAsBefore = endsInOrderWhenTold();
    try {
      const measured = await runRecorded(settings, secret, terminal);
      return tell(measured, page, terminal);
    } finally {
      signalsAsBefore();
      page?.abandon();
    }
  },
};

async function runRecorded(settings: BenchSettings, secret: string | undefined, terminal: Terminal): Promise<Measured> {
  terminal.note(`${settingsInWords(settings)}; seed ${settings.seed}`);
  const recorder = settings.record === null ? null : new HistoryRecorder(settings.record);
  let measured: Measured | null = null;
  try {
    measured = await runBench(settings, secret, recorder, terminal);
  } finally {
    const unwritten = failureOf(() => recorder?.end());
    // What was measured is told, whatever becomes of the history.
    if (measured && unwritten) measured = { ...measured, failure: measured.failure ?? unwritten };
  }
  return measured;
}

/** How an action failed, in a way that the user can do something about; null if it did not. */
function failureOf(action: () => void): CommandFailure | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof CommandFailure) return error;
    throw error;
  }
}

function tell({ report, failure }: Measured, page: WholeFile | null, terminal: Terminal): Result {
  for (const line of reportLines(report)) terminal.line(line);
  const unwritten = failureOf(() => page?.write(benchPage(report, new Date())));
  const worst = failure ?? nothingDone(report) ?? unwritten;
  if (worst) terminal.note(`synod: ${worst.message}`);
  if (report.interrupted) terminal.note("synod: interrupted; this is what was measured so far");
  const { code, message, exitCode } = worst ?? {};
  const document = {
    ...benchDocument(report),
    ...(worst ? { error: { code, message, exitCode } } : {}),
    warnings: terminal.warnings,
  };
  return { exitCode: report.interrupted ? ExitCode.interrupted : (exitCode ?? ExitCode.done), document };
}

/** A target that did not do a single thing was not measured. */
function nothingDone({ targets, interrupted }: BenchReport): CommandFailure | null {
  if (interrupted) return null;
  const dead = targets.find(({ runs }) =>
    runs.every(({ rate, latencies }) => rate === 0 && Object.keys(latencies).length === 0),
  );
  if (!dead) return null;
  const codes = [...new Set(dead.runs.flatMap(({ errors }) => Object.keys(errors)))];
  // It may have been asked before the measurement and have answered after it.
  if (codes.length === 0) {
    const message = `${dead.name} answered nothing while it was measured: raise --duration`;
    return new CommandFailure(ExitCode.failure, "nothing-done", message);
  }
  const isGone = codes.every((code) => code === "not reachable");
  const exitCode = isGone ? ExitCode.nobodyReachable : ExitCode.failure;
  return new CommandFailure(exitCode, "nothing-done", `${dead.name} did nothing that was asked: ${codes.join(", ")}`);
}
