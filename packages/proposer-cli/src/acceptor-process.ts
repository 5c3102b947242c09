import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isRunning, readPidFile, type ServerProcess } from "@synod/acceptor-server/pid-file";
import type { PoolFolder } from "@synod/acceptor-server/pool-folder";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { clientAt } from "./pool-connection.js";
import { addressOf, idsUpTo, type PoolSettings } from "./pool-settings.js";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** How often a state that is waited for is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;
/** How long one look may take, in milliseconds. */
const ONE_LOOK_MS = 1000;

/** A log of which a new one is begun at the next start. */
const LONG_LOG_BYTES = 16 * 1024 * 1024;

/** The acceptor of this id that runs from this folder; null if none does, whatever its pid file says. */
export function runningAcceptor(folder: PoolFolder, serverId: number): ServerProcess | null {
  const server = readPidFile(folder.pidFile(serverId));
  return server && isRunning(server) ? server : null;
}

/** An acceptor that is up and answers. */
export interface AcceptorUp {
  readonly server: ServerProcess;
  /** Whether it was up before. */
  readonly wasUp: boolean;
  /** What it said for people while it started, other than where it listens. */
  readonly notes: readonly string[];
}

/**
 * Sees to it that an acceptor runs in the background, and waits until it answers.
 *
 * @throws {CommandFailure} with what it said, if it ends before that, or does not answer in time
 */
export async function bringUp(
  settings: PoolSettings,
  serverCount: number,
  serverId: number,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<AcceptorUp> {
  const { folder } = settings;
  const before = runningAcceptor(folder, serverId);
  const started = before ? null : await startInBackground(settings, serverCount, serverId, withinMs, interrupted);
  if (started && typeof started !== "string")
    return { server: started, wasUp: false, notes: startNotes(settings, serverId) };
  // Somebody else may have started it at the same time, and have been first to take the folder.
  const other = before ?? runningAcceptor(folder, serverId);
  if (!other) throw notStarted(serverId, started ?? "it ended without a word");
  const server = await untilReady(settings, serverId, other.pid, withinMs, interrupted);
  if (server) return { server, wasUp: true, notes: [] };
  throw notStarted(serverId, `process ${other.pid} runs, but did not answer within ${withinMs} ms`);
}

function notStarted(serverId: number, why: string): CommandFailure {
  return new CommandFailure(ExitCode.failure, "not-started", `acceptor ${serverId} is not up: ${why}`);
}

/** @returns the server once it answers; or, in words, why it does not */
async function startInBackground(
  settings: PoolSettings,
  serverCount: number,
  serverId: number,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerProcess | string> {
  const { folder, secret } = settings;
  mkdirSync(folder.acceptor(serverId), { recursive: true });
  putAwayLongLog(folder.logFile(serverId));
  const log = openSync(folder.logFile(serverId), "a");
  const notes = openSync(folder.notesFile(serverId), "w");
  const looking = new AbortController();
  const signal = AbortSignal.any([interrupted, looking.signal]);
  let server: ServerProcess | string | null = null;
  const child = spawn(process.execPath, commandLine(settings, serverCount, serverId), {
    detached: true,
    stdio: ["ignore", log, notes],
    env: { ...process.env, ...(secret === undefined ? {} : { SYNOD_SECRET: secret }) },
  });
  try {
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", () => resolve(startNotes(settings, serverId).join("; ") || "it ended without a word"));
    });
    server = await Promise.race([ended, untilReady(settings, serverId, child.pid, withinMs, signal)]);
    return server ?? `it was not ready within ${withinMs} ms; see ${folder.logFile(serverId)}`;
  } finally {
    // One that is slow, or that nobody waits for any more, must not turn up later.
    if (server === null) child.kill("SIGKILL");
    child.unref();
    looking.abort();
    closeSync(log);
    closeSync(notes);
  }
}

/** Begins a new log when the old one is long; the one before it is kept. */
function putAwayLongLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LONG_LOG_BYTES) renameSync(logFile, `${logFile}.old`);
}

function commandLine(settings: PoolSettings, serverCount: number, serverId: number): string[] {
  const { folder } = settings;
  const addresses = idsUpTo(serverCount).map((id) => formatAddress(addressOf(settings, id)));
  const server = fileURLToPath(new URL("../bin/acceptor-server.js", import.meta.url));
  return [
    server,
    ...["--id", String(serverId)],
    ...["--server-count", String(serverCount)],
    ...["--servers", addresses.join(",")],
    ...["--home", folder.home],
  ];
}

/** @returns null when the time is up */
async function untilReady(
  settings: PoolSettings,
  serverId: number,
  pid: number | undefined,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerProcess | null> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    signal.throwIfAborted();
    const server = readPidFile(settings.folder.pidFile(serverId));
    if (server && server.pid === pid && (await answers(server.address, serverId, settings))) return server;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

async function answers(address: Address, serverId: number, settings: PoolSettings): Promise<boolean> {
  const client = clientAt(address, serverId, ONE_LOOK_MS, settings);
  try {
    await client.state(1);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ProblemAnswer) return false;
    throw error;
  } finally {
    await client.close();
  }
}

/** What the server said for people since it was started. */
function startNotes({ folder }: PoolSettings, serverId: number): string[] {
  const lines = readFileSync(folder.notesFile(serverId), "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("Try: ") && !line.includes(" listens on "))
    .map((line) => line.replace(/^acceptor-server: /, ""));
}

/**
 * Stops a server: asks it to, or, for a crash, kills it at once. Waits until the process is gone.
 *
 * @returns how it ended
 * @throws {CommandFailure} if it is still there when the time is up
 */
export async function stop(
  server: ServerProcess,
  crash: boolean,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<"stopped" | "killed"> {
  // Between looking at the pid file and this signal lies no wait: it is still the same process.
  if (!crash) {
    signal(server, "SIGTERM");
    if (await isGone(server, withinMs, interrupted)) return "stopped";
  }
  signal(server, "SIGKILL");
  if (await isGone(server, withinMs, interrupted)) return "killed";
  throw new CommandFailure(ExitCode.failure, "not-stopped", `process ${server.pid} does not end`);
}

function signal(server: ServerProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (!isRunning(server)) return;
  try {
    process.kill(server.pid, name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isRunning(server))
      throw new CommandFailure(ExitCode.failure, "not-stopped", `process ${server.pid}: ${reason}`);
  }
}

async function isGone(server: ServerProcess, withinMs: number, interrupted: AbortSignal): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (isRunning(server)) {
    if (performance.now() > end) return false;
    interrupted.throwIfAborted();
    await delay(LOOK_EVERY_MS);
  }
  return true;
}
