import { randomInt } from "node:crypto";
import { Random, ringStatistics } from "@synod/consensus";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { text, wholeNumber } from "../terminal/option-values.js";
import { table } from "../terminal/table.js";

/** Rings larger than this take long, and show nothing new. */
const MOST_NODES = 1000;
/** More sizes than this make no table that one reads. */
const MOST_ROWS = 15;

export const ringStats: Command = {
  usage: "ring stats",
  summary: "Count the messages of elections on random rings, beside what theory says of them",
  examples: [
    ["synod ring stats --nodes 3..200", "a table of some sizes in between"],
    ["synod ring stats --nodes 10 --rings 5000 --seed 1", "one size, many rings, the same ones each time"],
  ],
  options: {
    nodes: {
      type: "string",
      default: "3..200",
      describe: `How many nodes: one number 2..${MOST_NODES}, or a range`,
      coerce: sizes("--nodes"),
    },
    rings: {
      type: "string",
      default: "100",
      describe: "Random rings of each size",
      coerce: wholeNumber("--rings", 1, 1_000_000),
    },
    seed: {
      type: "string",
      describe: "Decides the rings (default: a random one, printed)",
      coerce: wholeNumber("--seed", 0, Number.MAX_SAFE_INTEGER),
    },
  },
  run: async (args, terminal) => {
    const seed = (args["seed"] as number | undefined) ?? randomInt(2 ** 32);
    terminal.note(`seed: ${seed}`);
    const random = Random.fromSeed(seed);
    const rows = [];
    for (const nodes of args["nodes"] as number[]) {
      terminal.interrupted.throwIfAborted();
      rows.push(ringStatistics(nodes, args["rings"] as number, random));
      // So that Ctrl-C is heard between two sizes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const header = ["nodes", "mean", "n·H(n)", "least", "most", "worst", "n(n+1)/2", "best", "2n-1"];
    const cells = rows.map((row) => [
      ...[String(row.nodes), row.mean.toFixed(1), row.meanInTheory.toFixed(1), String(row.least), String(row.most)],
      ...[row.worst, row.worstInTheory, row.best, row.bestInTheory].map(String),
    ]);
    for (const line of table(header, cells)) terminal.line(line);
    return { exitCode: ExitCode.done, document: { seed, rows } };
  },
};

/** The sizes of a range, ends included; of a long one some, each larger than the last by about the same factor. */
function sizes(flag: string): (value: unknown) => number[] | undefined {
  const read = text(flag);
  return (value) => {
    const given = read(value);
    if (given === undefined) return undefined;
    const match = /^([1-9]\d*)(?:\.\.([1-9]\d*))?$/.exec(given);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first < 2 || last > MOST_NODES || first > last) {
      throw new UsageError(`${flag} must be a number 2..${MOST_NODES}, or a range such as 3..200, not "${given}"`);
    }
    const rows = Math.min(MOST_ROWS, last - first + 1);
    const sizeOf = (row: number) => Math.round(first * (last / first) ** (rows === 1 ? 0 : row / (rows - 1)));
    const isShort = last - first < MOST_ROWS;
    const chosen = Array.from({ length: rows }, (_, row) => (isShort ? first + row : sizeOf(row)));
    return [...new Set(chosen)];
  };
}
