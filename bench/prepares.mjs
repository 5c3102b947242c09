/** Prepares a second on one acceptor, on disk, in memory, and what the bare disk would allow. */
import { spawn } from "node:child_process";
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Connection } from "./connection.mjs";
import { inTurn, median, printTable } from "./measure.mjs";

const ROUNDS = 7;
const ROUND_MS = 1500;
const MOST_IN_FLIGHT = 64;

/** An acceptor in its own process, and a way to send it prepares. */
async function startAcceptor(kind, folder) {
  const script = fileURLToPath(new URL("./acceptor.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, kind, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve([Number(line)]));
    child.once("exit", () => reject(new Error(`the ${kind} acceptor did not start`)));
  });
  const connections = await Promise.all(Array.from({ length: MOST_IN_FLIGHT }, () => Connection.open(port)));
  let id = 0;
  const prepare = (connection) => connections[connection].request("POST", "/prepare", `{"id":${++id}}`);
  const count = async () => JSON.parse(await connections[0].request("GET", "/bench"));
  const stop = () => {
    for (const connection of connections) connection.close();
    child.kill("SIGKILL");
  };
  return { prepare, count, stop };
}

/** Keeps this many prepares under way for a while. */
async function load({ prepare, count }, inFlight) {
  const before = await count();
  const times = [];
  const begin = performance.now();
  const worker = async (_, connection) => {
    while (performance.now() - begin < ROUND_MS) {
      const sent = performance.now();
      await prepare(connection);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - begin) / 1000;
  const after = await count();
  const writesPerFlush = (after.writes - before.writes) / (after.flushes - before.flushes);
  return { perSecond: times.length / seconds, p50: median(times), writesPerFlush };
}

/** One small write and one fdatasync after the other, into a preallocated file, as the journal does. */
async function bareDisk(folder) {
  const file = openSync(join(folder, "bare"), "w+");
  writeSync(file, Buffer.alloc(256 * 1024));
  await new Promise((resolve) => fdatasync(file, resolve));
  const record = Buffer.alloc(48, 1);
  const times = [];
  for (let i = 0; i < 500; i++) {
    const begin = performance.now();
    writeSync(file, record, 0, record.length, i * record.length);
    await new Promise((resolve) => fdatasync(file, resolve));
    times.push(performance.now() - begin);
  }
  closeSync(file);
  return { perSecond: 1000 / median(times), p50: median(times) };
}

export async function benchPrepares() {
  // Beside the repository, so that it is the disk one works on and no memory file system.
  const folder = mkdtempSync(fileURLToPath(new URL("../.bench-", import.meta.url)));
  const [disk, memory] = [await startAcceptor("disk", join(folder, "disk")), await startAcceptor("memory", "")];
  try {
    for (const acceptor of [disk, memory]) await load(acceptor, 64);
    const results = await inTurn(ROUNDS, {
      "bare write and fdatasync": () => bareDisk(folder),
      "memory, 1 in flight": () => load(memory, 1),
      "disk, 1 in flight": () => load(disk, 1),
      "memory, 64 in flight": () => load(memory, 64),
      "disk, 64 in flight": () => load(disk, 64),
    });
    report(results);
  } finally {
    disk.stop();
    memory.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(results) {
  const rows = Object.entries(results).map(([name, rounds]) => [
    name,
    Math.round(median(rounds.map(({ perSecond }) => perSecond))),
    median(rounds.map(({ p50 }) => p50)).toFixed(3),
    rounds[0].writesPerFlush === undefined ? "-" : median(rounds.map((round) => round.writesPerFlush)).toFixed(1),
  ]);
  printTable("Prepares on one acceptor", ["", "a second", "p50, ms", "writes a flush"], rows);
  const ratios = results["disk, 64 in flight"].map(
    ({ perSecond }, round) => perSecond / results["memory, 64 in flight"][round].perSecond,
  );
  const single = results["disk, 1 in flight"].map(({ p50 }, round) => {
    const parts = results["memory, 1 in flight"][round].p50 + results["bare write and fdatasync"][round].p50;
    return p50 / parts;
  });
  process.stdout.write(`\n64 in flight: disk / memory = ${median(ratios).toFixed(2)} (aim: at least 0.8)\n`);
  process.stdout.write(
    `1 in flight: disk / (one HTTP round trip + one fdatasync) = ${median(single).toFixed(2)} (aim: about 1)\n`,
  );
}
