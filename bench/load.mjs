/**
 * Whether the store holds under load: 10 minutes at 256 clients, puts and reads mixed, at a kv-compact cluster. Memory of
 * each process must be flat after the first minute, no request may fail, and journals stay bounded because the log is
 * truncated. Then ten times as many clients as it is at its best with. `SYNOD_BENCH_SECONDS=60` makes it shorter, `SYNOD_BENCH_CLIENTS` takes another number of clients.
 */
import { Connection } from "./connection.mjs";
import { startPaxos } from "./kv/paxos-cluster.mjs";
import { isThere, wrk } from "./kv/wrk.mjs";
import { overload } from "./load/overload.mjs";
import { watchProcesses } from "./load/watch-processes.mjs";
import { median, printTable, progress } from "./measure.mjs";

const SECONDS = Number(process.env["SYNOD_BENCH_SECONDS"] ?? 600);
const CLIENTS = Number(process.env["SYNOD_BENCH_CLIENTS"] ?? 256);
const KEYS = 1000;
const VALUE_SIZE = 100;
/** Where other measurements and people have their clusters, this one is not. */
const PORTS_FROM = 26_000;
/** Resident memory after the first minute may grow by a fifth and this, in bytes: what the heap of V8 breathes. */
const GROWTH_FACTOR = 1.2;
const GROWTH_BYTES = 32 * 2 ** 20;
/** Seconds from which on a run says something about memory and truncation. */
const LONG_ENOUGH = 300;

export async function benchLoad() {
  const cluster = await startPaxos("kv-compact", PORTS_FROM);
  const members = cluster.members.map(({ name, pid, url }, place) => ({
    name,
    pid,
    gateway: url,
    acceptor: `http://127.0.0.1:${5001 + place + cluster.offset}`,
  }));
  try {
    await fill(8000 + cluster.offset);
    const watch = watchProcesses(members, cluster.home);
    const ticking = setInterval(() => progress(`${CLIENTS} clients, ${SECONDS} s in all`), 1000);
    const result = await load(members[await cluster.leader()] ?? members[0]);
    clearInterval(ticking);
    progress("");
    report(await watch.stop(), result);
    for (const fault of await overload(cluster)) fail(fault);
  } finally {
    await cluster.remove();
  }
}

/** Gives every key a value, so that no read finds none. */
async function fill(port) {
  const connection = await Connection.open(port);
  const operations = Array.from({ length: KEYS }, (_, place) => ({
    type: "put",
    key: `key${String(place + 1).padStart(13, "0")}`,
    value: "x".repeat(VALUE_SIZE),
  }));
  await connection.request("POST", "/kv/batch", JSON.stringify({ operations, ordered: false, timeout_ms: 60_000 }));
  connection.close();
}

/** @returns how many were answered a second, and what went wrong, by kind */
async function load({ gateway: url }) {
  if (!isThere("wrk")) return loadWithout(Number(new URL(url).port));
  const asked = { target: "paxos", operation: "mixed", keys: KEYS, valueSize: VALUE_SIZE };
  return wrk({ ...asked, connections: CLIENTS, seconds: SECONDS, url });
}

/** The same load where there is no wrk, from this very process. */
async function loadWithout(port) {
  const connections = await Promise.all(Array.from({ length: CLIENTS }, () => Connection.open(port)));
  const until = performance.now() + SECONDS * 1000;
  const errors = {};
  let requests = 0;
  const body = JSON.stringify({ value: "x".repeat(VALUE_SIZE) });
  const worker = async (connection) => {
    while (performance.now() < until) {
      const path = `/kv/key${String((requests++ % KEYS) + 1).padStart(13, "0")}`;
      const turn = requests % 4;
      const asked = turn % 2 === 1 ? ["PUT", path, body] : ["GET", turn === 0 ? path : `${path}?consistency=strong`];
      await connection.request(...asked).catch(({ message }) => {
        const kind = message.split(":")[0];
        errors[kind] = (errors[kind] ?? 0) + 1;
      });
    }
  };
  await Promise.all(connections.map(worker));
  for (const connection of connections) connection.close();
  return { requests, rate: requests / SECONDS, errors };
}

function report(members, { requests, rate: perSecond, errors, p50, p99 }) {
  const minute = Math.min(60, SECONDS / 5);
  const rows = members.map(({ name, rss, heap, journals, truncations }) => [
    name,
    megabytes(medianBetween(rss, 0, minute)),
    megabytes(medianBetween(rss, minute, 2 * minute)),
    megabytes(medianBetween(rss, SECONDS - minute, SECONDS)),
    (slopeAfter(rss, minute) / 1e6).toFixed(2),
    megabytes(medianBetween(heap, 0, minute)),
    megabytes(medianBetween(heap, SECONDS - minute, SECONDS)),
    megabytes(journals),
    truncations,
  ]);
  const header = [
    "",
    "RSS in minute 1, MB",
    "in minute 2",
    "in the last",
    "slope after minute 1, MB a minute",
    "heap in minute 1",
    "in the last",
    "journals at most, MB",
    "truncations seen",
  ];
  printTable(`${CLIENTS} clients for ${SECONDS} s, kv-compact, puts and reads mixed`, header, rows);
  const times = p50 === undefined ? "" : `, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  process.stdout.write(`\n${requests} requests, ${perSecond.toFixed(0)} a second${times}\n`);
  process.stdout.write(`a second, every 10 s: ${rates(members).join(" ")}\n`);
  judge(members, minute, errors);
}

function judge(members, minute, errors) {
  const faults = Object.entries(errors).map(([kind, count]) => `${count} errors: ${kind}`);
  for (const { name, rss, truncations, problems } of members) {
    for (const [code, count] of problems) faults.push(`${name} answered ${code} ${count} times`);
    const [early, late] = [medianBetween(rss, minute, 2 * minute), medianBetween(rss, SECONDS - minute, SECONDS)];
    // In a short run the heap is still on its way to where it stays.
    if (SECONDS >= LONG_ENOUGH && late > early * GROWTH_FACTOR + GROWTH_BYTES) {
      faults.push(`the memory of ${name} grew from ${megabytes(early)} to ${megabytes(late)} MB`);
    }
    if (truncations === 0 && SECONDS >= LONG_ENOUGH) faults.push(`the log of ${name} was never truncated`);
  }
  if (faults.length === 0)
    process.stdout.write(SECONDS >= LONG_ENOUGH ? "held: no error, and memory flat\n" : "no error\n");
  for (const fault of faults) fail(fault);
}

function fail(fault) {
  process.stdout.write(`NOT HELD: ${fault}\n`);
  process.exitCode = 1;
}

/** How many requests for keys were answered a second, by all, in each 10 s. */
function rates(members) {
  const places = Array.from({ length: Math.floor(SECONDS / 10) }, (_, place) => place);
  return places.map((place) => Math.round(members.reduce((sum, { answered }) => sum + rate(answered, 10 * place), 0)));
}

/** How much a count grew a second in the 10 s from then on. */
function rate(counts, from) {
  const within = counts.filter(([at]) => at >= from && at <= from + 10);
  const [first, last] = [within[0], within.at(-1)];
  return first === undefined || first === last ? 0 : (last[1] - first[1]) / (last[0] - first[0]);
}

function medianBetween(samples, from, to) {
  const numbers = samples.filter(([at, number]) => at >= from && at < to && Number.isFinite(number));
  return numbers.length === 0 ? Number.NaN : median(numbers.map(([, number]) => number));
}

/** How much it grows a minute, by the line that fits best. */
function slopeAfter(samples, from) {
  const points = samples.filter(([at, number]) => at >= from && Number.isFinite(number));
  const mean = (place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [at, number]) => sum + (at - x) * (number - y), 0);
  return (60 * covariance) / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
