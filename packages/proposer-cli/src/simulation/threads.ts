import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { BrokenSeed, CampaignSummary } from "@synod/simulator";
import { SIMULATION_WORKER } from "../worker-file.js";
import type { Experiment, SeedRange } from "./experiment.js";
import type { ExperimentRunner, Inquiry, Task } from "./experiment-runner.js";

/** Somebody who runs seeds. */
export interface SeedRunner {
  runSeeds(chunk: SeedRange): Promise<CampaignSummary>;
}

/** This very thread: there at once, and busy with each chunk until it is done. */
export class ThisThread implements SeedRunner {
  readonly #runner: ExperimentRunner;

  constructor(runner: ExperimentRunner) {
    this.#runner = runner;
  }

  async runSeeds(chunk: SeedRange): Promise<CampaignSummary> {
    // Lets signals and timers have their turn.
    await setImmediate();
    return this.#runner.runSeeds(chunk);
  }
}

/** A thread of its own: it takes a moment to start, and can be ended in the middle of anything. */
export class WorkerThread implements SeedRunner {
  readonly #worker: Worker;

  constructor(experiment: Experiment) {
    // Options of Node that the command was started with (a debugger, say) are not for every thread.
    this.#worker = new Worker(SIMULATION_WORKER, { workerData: experiment, execArgv: [] });
  }

  runSeeds(chunk: SeedRange): Promise<CampaignSummary> {
    return this.#ask<CampaignSummary>({ kind: "seeds", ...chunk });
  }

  inquire(broken: BrokenSeed): Promise<Inquiry> {
    return this.#ask<Inquiry>({ kind: "inquiry", broken });
  }

  /** Ends it, whatever it is doing. What it was asked stays without an answer. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** One task at a time. */
  async #ask<Answer>(task: Task): Promise<Answer> {
    this.#worker.postMessage(task);
    // A thread that ends by itself answers nothing any more.
    const ended = new AbortController();
    const exit = once(this.#worker, "exit", { signal: ended.signal }).then(([code]) => {
      throw new Error(`a thread ended with ${code} before it had an answer`);
    });
    try {
      const [answer] = await Promise.race([once(this.#worker, "message", { signal: ended.signal }), exit]);
      return answer as Answer;
    } finally {
      exit.catch(() => {});
      ended.abort();
    }
  }
}
