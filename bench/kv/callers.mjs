/** Many callers in one process that use the client library: their calls travel together. */
import { connectStore } from "@synod/client";
import { cpuOf } from "./process-cost.mjs";

/**
 * So many callers write one value after the other.
 *
 * @param urls of all members: the client finds out which of them to ask
 * @returns puts a second, percentiles in milliseconds, what went wrong, and the microseconds of CPU of this process
 */
export async function callers({ urls, count, seconds, keys, valueSize }) {
  const store = connectStore({ servers: urls });
  const value = "x".repeat(valueSize);
  const times = [];
  const errors = {};
  let sent = 0;
  await store.put("key0000000000000", value);
  const cpu = cpuOf(process.pid);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const caller = async () => {
    for (let from = performance.now(); from < end; from = performance.now()) {
      try {
        await store.put(`key${String(sent++ % keys).padStart(13, "0")}`, value);
        times.push(performance.now() - from);
      } catch ({ code }) {
        errors[code] = (errors[code] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  const tookMs = performance.now() - begin;
  const ownCpu = cpuOf(process.pid) - cpu;
  await store.close();
  times.sort((one, other) => one - other);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  const percentiles = { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  return { requests: times.length, rate: (times.length * 1000) / tookMs, ...percentiles, errors, ownCpu };
}
