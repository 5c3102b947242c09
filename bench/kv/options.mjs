/** What `npm run bench -- kv` can be told. */
import { parseArgs } from "node:util";
import { MEASUREMENTS } from "./measurements.mjs";

const PARTS = ["race", "levels", "growth"];
/** Who takes part in the race unless somebody says otherwise, ... */
const USUAL_TARGETS = ["paxos", "raft", "etcd"];
/** ... and who can. */
const TARGETS = [...USUAL_TARGETS, "sketch"];

export const USAGE = `npm run bench -- kv [options]
  --parts ${PARTS.join(",")}   which parts; all unless named
  --only NAME,...              of the race: ${Object.keys(MEASUREMENTS).join(", ")}
  --targets NAME,...           of the race: ${TARGETS.join(", ")}; all but the last unless named.
                               sketch is the bare data path, which is no store: a bound for what one can reach
  --rounds N                   of the race: 5 unless given
  --seconds N                  of the race: how long each measurement takes, 3 unless given
  --warm-up N                  of the race: seconds of writes before the first measurement, 8 unless given
  --settle N                   of the race: seconds of the same load before each measurement, 10 unless given
  --writes N                   of the growth: 1,000,000 unless given`;

/** @returns null for --help @throws {Error} that says what is possible */
export function readOptions(words) {
  if (words.includes("--help")) return null;
  const text = { type: "string" };
  const names = ["parts", "only", "targets", "rounds", "seconds", "warm-up", "settle", "writes"];
  const options = Object.fromEntries(names.map((name) => [name, text]));
  try {
    const { values } = parseArgs({ args: words, options });
    return {
      parts: values.only ? ["race"] : list(values.parts, PARTS),
      only: list(values.only, Object.keys(MEASUREMENTS)),
      targets: list(values.targets ?? USUAL_TARGETS.join(), TARGETS),
      rounds: number(values.rounds, 5),
      seconds: number(values.seconds, 3),
      warmUp: number(values["warm-up"], 8),
      settle: number(values.settle, 10),
      writes: number(values.writes, 1_000_000),
    };
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }
}

function list(value, known) {
  const names = value?.split(",") ?? known;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  return known.filter((name) => names.includes(name));
}

function number(value, otherwise) {
  const given = value === undefined ? otherwise : Number(value);
  if (!Number.isInteger(given) || given < 1) throw new Error(`not a whole number above 0: ${value}`);
  return given;
}
