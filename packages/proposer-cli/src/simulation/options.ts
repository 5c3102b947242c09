import type { Options } from "yargs";
import { UsageError } from "../terminal/exit-code.js";
import { name, text, wholeNumber } from "../terminal/option-values.js";
import type { SeedRange } from "./experiment.js";

/** The options that set a number of the protocol. Each protocol has some of them, and says which numbers will do. */
export const SETTING_FLAGS = ["nodes", "acceptors", "proposers", "learners", "contact-count", "attempts"] as const;

/** Every number, so that the protocol is the one to say what it takes. */
function setting(flag: (typeof SETTING_FLAGS)[number], describe: string): Options {
  return { type: "string", describe, coerce: wholeNumber(`--${flag}`, 0, Number.MAX_SAFE_INTEGER) };
}

/** More threads than this help nobody. */
const MOST_WORKERS = 256;

export const SIMULATE_OPTIONS = {
  protocol: {
    type: "string",
    default: "paxos",
    describe:
      "The protocol: paxos, multipaxos, raft, ledger, chat, ring, or the path of a module with one (docs/testing.md)",
    coerce: name("--protocol"),
  },
  compare: {
    type: "boolean",
    default: false,
    describe: "Put the engines that --protocol names side by side, raft,multipaxos: what each took for the same",
  },
  nodes: setting("nodes", "How many machines each engine of a comparison has, n1, n2, ... (default 3)"),
  acceptors: setting("acceptors", "How many acceptors the pool has (default 3)"),
  proposers: setting("proposers", "How many proposers compete (default 2)"),
  learners: setting("learners", "How many learners there are (default 1)"),
  "contact-count": setting(
    "contact-count",
    "How many acceptors a proposer contacts, at random (default 0: a majority or more, another number in each life)",
  ),
  attempts: setting("attempts", "How often a proposer tries before it gives up a proposal (default 100)"),
  set: {
    type: "string",
    array: true,
    describe: "A number of a protocol that has others, such as --set nodes=5",
    coerce: settings("--set"),
  },
  seeds: {
    type: "string",
    describe:
      "The schedules to run: a range of seeds such as 1..10000, or a single one (default 1..1000; compared: 1..20)",
    coerce: seedRange("--seeds"),
  },
  faults: {
    type: "string",
    describe: "A file with the faults of every schedule (docs/faults.md), - for stdin (default: random ones, by seed)",
    coerce: name("--faults"),
  },
  mutate: {
    type: "string",
    describe: "Plant this flaw, to see that the checks find it; `list` tells which there are",
    coerce: name("--mutate"),
  },
  properties: {
    type: "string",
    describe: "Only these properties count, such as agreement,validity; `list` tells which there are (default: all)",
    coerce: names("--properties"),
  },
  "keep-going": {
    type: "boolean",
    default: false,
    describe: "Go on after a violation, and count how many seeds break something",
  },
  diagram: {
    type: "string",
    default: "text",
    choices: ["text", "mermaid", "none"],
    describe: "How to draw the counterexample",
    coerce: text("--diagram"),
  },
  trace: {
    type: "string",
    describe:
      "Write every event of the first seed that broke something, else of the first seed, to this file (JSON lines)",
    coerce: name("--trace"),
  },
  workers: {
    type: "string",
    describe: "How many threads to use at most; the outcome is the same with any number (default: one a core)",
    coerce: wholeNumber("--workers", 1, MOST_WORKERS),
  },
} as const satisfies Record<string, Options>;

/** One seed or a range of them, ends included. */
function seedRange(flag: string): (value: unknown) => SeedRange | undefined {
  const read = text(flag);
  return (value) => {
    const given = read(value);
    if (given === undefined) return undefined;
    const match = /^(0|[1-9]\d*)(?:\.\.(0|[1-9]\d*))?$/.exec(given);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || !Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
      throw new UsageError(`${flag} must be a seed such as 17 or a range such as 1..1000 (0..2^53-1), not "${given}"`);
    }
    if (first > last) throw new UsageError(`${flag} ${given} is empty: write the lower seed first`);
    return { first, last };
  };
}

/** Numbers with names, each given once. */
function settings(flag: string): (value: unknown) => Record<string, number> | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    const entries = [value].flat().map((one): [string, number] => {
      const [, named, digits] = /^([\w-]+)=(\d+)$/.exec(String(one)) ?? [];
      if (named === undefined)
        throw new UsageError(`${flag} takes a name and a whole number, such as nodes=5, not "${one}"`);
      return [named, Number(digits)];
    });
    const twice = entries.find(([named], place) => entries.findIndex(([other]) => other === named) !== place);
    if (twice) throw new UsageError(`${flag} names ${twice[0]} twice`);
    return Object.fromEntries(entries);
  };
}

/** Names with commas between them. */
function names(flag: string): (value: unknown) => string[] | undefined {
  const read = name(flag);
  return (value) => {
    const list = read(value)?.split(",");
    if (list?.some((one) => one === "")) throw new UsageError(`${flag} has a comma too many`);
    return list;
  };
}
