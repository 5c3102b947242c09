import { cpus } from "node:os";
import type { Latency } from "./measurement.js";
import type { BenchSettings, OperationName, TargetName } from "./options.js";

/** One measurement: a target at one concurrency. */
export interface Run {
  readonly concurrency: number;
  /** Seconds that were counted. */
  readonly seconds: number;
  /** Whether they are as many as were asked for. */
  readonly isWhole: boolean;
  /** Answers a second, of all operations. */
  readonly rate: number;
  /** How often what went wrong. */
  readonly errors: Readonly<Record<string, number>>;
  readonly latencies: Readonly<Partial<Record<OperationName, Latency>>>;
}

export interface TargetReport {
  readonly name: TargetName;
  readonly about: string;
  readonly runs: readonly Run[];
}

/** All that was measured. */
export interface BenchReport {
  readonly settings: BenchSettings;
  readonly targets: readonly TargetReport[];
  readonly interrupted: boolean;
  readonly machine: Machine;
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly node: string;
  readonly platform: string;
}

export function thisMachine(): Machine {
  const all = cpus();
  const { version, platform } = process;
  return { cores: all.length, processor: all[0]?.model.trim() ?? "unknown", node: version, platform };
}

/** The operations that were done, of one measurement. */
export function latenciesOf({ latencies }: Run): [OperationName, Latency][] {
  return Object.entries(latencies) as [OperationName, Latency][];
}

/** The report as one document of JSON; times in milliseconds. */
export function benchDocument({ settings, targets, interrupted, machine }: BenchReport): object {
  const { concurrency, durationMs, warmUpMs, mix, rate, consistency, keys, keySize, valueSize, seed } = settings;
  return {
    settings: {
      loop: rate === null ? "closed" : "open",
      ...{ rate, concurrency, durationMs, warmUpMs, mix, consistency, keys, keySize, valueSize, seed },
    },
    machine,
    interrupted,
    targets,
  };
}
