import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Fault, Protocol, RunOptions, Settings, System } from "@synod/simulator";
import { noSuchName } from "../terminal/suggestion.js";

/** The simulator, as it is loaded when a command needs it. */
export type Simulator = typeof import("@synod/simulator");

/** What is simulated, whatever the seed. Plain data: every worker thread gets a copy. */
export interface Experiment {
  /** A name, or the path of a module. */
  readonly protocol: string;
  /** Every one that the protocol has. */
  readonly settings: Settings;
  readonly mutation: string | null;
  /** Null: other ones in each seed, which the seed decides. */
  readonly faults: readonly Fault[] | null;
  /** The properties that count; null: all. */
  readonly properties: readonly string[] | null;
  /** Whether it goes on after a seed that breaks something. */
  readonly keepsGoing: boolean;
  /** Whether it is one engine of a comparison: then its name is that of an engine. Absent: no. */
  readonly isCompared?: boolean;
}

/** The first and the last of the seeds to run. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The protocol of this name; or the one that a module exports as `protocol`, if the name is a path.
 *
 * @throws {Error} if there is none, saying why
 */
export async function loadProtocol({ PROTOCOLS }: Simulator, name: string): Promise<Protocol> {
  const known = PROTOCOLS.find((protocol) => protocol.name === name);
  if (known) return known;
  if (!isPath(name)) throw new Error(noSuchName("protocol", name, [...PROTOCOLS.map((one) => one.name), "a file"]));
  if (!existsSync(name)) throw new Error(`there is no file ${name}`);
  const module: { protocol?: Partial<Protocol> } = await import(pathToFileURL(path.resolve(name)).href);
  const { protocol } = module;
  const lacks = PARTS.find((part) => protocol?.[part] === undefined);
  if (!protocol || lacks) {
    const missing = protocol ? `its \`protocol\` has no \`${lacks}\`` : "it exports no `protocol`";
    throw new Error(`${name} is no protocol: ${missing} (docs/testing.md tells how to write one)`);
  }
  return protocol as Protocol;
}

const PARTS = ["name", "summary", "settings", "mutations", "modelSettings", "system"] as const;

/** Names of protocols have neither; so a file that is in this folder is written ./like-this.js. */
export function isPath(name: string): boolean {
  return /[/\\]|\.[cm]?js$/.test(name);
}

/** What is simulated in this experiment. @throws {Error} if there is no such thing, saying why */
export async function protocolOf(simulator: Simulator, { protocol, isCompared }: Experiment): Promise<Protocol> {
  return isCompared === true ? engineCalled(simulator, protocol) : loadProtocol(simulator, protocol);
}

/** @throws {Error} if there is no engine of this name, saying which there are */
export function engineCalled({ ENGINES }: Simulator, name: string): Protocol {
  const engine = ENGINES.find((one) => one.name === name);
  if (engine) return engine;
  const known = ENGINES.map((one) => one.name);
  throw new Error(`${noSuchName("engine", name, known)} (only the engines of a replicated log are compared)`);
}

/** @throws {RangeError} if the settings do not go together */
export function systemOf(protocol: Protocol, { settings, mutation }: Experiment): System {
  return protocol.system(settings, mutation);
}

export function runOptionsOf({ faults, properties }: Experiment): RunOptions {
  return { faults, properties };
}
