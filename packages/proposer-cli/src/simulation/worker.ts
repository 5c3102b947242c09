/** What a worker thread of a simulation runs: it does one task after the other until it is told to end. */
import { parentPort, workerData } from "node:worker_threads";
import { type Experiment, protocolOf } from "./experiment.js";
import { ExperimentRunner, type Task } from "./experiment-runner.js";

const experiment: Experiment = workerData;
const simulator = await import("@synod/simulator");
const runner = new ExperimentRunner(simulator, await protocolOf(simulator, experiment), experiment);

parentPort?.on("message", (task: Task) => parentPort?.postMessage(runner.do(task)));
