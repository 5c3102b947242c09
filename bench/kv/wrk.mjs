/** Load from wrk, one thread, so many connections with one request under way on each. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./requests.lua", import.meta.url));

/** Whether a program can be started. */
export function isThere(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}

/**
 * @param target whose requests to make: paxos, raft and sketch take the same ones, etcd its own
 * @param operation put, or get (linearizable)
 * @returns how many were answered a second, percentiles in milliseconds, and what went wrong
 */
export async function wrk({ target, operation, connections, seconds, url, keys, valueSize }) {
  const words = ["-t", "1", "-c", String(connections), "-d", `${seconds}s`, "--timeout", "10s", "--latency"];
  const child = spawn("wrk", [...words, "-s", SCRIPT, url, "--", target, operation, String(keys), String(valueSize)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece) => (text += piece));
  await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const json = /^\{"requests".*$/m.exec(text)?.[0];
  if (json === undefined) throw new Error(`wrk said nothing that can be read: ${text}`);
  const { requests, us, errors, ...percentiles } = JSON.parse(json);
  return {
    requests,
    rate: (requests * 1e6) / us,
    ...Object.fromEntries(Object.entries(percentiles).map(([name, time]) => [name, time / 1000])),
    errors: Object.fromEntries(Object.entries(errors).filter(([, count]) => count > 0)),
  };
}
