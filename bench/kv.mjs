/** The replicated store: what a request costs in time, and that disks and restarts stay bounded. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Connection } from "./connection.mjs";
import { median, printTable, progress } from "./measure.mjs";

const SYNOD = fileURLToPath(new URL("../packages/proposer-cli/bin/synod.js", import.meta.url));
/** Ports of their own, so that a cluster on the usual ones is left alone. */
const PORT_OFFSET = 21_000;
const GATEWAY = 8000 + PORT_OFFSET;
const ROUNDS = 3;
const ROUND_MS = 2000;
const VALUE = "x".repeat(100);
const KEYS = 1000;
/** Writes of the long run; `SYNOD_BENCH_WRITES=100000` makes it shorter. */
const MANY = Number(process.env["SYNOD_BENCH_WRITES"] ?? 1_000_000);
const BATCH = 500;
const BATCHES_UNDER_WAY = 8;

function cluster(preset) {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-kv-"));
  const run = (...words) => {
    const { status, stderr } = spawnSync(process.execPath, [SYNOD, "cluster", ...words, "--home", home], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`synod cluster ${words.join(" ")}: ${stderr}`);
  };
  return {
    home,
    start: () => run("start", preset, "--port-offset", String(PORT_OFFSET)),
    stop: () => run("stop"),
    remove: () => {
      run("stop");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Keeps so many requests under way for a while. @returns how many were answered a second, and how long each took */
async function load(inFlight, body, path) {
  const connections = await Promise.all(Array.from({ length: inFlight }, () => Connection.open(GATEWAY)));
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

const REQUESTS = {
  write: ["/write", (count) => ({ key: `key ${count % KEYS}`, value: VALUE })],
  "strong read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "strong" })],
  "session read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "session" })],
  "eventual read": ["/read", (count) => ({ key: `key ${count % KEYS}`, consistency: "eventual" })],
};

async function benchRequests(preset) {
  const one = cluster(preset);
  one.start();
  const measured = new Map();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, [path, body]] of Object.entries(REQUESTS)) {
        for (const inFlight of [1, 64]) {
          const result = await load(inFlight, body, path);
          const line = `${name}, ${inFlight} in flight`;
          measured.set(line, [...(measured.get(line) ?? []), result]);
          progress(`${preset}: round ${round + 1} of ${ROUNDS}, ${line}`);
        }
      }
    }
  } finally {
    one.remove();
    progress("");
  }
  const middle = (results, field, digits) => median(results.map((result) => result[field])).toFixed(digits);
  printTable(
    `Requests, ${preset}`,
    ["", "a second", "p50, ms", "p99, ms"],
    [...measured].map(([line, results]) => [
      line,
      middle(results, "rate", 0),
      middle(results, "p50", 2),
      middle(results, "p99", 2),
    ]),
  );
}

/** Writes so many values to the same keys, many in a request. */
async function write(count, done) {
  const connections = await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, () => Connection.open(GATEWAY)));
  let next = done;
  const worker = async (connection) => {
    while (next < count) {
      const first = next;
      next += BATCH;
      const operations = Array.from({ length: Math.min(BATCH, count - first) }, (_, place) => ({
        type: "put",
        key: `key ${(first + place) % KEYS}`,
        value: VALUE,
      }));
      const body = JSON.stringify({ operations, ordered: false, timeout_ms: 60_000 });
      const answer = JSON.parse(await connection.request("POST", "/kv/batch", body));
      const failed = answer.results?.find(({ error }) => error);
      if (answer.results === undefined || failed) throw new Error(JSON.stringify(failed ?? answer).slice(0, 300));
      progress(`${next} of ${count} writes`);
    }
  };
  await Promise.all(connections.map(worker));
  for (const connection of connections) connection.close();
}

function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith("journal"))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

/** From nothing running to a strong read that is served. */
async function restartMs(one) {
  one.stop();
  const begin = performance.now();
  one.start();
  const connection = await Connection.open(GATEWAY);
  await connection.request("POST", "/read", JSON.stringify({ key: "key 1", consistency: "strong" }));
  connection.close();
  return performance.now() - begin;
}

async function benchGrowth() {
  const one = cluster("kv-compact");
  one.start();
  const rows = [];
  try {
    let done = 0;
    for (const count of [KEYS, Math.floor(MANY / 10), MANY]) {
      const begin = performance.now();
      await write(count, done);
      const seconds = (performance.now() - begin) / 1000;
      const rate = ((count - done) / seconds).toFixed(0);
      done = count;
      const restarts = [];
      for (let round = 0; round < 3; round++) restarts.push(await restartMs(one));
      rows.push([
        count.toLocaleString("en"),
        rate,
        (bytesIn(one.home) / 1e6).toFixed(1),
        (median(restarts) / 1000).toFixed(2),
      ]);
    }
  } finally {
    one.remove();
    progress("");
  }
  const header = ["writes", "a second", "journals of all nodes, MB", "stop, start, first read, s"];
  printTable(`Writes to ${KEYS} keys, kv-compact`, header, rows);
}

export async function benchKeyValue() {
  for (const preset of ["kv", "kv-compact"]) await benchRequests(preset);
  await benchGrowth();
}
