/**
 * The program of a simulation's worker threads. It stands beside the bundled commands; sources, compiled files and the
 * bundle are equally deep in the package, so that the same words lead there from each.
 */
export const SIMULATION_WORKER = new URL("../bundle/simulation-worker.js", import.meta.url);
