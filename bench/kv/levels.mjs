/** Each level of consistency, on both presets: what a request costs in time. */
import { Connection } from "../connection.mjs";
import { median, printTable, progress } from "../measure.mjs";
import { KEYS, VALUE_SIZE } from "./measurements.mjs";
import { startPaxos } from "./paxos-cluster.mjs";
import { withCluster } from "./running.mjs";

const ROUNDS = 3;
const ROUND_MS = 2000;
const VALUE = "x".repeat(VALUE_SIZE);

const REQUESTS = {
  write: ["/write", (count) => ({ key: `key ${count % KEYS}`, value: VALUE })],
  "strong read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "strong" })],
  "session read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "session" })],
  "eventual read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "eventual" })],
};

export async function benchLevels() {
  for (const preset of ["kv", "kv-compact"]) await benchPreset(preset);
}

async function benchPreset(preset) {
  const measured = new Map();
  await withCluster(
    () => startPaxos(preset),
    async (cluster) => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, [path, body]] of Object.entries(REQUESTS)) {
          for (const inFlight of [1, 64]) {
            const result = await load(8000 + cluster.offset, inFlight, body, path);
            const line = `${name}, ${inFlight} in flight`;
            measured.set(line, [...(measured.get(line) ?? []), result]);
            progress(`${preset}: round ${round + 1} of ${ROUNDS}, ${line}`);
          }
        }
      }
    },
  );
  progress("");
  const middle = (results, field, digits) => median(results.map((result) => result[field])).toFixed(digits);
  const rows = [...measured].map(([line, results]) => [
    line,
    middle(results, "rate", 0),
    middle(results, "p50", 2),
    middle(results, "p99", 2),
  ]);
  printTable(`Requests, ${preset}`, ["", "a second", "p50, ms", "p99, ms"], rows);
}

/** Keeps so many requests under way for a while. @returns how many were answered a second, and how long each took */
async function load(port, inFlight, body, path) {
  const connections = await Promise.all(Array.from({ length: inFlight }, () => Connection.open(port)));
  const times = [];
  let count = 0;
  const begin = performance.now();
  const worker = async (connection) => {
    while (performance.now() - begin < ROUND_MS) {
      const sent = performance.now();
      const answer = JSON.parse(await connection.request("POST", path, JSON.stringify(body(count++))));
      if (answer.slot === undefined) throw new Error(JSON.stringify(answer));
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(connections.map(worker));
  for (const connection of connections) connection.close();
  times.sort((one, other) => one - other);
  return {
    rate: (times.length * 1000) / ROUND_MS,
    p50: times[times.length >> 1],
    p99: times[Math.floor(times.length * 0.99)],
  };
}
