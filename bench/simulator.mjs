/** How fast the simulator delivers messages, and the model checker visits states: one thread, real cores, faults on. */
import { exploreModel, PROTOCOLS, runSeed, settingsFor } from "../packages/simulator/dist/index.js";
import { inTurn, median, printTable } from "./measure.mjs";

const ROUNDS = 5;
const [paxos] = PROTOCOLS;

/** Pools from small to large: what a message costs grows with what each node remembers and what is watched. */
const POOLS = { "3 + 2": [3, 2], "5 + 3": [5, 3], "9 + 5": [9, 5], "15 + 5": [15, 5] };
const FOR_MS = 1500;

export async function benchSimulator() {
  await benchMessages();
  await benchModel();
}

async function benchMessages() {
  const candidates = Object.fromEntries(
    Object.entries(POOLS).map(([name, [acceptors, proposers]]) => [
      name,
      () => runFor(systemOf({ acceptors, proposers })),
    ]),
  );
  const results = await inTurn(ROUNDS, candidates);
  const rows = Object.entries(results).map(([name, runs]) => [
    name,
    grouped(median(runs.map(({ delivered, ms }) => (delivered / ms) * 1000))),
    grouped(median(runs.map(({ schedules, ms }) => (schedules / ms) * 1000))),
    grouped(median(runs.map(({ delivered, schedules }) => delivered / schedules))),
  ]);
  printTable(
    `Simulated Paxos, random faults, one thread (medians of ${ROUNDS})`,
    ["acceptors + proposers", "messages delivered/s", "schedules/s", "messages a schedule"],
    rows,
  );
}

/** Runs seed after seed for a while. */
function runFor(system) {
  const begin = performance.now();
  let delivered = 0;
  let schedules = 0;
  while (performance.now() - begin < FOR_MS) {
    delivered += runSeed(system, ++schedules).counts["messages-delivered"];
  }
  return { delivered, schedules, ms: performance.now() - begin };
}

async function benchModel() {
  const models = {
    "2 acceptors, 2 proposers, 1 crash, 1 duplicate": [{ acceptors: 2 }, { crashes: 1, duplicates: 1 }],
    "3 acceptors, 2 proposers": [{ acceptors: 3 }, {}],
    "3 acceptors, 2 proposers, 1 crash": [{ acceptors: 3 }, { crashes: 1 }],
  };
  const candidates = Object.fromEntries(
    Object.entries(models).map(([name, [settings, bounds]]) => [name, () => explore(settings, bounds)]),
  );
  const results = await inTurn(ROUNDS, candidates);
  const rows = Object.entries(results).map(([name, runs]) => [
    name,
    grouped(runs[0].states),
    grouped(median(runs.map(({ ms }) => ms))),
    grouped(median(runs.map(({ states, ms }) => (states / ms) * 1000))),
  ]);
  printTable(`Model checks, one thread (medians of ${ROUNDS})`, ["model", "states", "ms", "states/s"], rows);
}

function explore(settings, bounds) {
  const system = systemOf({ ...paxos.modelSettings(settings), ...settings });
  const begin = performance.now();
  const { states, verdict } = exploreModel(system, {
    requests: 1,
    crashes: 0,
    duplicates: 0,
    properties: null,
    ...bounds,
  });
  if (verdict !== "holds") throw new Error(`the model check ended with ${verdict}`);
  return { states, ms: performance.now() - begin };
}

function systemOf(settings) {
  return paxos.system(settingsFor(paxos, settings, null), null);
}

function grouped(number) {
  return Math.round(number).toLocaleString("en-US");
}
