import { randomInt } from "node:crypto";
import path from "node:path";
import type { Address } from "@synod/api";
import type { Options } from "yargs";
import { POOL_OPTIONS } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { duration, name, servers, wholeNumber } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";

const TARGET_NAMES = ["paxos", "raft", "etcd"] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export const OPERATIONS = ["put", "get"] as const;
export type OperationName = (typeof OPERATIONS)[number];

const LEVELS = ["eventual", "session", "strong"] as const;
export type Level = (typeof LEVELS)[number];

/** More connections than this need more file descriptors than a process usually has. */
const MOST_CONNECTIONS = 4096;

/** What a value may be at most at a gateway. */
const LONGEST_VALUE = 65_536;

/** Before the number of a key: `bench-`, five characters that differ from run to run, a dash. */
export const KEY_PREFIX_LENGTH = 12;

/** What makes a value like no other has this many characters at most. */
const UNIQUE_VALUE_LENGTH = 12;

export const BENCH_OPTIONS = {
  targets: {
    type: "string",
    default: "paxos",
    describe: `What to measure, one after the other: ${TARGET_NAMES.join(",")}`,
    coerce: listOf("--targets", TARGET_NAMES),
  },
  servers: {
    type: "string",
    describe:
      "A cluster of your own, host:port,... of its gateways (of its members, with --targets etcd); connections are " +
      "spread over them (default: a new cluster of three on this machine, which is removed afterwards)",
    coerce: servers("--servers"),
  },
  concurrency: {
    type: "string",
    default: "1,8,64,256",
    describe: "How many connections, each with one request under way; every number is measured",
    coerce: numbers("--concurrency", MOST_CONNECTIONS),
  },
  duration: {
    type: "string",
    default: "5s",
    describe: "How long each measurement takes",
    coerce: duration("--duration"),
  },
  "warm-up": {
    type: "string",
    default: "1s",
    describe: "How long the same is done before each without being counted; 0 for not at all",
    coerce: durationOrNone("--warm-up"),
  },
  mix: {
    type: "string",
    default: "put",
    describe: "What to do: put, get, or both in these shares: get=9,put=1",
    coerce: mix("--mix"),
  },
  rate: {
    type: "string",
    describe:
      "So many requests a second, whether or not the last ones are answered: an open loop, in which a request's time " +
      "begins when it was due (default: each connection asks as soon as it is answered)",
    coerce: wholeNumber("--rate", 1, 1_000_000),
  },
  consistency: {
    choices: LEVELS,
    default: "strong",
    describe: "The level of gets",
  },
  keys: {
    type: "string",
    default: "1000",
    describe: "How many keys there are, each as likely as the others",
    coerce: wholeNumber("--keys", 1, 1_000_000),
  },
  "key-size": {
    type: "string",
    default: "16",
    describe: "Characters of a key",
    coerce: wholeNumber("--key-size", KEY_PREFIX_LENGTH + 1, 1024),
  },
  "value-size": {
    type: "string",
    default: "100",
    describe: "Characters of a value",
    coerce: wholeNumber("--value-size", 1, LONGEST_VALUE),
  },
  seed: {
    type: "string",
    describe: "Decides which keys are asked for, in which order (default: random, and told)",
    coerce: wholeNumber("--seed", 0, Number.MAX_SAFE_INTEGER),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long to wait for an answer before it counts as an error",
    coerce: duration("--timeout"),
  },
  html: {
    type: "string",
    describe: "Write the measurements as a page that stands alone to this file",
    coerce: name("--html"),
  },
  record: {
    type: "string",
    describe: "Write what was done to this history, for: synod check history FILE --model register",
    coerce: name("--record"),
  },
  folder: {
    type: "string",
    describe: "Where new clusters keep their data, and so on which disk (default: the system's folder for such)",
    coerce: name("--folder"),
  },
  "secret-file": POOL_OPTIONS["secret-file"],
} as const satisfies Record<string, Options>;

/** What shall be measured, and how. */
export interface BenchSettings {
  readonly targets: readonly TargetName[];
  /** Of a cluster that runs already; null to start new ones. */
  readonly servers: readonly Address[] | null;
  readonly concurrency: readonly number[];
  readonly durationMs: number;
  readonly warmUpMs: number;
  /** How often each operation shall be done, compared with the others. */
  readonly mix: Readonly<Record<OperationName, number>>;
  /** Requests a second in an open loop; null for a closed one. */
  readonly rate: number | null;
  readonly consistency: Level;
  readonly keys: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly html: string | null;
  readonly record: string | null;
  readonly folder: string | null;
}

/** @throws {UsageError} for options that do not go together */
export function readBenchSettings(args: Arguments): BenchSettings {
  const settings: BenchSettings = {
    targets: args["targets"] as TargetName[],
    servers: (args["servers"] as Address[] | undefined) ?? null,
    concurrency: args["concurrency"] as number[],
    durationMs: args["duration"] as number,
    warmUpMs: args["warm-up"] as number,
    mix: args["mix"] as Record<OperationName, number>,
    rate: (args["rate"] as number | undefined) ?? null,
    consistency: args["consistency"] as Level,
    keys: args["keys"] as number,
    keySize: args["key-size"] as number,
    valueSize: args["value-size"] as number,
    seed: (args["seed"] as number | undefined) ?? randomInt(2 ** 32),
    timeoutMs: args["timeout"] as number,
    html: (args["html"] as string | undefined) ?? null,
    record: (args["record"] as string | undefined) ?? null,
    folder: (args["folder"] as string | undefined) ?? null,
  };
  refuseWhatDoesNotFit(settings);
  return settings;
}

function refuseWhatDoesNotFit(settings: BenchSettings): void {
  const { targets, servers: own, consistency, record, html, keys, keySize, valueSize, mix, folder } = settings;
  if (own && targets.length > 1) {
    throw new UsageError("--servers names one cluster: say what it is with --targets paxos, raft or etcd");
  }
  if (own && folder !== null) throw new UsageError("--folder is for new clusters: --servers names one that runs");
  if (targets.includes("etcd") && consistency === "session") {
    throw new UsageError("etcd has no session reads: --consistency strong or eventual");
  }
  const mostKeys = 36 ** (keySize - KEY_PREFIX_LENGTH);
  if (keys > mostKeys) throw new UsageError(`keys of ${keySize} characters are ${mostKeys} at most: raise --key-size`);
  if (record === null) return;
  if (html !== null && path.resolve(record) === path.resolve(html))
    throw new UsageError("--record and --html name the same file");
  if (mix.get > 0 && consistency !== "strong") {
    throw new UsageError(
      `--record is for strong reads: ${consistency} ones may be old, which a check for linearizability would take for a violation`,
    );
  }
  if (valueSize < UNIQUE_VALUE_LENGTH) {
    throw new UsageError(
      `--record writes every value once, so that a read tells who wrote it: --value-size ${UNIQUE_VALUE_LENGTH} at least`,
    );
  }
}

function listOf<T extends string>(flag: string, known: readonly T[]): (value: unknown) => T[] | undefined {
  const read = name(flag);
  return (value) => {
    const list = read(value)?.split(",");
    const unknown = list?.find((one) => !known.includes(one as T));
    if (unknown !== undefined) throw new UsageError(`${flag}: ${noSuchName("target", unknown, known)}`);
    if (list && new Set(list).size < list.length) throw new UsageError(`${flag} names one twice`);
    return list as T[] | undefined;
  };
}

/** Whole numbers with commas between them, each once. */
function numbers(flag: string, most: number): (value: unknown) => number[] | undefined {
  const [read, readOne] = [name(flag), wholeNumber(flag, 1, most)];
  return (value) => {
    const list = read(value)?.split(",").map(readOne) as number[] | undefined;
    if (list && new Set(list).size < list.length) throw new UsageError(`${flag} names one twice`);
    return list;
  };
}

function durationOrNone(flag: string): (value: unknown) => number | undefined {
  const read = duration(flag);
  return (value) => (/^0(ms|s)?$/.test(String(value)) ? 0 : read(value));
}

/** `put`, or operations with their shares. */
function mix(flag: string): (value: unknown) => Record<OperationName, number> | undefined {
  const read = name(flag);
  return (value) => {
    const given = read(value);
    if (given === undefined) return undefined;
    const shares: Record<OperationName, number> = { put: 0, get: 0 };
    for (const part of given.split(",")) {
      const [, operation, share = "1"] = /^(put|get)(?:=([1-9]\d{0,5}))?$/.exec(part) ?? [];
      if (operation === undefined) {
        throw new UsageError(`${flag} is put, get, or shares of both such as get=9,put=1, not "${given}"`);
      }
      if (shares[operation as OperationName] > 0) throw new UsageError(`${flag} names ${operation} twice`);
      shares[operation as OperationName] = Number(share);
    }
    return shares;
  };
}
