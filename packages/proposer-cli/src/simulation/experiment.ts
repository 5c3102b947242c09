import type { Fault, Protocol, RunOptions, Settings, System } from "@synod/simulator";

/** The simulator, as it is loaded when a command needs it. */
export type Simulator = typeof import("@synod/simulator");

/** What is simulated, whatever the seed. Plain data: every worker thread gets a copy. */
export interface Experiment {
  readonly protocol: string;
  /** Every one that the protocol has. */
  readonly settings: Settings;
  readonly mutation: string | null;
  /** Null: other ones in each seed, which the seed decides. */
  readonly faults: readonly Fault[] | null;
  /** The properties that count; null: all. */
  readonly properties: readonly string[] | null;
  /** Whether it goes on after a seed that breaks something. */
  readonly keepsGoing: boolean;
}

/** The first and the last of the seeds to run. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** The protocol of this name. */
export function protocolNamed({ PROTOCOLS }: Simulator, name: string): Protocol | undefined {
  return PROTOCOLS.find((protocol) => protocol.name === name);
}

/** @throws {RangeError} if the settings do not go together */
export function systemOf(simulator: Simulator, { protocol, settings, mutation }: Experiment): System {
  const found = protocolNamed(simulator, protocol);
  if (!found) throw new RangeError(`there is no protocol ${protocol}`);
  return found.system(settings, mutation);
}

export function runOptionsOf({ faults, properties }: Experiment): RunOptions {
  return { faults, properties };
}
