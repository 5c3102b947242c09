import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { exchange } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { freeAddresses, newFolder, removedAtLatestAtEnd } from "./own-folder.js";
import { lookAt, type Target } from "./target.js";

const NAMES = ["one", "two", "three"] as const;

/** How long the members may take until a write succeeds, in milliseconds. */
const START_MS = 30_000;

const LOOK_EVERY_MS = 50;

/** @throws {CommandFailure} if there is no etcd on the PATH */
export function requireEtcd({ env }: Terminal): string {
  const { PATH } = env;
  const { error, stdout } = spawnSync("etcd", ["--version"], { encoding: "utf8", env: { ...env, PATH } });
  if (!error) return /Version: (\S+)/.exec(stdout)?.[1] ?? "of an unknown version";
  throw new CommandFailure(
    ExitCode.failure,
    "no-etcd",
    "there is no etcd on the PATH. Install it (Debian, Ubuntu: apt-get install etcd-server), name a cluster of " +
      "your own (--targets etcd --servers host:port,...), or measure --targets paxos alone",
  );
}

/** A member and where it listens. */
interface Member {
  readonly name: string;
  readonly client: Address;
  readonly peer: Address;
  readonly logFile: string;
}

/**
 * Starts three members of etcd as they come, in a folder and at addresses of their own.
 *
 * @param version what `requireEtcd` found
 * @throws {CommandFailure} if they do not serve in time; then nothing of them is left
 */
export async function startOwnEtcd(version: string, parent: string | null, terminal: Terminal): Promise<Target> {
  const addresses = await freeAddresses(NAMES.length * 2);
  const folder = newFolder(parent, terminal);
  const members = NAMES.map((name, place): Member => {
    const [client, peer] = addresses.slice(place * 2) as [Address, Address];
    return { name, client, peer, logFile: path.join(folder, `${name}.log`) };
  });
  const children = members.map((member) => startMember(member, members, folder));
  const remove = removedAtLatestAtEnd(folder, () => {
    for (const child of children) child.kill("SIGKILL");
  });
  try {
    await untilItWrites(members, children, terminal);
    const leads = await leaderOf(members, terminal.interrupted);
    const about = `etcd ${version}, three processes on this machine; connections go to member ${leads.name}, which leads`;
    return {
      ...{ name: "etcd", about, addresses: [leads.client], secret: undefined, isOnesOwn: false },
      remove: async () => remove(),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function startMember(member: Member, members: readonly Member[], folder: string): ChildProcess {
  const url = (address: Address) => `http://${formatAddress(address)}`;
  const [client, peer] = [url(member.client), url(member.peer)];
  const words = [
    ...["--name", member.name, "--data-dir", path.join(folder, member.name), "--log-level", "warn"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ...["--initial-cluster", members.map((one) => `${one.name}=${url(one.peer)}`).join(",")],
    ...["--initial-cluster-state", "new", "--initial-cluster-token", path.basename(folder)],
  ];
  const log = openSync(member.logFile, "a");
  // Of a group of its own, so that an interruption reaches this command first, which then ends it.
  const child = spawn("etcd", words, { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  child.once("error", () => {});
  child.unref();
  return child;
}

async function untilItWrites(
  members: readonly Member[],
  children: readonly ChildProcess[],
  { interrupted }: Terminal,
): Promise<void> {
  const end = performance.now() + START_MS;
  const [{ client }] = members as readonly [Member];
  const call = { method: "POST", path: "/v3/kv/put", body: { key: "YmVuY2g=", value: "" } } as const;
  while (performance.now() < end) {
    // Also by a signal: a machine that is short of memory kills.
    const ended = children.findIndex(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (ended >= 0) throw notStarted(members[ended] as Member, "ended");
    try {
      const { status } = await exchange(client, { ...call, timeoutMs: 1000, signal: interrupted, secret: undefined });
      if (status === 200) return;
    } catch (error) {
      interrupted.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: interrupted });
  }
  throw notStarted(members[0] as Member, `did not serve within ${START_MS} ms`);
}

function notStarted({ name, logFile }: Member, what: string): CommandFailure {
  const lastLine = readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "";
  return new CommandFailure(ExitCode.failure, "not-started", `member ${name} of etcd ${what}: ${lastLine}`);
}

/** @throws {CommandFailure} if none leads */
async function leaderOf(members: readonly Member[], signal: AbortSignal): Promise<Member> {
  for (const member of members) {
    const { body } = await lookAt("etcd", member.client, undefined, signal);
    const { header, leader } = body as { header?: { member_id?: string }; leader?: string };
    if (leader !== undefined && header?.member_id === leader) return member;
  }
  throw new CommandFailure(ExitCode.noConsensus, "no-leader", "no member of etcd leads");
}
