/** The race with etcd: the same generator drives all, both engines and etcd in turn, three members each on one disk. */
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { median, printTable, progress } from "../measure.mjs";
import { callers } from "./callers.mjs";
import { startEtcd } from "./etcd-cluster.mjs";
import { firstWriteAfterKill } from "./first-write.mjs";
import { KEYS, MEASUREMENTS, VALUE_SIZE } from "./measurements.mjs";
import { startPaxos, startRaft } from "./paxos-cluster.mjs";
import { bytesWrittenBy, cpuOf, cpuOfEnded } from "./process-cost.mjs";
import { withCluster } from "./running.mjs";
import { startSketch } from "./sketch/cluster.mjs";
import { isThere, wrk } from "./wrk.mjs";

const STARTS = { paxos: startPaxos, raft: () => startRaft("kv-compact"), sketch: startSketch, etcd: startEtcd };

/** `@synod/client` asks Synod alone; and a sketch does not outlive its leader. */
const NOT_MEASURED = { etcd: ["client256"], sketch: ["client256", "failover"] };

/** What statfs calls a file system that is in memory. */
const TMPFS = 0x01021994;

export async function race({ targets, only, rounds, seconds, warmUp, settle }) {
  if (statfsSync(tmpdir()).type === TMPFS) {
    process.stdout.write(`${tmpdir()} is in memory, where a sync costs nothing: set TMPDIR to a folder on a disk.\n`);
  }
  const taking = whoTakesPart(targets);
  const measured = withoutMissing(only);
  if (taking.length === 0 || measured.length === 0) {
    process.exitCode = 1;
    return;
  }
  /** Of each target and measurement: a result a round. */
  const results = Object.fromEntries(
    taking.map((target) => [target, Object.fromEntries(measured.map((name) => [name, []]))]),
  );
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? taking : [...taking].reverse();
    await raceRound(order, measured, { seconds, warmUp, settle }, (target, name, result) => {
      results[target][name].push(result);
      progress("");
      process.stdout.write(`${lineOf(round, target, name, result)}\n`);
    });
  }
  printResults(results, measured, { rounds, seconds });
}

/**
 * All clusters, from nothing to the last measurement. What is compared is measured right after each other, since a machine
 * that has other things to do is another one a minute later; those whose turn it is not are idle meanwhile.
 */
async function raceRound(targets, measured, { seconds, warmUp, settle }, tell) {
  await withClusters(targets, async (clusters) => {
    if (isThere("wrk")) for (const cluster of clusters) await warm(cluster, warmUp);
    for (const name of measured) {
      for (const cluster of clusters) {
        const { target } = cluster;
        if (NOT_MEASURED[target]?.includes(name)) continue;
        progress(`${target}: ${name}`);
        tell(target, name, await measure(cluster, MEASUREMENTS[name], { seconds, settle }));
      }
    }
  });
}

/** @returns what the work returns, which is given a cluster of each of these; they are removed then */
function withClusters([target, ...others], work, clusters = []) {
  if (target === undefined) return work(clusters);
  progress(`${target} starts`);
  return withCluster(
    () => STARTS[target](),
    (cluster) => withClusters(others, work, [...clusters, cluster]),
  );
}

/** Writes, so that compilers have compiled and every key is there. */
async function warm({ target, members, leader }, seconds) {
  const { url } = members[await leader()];
  const load = { target, operation: "put", connections: 64, keys: KEYS, valueSize: VALUE_SIZE, url, seconds };
  const { errors } = await wrk(load);
  if (Object.keys(errors).length > 0) process.stdout.write(`${target}, warming up: ${inWords(errors)}\n`);
}

/**
 * Measures once the load has been there for a while: V8 compiles what runs often, and what costs a batch runs once a batch.
 *
 * @param times seconds of the load before it is measured, and while it is
 */
async function measure(cluster, measurement, { settle, seconds }) {
  if (measurement === MEASUREMENTS.failover) return { ms: await firstWriteAfterKill(cluster) };
  await load(cluster, measurement, await leaderOf(cluster), settle);
  const leads = await leaderOf(cluster);
  const before = await costs(cluster);
  const result = await load(cluster, measurement, leads, seconds);
  const after = await costs(cluster);
  const each = (one, other) => (other - one) / result.requests;
  return {
    ...result,
    cpu: cluster.members.map((_, place) => each(before.cpu[place], after.cpu[place])),
    generatorCpu: (result.ownCpu ?? after.generator - before.generator) / result.requests,
    syncs: each(before.syncs, after.syncs),
    bytes: each(before.bytes, after.bytes),
    leads,
    ledThroughout: (await cluster.leader()) === leads,
  };
}

async function leaderOf(cluster) {
  const leads = await cluster.leader();
  if (leads < 0) throw new Error(`${cluster.target} has no leader`);
  return leads;
}

/** Puts a cluster under the load of this measurement. */
function load({ target, members }, { callers: count, operation, connections }, leads, seconds) {
  const same = { target, url: members[leads].url, seconds, keys: KEYS, valueSize: VALUE_SIZE };
  if (count === undefined) return wrk({ ...same, operation, connections });
  return callers({ ...same, urls: members.map(({ url }) => url), count });
}

async function costs({ members, syncs }) {
  return {
    cpu: members.map(({ pid }) => cpuOf(pid)),
    generator: cpuOfEnded(),
    syncs: await syncs(),
    bytes: members.reduce((sum, { pid }) => sum + bytesWrittenBy(pid), 0),
  };
}

function lineOf(round, target, name, result) {
  const begin = `${round} ${target.padEnd(5)} ${name.padEnd(9)}`;
  if (result.ms === Number.POSITIVE_INFINITY) return `${begin} NO WRITE WITHIN 20 s`;
  if (result.ms !== undefined) return `${begin} ${result.ms.toFixed(0).padStart(6)} ms`;
  if (result.requests === 0) return `${begin} NO ANSWER  ${inWords(result.errors)}`;
  const { rate, p50, p99, cpu, leads, generatorCpu, syncs, bytes, errors, ledThroughout } = result;
  const others = cpu.filter((_, place) => place !== leads).map((us) => us.toFixed(0));
  return [
    `${begin} ${rate.toFixed(0).padStart(6)}/s`,
    `p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`,
    `CPU us: leader ${cpu[leads].toFixed(0)}, others ${others.join(" ")}, generator ${generatorCpu.toFixed(0)}`,
    `syncs ${syncs.toFixed(2)}`,
    `disk ${bytes.toFixed(0)} B`,
    ...(Object.keys(errors).length > 0 ? [`ERRORS: ${inWords(errors)}`] : []),
    ...(ledThroughout ? [] : ["THE LEADER CHANGED"]),
  ].join("  ");
}

function inWords(errors) {
  return Object.entries(errors)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function whoTakesPart(targets) {
  if (!targets.includes("etcd") || isThere("etcd")) return targets;
  process.stdout.write(
    "etcd is missing (Debian: apt-get install etcd-server): without it there is nobody to race with.\n",
  );
  return targets.filter((target) => target !== "etcd");
}

function withoutMissing(only) {
  if (isThere("wrk")) return only;
  const left = only.filter((name) => MEASUREMENTS[name].operation === undefined);
  process.stdout.write(
    `wrk is missing (Debian: apt-get install wrk): only ${left.join(", ") || "nothing"} is measured.\n`,
  );
  return left;
}

/** Medians, and the medians of the ratios pair by pair: a round's two clusters ran one right after the other. */
function printResults(results, measured, { rounds, seconds }) {
  const rows = [];
  for (const name of measured) {
    const { what, aims = {} } = MEASUREMENTS[name];
    const ours = results.paxos?.[name] ?? [];
    const onRaft = results.raft?.[name] ?? [];
    const theirs = results.etcd?.[name] ?? [];
    if (ours.length + onRaft.length + theirs.length === 0) continue;
    const fields = name === "failover" ? ["ms"] : ["rate", "p50", "p99"];
    for (const field of fields) {
      const [one, second, other] = [ours, onRaft, theirs].map((all) => all.map((result) => result[field]));
      const { what: unit, digits } = FIELDS[field];
      const [first, last, ratio] = compared(one, other, digits);
      rows.push([`${what}: ${unit}`, first, compared(second, other, digits)[0], last, ratio, aimOf(field, aims)]);
    }
  }
  const title = `kv-compact on both engines and etcd: medians of ${rounds} rounds, ${seconds} s each, ${VALUE_SIZE}-byte values`;
  const header = ["", "on Paxos", "on Raft", "etcd", "ratio of Paxos to etcd (lowest to highest)", "aim"];
  if (rows.length > 0) printTable(title, header, rows);
  printAgainstSketch(results, measured);
  printCosts(results, measured);
  printAgainstOwn(results.paxos);
}

/** How far one can get on this machine, and how far of that Synod gets. */
function printAgainstSketch({ paxos = {}, sketch = {}, etcd = {} }, measured) {
  const rows = [];
  for (const name of measured.filter((one) => sketch[one]?.length > 0)) {
    for (const field of ["rate", "p99"]) {
      const [ours, bare, theirs] = [paxos, sketch, etcd].map((target) => (target[name] ?? []).map((one) => one[field]));
      const { what: unit, digits } = FIELDS[field];
      const [first, last, byEtcd] = compared(bare, theirs, digits);
      rows.push([`${MEASUREMENTS[name].what}: ${unit}`, first, last, byEtcd, compared(ours, bare, digits)[2]]);
    }
  }
  const header = ["", "sketch", "etcd", "sketch by etcd (lowest to highest)", "Paxos by sketch (lowest to highest)"];
  if (rows.length > 0) printTable("The bare data path: HTTP, TCP, one fdatasync a group, and no more", header, rows);
}

const FIELDS = {
  rate: { what: "a second", digits: 0, aim: "at least" },
  p50: { what: "p50, ms", digits: 2, aim: "at most" },
  p99: { what: "p99, ms", digits: 2, aim: "at most" },
  ms: { what: "ms", digits: 0, aim: "at most" },
};

function compared(one, other, digits) {
  const ratios = one.slice(0, other.length).map((value, round) => value / other[round]);
  const middle = (values) => (values.length === 0 ? "-" : median(values).toFixed(digits));
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  const ratio = ratios.length === 0 ? "-" : `**${median(ratios).toFixed(2)}** (${lowest} to ${highest})`;
  return [middle(one), middle(other), ratio];
}

function aimOf(field, aims) {
  return aims[field] === undefined ? "" : `${FIELDS[field].aim} ${aims[field]}`;
}

function printCosts(results, measured) {
  const rows = [];
  for (const name of measured) {
    for (const [target, all] of Object.entries(results)) {
      const some = all[name].filter(({ cpu, requests }) => cpu !== undefined && requests > 0);
      if (some.length === 0) continue;
      const middle = (of, digits = 0) => median(some.map(of)).toFixed(digits);
      const othersOf = ({ cpu, leads }) => cpu.reduce((sum, us, place) => (place === leads ? sum : sum + us), 0);
      rows.push([
        MEASUREMENTS[name].what,
        target,
        middle(({ cpu, leads }) => cpu[leads]),
        middle(othersOf),
        middle(({ generatorCpu }) => generatorCpu),
        middle(({ syncs }) => syncs, 2),
        middle(({ bytes }) => bytes),
      ]);
    }
  }
  const header = [
    "",
    "",
    "leader's CPU, us",
    "two others', us",
    "generator's, us",
    "syncs, of all",
    "bytes to disk, of all",
  ];
  if (rows.length > 0) printTable("What a request costs", header, rows);
}

function printAgainstOwn({ puts256 = [], client256 = [] } = {}) {
  if (puts256.length === 0 || client256.length === 0) return;
  const [, , ratio] = compared(rates(client256), rates(puts256), 0);
  process.stdout.write(`\n256 callers of @synod/client, by 256 connections of wrk: ${ratio}, aim: at least 2\n`);
}

function rates(all) {
  return all.map(({ rate }) => rate);
}
