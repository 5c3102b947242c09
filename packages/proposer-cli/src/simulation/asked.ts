import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Fault, ModelBounds, MutationText, Protocol, Settings, System } from "@synod/simulator";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { readStdin } from "../terminal/stdin.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Experiment, loadProtocol, type SeedRange, type Simulator, systemOf } from "./experiment.js";
import { SETTING_FLAGS } from "./options.js";

const USUAL_SEEDS: SeedRange = { first: 1, last: 1000 };

/** What `synod simulate` was asked for, understood. */
export interface Asked {
  readonly simulator: Simulator;
  readonly protocol: Protocol;
  readonly mutation: MutationText | null;
  readonly experiment: Experiment;
  readonly system: System;
  /** The settings that were given, not those that follow. */
  readonly given: Settings;
  /** As it was named; `-` for stdin; null for random faults. */
  readonly faultsFile: string | null;
  readonly seeds: SeedRange;
  readonly workers: number;
  readonly diagram: "text" | "mermaid" | "none";
}

/** @throws {UsageError} naming the option that is wrong */
export async function readAsked(simulator: Simulator, args: Arguments, terminal: Terminal): Promise<Asked> {
  const protocol = await readProtocol(simulator, args);
  const mutation = readMutation(protocol, args);
  const given = givenSettings(args);
  const faultsFile = (args["faults"] as string | undefined) ?? null;
  const plain: Experiment = {
    protocol: args["protocol"] as string,
    settings: withFlags(() => simulator.settingsFor(protocol, given, mutation)),
    mutation: mutation?.name ?? null,
    faults: null,
    properties: null,
    keepsGoing: args["keep-going"] as boolean,
  };
  const system = withFlags(() => systemOf(protocol, plain));
  const experiment = {
    ...plain,
    faults: faultsFile === null ? null : await readFaults(simulator, faultsFile, system, terminal),
    properties: readProperties(simulator, system, args),
  };
  return {
    simulator,
    protocol,
    mutation,
    experiment,
    system,
    given,
    faultsFile,
    seeds: (args["seeds"] as SeedRange | undefined) ?? USUAL_SEEDS,
    workers: (args["workers"] as number | undefined) ?? availableParallelism(),
    diagram: args["diagram"] as Asked["diagram"],
  };
}

/** What `synod check model` was asked for, understood. */
export type ModelAsked = Pick<Asked, "simulator" | "system" | "diagram" | "experiment"> & {
  readonly bounds: ModelBounds;
};

/** @throws {UsageError} naming the option that is wrong */
export async function readModelAsked(simulator: Simulator, args: Arguments): Promise<ModelAsked> {
  const protocol = await readProtocol(simulator, args);
  const mutation = readMutation(protocol, args);
  const given = givenSettings(args);
  const chosen = { ...mutation?.settings, ...given };
  const experiment: Experiment = {
    protocol: args["protocol"] as string,
    settings: withFlags(() => simulator.settingsFor(protocol, { ...protocol.modelSettings(chosen), ...chosen }, null)),
    mutation: mutation?.name ?? null,
    faults: null,
    properties: null,
    keepsGoing: false,
  };
  const system = withFlags(() => systemOf(protocol, experiment));
  const bounds: ModelBounds = {
    requests: args["requests"] as number,
    crashes: args["crashes"] as number,
    duplicates: args["duplicates"] as number,
    properties: readProperties(simulator, system, args),
  };
  return { simulator, system, diagram: args["diagram"] as Asked["diagram"], experiment, bounds };
}

/** The names of protocols with commas between them. */
export function severalNames(args: Arguments): string[] {
  return (args["protocol"] as string).split(",");
}

/** @throws {UsageError} if there is no such protocol */
export async function readProtocol(simulator: Simulator, args: Arguments): Promise<Protocol> {
  try {
    return await loadProtocol(simulator, args["protocol"] as string);
  } catch (error) {
    if (severalNames(args).length > 1) {
      throw new UsageError(`--protocol names one protocol, unless several are compared: add --compare`);
    }
    throw new UsageError(`--protocol: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readMutation({ mutations }: Protocol, args: Arguments): MutationText | null {
  const name = args["mutate"] as string | undefined;
  if (name === undefined) return null;
  const mutation = mutations.find((one) => one.name === name);
  if (mutation) return mutation;
  const known = mutations.map((one) => one.name);
  throw new UsageError(`--mutate: ${noSuchName("mutation", name, known)} (--mutate list tells of each)`);
}

function readProperties(simulator: Simulator, system: System, args: Arguments): string[] | null {
  const names = args["properties"] as string[] | undefined;
  if (names === undefined) return null;
  const known = simulator.propertiesOf(system).map(({ name }) => name);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return names;
  throw new UsageError(
    `--properties: ${noSuchName("property", stranger, known)} (--properties list tells what each means)`,
  );
}

/**
 * The settings that the command line names, whatever the protocol makes of them.
 *
 * @throws {UsageError} if one of them is named twice
 */
export function givenSettings(args: Arguments): Settings {
  const given = SETTING_FLAGS.flatMap((name) => {
    const value = args[name] as number | undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  const set = (args["set"] as Settings | undefined) ?? {};
  const twice = given.find(([name]) => Object.hasOwn(set, name));
  if (twice)
    throw new UsageError(`--${twice[0]} and --set ${twice[0]}=${set[twice[0]]} set the same: give one of them`);
  return { ...Object.fromEntries(given), ...set };
}

/** What a protocol says of a setting, said of the option that sets it. */
export function withFlags<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const isFlag = SETTING_FLAGS.some((name) => error.message.startsWith(`${name} `));
    throw new UsageError(isFlag ? `--${error.message}` : error.message);
  }
}

/** @throws {CommandFailure} if the file cannot be read; {UsageError} with each line that is wrong */
export async function readFaults(
  simulator: Simulator,
  file: string,
  system: System,
  terminal: Terminal,
): Promise<readonly Fault[]> {
  const source = file === "-" ? "stdin" : file;
  const bytes = await (file === "-" ? readStdin(terminal) : readFile(file)).catch((error: Error) => {
    terminal.interrupted.throwIfAborted();
    throw new CommandFailure(ExitCode.failure, "unreadable", `${source} cannot be read: ${error.message}`);
  });
  try {
    return simulator
      .parseFaults(bytes.toString("utf8"), simulator.namesForFaults(system))
      .map(({ line: _, ...fault }) => fault);
  } catch (error) {
    if (!(error instanceof simulator.FaultSyntaxError)) throw error;
    throw new UsageError(error.problems.map(({ message }) => `${source}: ${message}`).join("\n"));
  }
}
