import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, readPidFile, type ServerProcess } from "@synod/acceptor-server/pid-file";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** How often a state that is waited for is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;

/** A log of which a new one is begun at the next start. */
const LONG_LOG_BYTES = 16 * 1024 * 1024;

/** A server that is to run in the background. */
export interface BackgroundServer {
  /** What Node runs: a program and its words. */
  readonly commandLine: readonly string[];
  /** The name of the command as its complaints begin. */
  readonly program: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** What it writes for people: how it started, or why it did not. */
  readonly notesFile: string;
  readonly secret: string | undefined;
  /** Whether it answers as itself. */
  isReady(server: ServerProcess, signal: AbortSignal): Promise<boolean>;
}

/** The process that a pid file names, if it still runs; null if none does, whatever the file says. */
export function runningProcess(pidFile: string): ServerProcess | null {
  const server = readPidFile(pidFile);
  return server && isRunning(server) ? server : null;
}

/**
 * Starts a server that outlives this command, and waits until it is ready.
 *
 * @returns the server once it is; or, in words, why it is not
 */
export async function startInBackground(
  server: BackgroundServer,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerProcess | string> {
  mkdirSync(dirname(server.logFile), { recursive: true });
  putAwayLongLog(server.logFile);
  const log = openSync(server.logFile, "a");
  const notes = openSync(server.notesFile, "w");
  const looking = new AbortController();
  const signal = AbortSignal.any([interrupted, looking.signal]);
  let started: ServerProcess | string | null = null;
  const { secret } = server;
  const child = spawn(process.execPath, server.commandLine, {
    detached: true,
    stdio: ["ignore", log, notes],
    env: { ...process.env, ...(secret === undefined ? {} : { SYNOD_SECRET: secret }) },
  });
  try {
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", () => resolve(startNotes(server).join("; ") || "it ended without a word"));
    });
    started = await Promise.race([ended, untilReady(server, child.pid, withinMs, signal)]);
    return started ?? `it was not ready within ${withinMs} ms; see ${server.logFile}`;
  } finally {
    // One that is slow, or that nobody waits for any more, must not turn up later.
    if (started === null) child.kill("SIGKILL");
    // How it ends later is nobody's concern here, and its notes may be gone by then.
    child.removeAllListeners("exit");
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

/** Waits until the process of this number is ready. @returns null when the time is up */
export async function untilReady(
  server: Pick<BackgroundServer, "pidFile" | "isReady">,
  pid: number | undefined,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerProcess | null> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    signal.throwIfAborted();
    const found = readPidFile(server.pidFile);
    if (found && found.pid === pid && (await server.isReady(found, signal))) return found;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** What the server said for people since it was started, other than where it listens. */
export function startNotes({ notesFile, program }: Pick<BackgroundServer, "notesFile" | "program">): string[] {
  const lines = readFileSync(notesFile, "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("Try: ") && !line.includes(" listens on "))
    .map((line) => (line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line));
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
