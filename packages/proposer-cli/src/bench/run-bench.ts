import { Random } from "@synod/consensus";
import { grouped } from "../simulation/figures.js";
import { Progress } from "../simulation/progress.js";
import { CommandFailure } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { removeAllKeys, writeAllKeys } from "./bench-keys.js";
import { type BenchReport, type Run, type TargetReport, thisMachine } from "./bench-report.js";
import { milliseconds } from "./bench-text.js";
import { ETCD_PROTOCOL } from "./etcd-protocol.js";
import type { HistoryRecorder } from "./history-recorder.js";
import { load } from "./load.js";
import type { LoadedStore } from "./load-connection.js";
import { Measurement } from "./measurement.js";
import { onesOwnCluster } from "./ones-own-cluster.js";
import type { BenchSettings, TargetName } from "./options.js";
import { startOwnCluster } from "./own-cluster.js";
import { requireEtcd, startOwnEtcd } from "./own-etcd.js";
import { PAXOS_PROTOCOL, RAFT_PROTOCOL } from "./synod-protocol.js";
import type { Target } from "./target.js";
import { keyPrefix, keysOf, Workload } from "./workload.js";

const PROTOCOLS = { paxos: PAXOS_PROTOCOL, raft: RAFT_PROTOCOL, etcd: ETCD_PROTOCOL } as const;

/** What a run of the command has at hand. */
interface Bench {
  readonly settings: BenchSettings;
  readonly secret: string | undefined;
  readonly recorder: HistoryRecorder | null;
  readonly terminal: Terminal;
  readonly progress: Progress;
}

/** What was measured, and why it is not all. */
export interface Measured {
  readonly report: BenchReport;
  readonly failure: CommandFailure | null;
}

/**
 * Measures one target after the other. What was measured before an interruption or a failure is kept.
 *
 * @throws {CommandFailure} if nothing can be measured
 */
export async function runBench(
  settings: BenchSettings,
  secret: string | undefined,
  recorder: HistoryRecorder | null,
  terminal: Terminal,
): Promise<Measured> {
  const starts = settings.targets.map((name) => ({ name, start: startOf(name, settings, secret, terminal) }));
  const targets: TargetReport[] = [];
  const progress = new Progress(terminal, () => "");
  const bench = { settings, secret, recorder, terminal, progress };
  let failure: CommandFailure | null = null;
  try {
    for (const { name, start } of starts) {
      progress.turnsTo(() => `${name}: starting`);
      const runs: Run[] = [];
      await measureTarget(bench, await start(), runs, (target) => targets.push({ ...target, runs }));
    }
  } catch (error) {
    if (!terminal.interrupted.aborted && !(error instanceof CommandFailure && targets.length > 0)) throw error;
    failure = error instanceof CommandFailure ? error : null;
  } finally {
    progress.end();
  }
  const interrupted = terminal.interrupted.aborted;
  return { report: { settings, targets, interrupted, machine: thisMachine() }, failure };
}

/** How a target is come by; what can be known to fail fails here, before anything was started. */
function startOf(
  name: TargetName,
  { servers, folder }: BenchSettings,
  secret: string | undefined,
  terminal: Terminal,
): () => Promise<Target> {
  if (servers) return () => onesOwnCluster(name, servers, secret, terminal);
  if (name !== "etcd") return () => startOwnCluster(name, folder, terminal);
  const version = requireEtcd(terminal);
  return () => startOwnEtcd(version, folder, terminal);
}

/** @param runs takes each measurement when it is done @param tells is called once, before the first measurement */
async function measureTarget(
  bench: Bench,
  target: Target,
  runs: Run[],
  tells: (target: Pick<TargetReport, "name" | "about">) => void,
): Promise<void> {
  const { settings, recorder, terminal, progress } = bench;
  const { name, about, addresses, secret } = target;
  const random = Random.fromSeed(settings.seed);
  const prefix = keyPrefix(random);
  const keys = keysOf(settings, prefix);
  const workload = new Workload(settings, keys, random);
  const { consistency: level, timeoutMs } = settings;
  const store = { protocol: PROTOCOLS[name], addresses, secret, level, timeoutMs, recorder };
  try {
    terminal.note(`${name}: ${about}`);
    tells({ name, about });
    if (settings.mix.get > 0 || recorder) {
      let written = 0;
      progress.turnsTo(() => `${name}: ${grouped(written)} of ${grouped(keys.length)} keys written`);
      await writeAllKeys(store, keys, workload, terminal.interrupted, (count) => {
        written = count;
      });
    }
    for (const concurrency of settings.concurrency) {
      if (terminal.interrupted.aborted) break;
      const run = await measure(bench, store, workload, concurrency);
      if (run.seconds > 0) runs.push(run);
      recorder?.throwIfFailed();
    }
  } finally {
    progress.turnsTo(() => `${name}: clearing away`);
    if (target.isOnesOwn) await removeAllKeys(store, keys, prefix, terminal);
    await target.remove();
  }
}

async function measure(
  { settings, terminal, progress }: Bench,
  store: LoadedStore,
  workload: Workload,
  concurrency: number,
): Promise<Run> {
  const { warmUpMs, durationMs, rate } = settings;
  const measurement = new Measurement();
  progress.turnsTo(() => soFar(store, measurement, concurrency, durationMs));
  const name = `${store.protocol.name}-${concurrency}`;
  await load({ concurrency, warmUpMs, durationMs, rate }, store, name, workload, measurement, terminal.interrupted);
  const now = performance.now();
  const seconds = measurement.seconds(now);
  return {
    concurrency,
    seconds: Number(seconds.toFixed(3)),
    isWhole: seconds * 1000 >= durationMs - 1,
    rate: Number(measurement.rate(now).toFixed(1)),
    errors: measurement.errors,
    latencies: measurement.latencies,
  };
}

function soFar({ protocol }: LoadedStore, measurement: Measurement, concurrency: number, durationMs: number): string {
  const now = performance.now();
  const begin = `${protocol.name}, ${concurrency} connections`;
  const seconds = measurement.seconds(now);
  if (seconds === 0) return `${begin}: warming up`;
  const errors = Object.values(measurement.errors).reduce((sum, count) => sum + count, 0);
  const p99 = measurement.percentileSoFar(99);
  return (
    `${begin}: ${seconds.toFixed(1)} of ${durationMs / 1000} s, ${grouped(Math.round(measurement.rate(now)))}/s, ` +
    `p99 ${p99 === null ? "-" : `${milliseconds(p99)} ms`}, ${errors === 0 ? "no errors" : `${grouped(errors)} errors`}`
  );
}
