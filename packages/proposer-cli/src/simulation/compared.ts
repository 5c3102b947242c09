import { availableParallelism } from "node:os";
import type { Fault, Settings } from "@synod/simulator";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";
import { givenSettings, readFaults, severalNames, withFlags } from "./asked.js";
import { type Experiment, engineCalled, type SeedRange, type Simulator, systemOf } from "./experiment.js";

/** What `synod simulate --compare` was asked for, understood. */
export interface ComparisonAsked {
  readonly simulator: Simulator;
  /** One for each engine, in the order in which they were named: all alike, but for the engine. */
  readonly experiments: readonly Experiment[];
  readonly settings: Settings;
  /** The flaw that is planted in those engines that have it; null: none. */
  readonly mutation: string | null;
  /** Null: other ones in each seed, which are the same for all engines. */
  readonly faults: readonly Fault[] | null;
  /** As it was named; `-` for stdin; null for random faults. */
  readonly faultsFile: string | null;
  readonly seeds: SeedRange;
  readonly workers: number;
}

/** A schedule of a replicated log takes a while, and a table needs no thousand of them. */
const USUAL_SEEDS: SeedRange = { first: 1, last: 20 };
/** Options about one protocol, or about one schedule of it, and what they are when they are not given. */
const NOT_COMPARED = { properties: undefined, trace: undefined, "keep-going": false, diagram: "text" } as const;

/** @throws {UsageError} naming the option that is wrong */
export async function readComparison(
  simulator: Simulator,
  args: Arguments,
  terminal: Terminal,
): Promise<ComparisonAsked> {
  const engines = readEngines(simulator, args);
  const stranger = Object.entries(NOT_COMPARED).find(([flag, usual]) => args[flag] !== usual);
  if (stranger) {
    throw new UsageError(
      `--${stranger[0]} does not go with --compare: it is about one protocol, so simulate that alone`,
    );
  }
  const [first] = engines;
  const settings = withFlags(() => simulator.settingsFor(first, givenSettings(args), null));
  const mutation = (args["mutate"] as string | undefined) ?? null;
  const flaws = engines.flatMap(({ mutations }) => mutations.map(({ name }) => name));
  if (mutation !== null && !flaws.includes(mutation)) {
    throw new UsageError(
      `--mutate: ${noSuchName("mutation", mutation, flaws)} (without --compare, --mutate list tells of each)`,
    );
  }
  const plain = engines.map(({ name, mutations }): Experiment => {
    const own = mutations.some((one) => one.name === mutation) ? mutation : null;
    return {
      protocol: name,
      settings,
      mutation: own,
      faults: null,
      properties: null,
      keepsGoing: true,
      isCompared: true,
    };
  });
  const faultsFile = (args["faults"] as string | undefined) ?? null;
  // All engines run on the same machines: the names that one knows are those that all know.
  const system = systemOf(first, { ...(plain[0] as Experiment), mutation: null });
  const faults = faultsFile === null ? null : await readFaults(simulator, faultsFile, system, terminal);
  return {
    simulator,
    experiments: plain.map((one) => ({ ...one, faults })),
    settings,
    mutation,
    faults,
    faultsFile,
    seeds: (args["seeds"] as SeedRange | undefined) ?? USUAL_SEEDS,
    workers: (args["workers"] as number | undefined) ?? availableParallelism(),
  };
}

type Engine = ReturnType<typeof engineCalled>;

function readEngines(simulator: Simulator, args: Arguments): [Engine, ...Engine[]] {
  const names = severalNames(args);
  const usual = simulator.ENGINES.map(({ name }) => name).join(",");
  if (names.length < 2) {
    throw new UsageError(`--compare needs two engines, and --protocol names one: write --protocol ${usual}`);
  }
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new UsageError(`--protocol names ${twice} twice: an engine is compared with another one`);
  try {
    return names.map((name) => engineCalled(simulator, name)) as [Engine, ...Engine[]];
  } catch (error) {
    throw new UsageError(`--protocol: ${error instanceof Error ? error.message : String(error)}`);
  }
}
