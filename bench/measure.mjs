/** What all measurements share: medians, rounds in turn, and a table. These machines are noisy: compare within one run. */
import { spawnSync } from "node:child_process";

export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs each candidate once a round, in turn, so that whatever else the machine does falls on all of them. */
export async function inTurn(rounds, candidates) {
  const results = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      progress(`round ${round} of ${rounds}: ${name}`);
      results[name].push(await run());
    }
  }
  progress("");
  return results;
}

/** One line that is written over and over, where somebody watches. */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Milliseconds from start to end of a process that must succeed. */
export function wallTimeOf(command, words, options = {}) {
  const begin = performance.now();
  const { status, stderr } = spawnSync(command, words, { ...options, encoding: "utf8" });
  if (status !== 0) throw new Error(`${[command, ...words].join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - begin;
}

export function printTable(title, header, rows) {
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  process.stdout.write(`\n${title}\n\n${lines.join("\n")}\n`);
}
