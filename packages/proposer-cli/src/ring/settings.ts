import { readFileSync } from "node:fs";
import path from "node:path";
import { HostsFileError, parseHosts, type RingHosts } from "@synod/ring/hosts-file";
import type { Options } from "yargs";
import { POOL_OPTIONS, readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, name } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** UIDs are places in a hosts file: none is as high as this. */
export const MOST_UID = 9999;

/** The options of one member of a ring. */
export const MEMBER_OPTIONS = {
  hosts: {
    type: "string",
    default: "hosts.txt",
    describe: "The hosts file: counts of roles, then a line for each node and each client",
    coerce: name("--hosts"),
  },
  listen: {
    type: "string",
    describe: "The address to listen on (default: that of its line); another machine's reach needs a shared secret",
    coerce: name("--listen"),
  },
  "secret-file": POOL_OPTIONS["secret-file"],
} as const satisfies Record<string, Options>;

/** How long nodes wait for each other. */
export const PATIENCE_OPTIONS = {
  patience: {
    type: "string",
    default: "2s",
    describe: "A node that was heard, and takes nothing for so long, is skipped on the ring",
    coerce: duration("--patience"),
  },
  gather: {
    type: "string",
    default: "10s",
    describe: "A node that was never heard may be late: how long it is waited for",
    coerce: duration("--gather"),
  },
} as const satisfies Record<string, Options>;

/** How long a client waits. */
export const CLIENT_TIMEOUT_OPTION = {
  timeout: {
    type: "string",
    default: "30s",
    describe: "How long a client waits for its value: 500ms, 30s",
    coerce: duration("--timeout"),
  },
} as const satisfies Record<string, Options>;

/** @throws {CommandFailure} naming the line that is wrong */
export function readHosts(file: string): RingHosts {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(ExitCode.usage, "no-hosts-file", `${file} cannot be read: ${reason}`);
  }
  try {
    return parseHosts(text, file);
  } catch (error) {
    if (!(error instanceof HostsFileError)) throw error;
    throw new CommandFailure(ExitCode.usage, "hosts-file", error.message);
  }
}

/** Where members of this ring keep their state. */
export function ringFolder(home: string, { clusterId }: RingHosts): string {
  return path.resolve(home, "ring", clusterId);
}

/** The folder of rings that are started here. */
export function homeOf(args: Arguments, { env }: Terminal): string {
  return (args["home"] as string | undefined) ?? (env["SYNOD_HOME"] || ".synod");
}

/** What every member of a ring is given. @throws {UsageError} if the UID is not one of its kind */
export function memberSettings(args: Arguments, terminal: Terminal, kind: "node" | "client") {
  const hosts = readHosts(args["hosts"] as string);
  const uid = args["uid"] as number;
  if (hosts.hosts[uid]?.kind !== kind) throw new UsageError(wrongUid(hosts, uid, kind));
  return { hosts, uid, listen: args["listen"] as string | undefined, secret: readSecret(args, terminal.env) };
}

function wrongUid({ hosts }: RingHosts, uid: number, kind: "node" | "client"): string {
  const uids = hosts.filter((host) => host.kind === kind).map((host) => host.uid);
  const there = uids.length === 0 ? "there is none" : `UIDs of those are ${uids[0]}..${uids.at(-1)}`;
  return `${uid} is not the place of a ${kind} in the hosts file: ${there}`;
}

/** Errors of starting whose message says all there is to say. */
const KNOWN = new Set(["CannotStart", "JournalError", "StoreRefused"]);

/** What a person can act on, of what kept a member from starting. */
export function startFailure(error: unknown): unknown {
  if (!(error instanceof Error && KNOWN.has(error.name))) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "cannot-start";
  return new CommandFailure(ExitCode.failure, code, error.message, { cause: error });
}
