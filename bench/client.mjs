/** The client library by itself: what a call costs in its own process, against a server that answers batches at once. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connectStore } from "@synod/client";
import { inTurn, median, printTable } from "./measure.mjs";

const ROUNDS = 5;
const ROUND_MS = 1500;
const KEYS = 100_000;
const VALUE = "x".repeat(100);
const CALLERS = [1, 64, 256, 1000];
const CALLS = {
  put: (store, key) => store.put(key, VALUE),
  get: (store, key) => store.get(key),
};

const STAND_IN = fileURLToPath(new URL("./client/stand-in.mjs", import.meta.url));

/** So many callers, each with one call at a time. @returns CPU time a call, and calls a second */
async function measure(server, call, callers) {
  const store = connectStore({ servers: server });
  let count = 0;
  const work = async (until) => {
    // 16 characters, none of them twice within a batch.
    while (performance.now() < until) await call(store, `key ${String(count++ % KEYS).padStart(12, "0")}`);
  };
  const load = (ms) => {
    const until = performance.now() + ms;
    return Promise.all(Array.from({ length: callers }, () => work(until)));
  };
  await load(ROUND_MS / 5);
  const before = count;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await load(ROUND_MS);
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await store.close();
  const calls = count - before;
  return { microseconds: (user + system) / calls, rate: calls / seconds };
}

export async function benchClient() {
  const child = fork(STAND_IN);
  const [server] = await once(child, "message");
  try {
    const candidates = {};
    for (const [name, call] of Object.entries(CALLS)) {
      for (const callers of CALLERS) candidates[`${name} ${callers}`] = () => measure(server, call, callers);
    }
    const results = await inTurn(ROUNDS, candidates);
    const rows = Object.entries(results).map(([name, rounds]) => {
      const microseconds = median(rounds.map((round) => round.microseconds));
      const rate = median(rounds.map((round) => round.rate));
      return [...name.split(" "), microseconds.toFixed(1), Math.round(1e6 / microseconds), Math.round(rate)];
    });
    const header = ["call", "callers", "CPU of the client (us a call)", "so many a second on one core", "were seen"];
    printTable("The client library, against a server that answers batches at once", header, rows);
  } finally {
    child.kill();
  }
}
