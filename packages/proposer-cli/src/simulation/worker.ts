/** What a worker thread of a simulation runs: it does one task after the other until it is told to end. */
import { parentPort, workerData } from "node:worker_threads";
import type { Experiment } from "./experiment.js";
import { Laboratory, type Task } from "./laboratory.js";

const laboratory = new Laboratory(await import("@synod/simulator"), workerData as Experiment);

parentPort?.on("message", (task: Task) => parentPort?.postMessage(laboratory.do(task)));
