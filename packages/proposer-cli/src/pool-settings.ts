import { readFileSync } from "node:fs";
import { readPidFile } from "@synod/acceptor-server/pid-file";
import { PoolFolder, PoolFolderError, type PoolRecord } from "@synod/acceptor-server/pool-folder";
import { type Address, defaultAcceptorAddress, formatAddress, MOST_SERVERS } from "@synod/api";
import type { Options } from "yargs";
import type { Arguments } from "./terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "./terminal/exit-code.js";
import { duration, name, poolName, servers, wholeNumber } from "./terminal/option-values.js";
import type { Terminal } from "./terminal/terminal.js";

/** The options that say which pool a command speaks to. */
export const POOL_OPTIONS = {
  "server-count": {
    type: "string",
    describe:
      "How many acceptors the pool has (SYNOD_SERVER_COUNT; default: those of --servers, or of the pool started here)",
    coerce: wholeNumber("--server-count", 1, MOST_SERVERS),
  },
  servers: {
    type: "string",
    describe:
      "Addresses of servers 1,2,3,... as host:port,host:port,... (SYNOD_SERVERS; default: those that run in this home, " +
      "else 127.0.0.1:5001 and on)",
    coerce: servers("--servers"),
  },
  home: {
    type: "string",
    describe: "The folder of the pools started here (SYNOD_HOME; default .synod)",
    coerce: name("--home"),
  },
  "secret-file": {
    type: "string",
    describe: "A file that holds the shared secret of all nodes (or SYNOD_SECRET)",
    coerce: name("--secret-file"),
  },
} as const satisfies Record<string, Options>;

/** The option of commands that start servers. */
export const POOL_ID_OPTION = {
  "pool-id": {
    type: "string",
    describe: "The pool's name, the same for all its servers (default: that of the pool in this home)",
    coerce: poolName("--pool-id"),
  },
} as const satisfies Record<string, Options>;

/** The option of commands that wait for answers. */
export const TIMEOUT_OPTION = {
  timeout: {
    type: "string",
    default: "1s",
    describe: "How long to wait for a server's answer: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
} as const satisfies Record<string, Options>;

/** The pool that a command speaks to. */
export interface PoolSettings {
  /** How many servers there are, and who said so; null if nobody did. */
  readonly serverCount: number | null;
  /** Where each server is that somebody named; the others are where they are by default. */
  readonly addresses: readonly Address[];
  readonly folder: PoolFolder;
  /** What is known of the pool that was started here. */
  readonly record: PoolRecord | null;
  readonly secret: string | undefined;
  /** The pool that must answer: the one that was started here, unless other servers were named. */
  readonly poolId: string | undefined;
}

/**
 * Finds out which pool is meant: flag before environment before the pool that was started here before the defaults.
 *
 * @throws {UsageError} if what was said does not fit together
 */
export function poolSettings(args: Arguments, { env }: Terminal): PoolSettings {
  const folder = new PoolFolder((args["home"] as string | undefined) ?? (env["SYNOD_HOME"] || undefined));
  const record = withFolder(() => folder.read());
  const fromEnvironment = servers("SYNOD_SERVERS")(env["SYNOD_SERVERS"] || undefined);
  const named = (args["servers"] as Address[] | undefined) ?? fromEnvironment ?? null;
  const counted =
    (args["server-count"] as number | undefined) ??
    wholeNumber("SYNOD_SERVER_COUNT", 1, MOST_SERVERS)(env["SYNOD_SERVER_COUNT"] || undefined) ??
    null;
  if (named && counted !== null && named.length !== counted) {
    throw new UsageError(
      `${named.length} servers are named (--servers, SYNOD_SERVERS), but --server-count is ${counted}`,
    );
  }
  return {
    serverCount: counted ?? named?.length ?? record?.serverCount ?? null,
    addresses: named ?? addressesHere(folder, record),
    folder,
    record,
    secret: readSecret(args, env),
    poolId: named === null ? record?.poolId : undefined,
  };
}

/**
 * How many servers the pool has, for commands that count majorities.
 *
 * @throws {UsageError} if nobody said
 */
export function knownServerCount({ serverCount }: PoolSettings): number {
  if (serverCount !== null) return serverCount;
  throw new UsageError(
    "how many acceptors has the pool? Give --server-count (or --servers), or start a pool here: " +
      "synod acceptor up 1 2 3 --server-count 3",
  );
}

/** Where this server is. */
export function addressOf({ addresses }: Pick<PoolSettings, "addresses">, serverId: number): Address {
  return addresses[serverId - 1] ?? defaultAcceptorAddress(serverId);
}

/** The ids 1..count. */
export function idsUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, position) => position + 1);
}

/** What to tell somebody whom no server answers, and what to do about it. */
export function nobodyAnswers(settings: PoolSettings, serverIds: readonly number[]): string {
  const places = serverIds.map((id) => formatAddress(addressOf(settings, id))).join(", ");
  const count = settings.serverCount ?? 3;
  const start = `synod acceptor up ${idsUpTo(count).join(" ")} --server-count ${count}`;
  return `no server answers at ${places}. To start a pool here: ${start}`;
}

/** Where the servers of the pool that was started here are: those that run know best. */
function addressesHere(folder: PoolFolder, record: PoolRecord | null): Address[] {
  return idsUpTo(record?.serverCount ?? 0).map(
    (id) => readPidFile(folder.pidFile(id))?.address ?? record?.addresses?.[id - 1] ?? defaultAcceptorAddress(id),
  );
}

/** Does something with the pool's folder; what is wrong with it becomes a failure that a person can act on. */
export function withFolder<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof PoolFolderError) throw new CommandFailure(ExitCode.failure, "pool-folder", error.message);
    throw error;
  }
}

/** The shared secret, if there is one. */
export function readSecret(args: Arguments, env: Terminal["env"]): string | undefined {
  const file = args["secret-file"] as string | undefined;
  if (file === undefined) return env["SYNOD_SECRET"] ? secretIn(env["SYNOD_SECRET"], "SYNOD_SECRET") : undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--secret-file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return secretIn(text, `--secret-file ${file}`);
}

/** A secret without the line end of the file that it comes from. @throws {UsageError} if no header could carry it */
function secretIn(text: string, source: string): string {
  const secret = text.trim();
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new UsageError(`${source} must hold one line of printable characters without spaces`);
}
