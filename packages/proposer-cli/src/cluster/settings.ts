import { resolve } from "node:path";
import type { Topology } from "@synod/api";
import {
  ClusterFolder,
  type ClusterRecord,
  clustersIn,
  isClusterName,
  NAME_RULE,
} from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { POOL_OPTIONS, readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";

/** The options that say which cluster a command is about. */
export const CLUSTER_OPTIONS = {
  cluster: {
    type: "string",
    describe: "The cluster's name (default: the only one that was started in this home)",
    coerce: clusterName,
  },
  home: {
    type: "string",
    describe: "The folder of the clusters started here (SYNOD_HOME; default .synod)",
    coerce: name("--home"),
  },
  "secret-file": POOL_OPTIONS["secret-file"],
} as const satisfies Record<string, Options>;

function clusterName(value: unknown): string | undefined {
  const given = name("--cluster")(value);
  if (given === undefined || isClusterName(given)) return given;
  throw new UsageError(`--cluster is ${NAME_RULE}`);
}

/** The cluster that a command is about. */
export interface ClusterSettings extends ClusterRecord {
  readonly folder: ClusterFolder;
  readonly secret: string | undefined;
}

/** The folder of all state. */
export function homeOf(args: Arguments, { env }: Terminal): string {
  return resolve((args["home"] as string | undefined) ?? (env["SYNOD_HOME"] || ".synod"));
}

/**
 * The cluster that was started here: the one that is named, else the only one there is.
 *
 * @throws {UsageError} if nobody said which of several
 * @throws {CommandFailure} if there is none
 */
export function clusterSettings(args: Arguments, terminal: Terminal): ClusterSettings {
  const settings = clusterIfAny(args, terminal);
  if (settings) return settings;
  const home = homeOf(args, terminal);
  throw new CommandFailure(
    ExitCode.failure,
    "no-cluster",
    `no cluster was started in ${home}. Start one with: synod cluster start`,
  );
}

/** The same; null if no cluster was ever started here. */
export function clusterIfAny(args: Arguments, terminal: Terminal): ClusterSettings | null {
  const home = homeOf(args, terminal);
  const names = clustersIn(home);
  const asked = args["cluster"] as string | undefined;
  const [only, ...others] = names;
  if (only === undefined) return null;
  if (asked !== undefined && !names.includes(asked)) throw new UsageError(noSuchName("cluster", asked, names));
  if (asked === undefined && others.length > 0) {
    throw new UsageError(`which cluster? Say --cluster NAME; there is ${names.join(", ")}`);
  }
  const folder = new ClusterFolder(asked ?? only, home);
  const record = withClusterFolder(() => folder.read());
  return record && { ...record, folder, secret: readSecret(args, terminal.env) };
}

/** Errors whose message says what a person can do. By name: a file may have been loaded apart from this one. */
const CODES = new Map([
  ["ClusterFolderError", "cluster-folder"],
  ["TopologyError", "bad-topology"],
]);

/** Does something with a cluster's folder; what is wrong with it becomes a failure that a person can act on. */
export function withClusterFolder<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error ? CODES.get(error.name) : undefined;
    if (code === undefined || !(error instanceof Error)) throw error;
    throw new CommandFailure(ExitCode.failure, code, error.message, { cause: error });
  }
}

export type Node = Topology["nodes"][number];

/**
 * The nodes of these names, each once; all of them if none is named. A role's name will do where its node is nothing
 * else.
 *
 * @throws {UsageError} if there is no such node
 */
export function nodesNamed({ nodes }: Topology, names: readonly string[]): Node[] {
  if (names.length === 0) return [...nodes];
  return [...new Set(names.map((asked) => nodeNamed(nodes, asked)))];
}

function nodeNamed(nodes: readonly Node[], asked: string): Node {
  const node = nodes.find(({ name }) => name === asked);
  if (node) return node;
  const home = nodes.find(({ roles }) => roles.some(({ name }) => name === asked));
  if (home?.roles.length === 1) return home;
  if (home) throw new UsageError(`${asked} is a part of ${home.name}, and has no process of its own: name the node`);
  throw new UsageError(
    noSuchName(
      "node",
      asked,
      nodes.map(({ name }) => name),
    ),
  );
}
