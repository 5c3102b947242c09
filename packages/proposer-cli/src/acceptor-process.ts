import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
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

/** The acceptor of this id that runs from this folder; null if none does, whatever its pid file says. */
export function runningAcceptor(folder: PoolFolder, serverId: number): ServerProcess | null {
  const server = readPidFile(folder.pidFile(serverId));
  return server && isRunning(server) ? server : null;
}

/**
 * Starts an acceptor in the background and waits until it answers.
 *
 * @throws {CommandFailure} with what it said, if it ends before that, or does not answer in time
 */
export async function startInBackground(
  settings: PoolSettings,
  serverCount: number,
  serverId: number,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerProcess> {
  const { folder } = settings;
  mkdirSync(folder.acceptor(serverId), { recursive: true });
  const logFile = folder.logFile(serverId);
  const log = openSync(logFile, "a");
  const begin = fstatSync(log).size;
  const looking = new AbortController();
  const signal = AbortSignal.any([interrupted, looking.signal]);
  try {
    const child = spawn(process.execPath, commandLine(settings, serverCount, serverId), {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...(settings.secret === undefined ? {} : { SYNOD_SECRET: settings.secret }) },
    });
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", () => resolve(lastWords(logFile, begin)));
    });
    let server: ServerProcess | string | null = null;
    try {
      server = await Promise.race([ended, untilReady(settings, serverId, child.pid, withinMs, signal)]);
    } finally {
      // One that is slow, or that nobody waits for any more, must not turn up later.
      if (server === null) child.kill("SIGKILL");
      child.unref();
    }
    if (server !== null && typeof server !== "string") return server;
    const why = server ?? `it was not ready within ${withinMs} ms; see ${logFile}`;
    throw new CommandFailure(ExitCode.failure, "not-started", `acceptor ${serverId} did not start: ${why}`);
  } finally {
    looking.abort();
    closeSync(log);
  }
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
    ...["--home", dirname(folder.path)],
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
    if (server && server.pid === pid && (await answers(server.address, serverId, settings.secret))) return server;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

async function answers(address: Address, serverId: number, secret: string | undefined): Promise<boolean> {
  const client = clientAt(address, serverId, ONE_LOOK_MS, secret);
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

/** What the server said for people before it ended: its lines that are no log records. */
function lastWords(logFile: string, begin: number): string {
  const lines = readFileSync(logFile).subarray(begin).toString("utf8").split("\n");
  const words = lines.filter((line) => line !== "" && !line.startsWith("{") && !line.startsWith("Try: "));
  return words.map((line) => line.replace(/^acceptor-server: /, "")).join("; ") || "it ended without a word";
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
