/** That disks and restarts stay bounded, however much is written. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "../connection.mjs";
import { median, printTable, progress } from "../measure.mjs";
import { KEYS, VALUE_SIZE } from "./measurements.mjs";
import { startPaxos } from "./paxos-cluster.mjs";
import { withCluster } from "./running.mjs";

const VALUE = "x".repeat(VALUE_SIZE);
const BATCH = 500;
const BATCHES_UNDER_WAY = 8;

export async function benchGrowth({ writes }) {
  const rows = [];
  await withCluster(startPaxos, async (cluster) => {
    const port = 8000 + cluster.offset;
    let done = 0;
    for (const count of [KEYS, Math.floor(writes / 10), writes]) {
      if (count <= done) continue;
      const begin = performance.now();
      await write(port, count, done);
      const seconds = (performance.now() - begin) / 1000;
      const rate = ((count - done) / seconds).toFixed(0);
      done = count;
      const restarts = [];
      for (let round = 0; round < 3; round++) restarts.push(await restartMs(cluster, port));
      const megabytes = (bytesIn(cluster.home) / 1e6).toFixed(1);
      rows.push([count.toLocaleString("en"), rate, megabytes, (median(restarts) / 1000).toFixed(2)]);
    }
  });
  progress("");
  const header = ["writes", "a second", "journals of all nodes, MB", "stop, start, first read, s"];
  printTable(`Writes to ${KEYS} keys, kv-compact`, header, rows);
}

/** Writes so many values to the same keys, many in a request. */
async function write(port, count, done) {
  const connections = await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, () => Connection.open(port)));
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
async function restartMs(cluster, port) {
  await cluster.stop();
  const begin = performance.now();
  await cluster.start();
  const connection = await Connection.open(port);
  await connection.request("POST", "/read", JSON.stringify({ key: "key 1", consistency: "strong" }));
  connection.close();
  return performance.now() - begin;
}
