import type { BrokenSeed, CampaignSummary, Counterexample, Protocol, System } from "@synod/simulator";
import { type Experiment, runOptionsOf, type SeedRange, type Simulator, systemOf } from "./experiment.js";

/** Some work on an experiment. Tasks and what comes of them are plain data: they travel to worker threads and back. */
export type Task = ({ readonly kind: "seeds" } & SeedRange) | { readonly kind: "inquiry"; readonly broken: BrokenSeed };

/** What there is to say about a seed that broke a property. */
export interface Inquiry {
  /** The fewest faults with which it still does, in the language of faults. */
  readonly neededFaults: readonly string[];
  /** Null where something did not happen in time, which no list of actions can show, and where none was found. */
  readonly counterexample: Counterexample | null;
}

/** Where tasks are done, in whatever thread. */
export class ExperimentRunner {
  readonly #simulator: Simulator;
  readonly #experiment: Experiment;
  readonly #system: System;

  constructor(simulator: Simulator, protocol: Protocol, experiment: Experiment) {
    this.#simulator = simulator;
    this.#experiment = experiment;
    this.#system = systemOf(protocol, experiment);
  }

  do(task: Task): CampaignSummary | Inquiry {
    return task.kind === "seeds" ? this.runSeeds(task) : this.inquire(task.broken);
  }

  runSeeds({ first, last }: SeedRange): CampaignSummary {
    const options = runOptionsOf(this.#experiment);
    return this.#simulator.runSeeds(this.#system, first, last, options, this.#experiment.keepsGoing);
  }

  inquire({ seed, property, kind }: BrokenSeed): Inquiry {
    const { shrinkFaults, faultsOf, faultInWords, counterexampleOf } = this.#simulator;
    const options = runOptionsOf(this.#experiment);
    const faults = this.#experiment.faults ?? faultsOf(this.#system, seed);
    const needed = shrinkFaults(this.#system, seed, faults, property, options);
    return {
      neededFaults: needed.map(faultInWords),
      counterexample: kind === "always" ? counterexampleOf(this.#system, seed, options) : null,
    };
  }
}
